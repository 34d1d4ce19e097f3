//! Differences between trees.
use super::{Change, Commit, Oid, Repo, Result};
impl Repo {
    /// Paths that differ between two trees (or commits).
    pub fn tree_changes(&self, _old: Option<Oid>, _new: Option<Oid>) -> Result<Vec<Change>> {
        Ok(Vec::new())
    }
    /// What a commit itself brought in.
    pub fn changes_of_commit(&self, _commit: &Commit) -> Result<Vec<Change>> {
        Ok(Vec::new())
    }
}
