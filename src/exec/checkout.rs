//! Which repository and which files a git command is about, as git itself says.

use std::fs;
use std::path::{Path, PathBuf};

use super::{GitError, RealGit};
use crate::command::Place;
use crate::config::env;

/// A repository and, unless it is bare, the files beside it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checkout {
    /// The git directory, absolute; a linked work tree's own.
    pub git_dir: PathBuf,
    /// Root of the files.
    pub work_tree: Option<PathBuf>,
    /// The index file.
    pub index: PathBuf,
}

impl Checkout {
    /// Where a command with these global options works; none outside a
    /// repository.
    ///
    /// # Errors
    /// Where there is no git or it can't be run.
    pub fn of(place: &Place) -> Result<Option<Self>, GitError> {
        let mut globals = Vec::new();
        for directory in &place.directories {
            globals.extend(["-C".to_owned(), directory.clone()]);
        }
        globals.extend(place.git_dir.iter().map(|path| format!("--git-dir={path}")));
        globals.extend(place.work_tree.iter().map(|path| format!("--work-tree={path}")));
        Self::ask(&RealGit::at(Path::new("."))?, &globals)
    }

    /// The one around `dir`.
    ///
    /// # Errors
    /// Where there is no git or it can't be run.
    pub fn at(dir: &Path) -> Result<Option<Self>, GitError> {
        Self::ask(&RealGit::at(dir)?, &[])
    }

    fn ask(git: &RealGit, globals: &[String]) -> Result<Option<Self>, GitError> {
        let ask = |what: &str| -> Result<Option<PathBuf>, GitError> {
            let mut arguments: Vec<&str> = globals.iter().map(String::as_str).collect();
            arguments.extend(["rev-parse", what]);
            match git.path(&arguments) {
                Err(GitError::Failed { .. }) => Ok(None),
                found => found.map(Some),
            }
        };
        let Some(git_dir) = ask("--absolute-git-dir")? else { return Ok(None) };
        let work_tree = ask("--show-toplevel")?;
        let base = work_tree.as_ref().unwrap_or(&git_dir);
        let index = env::var_os("GIT_INDEX_FILE")
            .map_or_else(|| git_dir.join("index"), |path| base.join(path));
        Ok(Some(Self { git_dir, work_tree, index }))
    }

    /// The linked work tree that `git worktree remove NAME` means in `start`.
    ///
    /// # Errors
    /// Where there is no git or it can't be run.
    pub fn linked(&self, start: &Path, name: &str) -> Result<Option<Self>, GitError> {
        let listing = RealGit::of(self)?.run(&["worktree", "list", "--porcelain"])?;
        let trees = listing.lines().filter_map(|line| line.strip_prefix("worktree "));
        let path = fs::canonicalize(start.join(name));
        let is_meant = |tree: &&Path| {
            path.as_deref().map_or_else(|_| tree.ends_with(name), |path| *tree == path)
        };
        let found = trees.map(Path::new).find(is_meant);
        found.map_or(Ok(None), Self::at)
    }
}
