//! Bringing back what a snapshot holds.

use std::collections::BTreeMap;
use std::path::Path;

use jiff::{Timestamp, ToSpan};

use super::snapshot::UNDO_REFS;
use super::{GitError, RealGit, Scope, Snapshot, SnapshotKind, take};

/// Separates fields where no ref name or message can hold it.
const FIELD: char = '\u{1f}';
/// Separates records likewise.
const RECORD: char = '\u{1e}';

/// All snapshots of a repository, newest first.
///
/// # Errors
/// Where git can't list them.
pub fn list(repository: &Path) -> Result<Vec<Snapshot>, GitError> {
    let git = RealGit::at(repository)?;
    let format = format!("--format=%(refname){FIELD}%(contents:body){RECORD}");
    let listing = git.run(&["for-each-ref", "--sort=-refname", &format, UNDO_REFS])?;
    let records = listing.split(RECORD).filter_map(|record| record.split_once(FIELD));
    Ok(records.filter_map(|(_, body)| serde_json::from_str(body.trim()).ok()).collect())
}

/// The snapshot whose id is or starts with `id`, or the newest without one.
///
/// # Errors
/// Where git can't list them.
pub fn find(repository: &Path, id: Option<&str>) -> Result<Option<Snapshot>, GitError> {
    let mut snapshots = list(repository)?.into_iter();
    Ok(match id {
        Some(id) => {
            let mut matching = snapshots.filter(|snapshot| snapshot.id.starts_with(id));
            let first = matching.next();
            if matching.next().is_some() { None } else { first }
        }
        None => snapshots.next(),
    })
}

/// Removes snapshots older than `days` days.
///
/// # Errors
/// Where git can't remove one.
pub fn prune(repository: &Path, days: u32, now: Timestamp) -> Result<usize, GitError> {
    let git = RealGit::at(repository)?;
    let Ok(limit) = now.checked_sub((i64::from(days) * 24).hours()) else { return Ok(0) };
    let mut removed = 0;
    for snapshot in list(repository)?.iter().filter(|snapshot| snapshot.at < limit) {
        git.run(&["update-ref", "-d", &format!("{UNDO_REFS}{}", snapshot.id)])?;
        removed += 1;
    }
    Ok(removed)
}

/// Brings a snapshot back and tells what was restored. What is there now is
/// put into a snapshot first, so that an undo can be undone.
///
/// # Errors
/// Where git can't restore it; what is there now is in the new snapshot.
pub fn apply(
    repository: &Path,
    snapshot: &Snapshot,
    now: Timestamp,
) -> Result<Vec<String>, GitError> {
    let git = RealGit::at(repository)?;
    let kept = format!("{UNDO_REFS}{}", snapshot.id);
    match &snapshot.kind {
        SnapshotKind::Remote { remote, reference, old, new } => {
            let lease = format!("--force-with-lease={reference}:{new}");
            let update = format!("{old}:{reference}");
            if git.run_openly(&["push", &lease, remote, &update])? {
                return Ok(vec![format!("{reference} of {remote} is {old} again")]);
            }
            Err(GitError::Failed {
                command: "push".to_owned(),
                message: format!(
                    "{reference} of {remote} was not put back; {old} is still kept here"
                ),
            })
        }
        SnapshotKind::Local { work_tree, head, refs, stashes, index } => {
            let git = RealGit::at(work_tree).unwrap_or(git);
            take(work_tree, "saferun.undo", "saferun undo apply", Scope::Untracked, now)?;
            let mut done = restore_refs(&git, refs)?;
            restore_stashes(&git, stashes)?;
            restore_head(&git, head)?;
            git.run(&["read-tree", "--reset", "-u", &format!("{kept}:worktree")])?;
            if *index {
                git.run(&["read-tree", &format!("{kept}:index")])?;
            }
            done.push("files and index".to_owned());
            Ok(done)
        }
    }
}

/// Sets back refs that are gone or that lost commits; one that only grew since
/// stays as it is.
fn restore_refs(git: &RealGit, refs: &BTreeMap<String, String>) -> Result<Vec<String>, GitError> {
    let mut done = Vec::new();
    for (name, id) in refs.iter().filter(|(name, _)| *name != "refs/stash") {
        let now = git.run(&["rev-parse", "-q", "--verify", name]).ok();
        let kept = now.as_deref().is_some_and(|now| {
            now == id || git.run(&["merge-base", "--is-ancestor", id, now]).is_ok()
        });
        if !kept {
            git.run(&["update-ref", "-m", "saferun undo", name, id])?;
            done.push(name.clone());
        }
    }
    Ok(done)
}

/// Brings back the stashes that are gone, in their old order; those made since
/// stay on top. All of them are held by snapshots while the list is made anew.
fn restore_stashes(git: &RealGit, stashes: &[String]) -> Result<(), GitError> {
    let listing = git.run(&["reflog", "show", "--format=%H", "refs/stash"]).unwrap_or_default();
    let present: Vec<&str> = listing.lines().collect();
    let since = present.iter().copied().filter(|stash| !stashes.iter().any(|kept| kept == stash));
    let wanted: Vec<&str> = since.chain(stashes.iter().map(String::as_str)).collect();
    if present == wanted {
        return Ok(());
    }
    git.run(&["stash", "clear"])?;
    for stash in wanted.iter().rev() {
        let subject = git.run(&["log", "-1", "--format=%s", stash])?;
        git.run(&["stash", "store", "-m", &subject, stash])?;
    }
    Ok(())
}

fn restore_head(git: &RealGit, head: &str) -> Result<(), GitError> {
    if head.starts_with("refs/") {
        git.run(&["symbolic-ref", "-m", "saferun undo", "HEAD", head])?;
    } else {
        git.run(&["update-ref", "--no-deref", "-m", "saferun undo", "HEAD", head])?;
    }
    Ok(())
}
