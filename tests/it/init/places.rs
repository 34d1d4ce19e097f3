//! Repositories of every shape, and paths of every kind.

use std::fs;

use crate::support::sandbox::{Run, SAFERUN, Sandbox, write_file};

const WORKFLOW: &str = ".github/workflows/ci.yml";

/// Stages a workflow edit in `dir` and commits it as an agent: the hook must
/// stop it.
fn workflow_is_stopped(sandbox: &Sandbox, dir: &std::path::Path) -> Run {
    write_file(&dir.join(WORKFLOW), b"on: push\n", 0o644);
    sandbox.git_in(dir, &["add", "-A"]).fine();
    sandbox.git_in(dir, &["commit", "-q", "-m", "ci"]).ended(1).saying("git.workflow.update")
}

#[test]
fn linked_worktrees_and_the_main_one_share_the_hook() {
    for from_linked in [false, true] {
        let sandbox = Sandbox::plain();
        let linked = sandbox.root.join("linked");
        sandbox.git(&["worktree", "add", "-q", linked.to_str().unwrap()]).fine();
        let here = if from_linked { &linked } else { &sandbox.dir };
        let run = sandbox.command(SAFERUN).current_dir(here).arg("init").output().unwrap();
        assert_eq!(run.status.code(), Some(0));
        workflow_is_stopped(&sandbox, &linked);
        workflow_is_stopped(&sandbox, &sandbox.dir);
        let doctor =
            sandbox.command(SAFERUN).current_dir(&linked).args(["doctor"]).output().unwrap();
        Run::of(&doctor).fine();
    }
}

#[test]
fn a_submodule_has_hooks_of_its_own() {
    let sandbox = Sandbox::plain();
    let library = sandbox.root.join("library");
    sandbox.git_in(&sandbox.root, &["clone", "-q", "repo", "library"]).fine();
    sandbox.git(&["submodule", "--quiet", "add", library.to_str().unwrap(), "sub"]).fine();
    let sub = sandbox.dir.join("sub");
    let run = sandbox.command(SAFERUN).current_dir(&sub).arg("init").output().unwrap();
    Run::of(&run).fine();
    workflow_is_stopped(&sandbox, &sub);
    assert!(sandbox.exists(".git/modules/sub/hooks/pre-commit"));
    assert!(!sandbox.exists(".git/hooks/pre-commit"));
}

#[test]
fn odd_paths_of_the_repository_work() {
    for name in [
        "with space",
        "it's",
        "quo\"te",
        "new\nline",
        "dollar$HOME`id`",
        "back\\slash",
        "-dash",
        "percent%s",
    ] {
        let sandbox = Sandbox::empty(name);
        sandbox.git(&["init", "-q"]).fine();
        sandbox.saferun(&["init"]).fine();
        sandbox.saferun(&["doctor"]).fine();
        workflow_is_stopped(&sandbox, &sandbox.dir);
        sandbox.by_person(&["uninstall"]).fine();
        sandbox.commit("ci").fine();
    }
}

#[test]
fn odd_paths_of_a_tracked_hooks_directory_work() {
    for name in ["with space", "it's", "quo\"te", "dollar$HOME"] {
        let sandbox = Sandbox::empty(name);
        sandbox.git(&["init", "-q"]).fine();
        sandbox.script("my hooks/commit-msg", "#!/bin/sh\necho ran >>\"$HOME/noted\"\n");
        sandbox.git(&["config", "core.hooksPath", "my hooks"]).fine();
        sandbox.saferun(&["init"]).fine();
        sandbox.git(&["commit", "-q", "--allow-empty", "-m", "x"]).fine();
        assert_eq!(fs::read_to_string(sandbox.root.join("home/noted")).unwrap(), "ran\n");
        workflow_is_stopped(&sandbox, &sandbox.dir);
    }
}

#[test]
fn odd_paths_of_the_program_work_and_a_missing_one_blocks() {
    for name in ["with space", "it's", "quo\"te", "new\nline", "dollar$HOME`id`", "back\\slash\\n"]
    {
        let sandbox = Sandbox::plain();
        let program = sandbox.root.join(name).join("saferun");
        fs::create_dir_all(program.parent().unwrap()).unwrap();
        fs::hard_link(SAFERUN, &program)
            .or_else(|_| fs::copy(SAFERUN, &program).map(drop))
            .unwrap();
        sandbox.run(program.to_str().unwrap(), &["init"]).fine();
        workflow_is_stopped(&sandbox, &sandbox.dir);
        fs::remove_file(&program).unwrap();
        let run = sandbox.git(&["commit", "-q", "--allow-empty", "-m", "x"]).ended(1);
        for said in [program.to_str().unwrap(), "reinstall saferun", "saferun init", "rm '"] {
            assert!(run.err.contains(said), "`{said}` is not in {run:#?}");
        }
        sandbox.saferun(&["doctor"]).ended(1).saying("saferun init");
        sandbox.saferun(&["init"]).fine();
        workflow_is_stopped(&sandbox, &sandbox.dir);
    }
}

#[test]
fn a_program_that_moved_onto_the_path_is_found() {
    let mut sandbox = Sandbox::plain();
    let program = sandbox.root.join("first/saferun");
    fs::create_dir_all(program.parent().unwrap()).unwrap();
    fs::copy(SAFERUN, &program).unwrap();
    sandbox.run(program.to_str().unwrap(), &["init"]).fine();
    let second = sandbox.root.join("second");
    fs::create_dir_all(&second).unwrap();
    fs::rename(&program, second.join("saferun")).unwrap();
    sandbox.set("PATH", format!("{}:/usr/local/bin:/usr/bin:/bin", second.display()));
    workflow_is_stopped(&sandbox, &sandbox.dir);
}

#[test]
fn a_repository_apart_from_its_work_tree_is_guarded() {
    let sandbox = Sandbox::empty("repo");
    let apart = sandbox.root.join("apart");
    sandbox.git(&["init", "-q", "--separate-git-dir", apart.to_str().unwrap()]).fine();
    sandbox.saferun(&["init"]).fine();
    assert!(apart.join("hooks/pre-commit").exists());
    workflow_is_stopped(&sandbox, &sandbox.dir);
}

#[test]
fn git_without_home_or_path_still_meets_the_hook() {
    let sandbox = Sandbox::guarded();
    sandbox.stage(WORKFLOW, "on: push\n");
    let mut command = sandbox.command("/usr/bin/git");
    command
        .env_remove("HOME")
        .env_remove("XDG_CONFIG_HOME")
        .env_remove("XDG_STATE_HOME")
        .env("PATH", "/nowhere");
    Run::of(&command.args(["commit", "-q", "-m", "x"]).output().unwrap())
        .ended(1)
        .saying("git.workflow.update");
}

#[test]
fn a_directory_below_is_as_good_as_the_top() {
    let sandbox = Sandbox::plain();
    let below = sandbox.dir.join("a/b");
    fs::create_dir_all(&below).unwrap();
    let run = sandbox.command(SAFERUN).current_dir(&below).arg("init").output().unwrap();
    Run::of(&run).fine();
    assert!(sandbox.exists(".saferun.toml") && !below.join(".saferun.toml").exists());
}
