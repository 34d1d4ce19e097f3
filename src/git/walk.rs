//! Walks along parents.
use super::{Commit, Oid, Repo, Result};
/// Commits found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Walked {
    /// Newest first.
    pub commits: Vec<Oid>,
    /// Commits named as tips or parents that are not here.
    pub missing: Vec<Oid>,
}
/// The first of some commits, and how many there are.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Listed {
    /// At most as many as asked for, newest first.
    pub commits: Vec<Commit>,
    /// How many there are.
    pub total: usize,
    /// Whether nothing was missing on the way.
    pub complete: bool,
}
impl Repo {
    /// Commits reachable from `tips` and not from `hidden`, newest first.
    pub fn walk(&self, _tips: &[Oid], _hidden: &[Oid]) -> Result<Walked> {
        Ok(Walked::default())
    }
    /// The newest `at_most` of [`Repo::walk`], read, and the total.
    pub fn list_commits(&self, _tips: &[Oid], _hidden: &[Oid], _at_most: usize) -> Result<Listed> {
        Ok(Listed::default())
    }
    /// Whether `ancestor` is reachable from `descendant`; false where `ancestor` is not here.
    pub fn is_ancestor(&self, _ancestor: Oid, _descendant: Oid) -> Result<bool> {
        Ok(false)
    }
}
