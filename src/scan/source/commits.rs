//! Commits: every blob that they bring in, once, and their messages.

use std::collections::HashSet;
use std::ops::ControlFlow;

use super::super::{Result, Scanner};
use super::Scanned;
use super::batch::{Batch, of_commit};
use crate::git::{Commit, Oid, Repo};

/// Name of the "file" that a finding in a commit message stands in.
const MESSAGE: &[u8] = b"COMMIT_MSG";

/// Secrets that the commits reachable from `tips` and not from `hidden` add;
/// each with the oldest commit that brings it. What only a merge's resolution
/// holds is among them.
///
/// # Errors
/// [`super::super::Error::Git`] where commits or trees can't be read.
pub fn commits(repo: &Repo, scanner: &Scanner, tips: &[Oid], hidden: &[Oid]) -> Result<Scanned> {
    let walked = repo.walk(tips, hidden)?;
    let mut scanned = Scanned::default();
    scanned.unread.extend(walked.missing.iter().map(missing));
    for oid in walked.commits.iter().rev() {
        message(scanner, &repo.commit(*oid)?, &mut scanned);
    }
    let (mut batch, mut failed) = (Batch::default(), None);
    repo.introduced_blobs(&walked.commits, &mut |blob| {
        batch.add(Some(blob.commit.oid), blob.blob, blob.path);
        if !batch.is_full() {
            return ControlFlow::Continue(());
        }
        match std::mem::take(&mut batch).scan(repo, scanner, &mut scanned) {
            Ok(()) => ControlFlow::Continue(()),
            Err(error) => {
                failed = Some(error);
                ControlFlow::Break(())
            }
        }
    })?;
    match failed {
        Some(error) => return Err(error),
        None => batch.scan(repo, scanner, &mut scanned)?,
    }
    scanned.settle(scanner);
    Ok(scanned)
}

/// What is said of a commit that is not here.
pub(super) fn missing(commit: &Oid) -> String {
    format!("commit `{commit}` is missing from the repository")
}

/// The secrets in a commit's message.
pub(super) fn message(scanner: &Scanner, commit: &Commit, scanned: &mut Scanned) {
    let found = scanner.scan(&commit.message, MESSAGE);
    scanned.bytes += commit.message.len() as u64;
    scanned.findings.extend(found.into_iter().map(|finding| of_commit(finding, commit)));
}

impl Scanned {
    /// Leaves out what an allowlist lets through now that the commit is known,
    /// and what an older commit brought already.
    pub(super) fn settle(&mut self, scanner: &Scanner) {
        let mut known = HashSet::new();
        self.findings.retain(|found| {
            !scanner.lets_through(found)
                && known.insert((found.rule_id.clone(), found.file.clone(), found.secret.clone()))
        });
    }
}
