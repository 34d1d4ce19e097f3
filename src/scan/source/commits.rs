//! Commits: every blob that they bring in, once, and their messages.

use std::collections::HashSet;
use std::ops::ControlFlow;

use super::super::{Error, Finding, Result, Scanner};
use super::staged::drop_old;
use super::{Scanned, parallel, staged};
use crate::git::{Commit, Introduced, Kind, Oid, Repo, Walked};

/// Name of the "file" that a finding in a commit message stands in.
const MESSAGE: &[u8] = b"COMMIT_MSG";
/// Blobs scanned together.
const BATCH: usize = 1024;

/// Secrets that the commits reachable from `tips` and not from `hidden` add;
/// each with the oldest commit that brings it. What only a merge's resolution
/// holds is among them.
///
/// # Errors
/// [`super::super::Error::Git`].
pub fn commits(repo: &Repo, scanner: &Scanner, tips: &[Oid], hidden: &[Oid]) -> Result<Scanned> {
    walked(repo, scanner, &repo.walk(tips, hidden)?, &mut HashSet::new())
}

/// Secrets of the commits walked, and of the trees and blobs that were met as
/// tips. Adds every blob it looked at to `seen`.
pub(super) fn walked(
    repo: &Repo,
    scanner: &Scanner,
    walked: &Walked,
    seen: &mut HashSet<Oid>,
) -> Result<Scanned> {
    let mut scanned = Scanned::default();
    scanned.warnings.extend(walked.missing.iter().map(|oid| format!("commit `{oid}` is not here")));
    for oid in walked.commits.iter().rev() {
        let commit = repo.commit(*oid)?;
        let found = scanner.scan(&commit.message, MESSAGE);
        scanned.bytes += commit.message.len() as u64;
        scanned.findings.extend(found.into_iter().map(|finding| of_commit(finding, &commit)));
    }
    blobs(repo, scanner, &walked.commits, &mut scanned, seen)?;
    for oid in &walked.not_commits {
        target(repo, scanner, *oid, &mut scanned, seen)?;
    }
    let mut known = HashSet::new();
    scanned.findings.retain(|found| {
        !scanner.lets_through(found)
            && known.insert((found.rule_id.clone(), found.file.clone(), found.secret.clone()))
    });
    Ok(scanned)
}

/// A tree or blob that a reference or tag names without a commit.
fn target(
    repo: &Repo,
    scanner: &Scanner,
    oid: Oid,
    scanned: &mut Scanned,
    seen: &mut HashSet<Oid>,
) -> Result<()> {
    let (kind, _) = repo.size(oid)?;
    if kind == Kind::Blob {
        return single(repo, scanner, oid, oid.to_string().as_bytes(), scanned, seen);
    }
    let oid = repo.tree_of(oid)?;
    for change in repo.tree_changes(None, Some(oid))? {
        if let Some(new) = staged::content(&change) {
            single(repo, scanner, new.oid, &change.path, scanned, seen)?;
        }
    }
    Ok(())
}

/// One blob that no commit brings.
pub(super) fn single(
    repo: &Repo,
    scanner: &Scanner,
    oid: Oid,
    path: &[u8],
    scanned: &mut Scanned,
    seen: &mut HashSet<Oid>,
) -> Result<()> {
    if seen.insert(oid) {
        let (findings, bytes) = staged::blob(repo, scanner, oid, path)?;
        scanned.files += 1;
        scanned.bytes += bytes;
        scanned.findings.extend(findings);
    }
    Ok(())
}

fn blobs(
    repo: &Repo,
    scanner: &Scanner,
    commits: &[Oid],
    scanned: &mut Scanned,
    seen: &mut HashSet<Oid>,
) -> Result<()> {
    let mut failed = None;
    let mut batch = Batch::default();
    repo.introduced_blobs(commits, &mut |blob| {
        seen.insert(blob.blob);
        batch.add(&blob);
        if batch.blobs.len() < BATCH {
            return ControlFlow::Continue(());
        }
        match std::mem::take(&mut batch).scan(repo, scanner, scanned) {
            Ok(()) => ControlFlow::Continue(()),
            Err(error) => {
                failed = Some(error);
                ControlFlow::Break(())
            }
        }
    })?;
    failed.map_or_else(|| batch.scan(repo, scanner, scanned), Err)
}

/// Blobs that are scanned together, and the commits that brought them.
#[derive(Default)]
struct Batch {
    commits: Vec<Commit>,
    /// Number in `commits`, blob and path.
    blobs: Vec<(usize, Oid, Vec<u8>)>,
}

impl Batch {
    fn add(&mut self, blob: &Introduced<'_>) {
        if self.commits.last().map(|last| last.oid) != Some(blob.commit.oid) {
            self.commits.push(blob.commit.clone());
        }
        self.blobs.push((self.commits.len() - 1, blob.blob, blob.path.to_vec()));
    }

    fn scan(self, repo: &Repo, scanner: &Scanner, scanned: &mut Scanned) -> Result<()> {
        let results =
            parallel::map(&self.blobs, |(_, oid, path)| staged::blob(repo, scanner, *oid, path));
        let mut found: Vec<Vec<Finding>> = self.commits.iter().map(|_| Vec::new()).collect();
        for ((commit, _, _), result) in self.blobs.iter().zip(results) {
            match result {
                Ok((findings, bytes)) => {
                    scanned.files += 1;
                    scanned.bytes += bytes;
                    if let Some(all) = found.get_mut(*commit) {
                        all.extend(findings);
                    }
                }
                Err(Error::Git(error)) if error.is_missing() => {
                    scanned.warnings.push(format!("{error}; its content was not scanned"));
                }
                Err(error) => return Err(error),
            }
        }
        for (commit, mut findings) in self.commits.iter().zip(found) {
            if !findings.is_empty() {
                drop_old(repo, &repo.changes_of_commit(commit)?, &mut findings)?;
            }
            let findings = findings.into_iter().map(|finding| of_commit(finding, commit));
            scanned.findings.extend(findings);
        }
        Ok(())
    }
}

fn of_commit(mut finding: Finding, commit: &Commit) -> Finding {
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
