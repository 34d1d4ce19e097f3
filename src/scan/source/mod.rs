//! Where text comes from: trees, the index, commits.
//!
//! In: a place. Out: a [`Scanned`]. Never here: the work tree for what is
//! staged, or git's own output.

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

use super::Finding;

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
    /// What could not be looked at, and why.
    pub warnings: Vec<String>,
}
