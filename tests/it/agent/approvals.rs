//! Approvals of tool calls: a person's own terminal, the gateway, and no way
//! around either.

use serde_json::{Value, json};

use super::ASKED;
use crate::support::sandbox::{SAFERUN, Sandbox};

/// A call of a session with an id of its own, so that each is judged.
fn call(sandbox: &Sandbox, id: &str) -> Value {
    sandbox.judged(json!({"tool": "shell", "command": ASKED, "call_id": id}))
}

fn id_of(answer: &Value) -> String {
    answer["audit_id"].as_str().unwrap().to_owned()
}

/// What a person must type for an event.
fn word(sandbox: &Sandbox, id: &str) -> String {
    let events = sandbox.events();
    let event = events.iter().find(|event| event["event_id"] == id).unwrap();
    let digest = event["action_digest"].as_str().unwrap();
    format!("{}-{}", &digest[..4], &digest[4..8])
}

const PROMPT: &str = "anything else to stop: ";

#[test]
fn a_person_allows_a_call_once() {
    let sandbox = Sandbox::plain();
    let stopped = call(&sandbox, "1");
    assert_eq!(stopped["decision"], "require_approval");
    let id = id_of(&stopped);
    assert!(
        stopped["reason"].as_str().unwrap().contains(&format!("saferun approvals allow-once {id}"))
    );
    let typed = word(&sandbox, &id);
    let run =
        sandbox.person(&[SAFERUN, "approvals", "allow-once", &id], &[(PROMPT, &typed)]).fine();
    assert!(run.out.contains(ASKED) && run.out.contains("git.reflog.expire"), "{run:#?}");
    let other = sandbox
        .judged(json!({"tool": "shell", "command": format!("{ASKED} ; true"), "call_id": "2"}));
    assert_eq!(other["decision"], "require_approval", "another command");
    assert_eq!(call(&sandbox, "3")["decision"], "allow");
    assert_eq!(call(&sandbox, "4")["decision"], "require_approval", "a second time");
    let granted =
        sandbox.events().into_iter().any(|event| event["context"]["channel"] == "allow_once");
    assert!(granted);
}

#[test]
fn a_denied_call_can_be_allowed_by_its_last_event() {
    let sandbox = Sandbox::plain();
    let force = |id: &str| {
        sandbox
            .judged(json!({"tool": "shell", "command": "git push -f origin main", "call_id": id}))
    };
    let denied = force("1");
    assert_eq!(denied["decision"], "deny");
    let typed = word(&sandbox, &id_of(&denied));
    sandbox.person(&[SAFERUN, "approvals", "allow-once", "--last"], &[(PROMPT, &typed)]).fine();
    assert_eq!(force("2")["decision"], "allow");
    assert_eq!(force("3")["decision"], "deny");
}

#[test]
fn what_was_allowed_once_is_not_asked_about_again_by_its_own_hook() {
    let mut sandbox = Sandbox::guarded();
    sandbox.with_remote();
    sandbox.set("CLAUDECODE", "1");
    let rewritten = |sandbox: &Sandbox, message: &str| {
        sandbox.git(&["commit", "-q", "--amend", "--no-verify", "-m", message]).fine();
    };
    let push = |sandbox: &Sandbox| sandbox.git(&["push", "-q", "-f", "origin", "main"]);
    let asked = |sandbox: &Sandbox, id: &str| {
        sandbox.judged(
            json!({"tool": "shell", "command": "git push -q -f origin main", "call_id": id}),
        )
    };
    sandbox.git(&["push", "-q", "--no-verify", "origin", "main"]).fine();
    rewritten(&sandbox, "rewritten");
    assert_ne!(push(&sandbox).code, 0, "nobody allowed it");
    let stopped = asked(&sandbox, "1");
    let typed = word(&sandbox, &id_of(&stopped));
    sandbox.unset("CLAUDECODE");
    sandbox.person(&[SAFERUN, "approvals", "allow-once", "--last"], &[(PROMPT, &typed)]).fine();
    sandbox.set("CLAUDECODE", "1");
    assert_ne!(push(&sandbox).code, 0, "the agent has not asked since");
    assert_eq!(asked(&sandbox, "2")["decision"], "allow");
    push(&sandbox).fine();
    rewritten(&sandbox, "once more");
    assert_ne!(push(&sandbox).code, 0, "once is once");
}

#[test]
fn only_a_person_at_a_terminal_allows_anything() {
    let sandbox = Sandbox::plain();
    let id = id_of(&call(&sandbox, "1"));
    let typed = word(&sandbox, &id);
    let arguments = ["approvals", "allow-once", id.as_str()];
    sandbox.saferun(&arguments).ended(1).saying("a person does");
    let argv = [&[SAFERUN], &arguments[..]].concat();
    sandbox.agent_at_terminal(&argv, &[(PROMPT, &typed)]).ended(1).not_saying(PROMPT);
    sandbox.by_person(&arguments).ended(1).saying("no terminal");
    sandbox.person(&argv, &[(PROMPT, "yes")]).ended(1);
    sandbox.by_person(&["approvals", "allow-once", "evt-000000000000"]).ended(2);
    assert_eq!(call(&sandbox, "2")["decision"], "require_approval");
}

#[test]
fn a_forged_grant_is_none() {
    let sandbox = Sandbox::plain();
    let id = id_of(&call(&sandbox, "1"));
    let digest = sandbox.events().iter().find(|event| event["event_id"] == id.as_str()).unwrap()["action_digest"].clone();
    let path = sandbox
        .root
        .join(format!("home/state/saferun/allow-once/{}.json", digest.as_str().unwrap()));
    let grant = json!({"action_digest": digest, "by": "ada", "expires_at": "2099-01-01T00:00:00Z", "mac": "0".repeat(64)});
    crate::support::sandbox::write_file(&path, grant.to_string().as_bytes(), 0o600);
    assert_eq!(call(&sandbox, "2")["decision"], "require_approval");
}

#[test]
fn the_gateway_answers_for_agents_that_can_not_ask() {
    let mut sandbox = Sandbox::plain();
    let gateway = crate::support::gateway::Gateway::start();
    sandbox.set("SAFERUN_GATEWAY_URL", &gateway.url);
    sandbox.set("SAFERUN_API_KEY", &gateway.admin);
    let waiting = call(&sandbox, "1");
    assert_eq!(waiting["decision"], "require_approval", "{waiting}");
    let reason = waiting["reason"].as_str().unwrap();
    let id = reason.split("id apr-").nth(1).and_then(|rest| rest.split(':').next()).unwrap();
    let again = call(&sandbox, "2");
    assert!(again["reason"].as_str().unwrap().contains(id), "one request: {again}");
    sandbox.by_person(&["approvals", "approve", &format!("apr-{id}")]).fine();
    assert_eq!(call(&sandbox, "3")["decision"], "allow");
    // The same call through another hook doesn't need, or use, another approval.
    assert_eq!(call(&sandbox, "3")["decision"], "allow");
    assert_eq!(call(&sandbox, "4")["decision"], "require_approval");
}
