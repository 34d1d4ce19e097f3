//! Blobs that are scanned together, and the commits that brought them.

use super::super::{Error, Finding, Result, Scanner};
use super::staged::{drop_old, found_in};
use super::{Scanned, WHOLE};
use crate::git::{Commit, Differ, Oid, Repo, work};

/// Blobs scanned together.
const FULL: usize = 1024;
/// Blobs of one commit that a thread takes at once.
const SHARE: usize = 32;
/// Such shares that a thread takes at once: neighbours are built on each other.
const NEIGHBOURS: usize = 8;

#[derive(Default)]
pub(super) struct Batch {
    shares: Vec<Share>,
    blobs: usize,
}

/// Blobs that one commit brought, and their paths.
struct Share {
    commit: Option<Oid>,
    blobs: Vec<(Oid, Vec<u8>)>,
}

impl Batch {
    /// Adds a blob that `commit` brought; blobs of a commit come together.
    pub(super) fn add(&mut self, commit: Option<Oid>, blob: Oid, path: &[u8]) {
        let blob = (blob, path.to_vec());
        self.blobs += 1;
        match self.shares.last_mut() {
            Some(last) if last.commit == commit && last.blobs.len() < SHARE => {
                last.blobs.push(blob);
            }
            _ => self.shares.push(Share { commit, blobs: vec![blob] }),
        }
    }

    pub(super) fn is_full(&self) -> bool {
        self.blobs >= FULL
    }

    /// Scans the blobs. What can't be read is noted.
    ///
    /// # Errors
    /// None as of now.
    pub(super) fn scan(self, repo: &Repo, scanner: &Scanner, scanned: &mut Scanned) -> Result<()> {
        let start = || (repo.differ(), Vec::new());
        let parts = work::fold(&self.shares, NEIGHBOURS, start, |(differ, done), number, share| {
            done.push((number, share.scan(scanner, differ)));
        });
        let mut done: Vec<_> = parts.into_iter().flat_map(|(_, done)| done).collect();
        done.sort_unstable_by_key(|(number, _)| *number);
        for (_, share) in done {
            let share = share?;
            scanned.files += share.files;
            scanned.bytes += share.bytes;
            scanned.findings.extend(share.findings);
            scanned.unread.extend(share.unread);
            scanned.warnings.extend(share.warnings);
        }
        Ok(())
    }
}

impl Share {
    fn scan(&self, scanner: &Scanner, differ: &mut Differ<'_>) -> Result<Scanned> {
        let mut scanned = Scanned::default();
        for (oid, path) in &self.blobs {
            let content = differ.content(*oid, WHOLE).map_err(Error::from);
            match content.and_then(|content| found_in(content, scanner, path)) {
                Ok((findings, bytes)) => {
                    scanned.files += 1;
                    scanned.bytes += bytes;
                    scanned.findings.extend(findings);
                }
                Err(error @ (Error::Git(_) | Error::Io { .. })) => {
                    scanned.unread.push(error.to_string());
                }
                Err(error) => return Err(error),
            }
        }
        if let Some(commit) = self.commit.filter(|_| !scanned.findings.is_empty()) {
            let found = keep_new(commit, differ, &mut scanned.findings);
            scanned.warnings.extend(found.err().map(|error| error.to_string()));
        }
        Ok(scanned)
    }
}

/// Drops what the commit did not bring, and tells of the rest which it was.
fn keep_new(commit: Oid, differ: &mut Differ<'_>, findings: &mut Vec<Finding>) -> Result<()> {
    let commit = differ.read_commit(commit)?;
    let dropped = differ
        .commit(&commit)
        .map_err(Error::from)
        .and_then(|changes| drop_old(&changes, findings, |oid| differ.content(oid, WHOLE)));
    let found = std::mem::take(findings).into_iter();
    *findings = found.map(|finding| of_commit(finding, &commit)).collect();
    dropped
}

/// The finding with what is known of its commit.
pub(super) fn of_commit(mut finding: Finding, commit: &Commit) -> Finding {
    let id = commit.oid.to_string();
    finding.fingerprint = format!("{id}:{}", finding.fingerprint);
    finding.commit = Some(id);
    finding.author = Some(commit.author.name.clone());
    finding.email = Some(commit.author.email.clone());
    finding.date =
        jiff::Timestamp::from_second(commit.author.time).ok().map(|time| time.to_string());
    finding.message = Some(String::from_utf8_lossy(&commit.message).trim_end().to_owned());
    finding
}
