//! Commits: every blob that they bring in, once, and their messages.

use std::collections::HashSet;
use std::ops::ControlFlow;

use super::super::{Error, Finding, Result, Scanner};
use super::staged::drop_old;
use super::{Scanned, staged};
use crate::git::{Commit, Oid, Repo};

/// Name of the "file" that a finding in a commit message stands in.
const MESSAGE: &[u8] = b"COMMIT_MSG";

/// Secrets that the commits reachable from `tips` and not from `hidden` add;
/// each with the oldest commit that brings it. What only a merge's resolution
/// holds is among them.
///
/// # Errors
/// [`super::super::Error::Git`].
pub fn commits(repo: &Repo, scanner: &Scanner, tips: &[Oid], hidden: &[Oid]) -> Result<Scanned> {
    let walked = repo.walk(tips, hidden)?;
    let mut scanned = Scanned::default();
    scanned.warnings.extend(walked.missing.iter().map(|oid| format!("commit `{oid}` is not here")));
    for oid in walked.commits.iter().rev() {
        let commit = repo.commit(*oid)?;
        let found = scanner.scan(&commit.message, MESSAGE);
        scanned.bytes += commit.message.len() as u64;
        scanned.findings.extend(found.into_iter().map(|finding| of_commit(finding, &commit)));
    }
    blobs(repo, scanner, &walked.commits, &mut scanned)?;
    let mut seen = HashSet::new();
    scanned.findings.retain(|found| {
        seen.insert((found.rule_id.clone(), found.file.clone(), found.secret.clone()))
    });
    Ok(scanned)
}

fn blobs(repo: &Repo, scanner: &Scanner, commits: &[Oid], scanned: &mut Scanned) -> Result<()> {
    let mut failed = None;
    let mut current: Option<(Commit, Vec<Finding>)> = None;
    let mut done: Vec<(Commit, Vec<Finding>)> = Vec::new();
    repo.introduced_blobs(commits, &mut |blob| match staged::blob(
        repo, scanner, blob.blob, blob.path,
    ) {
        Ok((found, bytes)) => {
            scanned.files += 1;
            scanned.bytes += bytes;
            if found.is_empty() {
                return ControlFlow::Continue(());
            }
            match &mut current {
                Some((commit, findings)) if commit.oid == blob.commit.oid => findings.extend(found),
                _ => done.extend(current.replace((blob.commit.clone(), found))),
            }
            ControlFlow::Continue(())
        }
        Err(Error::Git(error)) if error.is_missing() => {
            scanned.warnings.push(format!("{error}; its content was not scanned"));
            ControlFlow::Continue(())
        }
        Err(error) => {
            failed = Some(error);
            ControlFlow::Break(())
        }
    })?;
    if let Some(error) = failed {
        return Err(error);
    }
    done.extend(current);
    for (commit, mut findings) in done {
        drop_old(repo, &repo.changes_of_commit(&commit)?, &mut findings)?;
        scanned.findings.extend(findings.into_iter().map(|finding| of_commit(finding, &commit)));
    }
    Ok(())
}

/// All that names history here: `HEAD` and every reference (branches, tags,
/// remotes, stash).
///
/// # Errors
/// [`super::super::Error::Git`].
pub fn history_tips(repo: &Repo) -> Result<Vec<Oid>> {
    let mut tips: Vec<Oid> = repo.head()?.oid().into_iter().collect();
    for reference in repo.refs("refs/")? {
        let (oid, object) = repo.peel(reference.oid)?;
        if object.kind == crate::git::Kind::Commit && !tips.contains(&oid) {
            tips.push(oid);
        }
    }
    Ok(tips)
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
