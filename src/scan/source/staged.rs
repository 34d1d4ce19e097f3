//! What is staged: the index's blobs against the tree they will replace.

use foldhash::{HashSet, HashSetExt as _};

use super::super::stream::lines;
use super::super::{Error, Finding, Result, Scanner};
use super::{RUN, WHOLE};
use crate::git::{self, Change, Content, Oid, Repo, TreeEntry, work};

/// What a scan of the index brought.
#[derive(Debug, Default)]
pub struct StagedReport {
    /// Secrets that the change set adds.
    pub findings: Vec<Finding>,
    /// Blobs scanned.
    pub files_scanned: usize,
    /// Their bytes.
    pub bytes: u64,
}

/// Secrets that `git commit` would add now. A line that also stands in an old
/// blob of the change set adds nothing: unchanged lines, moves and renames
/// pass.
///
/// # Errors
/// [`Error::Git`]; [`Error::NothingScanned`] where files are staged and not
/// one could be read.
pub fn staged(repo: &Repo, scanner: &Scanner) -> Result<StagedReport> {
    staged_against(repo, scanner, repo.head()?.oid())
}

/// As [`staged`], against any base (`commit --amend`: the parent of `HEAD`).
///
/// # Errors
/// As [`staged`].
pub fn staged_against(repo: &Repo, scanner: &Scanner, base: Option<Oid>) -> Result<StagedReport> {
    staged_changes(repo, scanner, &repo.staged_against(base)?)
}

/// As [`staged`], of changes that are known already.
///
/// # Errors
/// As [`staged`].
pub fn staged_changes(repo: &Repo, scanner: &Scanner, changes: &[Change]) -> Result<StagedReport> {
    let wanted: Vec<(&Change, TreeEntry)> =
        changes.iter().filter_map(|change| Some((change, content(change)?))).collect();
    let mut report = StagedReport::default();
    let scanned = work::map(&wanted, RUN, |(change, new)| {
        found_in(repo.content(new.oid, WHOLE)?, scanner, &change.path)
    });
    for one in scanned {
        let (findings, bytes) = one?;
        report.files_scanned += 1;
        report.bytes += bytes;
        report.findings.extend(findings);
    }
    if !wanted.is_empty() && report.files_scanned == 0 {
        return Err(Error::NothingScanned { count: wanted.len() });
    }
    drop_old(changes, &mut report.findings, |oid| repo.content(oid, WHOLE))?;
    Ok(report)
}

/// The entry whose content the change brings: a file or link that is new, or
/// differs from what was there.
pub(super) fn content(change: &Change) -> Option<TreeEntry> {
    let new = change.new.filter(|new| new.is_file() || new.is_symlink())?;
    (change.old.map(|old| old.oid) != Some(new.oid)).then_some(new)
}

/// The secrets of one blob, in bounded memory, and how many bytes it has.
pub(super) fn found_in(
    content: Content,
    scanner: &Scanner,
    path: &[u8],
) -> Result<(Vec<Finding>, u64)> {
    match content {
        Content::Whole(data) => Ok((scanner.scan(&data, path), data.len() as u64)),
        Content::Stream(reader) => scanner.scan_reader(reader, path),
    }
}

/// Drops findings whose line also stands in an old blob of the change set.
pub(super) fn drop_old(
    changes: &[Change],
    findings: &mut Vec<Finding>,
    mut read: impl FnMut(Oid) -> git::Result<Content>,
) -> Result<()> {
    if findings.is_empty() {
        return Ok(());
    }
    let mut wanted: HashSet<Vec<u8>> = findings.iter().map(key).collect();
    let shortest = wanted.iter().map(Vec::len).min().unwrap_or(0);
    let mut known = HashSet::new();
    // Most of what is old stood in the same file.
    let same = |change: &&Change| {
        findings.iter().any(|finding| finding.file.as_bytes() == change.path.as_slice())
    };
    let (same, others): (Vec<&Change>, Vec<&Change>) = changes.iter().partition(same);
    for change in same.into_iter().chain(others) {
        if wanted.is_empty() {
            break;
        }
        let Some(old) = change.old.filter(|old| old.is_file() || old.is_symlink()) else {
            continue;
        };
        let mut look = |line: &[u8]| {
            if line.len() >= shortest {
                known.extend(wanted.take(line.trim_ascii()));
            }
        };
        match read(old.oid) {
            Ok(Content::Whole(data)) => data.split(|byte| *byte == b'\n').for_each(look),
            Ok(Content::Stream(blob)) => {
                let path = String::from_utf8_lossy(&change.path).into_owned();
                lines(blob, &mut look).map_err(Error::io(path))?;
            }
            Err(error) if error.is_missing() => {}
            Err(error) => return Err(error.into()),
        }
    }
    findings.retain(|finding| !known.contains(&key(finding)));
    Ok(())
}

fn key(finding: &Finding) -> Vec<u8> {
    finding.line.as_bytes().trim_ascii().to_vec()
}
