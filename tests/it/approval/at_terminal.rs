//! A person at a terminal types the name; an agent is never asked there.

use crate::support::sandbox::{SAFERUN, Sandbox};

const WORKFLOW: &str = ".github/workflows/ci.yml";
const PROMPT: &str = "anything else to stop: ";

fn staged() -> Sandbox {
    let sandbox = Sandbox::guarded();
    sandbox.stage(WORKFLOW, "on: push # \u{1b}[2J\n");
    sandbox
}

/// A guarded repository whose `main` was rewritten after it was pushed.
fn rewritten() -> Sandbox {
    let sandbox = Sandbox::guarded();
    sandbox.with_remote();
    sandbox.git(&["push", "-q", "--no-verify", "origin", "main"]).fine();
    sandbox.git(&["commit", "-q", "--amend", "--no-verify", "-m", "rewritten"]).fine();
    sandbox
}

#[test]
fn the_right_word_lets_a_commit_through() {
    let sandbox = staged();
    let run = sandbox.person(&["git", "commit", "-q", "-m", "ci"], &[(PROMPT, "main")]).fine();
    for shown in ["change what CI runs", "risk", "+on: push"] {
        assert!(run.out.contains(shown), "{shown}: {run:#?}");
    }
    run.not_saying("\u{1b}[2J");
    assert_eq!(sandbox.commits(), 3);
    let events = sandbox.events();
    assert_eq!(events.last().unwrap()["context"]["channel"], "terminal");
}

#[test]
fn any_other_word_stops_it() {
    for word in ["", "y", "yes", "MAIN", "repo"] {
        let sandbox = staged();
        sandbox
            .person(&[SAFERUN, "hook", "pre-commit"], &[(PROMPT, word)])
            .ended(1)
            .saying("not confirmed");
        assert_eq!(sandbox.commits(), 2);
    }
}

#[test]
fn a_forced_push_wants_the_name_of_the_branch() {
    for (word, code) in [("main", 0), ("repo", 1), ("y", 1)] {
        let sandbox = rewritten();
        let run = sandbox
            .person(&["git", "push", "-q", "-f", "origin", "main"], &[(PROMPT, word)])
            .ended(code);
        for shown in ["force push", "commits that would be lost (1)", "guard", "Ada Tester"] {
            assert!(run.out.contains(shown), "{shown}: {run:#?}");
        }
    }
}

#[test]
fn an_agent_is_never_asked_at_a_terminal() {
    let sandbox = staged();
    let run = sandbox.agent_at_terminal(&[SAFERUN, "hook", "pre-commit"], &[(PROMPT, "repo")]);
    run.ended(3).not_saying(PROMPT);
}

#[test]
fn a_person_who_wants_no_prompt_gets_none() {
    let mut sandbox = staged();
    sandbox.set("SAFERUN_NO_PROMPT", "1");
    sandbox
        .person(&[SAFERUN, "hook", "pre-commit"], &[(PROMPT, "repo")])
        .ended(3)
        .not_saying(PROMPT);
}

#[test]
fn without_a_terminal_nobody_is_asked() {
    let sandbox = staged();
    sandbox.person_without_terminal(&[SAFERUN, "hook", "pre-commit"]).ended(3).not_saying(PROMPT);
}

#[test]
fn a_person_may_break_the_glass_and_an_agent_may_not() {
    let mut sandbox = staged();
    sandbox.set("SAFERUN_BREAK_GLASS", "the build is on fire");
    sandbox.saferun(&["hook", "pre-commit"]).ended(3);
    sandbox.person_without_terminal(&[SAFERUN, "hook", "pre-commit"]).fine();
    let events = sandbox.events();
    assert_eq!(events.last().unwrap()["context"]["reason"], "the build is on fire");
}
