//! Blobs that are scanned together, and the commits that brought them.

use super::super::{Error, Finding, Result, Scanner};
use super::staged::drop_old;
use super::{RUN, Scanned, staged};
use crate::git::{Commit, Oid, Repo, work};

/// Blobs scanned together.
const FULL: usize = 1024;

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
        let mut differ = repo.differ();
        for (commit, mut findings) in self.commits.iter().zip(found) {
            if findings.is_empty() {
                continue;
            }
            match differ.commit(commit).map_err(Error::from) {
                Ok(changes) => drop_old(repo, &changes, &mut findings)
                    .unwrap_or_else(|error| scanned.warnings.push(error.to_string())),
                Err(error) => scanned.warnings.push(error.to_string()),
            }
            let findings = findings.into_iter().map(|finding| of_commit(finding, commit));
            scanned.findings.extend(findings);
        }
        Ok(())
    }
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
