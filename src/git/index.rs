//! The index.
use super::{Repo, Result, TreeEntry};

/// One entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct IndexEntry<'a> {
    /// Path.
    pub path: &'a [u8],
    /// Mode and object.
    pub entry: TreeEntry,
    /// 0, or 1 to 3 while a merge conflict is open.
    pub stage: u8,
    /// `git add -N`: announced, without content.
    pub intent_to_add: bool,
}
/// The index, read whole.
#[derive(Debug, Default)]
pub struct Index {}
impl Index {
    /// Entries by path.
    pub fn entries(&self) -> impl Iterator<Item = IndexEntry<'_>> {
        std::iter::empty()
    }
}
impl Repo {
    /// Reads the index.
    pub fn index(&self) -> Result<Index> {
        Ok(Index::default())
    }
}
