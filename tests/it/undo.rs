//! What a destructive command loses comes back, as it was.

#![expect(clippy::unwrap_used, reason = "a test stops where its stage breaks")]

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use crate::support::sandbox::{Run, SAFERUN, Sandbox, write_file};

/// A repository on a branch of its own, with staged, unstaged, untracked,
/// executable, linked and deleted files.
fn busy() -> Sandbox {
    let sandbox = Sandbox::guarded();
    for name in ["staged", "both", "unstaged", "deleted"] {
        sandbox.write(name, "base\n");
    }
    sandbox.write(".gitignore", "ignored\n");
    sandbox.commit_unguarded("base");
    sandbox.git(&["checkout", "-q", "-b", "work"]).fine();
    sandbox.stage("staged", "new\n");
    sandbox.stage("both", "in the index\n");
    sandbox.write("both", "in the tree\n");
    sandbox.write("unstaged", "new\n");
    fs::remove_file(sandbox.dir.join("deleted")).unwrap();
    sandbox.write("new dir/un\"tracked", "mine\n");
    sandbox.script("tool", "#!/bin/sh\n");
    std::os::unix::fs::symlink("staged", sandbox.dir.join("link")).unwrap();
    sandbox.write("ignored", "ignored\n");
    sandbox
}

/// Everything that an undo must bring back.
fn state(sandbox: &Sandbox) -> String {
    let mut all = String::new();
    for question in [
        &["status", "--porcelain=v1", "-uall"][..],
        &["diff", "--cached"],
        &["diff"],
        &["for-each-ref", "refs/heads", "refs/tags", "refs/stash"],
        &["symbolic-ref", "-q", "HEAD"],
        &["stash", "list"],
    ] {
        all += &sandbox.git(question).out;
    }
    for name in ["new dir/un\"tracked", "tool", "link"] {
        let path = sandbox.dir.join(name);
        let mode = fs::symlink_metadata(&path).map_or(0, |found| found.permissions().mode());
        all += &format!("{name} {mode:o} {:?}\n", fs::read_to_string(&path).ok());
    }
    all
}

fn through_shim(sandbox: &Sandbox, arguments: &[&str]) -> Run {
    sandbox.saferun(&[&["git"], arguments].concat())
}

fn undo(sandbox: &Sandbox) -> Run {
    sandbox.saferun(&["undo", "apply"]).fine()
}

#[test]
fn what_a_command_destroys_comes_back_as_it_was() {
    let ways: &[&[&str]] = &[
        &["reset", "-q", "--hard"],
        &["reset", "-q", "--hard", "HEAD~1"],
        &["clean", "-q", "-fd"],
        &["checkout", "-q", "-f", "--", "."],
        &["restore", "--staged", "--worktree", "."],
        &["checkout", "-q", "-f", "HEAD~1"],
    ];
    for way in ways {
        let sandbox = busy();
        let before = state(&sandbox);
        through_shim(&sandbox, way).fine();
        assert_ne!(before, state(&sandbox), "{way:?} did nothing");
        undo(&sandbox);
        assert_eq!(before, state(&sandbox), "{way:?}");
        assert_eq!(sandbox.read("ignored"), "ignored\n", "{way:?}");
    }
}

#[test]
fn branches_and_stashes_come_back_in_order() {
    let sandbox = busy();
    sandbox.git(&["stash", "push", "-q", "-u", "-m", "first"]).fine();
    sandbox.write("staged", "second\n");
    sandbox.git(&["stash", "push", "-q", "-m", "second"]).fine();
    sandbox.git(&["checkout", "-q", "-b", "lost"]).fine();
    sandbox.write("only here", "x");
    sandbox.commit_unguarded("only on lost");
    sandbox.git(&["checkout", "-q", "work"]).fine();
    for way in [
        &["branch", "-q", "-D", "lost"][..],
        &["stash", "clear"],
        &["stash", "drop", "-q", "stash@{1}"],
        &["stash", "drop", "-q"],
    ] {
        let before = state(&sandbox);
        through_shim(&sandbox, way).fine();
        assert_ne!(before, state(&sandbox), "{way:?} did nothing");
        undo(&sandbox);
        assert_eq!(before, state(&sandbox), "{way:?}");
    }
}

#[test]
fn ignored_files_come_back_where_they_were_deleted() {
    let sandbox = busy();
    let before = state(&sandbox);
    through_shim(&sandbox, &["clean", "-q", "-fdx"]).fine();
    assert!(!sandbox.exists("ignored"));
    undo(&sandbox);
    assert_eq!(sandbox.read("ignored"), "ignored\n");
    assert_eq!(before, state(&sandbox));
}

#[test]
fn an_undo_can_be_undone() {
    let sandbox = busy();
    let before = state(&sandbox);
    through_shim(&sandbox, &["reset", "-q", "--hard"]).fine();
    sandbox.write("later", "made after the reset\n");
    let between = state(&sandbox);
    undo(&sandbox);
    let list = sandbox.saferun(&["undo", "list"]).fine().out;
    let newest = list.lines().next().unwrap();
    assert!(newest.contains("saferun.undo"), "{list}");
    undo(&sandbox);
    assert_eq!(between.contains("?? later"), state(&sandbox).contains("?? later"));
    assert_eq!(sandbox.read("later"), "made after the reset\n");
    assert_eq!(sandbox.read("staged"), "base\n");
    let id = list.lines().nth(1).unwrap().split_whitespace().next().unwrap();
    sandbox.saferun(&["undo", "apply", id]).fine();
    assert_eq!(before.lines().next(), state(&sandbox).lines().next());
}

#[test]
fn nothing_is_lost_where_head_moved_on() {
    let sandbox = busy();
    through_shim(&sandbox, &["reset", "-q", "--hard"]).fine();
    sandbox.write("later", "committed since\n");
    let later = sandbox.commit_unguarded("later");
    undo(&sandbox);
    assert_eq!(sandbox.ask(&["rev-parse", "work"]), later);
    assert_eq!(sandbox.ask(&["show", "work:later"]), "committed since");
    assert_eq!(sandbox.read("unstaged"), "new\n");
    assert_eq!(sandbox.read("new dir/un\"tracked"), "mine\n");
}

#[test]
fn a_linked_worktree_has_snapshots_of_its_own_files() {
    let sandbox = busy();
    let linked = sandbox.root.join("linked");
    sandbox.git(&["worktree", "add", "-q", "-b", "other", linked.to_str().unwrap()]).fine();
    write_file(&linked.join("staged"), b"linked\n", 0o644);
    write_file(&linked.join("fresh"), b"linked\n", 0o644);
    let main = state(&sandbox);
    let run = |arguments: &[&str]| {
        let output =
            sandbox.command(SAFERUN).current_dir(&linked).args(arguments).output().unwrap();
        Run::of(&output).fine()
    };
    run(&["git", "reset", "-q", "--hard"]);
    run(&["git", "clean", "-q", "-fd"]);
    assert!(!linked.join("fresh").exists());
    run(&["undo", "apply"]);
    assert_eq!(fs::read_to_string(linked.join("fresh")).unwrap(), "linked\n");
    assert_eq!(main, state(&sandbox));
}

#[test]
fn a_repository_inside_does_not_keep_the_rest_from_being_kept() {
    let sandbox = busy();
    for (inner, with_commit) in [("a-inner", false), ("b-inner", true)] {
        let inner = sandbox.dir.join(inner);
        fs::create_dir(&inner).unwrap();
        sandbox.git_in(&inner, &["init", "-q"]).fine();
        if with_commit {
            sandbox.git_in(&inner, &["commit", "-q", "--allow-empty", "-m", "x"]).fine();
        }
    }
    through_shim(&sandbox, &["reset", "-q", "--hard"]).fine();
    through_shim(&sandbox, &["clean", "-q", "-fd"]).fine();
    assert!(!sandbox.exists("new dir"));
    undo(&sandbox);
    assert_eq!(sandbox.read("new dir/un\"tracked"), "mine\n");
}

#[test]
fn unusual_states_can_be_kept_and_brought_back() {
    // Nothing committed yet.
    let sandbox = Sandbox::unborn();
    sandbox.stage("a", "a\n");
    sandbox.write("b", "b\n");
    through_shim(&sandbox, &["clean", "-q", "-fd"]).fine();
    undo(&sandbox);
    assert_eq!((sandbox.read("a"), sandbox.read("b")), ("a\n".to_owned(), "b\n".to_owned()));
    assert_eq!(sandbox.ask(&["status", "--porcelain"]), "A  a\n?? b");
    // In the middle of a merge.
    let sandbox = busy();
    sandbox.commit_unguarded("mine");
    sandbox.git(&["checkout", "-q", "-b", "side", "HEAD~1"]).fine();
    sandbox.write("staged", "side\n");
    sandbox.commit_unguarded("side");
    sandbox.git(&["merge", "-q", "work"]).ended(1);
    let conflict = sandbox.read("staged");
    through_shim(&sandbox, &["reset", "-q", "--hard"]).fine();
    undo(&sandbox);
    assert_eq!(sandbox.read("staged"), conflict);
}

#[test]
fn snapshots_leave_nothing_behind_but_their_refs() {
    let sandbox = busy();
    let before = sandbox.ask(&["status", "--porcelain"]);
    through_shim(&sandbox, &["branch", "-q", "-D", "main"]);
    assert_eq!(before, sandbox.ask(&["status", "--porcelain"]));
    let scratch = fs::read_dir(sandbox.dir.join(".git")).unwrap().flatten();
    assert!(
        !scratch
            .map(|entry| entry.file_name())
            .any(|name| name.to_string_lossy().contains("scratch"))
    );
    assert!(!Path::new(&sandbox.dir.join(".git/index.lock")).exists());
}

#[test]
fn an_id_that_is_not_there_is_refused() {
    let sandbox = Sandbox::guarded();
    sandbox.saferun(&["undo", "apply"]).ended(2).saying("nothing to undo");
    sandbox.saferun(&["undo", "apply", "2026"]).ended(2).saying("saferun undo list");
    sandbox.saferun(&["undo", "list"]).fine().saying("nothing to undo");
}
