//! Steps that change files, shown first and carried out then.

use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use crate::exec::{GitError, RealGit};

/// An installation that can't be made or undone.
#[derive(Debug, thiserror::Error)]
pub enum InstallError {
    /// A file can't be changed.
    #[error("cannot change `{}`: {source}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The real git failed.
    #[error(transparent)]
    Git(#[from] GitError),
    /// The repository can't be read.
    #[error(transparent)]
    Repository(#[from] crate::git::Error),
    /// There is no work tree.
    #[error("`{}` is a bare repository: it has no commits of its own to guard", .0.display())]
    Bare(PathBuf),
    /// A path can't be written down.
    #[error("the paths of `{}` and of this repository must be UTF-8", .0.display())]
    NotUtf8(PathBuf),
    /// The manifest is damaged.
    #[error("`{}` is damaged: {message}", path.display())]
    Manifest {
        /// The manifest.
        path: PathBuf,
        /// What is wrong.
        message: String,
    },
}

/// One change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// Writes a file.
    Write {
        /// Where.
        path: PathBuf,
        /// What stands there now.
        before: Option<String>,
        /// What will stand there.
        after: String,
        /// Permission bits.
        mode: u32,
    },
    /// Moves a file, keeping its bytes and permissions.
    Move {
        /// From where.
        from: PathBuf,
        /// To where.
        to: PathBuf,
    },
    /// Removes a file or an empty directory.
    Remove {
        /// Which.
        path: PathBuf,
    },
    /// Makes a symbolic link.
    Link {
        /// Where.
        path: PathBuf,
        /// To what.
        to: PathBuf,
    },
    /// Sets (or unsets) a key of the repository's git configuration.
    GitConfig {
        /// The key.
        key: String,
        /// Its value now.
        before: Option<String>,
        /// Its value then.
        after: Option<String>,
    },
}

/// Steps in order.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Plan {
    /// The steps.
    pub steps: Vec<Step>,
}

impl Plan {
    /// Adds writing a file, unless it has this content and mode already.
    pub fn write(&mut self, path: PathBuf, after: String, mode: u32) {
        let before = fs::read(&path).ok().map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
        let same_mode =
            fs::metadata(&path).is_ok_and(|found| found.permissions().mode() & 0o777 == mode);
        if before.as_ref() != Some(&after) || !same_mode {
            self.steps.push(Step::Write { path, before, after, mode });
        }
    }

    /// Carries out every step, in order.
    ///
    /// # Errors
    /// The first step that fails; the ones before it are done and in the
    /// manifest, so running the command again completes them.
    pub fn apply(&self, git: &RealGit) -> Result<(), InstallError> {
        self.steps.iter().try_for_each(|step| carry_out(step, git))
    }
}

fn carry_out(step: &Step, git: &RealGit) -> Result<(), InstallError> {
    let io = |path: &Path| {
        let path = path.to_owned();
        move |source| InstallError::Io { path, source }
    };
    match step {
        Step::Write { path, after, mode, .. } => {
            replace(path, after.as_bytes(), *mode).map_err(io(path))
        }
        Step::Move { from, to } => {
            parents(to).and_then(|()| fs::rename(from, to)).map_err(io(from))
        }
        Step::Remove { path } => remove(path).map_err(io(path)),
        Step::Link { path, to } => link(path, to).map_err(io(path)),
        Step::GitConfig { key, after: Some(value), .. } => {
            git.run(&["config", "--local", key, value]).map(drop).map_err(InstallError::from)
        }
        Step::GitConfig { key, after: None, .. } => {
            // A key that is gone already is what was wanted.
            let there = git.run(&["config", "--local", "--get", key]).is_ok();
            if there {
                git.run(&["config", "--local", "--unset", key]).map(drop)?
            };
            Ok(())
        }
    }
}

/// Writes beside and renames, so that nobody ever sees half a file.
fn replace(path: &Path, content: &[u8], mode: u32) -> io::Result<()> {
    parents(path)?;
    let beside = path.with_file_name(format!(
        ".{}.saferun-{}",
        path.file_name().unwrap_or_default().to_string_lossy(),
        std::process::id()
    ));
    let written = OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(true)
        .mode(mode)
        .open(&beside)
        .and_then(|mut file| {
            file.write_all(content)?;
            file.set_permissions(fs::Permissions::from_mode(mode))?;
            file.sync_all()
        })
        .and_then(|()| fs::rename(&beside, path));
    if written.is_err() {
        let _ = fs::remove_file(&beside);
    }
    written
}

fn remove(path: &Path) -> io::Result<()> {
    let is_dir = fs::symlink_metadata(path).is_ok_and(|found| found.is_dir());
    let removed = if is_dir { fs::remove_dir(path) } else { fs::remove_file(path) };
    match removed {
        Err(error)
            if matches!(
                error.kind(),
                io::ErrorKind::NotFound | io::ErrorKind::DirectoryNotEmpty
            ) =>
        {
            Ok(())
        }
        other => other,
    }
}

fn link(path: &Path, to: &Path) -> io::Result<()> {
    parents(path)?;
    remove(path)?;
    std::os::unix::fs::symlink(to, path)
}

fn parents(path: &Path) -> io::Result<()> {
    path.parent().map_or(Ok(()), fs::create_dir_all)
}
