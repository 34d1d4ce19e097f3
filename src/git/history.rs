//! Every blob of a history, once.
use super::{Commit, Oid, Repo, Result};
use std::ops::ControlFlow;
/// A file content where it first came in.
#[derive(Debug, Clone, Copy)]
pub struct Introduced<'a> {
    /// The commit.
    pub commit: &'a Commit,
    /// Path.
    pub path: &'a [u8],
    /// The blob.
    pub blob: Oid,
    /// Its mode.
    pub mode: u32,
}
impl Repo {
    /// Calls `visit` for every blob, oldest commit first.
    pub fn introduced_blobs(
        &self,
        _commits: &[Oid],
        _visit: &mut dyn FnMut(Introduced<'_>) -> ControlFlow<()>,
    ) -> Result<()> {
        Ok(())
    }
}
