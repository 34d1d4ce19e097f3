//! Where text comes from: trees, the index, commits.
//!
//! In: a place. Out: a [`Scanned`]. Never here: the work tree for what is
//! staged, or git's own output.

mod around;
mod batch;
mod commits;
mod fate;
mod history;
mod staged;
mod survey;
mod tree;

pub use commits::commits;
pub use history::history;
pub use staged::{StagedReport, staged, staged_against, staged_changes};
pub use tree::{Walk, tree};

use super::{Error, Finding, Result};

/// Files that a thread takes at once.
const RUN: usize = 24;
/// Content up to this size is read whole; larger one in pieces.
const WHOLE: u64 = 4 << 20;

/// What a scan of a source brought.
#[derive(Debug, Default)]
pub struct Scanned {
    /// The findings, in the source's order.
    pub findings: Vec<Finding>,
    /// Files (or blobs and messages) looked at.
    pub files: usize,
    /// Their bytes.
    pub bytes: u64,
    /// What should have been looked at and could not be, and why.
    pub unread: Vec<String>,
    /// What was looked at in another way than it should have been, and why.
    pub warnings: Vec<String>,
}

impl Scanned {
    /// The same where nothing is left out.
    ///
    /// # Errors
    /// [`Error::Unread`] where something could not be read: no findings then
    /// don't mean that there are none.
    pub fn complete(mut self) -> Result<Self> {
        match std::mem::take(&mut self.unread) {
            unread if unread.is_empty() => Ok(self),
            unread => Err(Error::Unread(unread)),
        }
    }
}
