//! Snapshots of what a destructive operation would lose, kept by git's own
//! objects under `refs/saferun/undo/`.
//!
//! A snapshot is a commit. Its tree holds `worktree/` (changed and untracked
//! files) and `index/`; its parents are the commits that refs and stashes
//! point to; its message is one line for people and then JSON.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{GitError, RealGit};

/// Where snapshots live.
pub(super) const UNDO_REFS: &str = "refs/saferun/undo/";
/// Most tips that become parents of one snapshot.
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
        /// `refs/heads/…`, or a commit where HEAD is detached.
        head: String,
        /// Every branch, tag and the stash, with its commit.
        refs: BTreeMap<String, String>,
        /// Stashed commits, newest first.
        stashes: Vec<String>,
        /// Whether the index could be kept (it can't with unmerged entries).
        index: bool,
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

/// How much of the work tree a snapshot keeps.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// Changed and untracked files.
    Untracked,
    /// Ignored files too.
    Ignored,
}

/// Takes a snapshot of the repository whose work tree is `work_tree`.
///
/// # Errors
/// Where git can't write it; then the operation should not go on.
pub fn take(
    work_tree: &Path,
    operation: &str,
    command: &str,
    scope: Scope,
    at: Timestamp,
) -> Result<Snapshot, GitError> {
    let git = RealGit::at(work_tree)?;
    let git_dir = PathBuf::from(git.run(&["rev-parse", "--absolute-git-dir"])?);
    let scratch = Scratch::beside(&git_dir)?;
    let index_tree = scratch
        .copy_index(&git_dir)
        .and_then(|index| git.run_with(&["write-tree"], Some(&index), b"").ok());
    let files_tree = tree_of_files(&git, &scratch, scope)?;
    let refs = refs(&git)?;
    let stashes = stashes(&git);
    let head =
        git.run(&["symbolic-ref", "-q", "HEAD"]).or_else(|_| git.run(&["rev-parse", "HEAD"]))?;
    let snapshot = Snapshot {
        id: new_id(at),
        at,
        operation: operation.to_owned(),
        command: command.to_owned(),
        kind: SnapshotKind::Local {
            work_tree: work_tree.to_owned(),
            head,
            index: index_tree.is_some(),
            stashes: stashes.clone(),
            refs: refs.clone(),
        },
    };
    let mut entries = format!("040000 tree {files_tree}\tworktree\n");
    if let Some(tree) = index_tree {
        entries = format!("040000 tree {tree}\tindex\n{entries}");
    }
    let tree = git.run_with(&["mktree"], None, entries.as_bytes())?;
    let mut tips: Vec<String> =
        git.run(&["rev-parse", "-q", "--verify", "HEAD^{commit}"]).into_iter().collect();
    tips.extend(stashes);
    tips.extend(
        refs.into_iter().filter(|(name, _)| name.starts_with("refs/heads/")).map(|(_, id)| id),
    );
    write(&git, &snapshot, &tree, tips)?;
    Ok(snapshot)
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
    tips.sort();
    tips.dedup();
    tips.truncate(MOST_TIPS);
    let details = serde_json::to_string(snapshot).unwrap_or_default();
    let message = format!("saferun: before {}\n\n{details}\n", snapshot.operation);
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
    for tip in &tips {
        arguments.extend(["-p", tip]);
    }
    let commit = git.run_with(&arguments, None, message.as_bytes())?;
    git.run(&["update-ref", &format!("{UNDO_REFS}{}", snapshot.id), &commit])?;
    Ok(())
}

fn tree_of_files(git: &RealGit, scratch: &Scratch, scope: Scope) -> Result<String, GitError> {
    let index = scratch.path("files-index");
    let mut arguments = vec!["add", "--all", "--ignore-errors"];
    if scope == Scope::Ignored {
        arguments.push("--force");
    }
    arguments.extend(["--", ":/"]);
    if let Some(copy) = scratch.copied_index() {
        let _ = fs::copy(copy, &index);
    }
    // Files that can't be read are left out; the rest is kept all the same.
    let _ = git.run_with(&arguments, Some(&index), b"");
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

/// A directory for index files, removed when dropped.
struct Scratch {
    dir: PathBuf,
}

impl Scratch {
    fn beside(git_dir: &Path) -> Result<Self, GitError> {
        let dir = git_dir.join(format!("saferun-scratch-{}", std::process::id()));
        fs::create_dir_all(&dir)
            .map_err(|source| GitError::Io { command: "add".to_owned(), source })?;
        Ok(Self { dir })
    }

    fn path(&self, name: &str) -> PathBuf {
        self.dir.join(name)
    }

    fn copy_index(&self, git_dir: &Path) -> Option<PathBuf> {
        let copy = self.path("index");
        fs::copy(git_dir.join("index"), &copy).ok()?;
        Some(copy)
    }

    fn copied_index(&self) -> Option<PathBuf> {
        Some(self.path("index")).filter(|path| path.exists())
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.dir);
    }
}
