//! `include.path` and `includeIf.<condition>.path`.

use std::path::{Path, PathBuf};

use super::{ConfigEntry, glob, layers::Place, layers::read_file};
use crate::config::paths;
use crate::git::{Error, Result};

/// git's own limit on files that include files.
const MAX_DEPTH: usize = 10;

/// Gathers assignments, following includes where they stand.
pub struct Reader<'a> {
    place: &'a Place,
    depth: usize,
    out: Vec<ConfigEntry>,
}

impl<'a> Reader<'a> {
    pub fn new(place: &'a Place) -> Self {
        Self { place, depth: 0, out: Vec::new() }
    }

    pub fn finish(self) -> Vec<ConfigEntry> {
        self.out
    }

    pub fn file(&mut self, path: &Path) -> Result<()> {
        let entries = read_file(path)?;
        self.entries(entries, Some(path))
    }

    /// Takes `entries`, read from `source` (none for the environment).
    pub fn entries(&mut self, entries: Vec<ConfigEntry>, source: Option<&Path>) -> Result<()> {
        for entry in entries {
            let target = self.included(&entry, source);
            self.out.push(entry);
            let Some(path) = target else { continue };
            if self.depth >= MAX_DEPTH {
                return Err(Error::Config {
                    source_name: path.to_string_lossy().into_owned(),
                    line: 1,
                    reason: format!("more than {MAX_DEPTH} files include one another"),
                });
            }
            self.depth += 1;
            self.file(&path)?;
            self.depth -= 1;
        }
        Ok(())
    }

    fn included(&self, entry: &ConfigEntry, source: Option<&Path>) -> Option<PathBuf> {
        if entry.name != "path" {
            return None;
        }
        let holds = match (entry.section.as_str(), &entry.subsection) {
            ("include", None) => true,
            ("includeif", Some(condition)) => self.holds(condition, source),
            _ => false,
        };
        let path = expand_home(entry.value.as_deref()?)?;
        let base = source.and_then(Path::parent);
        holds.then(|| base.map_or(path.clone(), |base| base.join(&path)))
    }

    fn holds(&self, condition: &str, source: Option<&Path>) -> bool {
        match condition.split_once(':') {
            Some(("gitdir", pattern)) => self.in_git_dir(pattern, source, false),
            Some(("gitdir/i", pattern)) => self.in_git_dir(pattern, source, true),
            Some(("onbranch", pattern)) => self.place.branch.as_ref().is_some_and(|branch| {
                let rest = if pattern.ends_with('/') { "**" } else { "" };
                glob::matches(&format!("{pattern}{rest}"), branch, false)
            }),
            _ => false,
        }
    }

    /// The rules of `git-config(1)`, "Conditional includes".
    fn in_git_dir(&self, pattern: &str, source: Option<&Path>, ignore_case: bool) -> bool {
        let mut full = if let Some(rest) = pattern.strip_prefix("./") {
            let Some(base) = source.and_then(Path::parent) else { return false };
            base.join(rest).to_string_lossy().into_owned()
        } else if pattern.starts_with("~/") {
            let Some(path) = expand_home(pattern) else { return false };
            path.to_string_lossy().into_owned()
        } else if pattern.starts_with('/') {
            pattern.to_owned()
        } else {
            format!("**/{pattern}")
        };
        if pattern.ends_with('/') {
            full.push_str(if full.ends_with('/') { "**" } else { "/**" });
        }
        let real = std::fs::canonicalize(&self.place.git_dir).ok();
        [Some(self.place.git_dir.clone()), real]
            .iter()
            .flatten()
            .any(|dir| glob::matches(&full, &dir.to_string_lossy(), ignore_case))
    }
}

/// A leading `~/` is the home directory. `None` where there is none.
pub fn expand_home(path: &str) -> Option<PathBuf> {
    match path.strip_prefix("~/") {
        Some(rest) => Some(paths::home()?.join(rest)),
        None => Some(PathBuf::from(path)),
    }
}
