//! A small state in a JSON file that processes share.

use std::fs::{self, DirBuilder, OpenOptions};
use std::io::{self, ErrorKind};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::private_file;

/// A file that one process at a time changes, as a whole: a process that is
/// killed leaves the state before or the state after.
#[derive(Debug, Clone)]
pub struct SharedState {
    path: PathBuf,
}

impl SharedState {
    /// The state in `path`; nothing is created until something changes.
    #[must_use]
    pub fn at(path: PathBuf) -> Self {
        Self { path }
    }

    /// Where it is.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The state as it stands.
    ///
    /// # Errors
    /// Where the file can't be read, or is not such a state.
    pub fn read<T: Default + DeserializeOwned>(&self) -> io::Result<T> {
        match fs::read(&self.path) {
            Ok(bytes) => Ok(serde_json::from_slice(&bytes)?),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(T::default()),
            Err(error) => Err(error),
        }
    }

    /// Changes the state while no other process can.
    ///
    /// # Errors
    /// Where the file can't be locked, read or written, or is not such a state.
    pub fn change<T, R>(&self, act: impl FnOnce(&mut T) -> R) -> io::Result<R>
    where
        T: Default + Serialize + DeserializeOwned,
    {
        if let Some(parent) = self.path.parent() {
            DirBuilder::new().recursive(true).mode(0o700).create(parent)?;
        }
        let lock = OpenOptions::new()
            .write(true)
            .create(true)
            .truncate(false)
            .mode(0o600)
            .open(self.path.with_extension("lock"))?;
        lock.lock()?;
        let mut state: T = self.read()?;
        let result = act(&mut state);
        private_file::write(&self.path, &serde_json::to_string(&state)?)?;
        Ok(result)
    }
}
