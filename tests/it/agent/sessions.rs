//! A session that collects denials gets stricter; a call that comes twice is
//! judged once; what was tried can be looked up.

use serde_json::{Value, json};

use super::ASKED;
use crate::support::sandbox::Sandbox;

fn call(sandbox: &Sandbox, session: &str, command: &str) -> Value {
    sandbox.judged(json!({"tool": "shell", "command": command, "session": session}))
}

#[test]
fn denials_make_a_session_stricter_and_only_this_one() {
    let sandbox = Sandbox::plain();
    let medium = "git rebase origin/main";
    let denied = |number: usize| format!("git push --force origin main # {number}");
    assert_eq!(call(&sandbox, "a", medium)["decision"], "allow");
    for number in 0..3 {
        assert_eq!(call(&sandbox, "a", &denied(number))["decision"], "deny");
    }
    let watched = call(&sandbox, "a", medium);
    assert_ne!(watched["decision"], "allow");
    assert!(
        watched["reason"].as_str().unwrap().contains("3 calls of this session were stopped"),
        "{watched}"
    );
    for number in 3..6 {
        call(&sandbox, "a", &denied(number));
    }
    assert_eq!(call(&sandbox, "a", "git reset --hard HEAD")["decision"], "deny");
    assert_eq!(call(&sandbox, "a", "git status")["decision"], "allow");
    assert_eq!(call(&sandbox, "b", medium)["decision"], "allow");
}

#[test]
fn one_call_through_two_hooks_is_one_denial() {
    let sandbox = Sandbox::plain();
    let cwd = sandbox.dir.to_str().unwrap();
    let shell = json!({"conversation_id": "c", "cursor_version": "3", "hook_event_name": "beforeShellExecution", "command": ASKED, "cwd": cwd});
    let replayed = json!({
        "conversation_id": "c", "cursor_version": "3", "hook_event_name": "PreToolUse", "tool_name": "Shell",
        "tool_input": {"command": ASKED}, "cwd": cwd, "tool_use_id": "1",
    });
    let first = sandbox.hook("cursor", shell.to_string()).fine().out;
    assert_eq!(sandbox.hook("claude", replayed.to_string()).fine().out, first);
    assert_eq!(sandbox.decided(), ["git.reflog.expire"]);
}

#[test]
fn history_tells_what_an_agent_tried() {
    let sandbox = Sandbox::plain();
    call(&sandbox, "session-one", "git status");
    call(&sandbox, "session-one", ASKED);
    let told = sandbox.saferun(&["history", "--agent"]).fine();
    told.clone().saying("session-").saying(ASKED).saying("require_approval").saying("git status");
    let json = sandbox.saferun(&["history", "--agent=agent", "--since", "1h", "--json"]).fine().out;
    let tried: Value = serde_json::from_str(&json).unwrap();
    let last = &tried[1];
    for (field, value) in [
        ("agent", "agent"),
        ("session", "session-one"),
        ("tool", "shell"),
        ("command", ASKED),
        ("decision", "require_approval"),
        ("operation", "git.reflog.expire"),
        ("answer", "refused"),
    ] {
        assert_eq!(last[field], value, "{field}: {last}");
    }
    assert_eq!(sandbox.saferun(&["history", "--agent=codex", "--json"]).fine().out, "[]\n");
    sandbox.saferun(&["history", "--since", "soon"]).ended(2).saying("--since 2h");
}
