//! Blobs that are scanned together, and the commits that brought them.

use super::super::{Error, Finding, Result, Scanner};
use super::staged::drop_old;
use super::{RUN, Scanned, staged};
use crate::git::{Commit, Differ, Oid, Repo, work};

/// Blobs scanned together.
const FULL: usize = 1024;
/// Commits that a thread takes at once.
const NEIGHBOURS: usize = 8;

#[derive(Default)]
pub(super) struct Batch {
    commits: Vec<Commit>,
    /// Number in `commits`, blob and path.
    blobs: Vec<(Option<usize>, Oid, Vec<u8>)>,
}

impl Batch {
    /// Adds a blob that `commit` brought; blobs of a commit come together.
    pub(super) fn add(&mut self, commit: Option<&Commit>, blob: Oid, path: &[u8]) {
        if let Some(commit) = commit
            && self.commits.last().map(|last| last.oid) != Some(commit.oid)
        {
            self.commits.push(commit.clone());
        }
        let number = commit.map(|_| self.commits.len() - 1);
        self.blobs.push((number, blob, path.to_vec()));
    }

    pub(super) fn is_full(&self) -> bool {
        self.blobs.len() >= FULL
    }

    /// Scans the blobs. What can't be read is noted.
    ///
    /// # Errors
    /// None as of now.
    pub(super) fn scan(self, repo: &Repo, scanner: &Scanner, scanned: &mut Scanned) -> Result<()> {
        let results =
            work::map(&self.blobs, RUN, |(_, oid, path)| staged::blob(repo, scanner, *oid, path));
        let mut found: Vec<Vec<Finding>> = self.commits.iter().map(|_| Vec::new()).collect();
        for ((commit, _, _), result) in self.blobs.iter().zip(results) {
            match result {
                Ok((findings, bytes)) => {
                    scanned.files += 1;
                    scanned.bytes += bytes;
                    match commit.and_then(|commit| found.get_mut(commit)) {
                        Some(all) => all.extend(findings),
                        None => scanned.findings.extend(findings),
                    }
                }
                Err(error @ (Error::Git(_) | Error::Io { .. })) => {
                    scanned.unread.push(error.to_string());
                }
                Err(error) => return Err(error),
            }
        }
        let found: Vec<_> =
            self.commits.into_iter().zip(found).filter(|(_, found)| !found.is_empty()).collect();
        let start = || (repo.differ(), Vec::new());
        let parts =
            work::fold(&found, NEIGHBOURS, start, |(differ, news), number, (commit, all)| {
                news.push((number, new(repo, differ, commit, all.clone())));
            });
        let mut news: Vec<_> = parts.into_iter().flat_map(|(_, news)| news).collect();
        news.sort_by_key(|(number, _)| *number);
        for (_, (findings, warning)) in news {
            scanned.findings.extend(findings);
            scanned.warnings.extend(warning);
        }
        Ok(())
    }
}

/// Those of the findings that the commit brought, and why that can't be told.
fn new(
    repo: &Repo,
    differ: &mut Differ<'_>,
    commit: &Commit,
    mut findings: Vec<Finding>,
) -> (Vec<Finding>, Option<String>) {
    let changes = differ.commit(commit).map_err(Error::from);
    let dropped = changes.and_then(|changes| drop_old(repo, &changes, &mut findings));
    let findings = findings.into_iter().map(|finding| of_commit(finding, commit)).collect();
    (findings, dropped.err().map(|error| error.to_string()))
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
