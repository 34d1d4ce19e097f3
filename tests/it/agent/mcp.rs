//! The Model Context Protocol server.

use serde_json::{Value, json};

use super::ASKED;
use crate::support::gateway::Gateway;
use crate::support::sandbox::Sandbox;

/// Sends requests on one connection; the answers by order.
fn talk(sandbox: &Sandbox, messages: &[Value]) -> Vec<Value> {
    let input: String = messages.iter().map(|message| format!("{message}\n")).collect();
    let run = sandbox.piped(&["mcp"], input).fine();
    assert_eq!(run.err, "");
    run.out.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn request(id: u64, method: &str, params: Value) -> Value {
    json!({"jsonrpc": "2.0", "id": id, "method": method, "params": params})
}

fn tool(sandbox: &Sandbox, name: &str, arguments: Value) -> Value {
    let call = request(1, "tools/call", json!({"name": name, "arguments": arguments}));
    let result = talk(sandbox, &[call])[0]["result"].clone();
    let text: Value = serde_json::from_str(result["content"][0]["text"].as_str().unwrap()).unwrap();
    assert_eq!(text, result["structuredContent"]);
    json!({"is_error": result["isError"], "content": text})
}

#[test]
fn a_session_of_the_older_revisions() {
    let sandbox = Sandbox::plain();
    let answers = talk(
        &sandbox,
        &[
            request(
                1,
                "initialize",
                json!({"protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": {"name": "claude-code", "version": "1"}}),
            ),
            json!({"jsonrpc": "2.0", "method": "notifications/initialized"}),
            request(2, "ping", json!({})),
            request(3, "tools/list", json!({})),
            request(4, "nothing", json!({})),
            request(5, "tools/call", json!({"name": "approve", "arguments": {}})),
            json!({"jsonrpc": "2.0", "id": 6}),
        ],
    );
    assert_eq!(answers.len(), 6, "a notification is not answered");
    assert_eq!(answers[0]["result"]["protocolVersion"], "2025-06-18");
    assert_eq!(answers[0]["result"]["serverInfo"]["name"], "saferun");
    assert!(answers[0]["result"]["capabilities"]["tools"].is_object());
    assert_eq!(answers[1]["result"], json!({}));
    let tools = answers[2]["result"]["tools"].as_array().unwrap();
    let names: Vec<&str> = tools.iter().map(|tool| tool["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["check", "explain", "request_approval", "scan"]);
    assert!(tools.iter().all(|tool| tool["inputSchema"]["type"] == "object"));
    assert!(answers[2]["result"].get("resultType").is_none());
    assert_eq!(answers[3]["error"]["code"], -32601);
    assert_eq!(answers[4]["error"]["code"], -32602);
    assert_eq!(answers[5]["error"]["code"], -32600);
    let newest =
        talk(&sandbox, &[request(1, "initialize", json!({"protocolVersion": "1999-01-01"}))]);
    assert_eq!(newest[0]["result"]["protocolVersion"], "2025-11-25");
}

#[test]
fn requests_of_the_revision_without_a_handshake() {
    let sandbox = Sandbox::plain();
    let meta = |version: &str| {
        json!({"_meta": {
            "io.modelcontextprotocol/protocolVersion": version,
            "io.modelcontextprotocol/clientCapabilities": {},
        }})
    };
    let answers = talk(
        &sandbox,
        &[
            request(1, "server/discover", meta("2026-07-28")),
            request(2, "tools/list", meta("2026-07-28")),
            request(3, "tools/list", meta("1900-01-01")),
        ],
    );
    let discovered = &answers[0]["result"];
    assert_eq!(
        (&discovered["resultType"], &discovered["supportedVersions"][0]),
        (&json!("complete"), &json!("2026-07-28"))
    );
    let list = &answers[1]["result"];
    assert!(
        list["resultType"] == "complete"
            && list["ttlMs"].is_u64()
            && list["cacheScope"] == "public"
    );
    assert_eq!(answers[2]["error"]["code"], -32022);
    assert_eq!(answers[2]["error"]["data"]["requested"], "1900-01-01");
    assert_eq!(answers[2]["error"]["data"]["supported"][0], "2026-07-28");
}

#[test]
fn check_explain_and_scan_tell_and_record_nothing() {
    let sandbox = Sandbox::plain();
    let check = |arguments: Value| tool(&sandbox, "check", arguments)["content"].clone();
    assert_eq!(check(json!({"command": "git status"}))["result"], "allow");
    let asked = check(json!({"command": ASKED, "directory": sandbox.dir}));
    assert_eq!(
        (&asked["result"], &asked["operation"]),
        (&json!("require_approval"), &json!("git.reflog.expire"))
    );
    assert_eq!(
        check(json!({"command": "git push -f origin main"}))["redirect"],
        "git push --force-with-lease"
    );
    assert_eq!(check(json!({"path": ".env", "content": "A=1"}))["operation"], "file.env.write");
    let named = check(json!({"operation": "github.repo.delete", "target": "github.com/a/b"}));
    assert_eq!(named["result"], "require_approval");
    assert_eq!(tool(&sandbox, "check", json!({}))["is_error"], true);
    let told = tool(&sandbox, "explain", json!({"command": format!("true && {ASKED}")}));
    assert_eq!(told["content"]["commands"][0]["operation"], "git.reflog.expire");
    let token = ["ghp_", "wWPw5k4aXcaT4fNP0UcnZwJUVFk6LO0pINUx"].concat();
    let scanned = tool(&sandbox, "scan", json!({"text": format!("key = {token}")}));
    assert_eq!(scanned["content"]["clean"], false);
    assert!(!scanned.to_string().contains(&token));
    assert!(sandbox.events().is_empty());
}

#[test]
fn an_approval_that_was_asked_for_lets_exactly_that_command_through_the_hook() {
    let mut sandbox = Sandbox::plain();
    let nobody =
        tool(&sandbox, "request_approval", json!({"command": ASKED, "directory": sandbox.dir}));
    assert_eq!(nobody["content"]["state"], "nobody_to_ask");
    let gateway = Gateway::start();
    sandbox.set("SAFERUN_GATEWAY_URL", &gateway.url);
    sandbox.set("SAFERUN_API_KEY", &gateway.admin);
    // One with a safer alternative: asking for it is the way to it.
    let force = "git push -f origin main";
    let ask = || {
        tool(
            &sandbox,
            "request_approval",
            json!({"command": force, "directory": sandbox.dir, "agent": "codex"}),
        )
    };
    let asked = ask();
    assert_eq!(asked["content"]["state"], "pending", "{asked}");
    let id = asked["content"]["approval_id"].as_str().unwrap().to_owned();
    sandbox.by_person(&["approvals", "approve", &id]).fine();
    assert_eq!(ask()["content"]["state"], "approved");
    let call = |id: &str| {
        json!({
            "session_id": "s", "turn_id": "t", "cwd": sandbox.dir, "hook_event_name": "PreToolUse", "tool_name": "Bash",
            "tool_input": {"command": force}, "tool_use_id": id,
        })
    };
    assert_eq!(sandbox.hook("codex", call("1").to_string()).fine().out, "");
    sandbox.hook("codex", call("2").to_string()).fine().saying("deny");
    assert_eq!(
        tool(&sandbox, "request_approval", json!({"command": "git status"}))["content"]["state"],
        "not_needed"
    );
}
