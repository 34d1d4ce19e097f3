//! A directory for index files of one's own.

use std::fs::{self, File};
use std::path::{Path, PathBuf};

use super::GitError;

/// Removed when dropped.
pub(super) struct Scratch {
    dir: PathBuf,
}

impl Scratch {
    /// A directory inside `git_dir`, where a split index finds its shared part.
    pub(super) fn beside(git_dir: &Path) -> Result<Self, GitError> {
        let dir = git_dir.join(format!("saferun-scratch-{}", std::process::id()));
        fs::create_dir_all(&dir)
            .map_err(|source| GitError::Io { command: "add".to_owned(), source })?;
        Ok(Self { dir })
    }

    pub(super) fn path(&self, name: &str) -> PathBuf {
        self.dir.join(name)
    }

    /// Copies the index file `from`. Its time goes along: git compares it with
    /// the files' to tell whether one may have changed since unnoticed.
    pub(super) fn copy(&self, name: &str, from: &Path) -> Option<PathBuf> {
        let to = self.path(name);
        fs::copy(from, &to).ok()?;
        let time = fs::metadata(from).and_then(|metadata| metadata.modified()).ok()?;
        File::options().write(true).open(&to).ok()?.set_modified(time).ok()?;
        Some(to)
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.dir);
    }
}
