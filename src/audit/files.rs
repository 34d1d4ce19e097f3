//! The files of a log: `audit.jsonl` itself, older parts as
//! `audit.000000000001.jsonl` (named by their first event), and beside them
//! `audit.checkpoints`, `audit.state`, `audit.lock` and `audit.torn`.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, ErrorKind};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

/// Digits of a part's number: names sort as numbers do.
const DIGITS: usize = 12;

/// Where the files of one log are.
#[derive(Debug, Clone)]
pub(super) struct Files {
    log: PathBuf,
}

impl Files {
    pub(super) fn of(log: PathBuf) -> Self {
        Self { log }
    }

    pub(super) fn log(&self) -> &Path {
        &self.log
    }

    pub(super) fn checkpoints(&self) -> PathBuf {
        self.log.with_extension("checkpoints")
    }

    pub(super) fn state(&self) -> PathBuf {
        self.log.with_extension("state")
    }

    pub(super) fn torn(&self) -> PathBuf {
        self.log.with_extension("torn")
    }

    /// The part that begins with event `first`.
    pub(super) fn part(&self, first: u64) -> PathBuf {
        let extension = self.log.extension().unwrap_or_default().to_string_lossy();
        self.log.with_extension(format!("{first:0DIGITS$}.{extension}"))
    }

    /// The older parts, in order.
    pub(super) fn parts(&self) -> io::Result<Vec<PathBuf>> {
        let (Some(stem), Some(extension)) = (self.log.file_stem(), self.log.extension()) else {
            return Ok(Vec::new());
        };
        let dir = self.log.parent().filter(|dir| !dir.as_os_str().is_empty());
        let entries = match fs::read_dir(dir.unwrap_or(Path::new("."))) {
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
            other => other?,
        };
        let (before, after) = (format!("{}.", stem.display()), format!(".{}", extension.display()));
        let is_part = |name: &str| {
            let number = name.strip_prefix(&before).and_then(|name| name.strip_suffix(&after));
            number.is_some_and(|number| {
                number.len() == DIGITS && number.bytes().all(|byte| byte.is_ascii_digit())
            })
        };
        let mut parts = Vec::new();
        for entry in entries {
            let entry = entry?;
            if entry.file_name().to_str().is_some_and(is_part) {
                parts.push(self.log.with_file_name(entry.file_name()));
            }
        }
        parts.sort();
        Ok(parts)
    }

    /// All files with events, in order; opened while no writer moves them,
    /// each with the length that it has now.
    pub(super) fn open_all(&self) -> io::Result<Vec<Part>> {
        let mut paths = self.parts()?;
        paths.push(self.log.clone());
        let mut open = Vec::new();
        for path in paths {
            match File::open(&path) {
                Err(error) if error.kind() == ErrorKind::NotFound => {}
                other => {
                    let file = other?;
                    let length = file.metadata()?.len();
                    open.push(Part { path, file, length });
                }
            }
        }
        Ok(open)
    }

    /// Keeps other writers out until the file is dropped.
    pub(super) fn lock(&self) -> io::Result<File> {
        let lock = with_directory(&self.log, || {
            private().create(true).truncate(false).open(self.log.with_extension("lock"))
        })?;
        lock.lock()?;
        Ok(lock)
    }

    /// Keeps writers out, where that can be had: a copy that may only be read
    /// has no writers.
    pub(super) fn lock_to_read(&self) -> Option<File> {
        let lock = File::open(self.log.with_extension("lock")).ok()?;
        lock.lock_shared().ok().map(|()| lock)
    }

    /// The log, to be read and appended to.
    pub(super) fn open_to_append(&self) -> io::Result<File> {
        with_directory(&self.log, || private().append(true).create(true).open(&self.log))
    }
}

/// A file with events.
#[derive(Debug)]
pub(super) struct Part {
    pub(super) path: PathBuf,
    pub(super) file: File,
    /// How much of it counts, in bytes.
    pub(super) length: u64,
}

/// Options for files that are their owner's alone.
pub(super) fn private() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.read(true).write(true).mode(0o600);
    options
}

fn with_directory(path: &Path, open: impl Fn() -> io::Result<File>) -> io::Result<File> {
    open().or_else(|error| {
        let parent = path.parent().filter(|_| error.kind() == ErrorKind::NotFound);
        let Some(dir) = parent else { return Err(error) };
        DirBuilder::new().recursive(true).mode(0o700).create(dir)?;
        open()
    })
}
