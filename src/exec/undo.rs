//! Bringing back what a snapshot holds.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use jiff::{Timestamp, ToSpan};

use super::snapshot::UNDO_REFS;
use super::{Checkout, GitError, RealGit, Scope, Snapshot, SnapshotKind, take};

/// Operation whose undo brings back a whole work tree.
const WORKTREE_REMOVED: &str = "git.worktree.remove";
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
        SnapshotKind::Local { .. } => apply_local(repository, snapshot, &kept, now),
    }
}

fn apply_local(
    repository: &Path,
    snapshot: &Snapshot,
    kept: &str,
    now: Timestamp,
) -> Result<Vec<String>, GitError> {
    let SnapshotKind::Local { work_tree, git_dir, head, refs, stashes, index, files } =
        &snapshot.kind
    else {
        return Ok(Vec::new());
    };
    let mut done = Vec::new();
    let here = checkout(repository)?;
    let place = if *files && snapshot.operation == WORKTREE_REMOVED && !work_tree.exists() {
        add_work_tree(&here, work_tree, head)?;
        done.push(format!("the work tree {}", work_tree.display()));
        checkout(work_tree)?
    } else if *files && work_tree.is_dir() && git_dir.is_dir() {
        Checkout {
            git_dir: git_dir.clone(),
            work_tree: Some(work_tree.clone()),
            index: git_dir.join("index"),
        }
    } else {
        here
    };
    let git = RealGit::of(&place)?;
    let scope = if *files { in_the_way(&git, kept)? } else { Scope::Refs };
    unlocked(&place, *files)?;
    take(&place, "saferun.undo", "saferun undo apply", &scope, now)?;
    done.extend(restore_refs(&git, refs)?);
    done.extend(restore_stashes(&git, stashes)?);
    if *files {
        restore_head(&git, head)?;
        git.run(&["read-tree", "--reset", "-u", &format!("{kept}:worktree")])?;
        restore_index(&git, &place, kept, *index)?;
        done.push("files and index".to_owned());
    }
    Ok(done)
}

fn checkout(dir: &Path) -> Result<Checkout, GitError> {
    Checkout::at(dir)?.ok_or_else(|| GitError::Failed {
        command: "rev-parse".to_owned(),
        message: format!("{} is not in a repository any more", dir.display()),
    })
}

/// git would find out after the refs were set back.
fn unlocked(place: &Checkout, files: bool) -> Result<(), GitError> {
    let lock = place.index.with_extension("lock");
    if files && lock.exists() {
        return Err(GitError::Failed {
            command: "read-tree".to_owned(),
            message: format!("{} is there: another git is at work, or crashed", lock.display()),
        });
    }
    Ok(())
}

/// The work tree that was removed, on its branch again if that is free.
fn add_work_tree(here: &Checkout, path: &Path, head: &str) -> Result<(), GitError> {
    let git = RealGit::of(here)?;
    let path = path.to_string_lossy();
    let add = |what: &[&str]| {
        let mut arguments = vec!["worktree", "add", "--force", "--no-checkout"];
        arguments.extend(what);
        git.run(&arguments)
    };
    let branch = head.strip_prefix("refs/heads/");
    branch.map_or_else(|| add(&["--detach", &path, head]), |name| add(&[&path, name])).map(drop)
}

/// The ignored files that the snapshot's files would overwrite or replace.
fn in_the_way(git: &RealGit, kept: &str) -> Result<Scope, GitError> {
    let tree = format!("{kept}:worktree");
    let coming =
        git.bytes(&["ls-tree", "-r", "-z", "--name-only", "--full-tree", &tree], None, b"")?;
    let coming: BTreeSet<&[u8]> = paths(&coming).collect();
    let listing = ["ls-files", "-z", "--others", "--ignored", "--exclude-standard"];
    let there = git.bytes(&listing, None, b"")?;
    let mut found = Vec::new();
    for path in paths(&there).filter(|path| is_hit(path, &coming)) {
        found.extend_from_slice(path);
        found.push(0);
    }
    Ok(if found.is_empty() { Scope::Untracked } else { Scope::With(found) })
}

fn paths(listing: &[u8]) -> impl Iterator<Item = &[u8]> {
    listing.split(|byte| *byte == 0).filter(|path| !path.is_empty())
}

/// Whether a file at `path` gives way to one of `coming`: to one of the same
/// name, to a file where its directory is, or to a directory in its place.
fn is_hit(path: &[u8], coming: &BTreeSet<&[u8]>) -> bool {
    let slashes = path.iter().enumerate().filter(|(_, byte)| **byte == b'/').map(|(at, _)| at);
    let mut directories = slashes.filter_map(|at| path.get(..at));
    let below = [path, b"/"].concat();
    coming.contains(path)
        || directories.any(|directory| coming.contains(directory))
        || coming.range(below.as_slice()..).next().is_some_and(|next| next.starts_with(&below))
}

/// Puts the index back, as a tree or as the file it was.
fn restore_index(git: &RealGit, place: &Checkout, kept: &str, tree: bool) -> Result<(), GitError> {
    if tree {
        git.run(&["read-tree", &format!("{kept}:index")])?;
    } else if let Ok(bytes) =
        git.bytes(&["cat-file", "blob", &format!("{kept}:index-file")], None, b"")
    {
        fs::write(&place.index, bytes)
            .map_err(|source| GitError::Io { command: "read-tree".to_owned(), source })?;
    } else {
        git.run(&["read-tree", "--empty"])?;
    }
    // It exits with 1 where files differ from the index, as they may.
    let _ = git.run(&["update-index", "-q", "--refresh"]);
    Ok(())
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
fn restore_stashes(git: &RealGit, stashes: &[String]) -> Result<Vec<String>, GitError> {
    let listing = git.run(&["reflog", "show", "--format=%H", "refs/stash"]).unwrap_or_default();
    let present: Vec<&str> = listing.lines().collect();
    let since = present.iter().copied().filter(|stash| !stashes.iter().any(|kept| kept == stash));
    let wanted: Vec<&str> = since.chain(stashes.iter().map(String::as_str)).collect();
    let mut done = Vec::new();
    if present == wanted {
        return Ok(done);
    }
    git.run(&["stash", "clear"])?;
    for stash in wanted.iter().rev() {
        let subject = git.run(&["log", "-1", "--format=%s", stash])?;
        git.run(&["stash", "store", "-m", &subject, stash])?;
        if !present.contains(stash) {
            done.push(format!("the stash {subject}"));
        }
    }
    Ok(done)
}

fn restore_head(git: &RealGit, head: &str) -> Result<(), GitError> {
    if head.starts_with("refs/") {
        git.run(&["symbolic-ref", "-m", "saferun undo", "HEAD", head])?;
    } else {
        git.run(&["update-ref", "--no-deref", "-m", "saferun undo", "HEAD", head])?;
    }
    Ok(())
}
