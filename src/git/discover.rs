//! Finding the repository a directory belongs to, as git's `setup.c` does.

use std::fs;
use std::path::{Path, PathBuf};

use super::gitconfig::{GitConfig, parse};
use super::{Error, ObjectFormat, Oid, Result};
use crate::config::env;

/// Where everything of a repository is.
#[derive(Debug)]
pub struct Layout {
    pub git_dir: PathBuf,
    pub common_dir: PathBuf,
    pub work_tree: Option<PathBuf>,
    pub bare: bool,
    pub format: ObjectFormat,
    pub reftable: bool,
    pub promisor: bool,
    pub worktree_config: bool,
    pub index_path: PathBuf,
    pub object_dir: PathBuf,
    pub alternates: Vec<PathBuf>,
}

/// A git directory, and the work tree its place suggests.
struct Found {
    git_dir: PathBuf,
    beside: Option<PathBuf>,
}

/// Finds the repository of `start`, which the environment may override.
///
/// # Errors
/// [`Error::NotARepository`]; errors of reading its configuration.
pub fn discover(start: &Path) -> Result<Layout> {
    let start = fs::canonicalize(start)
        .or_else(|_| std::path::absolute(start))
        .map_err(Error::io(start))?;
    let explicit = env::var_os("GIT_DIR");
    let found = match &explicit {
        Some(dir) => from_variable(&start, Path::new(dir)),
        None => upwards(&start),
    };
    let found = found.ok_or_else(|| Error::NotARepository { path: start.clone() })?;
    layout(&start, found, explicit.is_some())
}

fn from_variable(start: &Path, dir: &Path) -> Option<Found> {
    let path = start.join(dir);
    let git_dir = if path.is_file() { git_file(&path)? } else { path };
    is_git_dir(&git_dir).then(|| Found { git_dir: clean(&git_dir), beside: Some(start.to_owned()) })
}

fn upwards(start: &Path) -> Option<Found> {
    for dir in start.ancestors() {
        let dot_git = dir.join(".git");
        match fs::metadata(&dot_git) {
            Ok(meta) if meta.is_file() => {
                let git_dir = git_file(&dot_git).filter(|path| is_git_dir(path))?;
                return Some(Found { git_dir: clean(&git_dir), beside: Some(dir.to_owned()) });
            }
            Ok(_) if is_git_dir(&dot_git) => {
                return Some(Found { git_dir: dot_git, beside: Some(dir.to_owned()) });
            }
            _ => {}
        }
        if is_git_dir(dir) {
            let inside = dir.file_name().is_some_and(|name| name == ".git");
            let beside = dir.parent().filter(|_| inside).map(Path::to_owned);
            return Some(Found { git_dir: dir.to_owned(), beside });
        }
    }
    None
}

/// Follows `gitdir: <path>` of a linked work tree or submodule.
fn git_file(path: &Path) -> Option<PathBuf> {
    let text = fs::read(path).ok()?;
    let target = trimmed_path(text.strip_prefix(b"gitdir:")?);
    Some(path.parent()?.join(target))
}

fn trimmed_path(text: &[u8]) -> PathBuf {
    use std::os::unix::ffi::OsStrExt as _;
    PathBuf::from(std::ffi::OsStr::from_bytes(text.trim_ascii()))
}

fn common_dir(git_dir: &Path) -> PathBuf {
    match fs::read(git_dir.join("commondir")) {
        Ok(text) => clean(&git_dir.join(trimmed_path(&text))),
        Err(_) => git_dir.to_owned(),
    }
}

/// The three things git looks for: `HEAD`, `objects`, `refs`.
fn is_git_dir(dir: &Path) -> bool {
    let common = common_dir(dir);
    let objects = env::var_os("GIT_OBJECT_DIRECTORY").is_some() || common.join("objects").is_dir();
    objects && common.join("refs").is_dir() && has_head(dir)
}

fn has_head(dir: &Path) -> bool {
    let head = dir.join("HEAD");
    match fs::read(&head) {
        Ok(text) => {
            let text = text.trim_ascii();
            text.starts_with(b"ref:") || Oid::parse_bytes(text).is_some()
        }
        Err(_) => fs::symlink_metadata(&head).is_ok_and(|meta| meta.is_symlink()),
    }
}

/// Without `..` where the directory is there.
fn clean(path: &Path) -> PathBuf {
    fs::canonicalize(path).unwrap_or_else(|_| path.to_owned())
}

fn layout(start: &Path, found: Found, explicit: bool) -> Result<Layout> {
    let Found { git_dir, beside } = found;
    let common_dir = match env::var_os("GIT_COMMON_DIR") {
        Some(dir) => clean(&start.join(dir)),
        None => common_dir(&git_dir),
    };
    let config = raw_config(&common_dir.join("config"))?;
    let worktree_config = config.get_bool("extensions.worktreeconfig") == Some(true);
    let own = if worktree_config {
        raw_config(&git_dir.join("config.worktree"))?
    } else {
        <_>::default()
    };
    let linked = git_dir != common_dir;
    let either = |key| own.get(key).or_else(|| config.get(key).filter(|_| !linked));
    let says_bare = own.get_bool("core.bare").or_else(|| config.get_bool("core.bare"));
    let by_variable = env::var_os("GIT_WORK_TREE").map(|dir| clean(&start.join(dir)));
    let by_config = either("core.worktree").map(|dir| clean(&git_dir.join(dir)));
    let bare = by_variable.is_none()
        && by_config.is_none()
        && !linked
        && says_bare.unwrap_or(!explicit && beside.is_none());
    let work_tree = by_variable.or(by_config).or(beside).filter(|_| !bare);
    let format = match config.get("extensions.objectformat") {
        Some("sha256") => ObjectFormat::Sha256,
        _ => ObjectFormat::Sha1,
    };
    let base = work_tree.as_deref().unwrap_or(start);
    let index_path =
        env::var_os("GIT_INDEX_FILE").map_or_else(|| git_dir.join("index"), |path| base.join(path));
    let object_dir = env::var_os("GIT_OBJECT_DIRECTORY")
        .map_or_else(|| common_dir.join("objects"), |path| start.join(path));
    Ok(Layout {
        promisor: is_promisor(&config),
        reftable: config.get("extensions.refstorage").is_some_and(|name| name != "files"),
        alternates: alternates_variable(start),
        git_dir,
        common_dir,
        work_tree,
        bare,
        format,
        worktree_config,
        index_path,
        object_dir,
    })
}

fn raw_config(path: &Path) -> Result<GitConfig> {
    match fs::read(path) {
        Ok(text) => parse(&text, &path.to_string_lossy()).map(GitConfig::from_entries),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(GitConfig::default()),
        Err(error) => Err(Error::io(path)(error)),
    }
}

fn is_promisor(config: &GitConfig) -> bool {
    config.get("extensions.partialclone").is_some()
        || config.section("remote").any(|entry| {
            (entry.name == "promisor" && entry.value.as_deref() != Some("false"))
                || entry.name == "partialclonefilter"
        })
}

fn alternates_variable(start: &Path) -> Vec<PathBuf> {
    use std::os::unix::ffi::{OsStrExt as _, OsStringExt as _};
    let value = env::var_os("GIT_ALTERNATE_OBJECT_DIRECTORIES").unwrap_or_default().into_vec();
    value
        .split(|byte| *byte == b':')
        .filter(|part| !part.is_empty())
        .map(|part| start.join(std::ffi::OsStr::from_bytes(part)))
        .collect()
}
