//! What went around the commit's hook is caught on its way out.

use saferun::scan::sample::expand;

use super::published;
use crate::support::sandbox::Sandbox;

fn line() -> String {
    format!("token = \"{}\"\n", expand("ghp_{36:crc}"))
}

fn blocked(sandbox: &Sandbox, arguments: &[&str]) {
    let run = sandbox.git(&[&["push", "-q"], arguments].concat());
    run.ended(1).saying("git.secret.push").saying("denied by policy").not_saying(&line());
}

#[test]
fn a_secret_committed_around_the_hook_is_caught() {
    let (sandbox, _) = published();
    sandbox.write("a.txt", line());
    sandbox.commit_unguarded("sin");
    blocked(&sandbox, &["origin", "main"]);
    // A later commit that takes it out doesn't take it out of history.
    sandbox.write("a.txt", "clean\n");
    sandbox.commit_unguarded("repentance");
    blocked(&sandbox, &["origin", "main"]);
    blocked(&sandbox, &["origin", "HEAD:refs/heads/new"]);
    blocked(&sandbox, &["--all", "origin"]);
    sandbox.git(&["tag", "-a", "-m", "x", "release", "HEAD~1"]).fine();
    blocked(&sandbox, &["origin", "release"]);
    sandbox.git(&["push", "-q", "origin", "HEAD~2:refs/heads/older"]).fine();
}

#[test]
fn a_secret_that_only_a_merge_brings_in_is_caught() {
    let (sandbox, _) = published();
    sandbox.git(&["checkout", "-q", "-b", "side"]).fine();
    sandbox.write("a", "side\n");
    sandbox.commit_unguarded("side");
    sandbox.git(&["checkout", "-q", "-b", "other", "main"]).fine();
    sandbox.write("a", "other\n");
    sandbox.commit_unguarded("other");
    sandbox.git(&["merge", "-q", "side"]).ended(1);
    sandbox.write("a", line());
    sandbox.commit_unguarded("merged");
    blocked(&sandbox, &["origin", "other"]);
}

#[test]
fn what_the_remote_has_already_is_not_held_against_the_next_push() {
    let (sandbox, _) = published();
    sandbox.write("a.txt", line());
    sandbox.commit_unguarded("sin");
    sandbox.git(&["push", "-q", "--no-verify", "origin", "main"]).fine();
    sandbox.write("b.txt", "clean\n");
    sandbox.commit_unguarded("next");
    sandbox.git(&["push", "-q", "origin", "main"]).fine();
}

#[test]
fn a_workflow_committed_around_the_hook_waits_at_the_push() {
    let (sandbox, _) = published();
    sandbox.write(".github/workflows/x.yml", "on: pull_request_target\n");
    sandbox.commit_unguarded("quietly");
    sandbox
        .git(&["push", "-q", "origin", "main"])
        .ended(1)
        .saying("git.workflow.update")
        .saying("x.yml:1");
}

#[test]
fn a_remote_tracking_ref_made_up_here_hides_nothing() {
    let (sandbox, _) = published();
    sandbox.write("a.txt", line());
    let sin = sandbox.commit_unguarded("sin");
    sandbox.git(&["update-ref", "refs/remotes/origin/made-up", &sin]).fine();
    blocked(&sandbox, &["origin", "main"]);
}

#[test]
fn a_push_to_a_path_is_judged_like_one_to_a_remote() {
    let (sandbox, remote) = published();
    sandbox.write(".github/workflows/x.yml", "on: pull_request_target\n");
    sandbox.commit_unguarded("quietly");
    let path = remote.to_str().unwrap();
    let push = ["push", "-q", path, "HEAD:refs/heads/aside"];
    sandbox.git(&push).ended(1).saying("git.workflow.update");
}

#[test]
fn what_another_branch_of_the_remote_has_is_not_new_to_it() {
    let (sandbox, _) = published();
    sandbox.git(&["checkout", "-q", "topic"]).fine();
    sandbox.write("a.txt", line());
    sandbox.commit_unguarded("sin");
    sandbox.git(&["push", "-q", "--no-verify", "origin", "topic"]).fine();
    sandbox.git(&["checkout", "-q", "main"]).fine();
    sandbox.write("b.txt", "b");
    sandbox.commit_unguarded("main");
    sandbox.git(&["merge", "-q", "--no-verify", "--no-edit", "topic"]).fine();
    sandbox.git(&["push", "-q", "origin", "main"]).fine();
    sandbox.git(&["push", "-q", "origin", "HEAD:refs/heads/third"]).fine();
}
