//! One approval lets exactly one action through, once.

use super::{Stage, WORKFLOW};

#[test]
fn an_approved_commit_goes_on_and_exists() {
    let stage = Stage::new();
    let before = stage.sandbox.commits();
    let waiting = stage.agent_commits_workflow("on: push\n");
    let id = stage.pending();
    let shown = stage.approvals(&["show", &id]).fine();
    for said in ["git.workflow.update", "claude-code", "+on: push", "9.0"] {
        assert!(shown.out.contains(said), "{said}: {shown:#?}");
    }
    stage.approve(&id);
    waiting.end().fine().saying(&id);
    assert_eq!(stage.sandbox.commits(), before + 1);
    let events = stage.sandbox.events();
    let answer = events.iter().find(|event| event["event_type"] == "approval").unwrap();
    assert_eq!(answer["context"]["approval_id"], id.as_str());
    stage.sandbox.saferun(&["audit", "verify"]).fine();
    assert_eq!(stage.listed("used").len(), 1);
}

#[test]
fn a_rejected_commit_is_refused_with_the_reason() {
    let stage = Stage::new();
    let before = stage.sandbox.commits();
    let waiting = stage.agent_commits_workflow("on: push\n");
    let id = stage.pending();
    stage.approvals(&["deny", &id, "--reason", "not today \u{202e}"]).fine();
    waiting.end().ended(1).saying("not today").not_saying("\u{202e}");
    assert_eq!(stage.sandbox.commits(), before);
    assert_eq!(stage.listed("rejected").len(), 1);
}

#[test]
fn approved_once_is_used_once_and_other_content_asks_anew() {
    let stage = Stage::new();
    let waiting = stage.agent_commits_workflow("on: push\n");
    let first = stage.pending();
    stage.approve(&first);
    waiting.end().fine();
    // The very same change again.
    stage.sandbox.git(&["reset", "-q", "--hard", "HEAD~1"]).fine();
    let waiting = stage.agent_commits_workflow("on: push\n");
    let second = stage.pending();
    assert_ne!(first, second);
    stage.approvals(&["deny", &second, "--reason", "no"]).fine();
    waiting.end().ended(1);
    // Another change.
    let waiting = stage.agent_commits_workflow("on: pull_request_target\n");
    let third = stage.pending();
    assert_ne!(second, third);
    stage.approvals(&["deny", &third, "--reason", "no"]).fine();
    waiting.end().ended(1);
}

#[test]
fn content_that_changes_after_the_approval_asks_anew() {
    let stage = Stage::new();
    stage.settings("[approval]\ntimeout = \"1s\"\n");
    let waiting = stage.agent_commits_workflow("on: push\n");
    let first = stage.pending();
    waiting.end().ended(1);
    stage.approve(&first);
    let other = stage.agent_commits_workflow("on: pull_request_target\n");
    assert_ne!(first, stage.pending());
    other.end().ended(1);
    stage.sandbox.stage(WORKFLOW, "on: push\n");
    stage.sandbox.commit("the approved one").fine();
}

#[test]
fn an_approval_of_a_push_is_for_these_commits_only() {
    let stage = Stage::new();
    let sandbox = &stage.sandbox;
    let remote = sandbox.with_remote();
    sandbox.git(&["push", "-q", "--no-verify", "origin", "main"]).fine();
    sandbox.git(&["commit", "-q", "--amend", "--no-verify", "-m", "rewritten"]).fine();
    let waiting = stage.agent(&["push", "-q", "-f", "origin", "main"]);
    let id = stage.pending();
    let shown = stage.approvals(&["show", &id]).fine();
    assert!(shown.out.contains("guard") && shown.out.contains("refs/heads/main"), "{shown:#?}");
    stage.approve(&id);
    waiting.end().fine();
    let tip = sandbox.ask(&["rev-parse", "HEAD"]);
    assert_eq!(sandbox.git_in(&remote, &["rev-parse", "main"]).out.trim(), tip);
    sandbox.git(&["commit", "-q", "--amend", "--no-verify", "-m", "again"]).fine();
    let waiting = stage.agent(&["push", "-q", "-f", "origin", "main"]);
    let second = stage.pending();
    assert_ne!(id, second);
    stage.approvals(&["deny", &second, "--reason", "no"]).fine();
    waiting.end().ended(1);
    assert_eq!(sandbox.git_in(&remote, &["rev-parse", "main"]).out.trim(), tip);
}

#[test]
fn an_agent_cannot_answer() {
    let stage = Stage::new();
    let waiting = stage.agent_commits_workflow("on: push\n");
    let id = stage.pending();
    let run = stage.sandbox.saferun(&["approvals", "approve", &id, "--reason", "mine"]);
    assert_ne!(run.code, 0, "{run:#?}");
    assert_eq!(stage.listed("pending").len(), 1);
    stage.approvals(&["deny", &id, "--reason", "no"]).fine();
    waiting.end().ended(1);
}
