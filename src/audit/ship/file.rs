//! Shipping to a file, such as one on another disk or a mounted share.

use std::fs::OpenOptions;
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::PathBuf;

use super::{Delivery, Destination, ShipError};

/// A file that the events are appended to.
#[derive(Debug)]
pub struct FileDestination {
    path: PathBuf,
}

impl FileDestination {
    /// The file at `path`, made where there is none.
    #[must_use]
    pub fn new(path: PathBuf) -> Self {
        Self { path }
    }
}

impl Destination for FileDestination {
    fn place(&self) -> String {
        format!("file:{}", self.path.display())
    }

    fn deliver(&mut self, delivery: &Delivery) -> Result<(), ShipError> {
        let mut options = OpenOptions::new();
        let file = options.append(true).create(true).mode(0o600).open(&self.path);
        let written = file.and_then(|mut file| {
            file.write_all(&delivery.lines)?;
            file.sync_data()
        });
        written.map_err(|error| ShipError::Later { place: self.place(), reason: error.to_string() })
    }
}
