//! Hooks that were there keep running first and come back as they were.

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;

use crate::support::sandbox::{Picture, Run, Sandbox, picture, same, write_file};

/// A shell hook that notes its name, arguments and standard input.
const NOTING: &str = "#!/bin/sh\n{ echo \"name=$0\"; echo \"args=$*\"; cat; } >>\"$HOME/noted\"\n";

fn noted(sandbox: &Sandbox) -> String {
    fs::read_to_string(sandbox.root.join("home/noted")).unwrap_or_default()
}

/// Everything that git and a person see of the hooks.
fn hooks_of(sandbox: &Sandbox) -> Picture {
    let mut found = picture(&sandbox.dir.join(".git/hooks"));
    found.push(("config".into(), 0, sandbox.read(".git/config").into_bytes()));
    found
}

fn commit_something(sandbox: &Sandbox, name: &str) -> Run {
    sandbox.stage(name, format!("{name}\n"));
    sandbox.commit(name)
}

#[test]
fn a_hook_of_ones_own_runs_first_and_comes_back_byte_for_byte() {
    let sandbox = Sandbox::plain();
    write_file(&sandbox.dir.join(".git/hooks/pre-commit"), NOTING.as_bytes(), 0o700);
    let before = hooks_of(&sandbox);
    sandbox.saferun(&["init"]).fine();
    commit_something(&sandbox, "a").fine();
    assert_eq!(
        noted(&sandbox),
        "name=.git/hooks/pre-commit\nargs=\n"
            .replace(".git", &format!("{}/.git", sandbox.dir.display()))
    );
    sandbox.by_person(&["uninstall"]).fine();
    same(&before, &hooks_of(&sandbox));
    commit_something(&sandbox, "b").fine();
    assert!(
        noted(&sandbox).ends_with("name=.git/hooks/pre-commit\nargs=\n"),
        "{}",
        noted(&sandbox)
    );
}

#[test]
fn an_earlier_push_hook_gets_the_same_arguments_and_input() {
    let sandbox = Sandbox::plain();
    let remote = sandbox.with_remote();
    sandbox.script(".git/hooks/pre-push", NOTING);
    sandbox.git(&["push", "-q", "origin", "HEAD:refs/heads/one"]).fine();
    let alone = noted(&sandbox);
    fs::remove_file(sandbox.root.join("home/noted")).unwrap();
    sandbox.saferun(&["init"]).fine();
    sandbox.git(&["push", "-q", "origin", "HEAD:refs/heads/two"]).fine();
    let tail = |text: &str| text.split_once('\n').unwrap().1.to_owned();
    assert_eq!(tail(&noted(&sandbox)), tail(&alone).replace("heads/one", "heads/two"));
    assert!(alone.contains(remote.to_str().unwrap()));
}

#[test]
fn the_earlier_hook_stops_the_commit_with_its_own_status() {
    let sandbox = Sandbox::plain();
    sandbox.script(".git/hooks/pre-commit", "#!/bin/sh\necho 'lint failed' >&2\nexit 7\n");
    sandbox.saferun(&["init"]).fine();
    commit_something(&sandbox, "a").ended(1).saying("lint failed");
    sandbox.saferun(&["hook", "pre-commit"]).ended(7);
    assert_eq!(sandbox.commits(), 1);
}

/// Kinds of hooks that exist: how they are written, and what they must note.
#[test]
fn hooks_of_every_kind_keep_working() {
    let python = "#!/usr/bin/env python3\nimport os, sys\nopen(os.environ['HOME'] + '/noted', 'a')\
        .write(os.path.basename(sys.argv[0]) + '\\n')\n";
    let manager = "#!/usr/bin/env bash\n# lefthook-like: finds its files by its own name\n\
        here=\"$(cd \"$(dirname \"$0\")\" && pwd)\"\n. \"$here/helper\"\nnote \"$(basename \"$0\")\"\n";
    let set = "#!/bin/bash -e\nset -u\necho \"$(basename \"$0\")\" >>\"$HOME/noted\"\n";
    let bare = "echo pre-commit >>\"$HOME/noted\"\n";
    for (kind, text) in
        [("python", python), ("manager", manager), ("options", set), ("no first line", bare)]
    {
        let sandbox = Sandbox::plain();
        sandbox.script(".git/hooks/pre-commit", text);
        sandbox.write(".git/hooks/helper", "note() { echo \"$1\" >>\"$HOME/noted\"; }\n");
        let before = hooks_of(&sandbox);
        sandbox.saferun(&["init"]).fine();
        commit_something(&sandbox, "a").fine();
        assert_eq!(noted(&sandbox), "pre-commit\n", "{kind}");
        sandbox.by_person(&["uninstall"]).fine();
        same(&before, &hooks_of(&sandbox));
    }
}

#[test]
fn a_binary_hook_keeps_working() {
    let sandbox = Sandbox::plain();
    fs::copy("/bin/false", sandbox.dir.join(".git/hooks/pre-commit")).unwrap();
    sandbox.saferun(&["init"]).fine();
    commit_something(&sandbox, "a").ended(1);
    sandbox.by_person(&["uninstall"]).fine();
    assert_eq!(
        fs::read("/bin/false").unwrap(),
        fs::read(sandbox.dir.join(".git/hooks/pre-commit")).unwrap()
    );
}

#[test]
fn a_hook_without_executable_bit_stays_asleep_and_comes_back_so() {
    let sandbox = Sandbox::plain();
    sandbox.write(".git/hooks/pre-commit", "#!/bin/sh\nexit 1\n");
    let before = hooks_of(&sandbox);
    sandbox.saferun(&["init"]).fine();
    commit_something(&sandbox, "a").fine();
    sandbox.by_person(&["uninstall"]).fine();
    same(&before, &hooks_of(&sandbox));
}

#[test]
fn a_linked_hook_runs_and_comes_back_as_the_link_it_was() {
    for target in ["../../tools/check", "check.sh"] {
        let sandbox = Sandbox::plain();
        let hook = sandbox.dir.join(".git/hooks/pre-commit");
        sandbox.script("tools/check", NOTING);
        sandbox.script(".git/hooks/check.sh", NOTING);
        symlink(target, &hook).unwrap();
        let before = hooks_of(&sandbox);
        sandbox.saferun(&["init"]).fine();
        commit_something(&sandbox, "a").fine();
        assert!(noted(&sandbox).contains("pre-commit\n"), "{target}: `{}`", noted(&sandbox));
        sandbox.by_person(&["uninstall"]).fine();
        same(&before, &hooks_of(&sandbox));
        assert_eq!(fs::read_link(&hook).unwrap(), Path::new(target));
    }
}

#[test]
fn a_link_to_nowhere_comes_back() {
    let sandbox = Sandbox::plain();
    symlink("gone", sandbox.dir.join(".git/hooks/pre-commit")).unwrap();
    let before = hooks_of(&sandbox);
    sandbox.saferun(&["init"]).fine();
    commit_something(&sandbox, "a").fine();
    sandbox.by_person(&["uninstall"]).fine();
    same(&before, &hooks_of(&sandbox));
}

#[test]
fn a_tracked_hooks_directory_is_not_touched_and_runs_first() {
    let sandbox = Sandbox::plain();
    sandbox.script(".githooks/pre-commit", NOTING);
    sandbox.script(
        ".githooks/commit-msg",
        "#!/bin/sh\necho \"message=$(head -1 \"$1\")\" >>\"$HOME/noted\"\n",
    );
    sandbox.git(&["config", "core.hooksPath", ".githooks"]).fine();
    let tracked = picture(&sandbox.dir.join(".githooks"));
    let before = hooks_of(&sandbox);
    sandbox.saferun(&["init"]).fine();
    same(&tracked, &picture(&sandbox.dir.join(".githooks")));
    commit_something(&sandbox, "a").fine();
    let text = noted(&sandbox);
    assert!(text.contains(".githooks/pre-commit\n") && text.ends_with("message=a\n"), "{text}");
    assert_eq!(sandbox.decided().first().map(String::as_str), Some("git.commit"));
    sandbox.saferun(&["init"]).fine().saying("nothing to do");
    sandbox.by_person(&["uninstall"]).fine();
    same(&before, &hooks_of(&sandbox));
}

#[test]
fn a_hooks_directory_above_is_restored_to_unset() {
    let sandbox = Sandbox::plain();
    let everywhere = sandbox.root.join("everywhere");
    write_file(&everywhere.join("pre-commit"), b"#!/bin/sh\nexit 9\n", 0o755);
    sandbox.git(&["config", "--global", "core.hooksPath", everywhere.to_str().unwrap()]).fine();
    let before = hooks_of(&sandbox);
    sandbox.saferun(&["init"]).fine();
    sandbox.saferun(&["hook", "pre-commit"]).ended(9);
    fs::remove_file(everywhere.join("pre-commit")).unwrap();
    commit_something(&sandbox, "a").fine();
    sandbox.by_person(&["uninstall"]).fine();
    same(&before, &hooks_of(&sandbox));
    assert_eq!(sandbox.ask(&["config", "core.hooksPath"]), everywhere.to_str().unwrap());
    assert_eq!(sandbox.git(&["config", "--local", "core.hooksPath"]).code, 1);
}

#[test]
fn husky_keeps_finding_its_files() {
    let sandbox = Sandbox::plain();
    // What husky 9 writes: every hook sources `h`, which finds the project's
    // script two directories up by its own name.
    sandbox.write(
        ".husky/_/h",
        "#!/usr/bin/env sh\nn=$(basename \"$0\")\ns=$(dirname \"$(dirname \"$0\")\")/$n\n[ ! -f \"$s\" ] && exit 0\nsh -e \"$s\" \"$@\"\n",
    );
    for hook in ["pre-commit", "pre-push", "commit-msg"] {
        sandbox.script(&format!(".husky/_/{hook}"), "#!/usr/bin/env sh\n. \"$(dirname \"$0\")/h\"");
    }
    sandbox.write(".husky/pre-commit", "echo husky-commit >>\"$HOME/noted\"\n");
    sandbox.write(".husky/commit-msg", "echo husky-message >>\"$HOME/noted\"\n");
    sandbox.git(&["config", "core.hooksPath", ".husky/_"]).fine();
    sandbox.saferun(&["init"]).fine();
    commit_something(&sandbox, "a").fine();
    assert_eq!(noted(&sandbox), "husky-commit\nhusky-message\n");
    sandbox.by_person(&["uninstall"]).fine();
    assert_eq!(sandbox.ask(&["config", "core.hooksPath"]), ".husky/_");
}

#[test]
fn a_hook_that_comes_later_into_a_tracked_directory_runs_too() {
    let sandbox = Sandbox::plain();
    sandbox.script(".githooks/pre-commit", "#!/bin/sh\n");
    sandbox.git(&["config", "core.hooksPath", ".githooks"]).fine();
    sandbox.saferun(&["init"]).fine();
    sandbox.script(".githooks/commit-msg", "#!/bin/sh\necho later >>\"$HOME/noted\"\n");
    commit_something(&sandbox, "a").fine();
    assert_eq!(noted(&sandbox), "later\n");
}

#[test]
fn a_linked_worktree_runs_its_own_version_of_a_tracked_hook() {
    let sandbox = Sandbox::plain();
    sandbox.script(".githooks/pre-commit", "#!/bin/sh\necho main >>\"$HOME/noted\"\n");
    sandbox.git(&["config", "core.hooksPath", ".githooks"]).fine();
    sandbox.saferun(&["init"]).fine();
    sandbox.commit_unguarded("hooks");
    let linked = sandbox.root.join("linked");
    sandbox.git(&["worktree", "add", "-q", linked.to_str().unwrap()]).fine();
    write_file(
        &linked.join(".githooks/pre-commit"),
        b"#!/bin/sh\necho linked >>\"$HOME/noted\"\n",
        0o755,
    );
    sandbox.git_in(&linked, &["commit", "-q", "--allow-empty", "-m", "x"]).fine();
    assert_eq!(noted(&sandbox), "linked\n");
}

#[test]
fn a_hook_manager_installed_on_top_does_not_run_in_circles() {
    let sandbox = Sandbox::plain();
    sandbox.script(".git/hooks/pre-commit", "#!/bin/sh\necho first >>\"$HOME/noted\"\n");
    sandbox.saferun(&["init"]).fine();
    // As pre-commit does: the hook that is there becomes `.legacy` and is run.
    let hooks = sandbox.dir.join(".git/hooks");
    fs::rename(hooks.join("pre-commit"), hooks.join("pre-commit.legacy")).unwrap();
    let manager = "#!/bin/sh\n[ \"$(wc -l <\"$HOME/noted\")\" -gt 9 ] && exit 1\necho manager >>\"$HOME/noted\"\nexec \"$(dirname \"$0\")/pre-commit.legacy\" \"$@\"\n";
    sandbox.script(".git/hooks/pre-commit", manager);
    sandbox.saferun(&["doctor"]).ended(1).saying("replaced it");
    sandbox.saferun(&["init"]).fine();
    sandbox.write("../home/noted", "");
    commit_something(&sandbox, "a").fine();
    assert!(noted(&sandbox).starts_with("manager\n"), "{}", noted(&sandbox));
    sandbox.by_person(&["uninstall"]).fine();
    assert_eq!(sandbox.read(".git/hooks/pre-commit"), manager);
    let kept = picture(&sandbox.dir.join(".git"));
    assert!(
        kept.iter().any(|(_, _, content)| content.ends_with(b"echo first >>\"$HOME/noted\"\n")),
        "the first hook is lost"
    );
}

#[test]
fn the_permissions_of_an_odd_hook_come_back() {
    for mode in [0o755, 0o700, 0o744, 0o555, 0o644] {
        let sandbox = Sandbox::plain();
        let path = sandbox.dir.join(".git/hooks/pre-push");
        write_file(&path, b"#!/bin/sh\n\xff\x00binary\r\n", mode);
        sandbox.saferun(&["init"]).fine();
        sandbox.by_person(&["uninstall"]).fine();
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, mode);
        assert_eq!(fs::read(&path).unwrap(), b"#!/bin/sh\n\xff\x00binary\r\n");
    }
}
