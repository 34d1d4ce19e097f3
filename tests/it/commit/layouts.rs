//! Every way to make a commit, in repositories of every shape.

use std::fs;

use crate::support::sandbox::{Run, SAFERUN, Sandbox, write_file};

const WORKFLOW: &str = ".github/workflows/ci.yml";

fn stops(run: Run) -> Run {
    run.ended(1).saying("git.workflow.update")
}

/// A guarded repository that has a workflow already.
fn with_workflow() -> Sandbox {
    let sandbox = Sandbox::guarded();
    sandbox.write(WORKFLOW, "on: push\n");
    sandbox.commit_unguarded("ci");
    sandbox
}

#[test]
fn all_ways_to_commit_are_seen() {
    let ways: [&[&str]; 5] = [
        &["commit", "-q", "-a", "-m", "x"],
        &["commit", "-q", "-m", "x", "--", WORKFLOW],
        &["commit", "-q", "-m", "x", "-o", WORKFLOW],
        &["commit", "-q", "-i", "-m", "x", WORKFLOW],
        &["commit", "-q", "-a", "--amend", "--no-edit"],
    ];
    for way in ways {
        let sandbox = with_workflow();
        let head = sandbox.ask(&["rev-parse", "HEAD"]);
        sandbox.write(WORKFLOW, "on: pull_request_target\n");
        stops(sandbox.git(way));
        assert_eq!(head, sandbox.ask(&["rev-parse", "HEAD"]), "{way:?}");
    }
}

#[test]
fn a_partial_commit_is_judged_by_what_it_takes() {
    let sandbox = with_workflow();
    sandbox.stage(WORKFLOW, "on: pull_request_target\n");
    sandbox.stage("README.md", "more\n");
    sandbox.git(&["commit", "-q", "-m", "x", "README.md"]).fine();
    stops(sandbox.commit("x"));
}

#[test]
fn what_is_not_staged_is_not_judged() {
    let sandbox = with_workflow();
    sandbox.write(WORKFLOW, "on: pull_request_target\n");
    sandbox.stage("README.md", "more\n");
    sandbox.commit("x").fine();
    sandbox.stage(WORKFLOW, "on: pull_request_target\n");
    sandbox.write(WORKFLOW, "on: push\n");
    stops(sandbox.commit("x"));
}

#[test]
fn an_unborn_branch_and_a_detached_head_are_guarded() {
    let sandbox = Sandbox::unborn();
    sandbox.saferun(&["init"]).fine();
    sandbox.stage(WORKFLOW, "on: push\n");
    stops(sandbox.commit("x"));
    sandbox.git(&["rm", "-q", "--cached", WORKFLOW]).fine();
    sandbox.stage("a", "a\n");
    sandbox.commit("x").fine();
    sandbox.git(&["checkout", "-q", "--detach"]).fine();
    sandbox.stage(WORKFLOW, "on: push\n");
    stops(sandbox.commit("x"));
    sandbox.git(&["reset", "-q", "--hard"]).fine();
    sandbox.stage("b", "b\n");
    sandbox.commit("x").fine();
}

/// `side` changes the workflow, `main` something else; a conflict in `a` where
/// asked for.
fn two_branches(conflict: bool) -> Sandbox {
    let sandbox = with_workflow();
    sandbox.write("a", "base\n");
    sandbox.commit_unguarded("base");
    sandbox.git(&["checkout", "-q", "-b", "side"]).fine();
    sandbox.write(WORKFLOW, "on: [push, pull_request]\n");
    sandbox.write(if conflict { "a" } else { "b" }, "side\n");
    sandbox.commit_unguarded("side");
    sandbox.git(&["checkout", "-q", "main"]).fine();
    sandbox.write("a", "main\n");
    sandbox.commit_unguarded("main");
    sandbox
}

#[test]
fn what_comes_unchanged_from_the_other_side_of_a_merge_is_not_judged_again() {
    let sandbox = two_branches(false);
    sandbox.git(&["merge", "-q", "--no-edit", "side"]).fine();
    let sandbox = two_branches(false);
    sandbox.git(&["merge", "-q", "--no-commit", "side"]).fine();
    sandbox.git(&["commit", "-q", "--no-edit"]).fine();
    let sandbox = two_branches(true);
    sandbox.git(&["merge", "-q", "side"]).ended(1);
    sandbox.stage("a", "both\n");
    sandbox.git(&["commit", "-q", "--no-edit"]).fine();
}

#[test]
fn what_a_merge_brings_in_by_itself_is_judged() {
    let sandbox = two_branches(true);
    sandbox.git(&["merge", "-q", "side"]).ended(1);
    sandbox.stage("a", "both\n");
    sandbox.stage(WORKFLOW, "on: pull_request_target\n");
    stops(sandbox.git(&["commit", "-q", "--no-edit"]));
}

#[test]
fn a_linked_worktree_has_an_index_of_its_own() {
    let sandbox = with_workflow();
    let linked = sandbox.root.join("linked");
    sandbox.git(&["worktree", "add", "-q", linked.to_str().unwrap()]).fine();
    write_file(&linked.join(WORKFLOW), b"on: pull_request_target\n", 0o644);
    sandbox.git_in(&linked, &["add", "-A"]).fine();
    stops(sandbox.git_in(&linked, &["commit", "-q", "-m", "x"]));
    sandbox.stage("a", "a\n");
    sandbox.commit("main is clean").fine();
    assert_eq!(sandbox.decided().last().map(String::as_str), Some("git.commit"));
}

#[test]
fn other_hashes_and_index_formats_are_read() {
    /// A name, how the repository is made, and what is done to it then.
    type Layout<'a> = (&'a str, &'a [&'a str], &'a [&'a [&'a str]]);
    let formats: [Layout; 4] = [
        ("sha256", &["--object-format=sha256"], &[]),
        (
            "split index",
            &[],
            &[&["config", "core.splitIndex", "true"], &["update-index", "--split-index"]],
        ),
        (
            "version 4",
            &[],
            &[&["config", "index.version", "4"], &["update-index", "--index-version", "4"]],
        ),
        ("reftable", &["--ref-format=reftable"], &[]),
    ];
    for (name, options, then) in formats {
        let sandbox = Sandbox::empty("repo");
        sandbox.git(&[&["init", "-q"], options].concat()).fine();
        sandbox.write("a", "a\n");
        sandbox.commit_unguarded("a");
        then.iter().for_each(|command| drop(sandbox.git(command).fine()));
        sandbox.saferun(&["init"]).fine();
        sandbox.stage("b", "b\n");
        let run = sandbox.commit("b");
        assert_eq!(run.code, 0, "{name}: {run:#?}");
        sandbox.stage(WORKFLOW, "on: push\n");
        let run = stops(sandbox.commit("x"));
        assert!(run.err.contains("ci.yml") || run.err.contains("git.workflow.update"), "{name}");
    }
}

#[test]
fn clones_that_lack_things_are_guarded() {
    let source = with_workflow();
    for (number, extra) in [7, 8, 9].into_iter().zip(["x", "y", "z"]) {
        source.write(&format!("d{number}/{extra}"), extra.repeat(number));
        source.commit_unguarded(extra);
    }
    source.git(&["config", "uploadpack.allowFilter", "true"]).fine();
    source.git(&["config", "uploadpack.allowAnySHA1InWant", "true"]).fine();
    let url = format!("file://{}", source.dir.display());
    for options in [
        &["--depth=1"][..],
        &["--filter=blob:none"],
        &["--filter=blob:none", "--sparse"],
        &["--depth=1", "--sparse"],
    ] {
        let clone = source.root.join("clone");
        let _ = fs::remove_dir_all(&clone);
        let arguments = [&["clone", "-q"], options, &[&url, clone.to_str().unwrap()]].concat();
        source.git(&arguments).fine();
        let run = source.command(SAFERUN).current_dir(&clone).arg("init").output().unwrap();
        Run::of(&run).fine();
        write_file(&clone.join("README.md"), b"changed\n", 0o644);
        source.git_in(&clone, &["commit", "-q", "-a", "-m", "fine"]).fine();
        write_file(&clone.join(WORKFLOW), b"on: pull_request_target\n", 0o644);
        source.git_in(&clone, &["add", "--sparse", "-A"]).fine();
        stops(source.git_in(&clone, &["commit", "-q", "-m", "x"]));
    }
}

#[test]
fn a_missing_or_broken_object_blocks_with_a_clear_error() {
    for damage in ["missing", "corrupt"] {
        let sandbox = with_workflow();
        let blob = sandbox.ask(&["rev-parse", &format!("HEAD:{WORKFLOW}")]);
        let object = sandbox.dir.join(format!(".git/objects/{}/{}", &blob[..2], &blob[2..]));
        fs::remove_file(&object).unwrap();
        if damage == "corrupt" {
            fs::write(&object, "nonsense").unwrap();
        }
        sandbox.stage(WORKFLOW, "on: pull_request_target\n");
        sandbox.saferun(&["hook", "pre-commit"]).ended(4).saying(&blob[..10]).saying("git fsck");
        sandbox.commit("x").ended(1);
    }
}

#[test]
fn a_broken_index_blocks() {
    let sandbox = Sandbox::guarded();
    fs::write(sandbox.dir.join(".git/index"), "DIRC nonsense").unwrap();
    let run = sandbox.saferun(&["hook", "pre-commit"]).ended(4);
    assert!(run.err.contains("index"), "{run:#?}");
}

#[test]
fn a_submodule_moves_like_any_file() {
    let sandbox = Sandbox::guarded();
    let library = sandbox.root.join("library");
    sandbox.git_in(&sandbox.root, &["clone", "-q", "repo", "library"]).fine();
    sandbox.git(&["submodule", "--quiet", "add", library.to_str().unwrap(), "sub"]).fine();
    sandbox.commit("add a submodule").fine();
    sandbox.git_in(sandbox.dir.join("sub"), &["commit", "-q", "--allow-empty", "-m", "x"]).fine();
    sandbox.git(&["commit", "-q", "-a", "-m", "move it"]).fine();
    sandbox.git(&["rm", "-q", "-f", "sub"]).fine();
    sandbox.commit("remove it").fine();
}
