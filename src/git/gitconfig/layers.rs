//! Which files and variables make up the configuration, in git's order.

use std::path::{Path, PathBuf};

use super::{ConfigEntry, GitConfig, include::Reader, parse::parse};
use crate::config::{env, paths};
use crate::git::{Error, Result};

/// Where a repository's configuration is, and what its conditions look at.
#[derive(Debug, Clone)]
pub struct Place {
    /// The repository's own git directory.
    pub git_dir: PathBuf,
    /// The directory shared by all work trees; holds `config`.
    pub common_dir: PathBuf,
    /// Short name of the current branch, for `onbranch:`.
    pub branch: Option<String>,
    /// Whether `config.worktree` counts.
    pub worktree_config: bool,
}

/// The repository's file and the work tree's, with what they include.
pub fn local_layers(place: &Place) -> Result<GitConfig> {
    let mut reader = Reader::new(place);
    local(place, &mut reader)?;
    Ok(GitConfig::from_entries(reader.finish()))
}

/// All layers: system, user, repository, work tree, environment.
pub fn everything(place: &Place) -> Result<GitConfig> {
    let mut reader = Reader::new(place);
    if !env::is_on("GIT_CONFIG_NOSYSTEM") {
        reader.file(&system_file())?;
    }
    for path in global_files() {
        reader.file(&path)?;
    }
    local(place, &mut reader)?;
    reader.entries(counted()?, None)?;
    reader.entries(parameters()?, None)?;
    Ok(GitConfig::from_entries(reader.finish()))
}

fn local(place: &Place, reader: &mut Reader<'_>) -> Result<()> {
    reader.file(&place.common_dir.join("config"))?;
    if place.worktree_config {
        reader.file(&place.git_dir.join("config.worktree"))?;
    }
    Ok(())
}

/// git is built with the system file's place: `/etc` for one in `/usr/bin`,
/// `etc` beside `bin` for any other. Directories that are no `bin` hold shims
/// or git's own helpers.
fn system_file() -> PathBuf {
    use std::os::unix::ffi::{OsStrExt as _, OsStringExt as _};
    if let Some(path) = env::var_os("GIT_CONFIG_SYSTEM") {
        return PathBuf::from(path);
    }
    let dirs = env::var_os("PATH").unwrap_or_default().into_vec();
    let prefix = dirs.split(|byte| *byte == b':').find_map(|dir| {
        let dir = Path::new(std::ffi::OsStr::from_bytes(dir));
        let real = dir.ends_with("bin") && dir.join("git").is_file();
        dir.parent().filter(|_| real)
    });
    let root = prefix.filter(|prefix| *prefix != Path::new("/usr")).unwrap_or(Path::new("/"));
    root.join("etc/gitconfig")
}

fn global_files() -> Vec<PathBuf> {
    if let Some(path) = env::var_os("GIT_CONFIG_GLOBAL") {
        return vec![PathBuf::from(path)];
    }
    let home = paths::home();
    let xdg = env::var_os("XDG_CONFIG_HOME")
        .map(PathBuf::from)
        .or_else(|| home.as_ref().map(|home| home.join(".config")));
    let xdg = xdg.map(|base| base.join("git/config"));
    xdg.into_iter().chain(home.map(|home| home.join(".gitconfig"))).collect()
}

/// `GIT_CONFIG_COUNT`, `GIT_CONFIG_KEY_<n>`, `GIT_CONFIG_VALUE_<n>`.
fn counted() -> Result<Vec<ConfigEntry>> {
    let Some(count) = env::var("GIT_CONFIG_COUNT") else { return Ok(Vec::new()) };
    let count: usize = count.parse().map_err(|_| bad("GIT_CONFIG_COUNT", "not a number"))?;
    let mut entries = Vec::new();
    for number in 0..count {
        let name = format!("GIT_CONFIG_KEY_{number}");
        let key = env::var(&name).ok_or_else(|| bad(&name, "not set"))?;
        let value = env::var(&format!("GIT_CONFIG_VALUE_{number}")).unwrap_or_default();
        entries.push(entry(&key, Some(value)).ok_or_else(|| bad(&name, "not a key"))?);
    }
    Ok(entries)
}

/// `GIT_CONFIG_PARAMETERS`: shell-quoted `'key=value'` or `'key'='value'`,
/// as `git -c` hands them to its children.
fn parameters() -> Result<Vec<ConfigEntry>> {
    let name = "GIT_CONFIG_PARAMETERS";
    let text = env::var(name).unwrap_or_default();
    parse_parameters(&text).ok_or_else(|| bad(name, "bad quoting"))
}

fn parse_parameters(text: &str) -> Option<Vec<ConfigEntry>> {
    let mut entries = Vec::new();
    let mut rest = text.trim_start();
    while !rest.is_empty() {
        let (key, after) = unquote(rest)?;
        let (pair, after) = match after.strip_prefix('=') {
            Some(after) if after.is_empty() || after.starts_with(' ') => ((key, None), after),
            Some(after) => unquote(after).map(|(value, after)| ((key, Some(value)), after))?,
            None => match key.split_once('=') {
                Some((key, value)) => ((key.to_owned(), Some(value.to_owned())), after),
                None => ((key, None), after),
            },
        };
        entries.push(entry(&pair.0, pair.1)?);
        rest = after.trim_start();
    }
    Some(entries)
}

/// Takes one `'…'` word, in which `'\''` and `'\!'` stand for one character.
fn unquote(text: &str) -> Option<(String, &str)> {
    let mut word = String::new();
    let mut rest = text.strip_prefix('\'')?;
    loop {
        let (inside, after) = rest.split_once('\'')?;
        word.push_str(inside);
        let escaped = after.strip_prefix("\\'").map(|tail| ('\'', tail));
        let Some((character, tail)) =
            escaped.or_else(|| after.strip_prefix("\\!").map(|tail| ('!', tail)))
        else {
            return Some((word, after));
        };
        word.push(character);
        rest = tail.strip_prefix('\'')?;
    }
}

fn entry(key: &str, value: Option<String>) -> Option<ConfigEntry> {
    let (section, subsection, name) = super::split_key(key.trim())?;
    Some(ConfigEntry {
        section: section.to_ascii_lowercase(),
        subsection: subsection.map(str::to_owned),
        name: name.to_ascii_lowercase(),
        value,
    })
}

fn bad(source_name: &str, reason: &str) -> Error {
    Error::Config { source_name: source_name.to_owned(), line: 1, reason: reason.to_owned() }
}

/// The assignments of one file; none where there is no such file.
pub fn read_file(path: &Path) -> Result<Vec<ConfigEntry>> {
    match std::fs::read(path) {
        Ok(text) => parse(&text, &path.to_string_lossy()),
        Err(error) if absent(&error) => Ok(Vec::new()),
        Err(error) => Err(Error::io(path)(error)),
    }
}

/// git reads past files that are not there and, for the user's, past those it
/// may not read.
fn absent(error: &std::io::Error) -> bool {
    use std::io::ErrorKind as E;
    matches!(error.kind(), E::NotFound | E::NotADirectory | E::PermissionDenied)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_of_both_generations_are_read() {
        let text = r"'a.b=c d' 'x.Y.z'='it'\''s' 'n.o'= 'p.q'";
        let entries = parse_parameters(text).unwrap();
        let values: Vec<_> = entries.iter().map(|entry| entry.value.as_deref()).collect();
        assert_eq!(values, [Some("c d"), Some("it's"), None, None]);
        assert_eq!(entries[1].subsection.as_deref(), Some("Y"));
        assert!(parse_parameters("'open").is_none());
    }
}
