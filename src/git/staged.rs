//! The index against a tree: what a commit would record.
use super::{Change, Oid, Repo, Result};
impl Repo {
    /// What `git commit` would record.
    pub fn staged(&self) -> Result<Vec<Change>> {
        self.staged_against(self.head()?.oid())
    }
    /// The index against the tree of `base`, or the empty tree.
    pub fn staged_against(&self, _base: Option<Oid>) -> Result<Vec<Change>> {
        Ok(Vec::new())
    }
}
