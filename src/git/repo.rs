//! An opened repository: where it is, and what was read of it once.

use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use super::discover::{Layout, discover};
use super::gitconfig::{GitConfig, Place, everything, local_layers};
use super::odb::Odb;
use super::{Error, Head, ObjectFormat, Oid, Result};

/// A repository, opened for reading. Can be shared between threads.
#[derive(Debug)]
pub struct Repo {
    pub(super) layout: Layout,
    pub(super) odb: Odb,
    shallow: OnceLock<HashSet<Oid>>,
    local_config: OnceLock<GitConfig>,
    config: OnceLock<GitConfig>,
}

impl Repo {
    /// Opens the repository that `start` is in, or the one that `GIT_DIR` and
    /// its companions name. Reads three small files.
    ///
    /// # Errors
    /// [`Error::NotARepository`]; [`Error::Config`] for an unreadable
    /// repository configuration.
    pub fn discover(start: &Path) -> Result<Self> {
        let layout = discover(start)?;
        let odb = Odb::new(&layout);
        let (shallow, local_config, config) = Default::default();
        Ok(Self { layout, odb, shallow, local_config, config })
    }

    /// This work tree's git directory, absolute.
    #[must_use]
    pub fn git_dir(&self) -> &Path {
        &self.layout.git_dir
    }

    /// The git directory all work trees share: objects, branches, hooks.
    #[must_use]
    pub fn common_dir(&self) -> &Path {
        &self.layout.common_dir
    }

    /// Root of the checked-out files; none in a bare repository.
    #[must_use]
    pub fn work_tree(&self) -> Option<&Path> {
        self.layout.work_tree.as_deref()
    }

    /// Whether there are no checked-out files.
    #[must_use]
    pub fn is_bare(&self) -> bool {
        self.layout.bare
    }

    /// Whether history was cut off when it was cloned.
    #[must_use]
    pub fn is_shallow(&self) -> bool {
        !self.shallow_commits().is_empty()
    }

    /// Whether objects may be left at a remote until they are needed.
    #[must_use]
    pub fn is_partial(&self) -> bool {
        self.layout.promisor
    }

    /// The hash that names objects here.
    #[must_use]
    pub fn object_format(&self) -> ObjectFormat {
        self.layout.format
    }

    /// The index in use: git hands `commit PATH` a temporary one.
    #[must_use]
    pub fn index_path(&self) -> &Path {
        &self.layout.index_path
    }

    /// Commits whose parents were not fetched (the file `shallow`).
    pub(super) fn shallow_commits(&self) -> &HashSet<Oid> {
        self.shallow.get_or_init(|| {
            let text = std::fs::read(self.layout.common_dir.join("shallow")).unwrap_or_default();
            text.split(|byte| *byte == b'\n')
                .filter_map(|line| Oid::parse_bytes(line.trim_ascii()))
                .collect()
        })
    }

    /// The repository's own configuration and what it includes.
    ///
    /// # Errors
    /// [`Error::Config`] for a line git would refuse.
    pub fn local_config(&self) -> Result<&GitConfig> {
        once(&self.local_config, || local_layers(&self.config_place()))
    }

    /// The whole configuration: system, user, repository, work tree and
    /// environment.
    ///
    /// # Errors
    /// [`Error::Config`] for a line git would refuse.
    pub fn config(&self) -> Result<&GitConfig> {
        once(&self.config, || everything(&self.config_place()))
    }

    fn config_place(&self) -> Place {
        let branch = match self.head() {
            Ok(Head::Branch { name, .. }) => name.strip_prefix("refs/heads/").map(str::to_owned),
            _ => None,
        };
        Place {
            git_dir: self.layout.git_dir.clone(),
            common_dir: self.layout.common_dir.clone(),
            branch,
            worktree_config: self.layout.worktree_config,
        }
    }

    pub(super) fn corrupt_object(&self, oid: Oid, reason: &str) -> Error {
        Error::corrupt(format!("object `{oid}`"), self.layout.object_dir.clone(), reason)
    }

    pub(super) fn in_common(&self, name: &str) -> PathBuf {
        self.layout.common_dir.join(name)
    }
}

fn once<T>(cell: &OnceLock<T>, make: impl FnOnce() -> Result<T>) -> Result<&T> {
    if let Some(value) = cell.get() {
        return Ok(value);
    }
    let value = make()?;
    Ok(cell.get_or_init(|| value))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_repository_can_be_shared_between_threads() {
        fn shared<T: Send + Sync>() {}
        shared::<Repo>();
    }
}
