//! Running the real git where something must be written.

use std::ffi::OsString;
use std::io::{self, Write};
use std::os::unix::ffi::OsStringExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use super::{Checkout, real_program};

/// git could not do what was needed.
#[derive(Debug, thiserror::Error)]
pub enum GitError {
    /// There is no git.
    #[error("there is no `git` on `PATH`")]
    NoGit,
    /// It could not be run.
    #[error("cannot run `git {command}`: {source}")]
    Io {
        /// The subcommand.
        command: String,
        /// Why.
        source: io::Error,
    },
    /// It failed.
    #[error("`git {command}` failed: {message}")]
    Failed {
        /// The subcommand.
        command: String,
        /// What it said.
        message: String,
    },
}

/// The real git, in one repository, with nothing of the repository's
/// configuration that could run other programs behind our back.
#[derive(Debug, Clone)]
pub struct RealGit {
    program: PathBuf,
    dir: PathBuf,
    checkout: Option<Checkout>,
}

impl RealGit {
    /// git for the repository at `dir`.
    ///
    /// # Errors
    /// Where there is no git.
    pub fn at(dir: &Path) -> Result<Self, GitError> {
        let program = real_program("git").ok_or(GitError::NoGit)?;
        Ok(Self { program, dir: dir.to_owned(), checkout: None })
    }

    /// git for exactly this repository and these files, whatever variables say.
    ///
    /// # Errors
    /// Where there is no git.
    pub fn of(checkout: &Checkout) -> Result<Self, GitError> {
        let dir = checkout.work_tree.as_ref().unwrap_or(&checkout.git_dir);
        Ok(Self { checkout: Some(checkout.clone()), ..Self::at(dir)? })
    }

    /// Runs a subcommand and returns what it printed, without the last line
    /// feed.
    ///
    /// # Errors
    /// Where it can't be run or fails.
    pub fn run(&self, arguments: &[&str]) -> Result<String, GitError> {
        self.run_with(arguments, None, b"")
    }

    /// [`RealGit::run`] with an index file of one's own and standard input.
    ///
    /// # Errors
    /// Where it can't be run or fails.
    pub fn run_with(
        &self,
        arguments: &[&str],
        index: Option<&Path>,
        input: &[u8],
    ) -> Result<String, GitError> {
        let bytes = self.bytes(arguments, index, input)?;
        Ok(String::from_utf8_lossy(&bytes).trim_end_matches('\n').to_owned())
    }

    /// [`RealGit::run`] for a subcommand that prints one path.
    pub(super) fn path(&self, arguments: &[&str]) -> Result<PathBuf, GitError> {
        let mut bytes = self.bytes(arguments, None, b"")?;
        bytes.pop_if(|last| *last == b'\n');
        Ok(PathBuf::from(OsString::from_vec(bytes)))
    }

    /// [`RealGit::run_with`], byte for byte.
    pub(super) fn bytes(
        &self,
        arguments: &[&str],
        index: Option<&Path>,
        input: &[u8],
    ) -> Result<Vec<u8>, GitError> {
        let output = self.output(arguments, index, input).map_err(|source| GitError::Io {
            command: arguments.first().copied().unwrap_or_default().to_owned(),
            source,
        })?;
        if output.status.success() {
            return Ok(output.stdout);
        }
        Err(GitError::Failed {
            command: arguments.first().copied().unwrap_or_default().to_owned(),
            message: String::from_utf8_lossy(&output.stderr).trim().to_owned(),
        })
    }

    /// Runs a subcommand as the user would: same terminal, hooks in force.
    /// Returns whether it succeeded.
    ///
    /// # Errors
    /// Where it can't be run.
    #[expect(clippy::disallowed_methods, reason = "this room runs programs")]
    pub fn run_openly(&self, arguments: &[&str]) -> Result<bool, GitError> {
        let status = Command::new(&self.program).current_dir(&self.dir).args(arguments).status();
        status.map(|status| status.success()).map_err(|source| GitError::Io {
            command: arguments.first().copied().unwrap_or_default().to_owned(),
            source,
        })
    }

    #[expect(clippy::disallowed_methods, reason = "this room runs programs")]
    fn output(&self, arguments: &[&str], index: Option<&Path>, input: &[u8]) -> io::Result<Output> {
        let mut command = Command::new(&self.program);
        if let Some(checkout) = &self.checkout {
            for name in ["GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_PREFIX"] {
                command.env_remove(name);
            }
            command.arg("--git-dir").arg(&checkout.git_dir);
            if let Some(work_tree) = &checkout.work_tree {
                command.arg("--work-tree").arg(work_tree);
            }
        }
        command
            .current_dir(&self.dir)
            .args([
                "-c",
                "core.fsmonitor=false",
                "-c",
                "core.hooksPath=/dev/null",
                "-c",
                "gc.auto=0",
            ])
            .args(arguments)
            .env("GIT_OPTIONAL_LOCKS", "0")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        if let Some(index) = index {
            command.env("GIT_INDEX_FILE", index);
        }
        let mut child = command.spawn()?;
        if let Some(mut stdin) = child.stdin.take() {
            stdin.write_all(input)?;
        }
        child.wait_with_output()
    }
}
