//! Where git looks for hooks.

use std::path::PathBuf;

use super::{Repo, Result, gitconfig::expand_home};

impl Repo {
    /// The directory git runs hooks from: `core.hooksPath` from any layer,
    /// relative to the work tree (or to a bare repository), else the default.
    ///
    /// # Errors
    /// As [`Repo::config`].
    pub fn hooks_dir(&self) -> Result<PathBuf> {
        let Some(path) = self.config()?.get("core.hooksPath").filter(|path| !path.is_empty())
        else {
            return Ok(self.default_hooks_dir());
        };
        let base = self.work_tree().unwrap_or(self.git_dir());
        Ok(base.join(expand_home(path).unwrap_or_else(|| PathBuf::from(path))))
    }

    /// `hooks` in the directory all work trees share.
    #[must_use]
    pub fn default_hooks_dir(&self) -> PathBuf {
        self.in_common("hooks")
    }
}
