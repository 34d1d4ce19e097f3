//! Every file content of a history, once.

use std::collections::HashSet;
use std::ops::ControlFlow;

use super::changes::Differ;
use super::{Commit, Oid, Repo, Result};

/// A content where it first came in.
#[derive(Debug, Clone, Copy)]
pub struct Introduced<'a> {
    /// The commit that brought it.
    pub commit: &'a Commit,
    /// Its path in that commit.
    pub path: &'a [u8],
    /// The blob.
    pub blob: Oid,
    /// Mode as in [`super::TreeEntry::mode`]: a file or a symbolic link.
    pub mode: u32,
}

impl Repo {
    /// Calls `visit` once for every blob that `commits` brought in, oldest
    /// commit first; `commits` come newest first, as [`Repo::walk`] gives
    /// them. What a merge only takes over from a parent counts for the commit
    /// that brought it. Memory grows with the number of blobs (some 40 bytes
    /// each), not with their size.
    ///
    /// # Errors
    /// Errors of reading commits and trees.
    pub fn introduced_blobs(
        &self,
        commits: &[Oid],
        visit: &mut dyn FnMut(Introduced<'_>) -> ControlFlow<()>,
    ) -> Result<()> {
        let mut seen = HashSet::new();
        let mut differ = Differ::new(self);
        for oid in commits.iter().rev() {
            let commit = self.commit(*oid)?;
            for change in differ.commit(&commit)? {
                let Some(new) = change.new.filter(|new| new.is_file() || new.is_symlink()) else {
                    continue;
                };
                if !seen.insert(new.oid) {
                    continue;
                }
                let (path, blob, mode) = (change.path.as_slice(), new.oid, new.mode);
                if visit(Introduced { commit: &commit, path, blob, mode }).is_break() {
                    return Ok(());
                }
            }
        }
        Ok(())
    }
}
