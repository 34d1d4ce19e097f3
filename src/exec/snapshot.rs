//! Snapshots of what a destructive operation would lose, kept by git's own
//! objects under `refs/saferun/undo/`.
//!
//! A snapshot is a commit. Its tree holds `worktree/` (changed and untracked
//! files) and `index/`; its parents are the commits that refs and stashes
//! point to; its message is one line for people and then JSON.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::scratch::Scratch;
use super::{Checkout, GitError, RealGit};

/// Where snapshots live.
pub(super) const UNDO_REFS: &str = "refs/saferun/undo/";
/// Most tips that become parents of one commit.
const MOST_TIPS: usize = 400;

/// What a snapshot keeps, as its message tells.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Snapshot {
    /// Last part of the ref's name.
    pub id: String,
    /// When it was taken.
    pub at: Timestamp,
    /// Operation that followed.
    pub operation: String,
    /// Command that followed, redacted.
    pub command: String,
    /// What it holds.
    #[serde(flatten)]
    pub kind: SnapshotKind,
}

/// What a snapshot holds.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum SnapshotKind {
    /// Refs, index and files of a work tree.
    Local {
        /// The work tree.
        work_tree: PathBuf,
        /// Its git directory.
        #[serde(default)]
        git_dir: PathBuf,
        /// `refs/heads/…`, or a commit where HEAD is detached.
        head: String,
        /// Every branch, tag and the stash, with its commit.
        refs: BTreeMap<String, String>,
        /// Stashed commits, newest first.
        stashes: Vec<String>,
        /// Whether the index is kept as a tree (one with unmerged entries is
        /// kept as the file it is).
        index: bool,
        /// Whether files and index are kept at all.
        #[serde(default = "yes")]
        files: bool,
    },
    /// A commit that a remote's ref pointed to.
    Remote {
        /// Name or URL of the remote.
        remote: String,
        /// The ref there.
        reference: String,
        /// What it pointed to.
        old: String,
        /// What it points to now; all zeros where it was deleted.
        new: String,
    },
}

fn yes() -> bool {
    true
}

/// How much a snapshot keeps besides refs and stashes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Scope {
    /// Nothing: the files are not touched, neither now nor when it is applied.
    Refs,
    /// The index, and changed and untracked files.
    Untracked,
    /// Ignored files too.
    Ignored,
    /// These ignored files, each path followed by a NUL byte.
    With(Vec<u8>),
}

/// Takes a snapshot of a repository.
///
/// # Errors
/// Where git can't write it; then the operation should not go on.
pub fn take(
    checkout: &Checkout,
    operation: &str,
    command: &str,
    scope: &Scope,
    at: Timestamp,
) -> Result<Snapshot, GitError> {
    let git = RealGit::of(checkout)?;
    let scratch = Scratch::beside(&checkout.git_dir)?;
    let files = checkout.work_tree.is_some() && *scope != Scope::Refs;
    let (mut entries, mut index) = (String::new(), false);
    if files {
        let copy = scratch.copy("index", &checkout.index);
        let tree = copy.and_then(|copy| git.run_with(&["write-tree"], Some(&copy), b"").ok());
        index = tree.is_some();
        match tree {
            Some(tree) => entries.push_str(&format!("040000 tree {tree}\tindex\n")),
            None => entries.push_str(&unmerged(&git, checkout)?),
        }
        let tree = tree_of_files(&git, &scratch, scope)?;
        entries.push_str(&format!("040000 tree {tree}\tworktree\n"));
    }
    let refs = refs(&git)?;
    let stashes = stashes(&git);
    let head =
        git.run(&["symbolic-ref", "-q", "HEAD"]).or_else(|_| git.run(&["rev-parse", "HEAD"]))?;
    let tips = tips(&git, &stashes, operation);
    let work_tree = checkout.work_tree.as_ref().unwrap_or(&checkout.git_dir);
    let snapshot = Snapshot {
        id: new_id(at),
        at,
        operation: operation.to_owned(),
        command: command.to_owned(),
        kind: SnapshotKind::Local {
            work_tree: work_tree.to_string_lossy().into_owned().into(),
            git_dir: checkout.git_dir.to_string_lossy().into_owned().into(),
            head,
            index,
            files,
            stashes,
            refs,
        },
    };
    let tree = git.run_with(&["mktree"], None, entries.as_bytes())?;
    write(&git, &snapshot, &tree, tips)?;
    Ok(snapshot)
}

/// An index with unmerged entries makes no tree: it is kept as it is, with the
/// objects that it names.
fn unmerged(git: &RealGit, checkout: &Checkout) -> Result<String, GitError> {
    if !checkout.index.exists() {
        return Ok(String::new());
    }
    let path = checkout.index.to_string_lossy();
    let blob = git.run(&["hash-object", "-w", "--no-filters", "--", &path])?;
    let listing = git.bytes(&["ls-files", "--stage", "-z"], None, b"")?;
    let mut objects = BTreeSet::new();
    for entry in listing.split(|byte| *byte == 0) {
        let text = String::from_utf8_lossy(entry);
        let mut words = text.split([' ', '\t']);
        if let (Some("100644" | "100755" | "120000"), Some(id)) = (words.next(), words.next()) {
            objects.insert(id.to_owned());
        }
    }
    let lines: String = objects.iter().map(|id| format!("100644 blob {id}\t{id}\n")).collect();
    let tree = git.run_with(&["mktree"], None, lines.as_bytes())?;
    Ok(format!("100644 blob {blob}\tindex-file\n040000 tree {tree}\tindex-objects\n"))
}

/// Every commit that a ref, a stash or a reflog leads to and that the operation
/// may cut off.
fn tips(git: &RealGit, stashes: &[String], operation: &str) -> Vec<String> {
    let from_reflogs = ["rev-list", "--no-walk", "--ignore-missing", "--reflog"];
    let from_head = ["rev-parse", "-q", "--verify", "HEAD^{commit}"];
    let forgets = matches!(operation, "git.reflog.expire" | "git.gc.prune");
    let listing =
        if forgets { git.run(&from_reflogs) } else { git.run(&from_head) }.unwrap_or_default();
    let format = "--format=%(if)%(*objectname)%(then)%(*objecttype) %(*objectname)\
                  %(else)%(objecttype) %(objectname)%(end)";
    let refs = git.run(&["for-each-ref", format, "refs/heads", "refs/tags"]).unwrap_or_default();
    let commits = refs.lines().filter_map(|line| line.strip_prefix("commit "));
    let mut seen = BTreeSet::new();
    let all = listing.lines().map(str::to_owned).chain(stashes.iter().cloned());
    all.chain(commits.map(str::to_owned)).filter(|tip| seen.insert(tip.clone())).collect()
}

/// Keeps the commit that a remote's ref pointed to before it is overwritten or
/// deleted. The commit is fetched where it isn't here yet.
///
/// # Errors
/// Where the commit can't be had.
pub fn keep_remote(
    repository: &Path,
    operation: &str,
    kind: SnapshotKind,
    at: Timestamp,
) -> Result<Snapshot, GitError> {
    let git = RealGit::at(repository)?;
    let snapshot = Snapshot {
        id: new_id(at),
        at,
        operation: operation.to_owned(),
        command: String::new(),
        kind,
    };
    let SnapshotKind::Remote { remote, reference, old, .. } = &snapshot.kind else {
        return Ok(snapshot);
    };
    if git.run(&["cat-file", "-e", old]).is_err() {
        git.run(&[
            "fetch",
            "--quiet",
            "--no-tags",
            "--no-write-fetch-head",
            "--",
            remote,
            reference,
        ])?;
    }
    let tree = git.run_with(&["mktree"], None, b"")?;
    let commit = git.run(&["rev-parse", "-q", "--verify", &format!("{old}^{{commit}}")])?;
    write(&git, &snapshot, &tree, vec![commit])?;
    Ok(snapshot)
}

fn write(
    git: &RealGit,
    snapshot: &Snapshot,
    tree: &str,
    mut tips: Vec<String>,
) -> Result<(), GitError> {
    while tips.len() > MOST_TIPS {
        let rest = tips.split_off(MOST_TIPS);
        let bundle = commit(git, tree, &tips, "saferun: commits kept\n")?;
        tips = rest;
        tips.push(bundle);
    }
    let details = serde_json::to_string(snapshot).unwrap_or_default();
    let message = format!("saferun: before {}\n\n{details}\n", snapshot.operation);
    let commit = commit(git, tree, &tips, &message)?;
    git.run(&["update-ref", &format!("{UNDO_REFS}{}", snapshot.id), &commit])?;
    Ok(())
}

fn commit(git: &RealGit, tree: &str, tips: &[String], message: &str) -> Result<String, GitError> {
    let mut arguments = vec![
        "-c",
        "user.name=saferun",
        "-c",
        "user.email=saferun@localhost",
        "-c",
        "commit.gpgSign=false",
        "commit-tree",
        tree,
        "-F",
        "-",
    ];
    for tip in tips {
        arguments.extend(["-p", tip]);
    }
    git.run_with(&arguments, None, message.as_bytes())
}

fn tree_of_files(git: &RealGit, scratch: &Scratch, scope: &Scope) -> Result<String, GitError> {
    let index = scratch.path("files-index");
    scratch.copy("files-index", &scratch.path("index"));
    let mut arguments = vec!["add", "--all", "--ignore-errors"];
    if *scope == Scope::Ignored {
        arguments.push("--force");
    }
    arguments.extend(["--", ":/"]);
    // Files that can't be read are left out; the rest is kept all the same.
    let _ = git.run_with(&arguments, Some(&index), b"");
    if let Scope::With(paths) = scope {
        let named = ["--pathspec-from-file=-", "--pathspec-file-nul"];
        let mut arguments = vec!["--literal-pathspecs", "add", "--force", "--ignore-errors"];
        arguments.extend(named);
        let _ = git.run_with(&arguments, Some(&index), paths);
    }
    git.run_with(&["write-tree"], Some(&index), b"")
}

fn refs(git: &RealGit) -> Result<BTreeMap<String, String>, GitError> {
    let listing = git.run(&[
        "for-each-ref",
        "--format=%(refname) %(objectname)",
        "refs/heads",
        "refs/tags",
        "refs/stash",
    ])?;
    let pairs = listing.lines().filter_map(|line| line.split_once(' '));
    Ok(pairs.map(|(name, id)| (name.to_owned(), id.to_owned())).collect())
}

fn stashes(git: &RealGit) -> Vec<String> {
    let listing = git.run(&["reflog", "show", "--format=%H", "refs/stash"]).unwrap_or_default();
    listing.lines().map(str::to_owned).collect()
}

/// Sortable by time, and unique.
fn new_id(at: Timestamp) -> String {
    let mut bytes = [0u8; 2];
    // Two snapshots within a millisecond are rare; without randomness the later wins.
    let _ = getrandom::fill(&mut bytes);
    let [a, b] = bytes;
    format!("{}-{a:02x}{b:02x}", at.strftime("%Y%m%d-%H%M%S-%3f"))
}
