//! Any bytes, for any agent, get a valid answer of that agent's protocol.

use std::sync::LazyLock;

use proptest::prelude::*;
use serde_json::{Value, json};

use crate::support::sandbox::{Run, Sandbox};

static SANDBOX: LazyLock<Sandbox> = LazyLock::new(Sandbox::plain);

const NAMES: &[&str] = &[
    "claude",
    "codex",
    "cursor",
    "gemini",
    "copilot",
    "windsurf",
    "opencode",
    "cline",
    "antigravity",
    "kimi",
    "kiro",
    "droid",
    "devin",
    "plain",
];
const FIELDS: &[&str] = &[
    "hook_event_name",
    "tool_name",
    "tool_input",
    "toolName",
    "toolArgs",
    "tool",
    "args",
    "command",
    "path",
    "content",
    "cwd",
    "session_id",
    "conversation_id",
    "agent_action_name",
    "tool_info",
    "command_line",
    "preToolUse",
    "parameters",
    "toolCall",
    "name",
    "sessionID",
    "callID",
    "turn_id",
    "edits",
    "files",
    "timestamp",
];
const TEXTS: &[&str] = &[
    "PreToolUse",
    "BeforeTool",
    "beforeShellExecution",
    "pre_run_command",
    "Bash",
    "Write",
    "git push -f",
    "",
    ".env",
    "../../etc/passwd",
    "\u{0}",
    "mcp__github__delete_file",
    "*** Begin Patch\n*** Add File: x\n+y",
    "{\"command\":\"ls\"}",
];

fn value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        prop::sample::select(TEXTS).prop_map(Value::from),
        any::<String>().prop_map(Value::from),
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 40, 8, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::vec((prop::sample::select(FIELDS), inner), 0..8).prop_map(|fields| {
                fields.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
            }),
        ]
    })
}

/// Whether an answer is one that some protocol knows; the payload may have told
/// another than the hook was installed for.
fn is_valid(run: &Run) -> bool {
    if run.out.is_empty() {
        return (run.code == 0 && run.err.is_empty())
            || (run.code == 2 && run.err.starts_with("saferun"));
    }
    let Ok(answer) = serde_json::from_str::<Value>(&run.out) else { return false };
    let decision = |pointer: &str, known: &[&str]| {
        answer.pointer(pointer).and_then(Value::as_str).is_some_and(|text| known.contains(&text))
    };
    let all = &["allow", "ask", "deny", "force_ask", "require_approval"];
    run.code == 0
        && run.err.is_empty()
        && (decision("/hookSpecificOutput/permissionDecision", &["ask", "deny"])
            || decision("/hookSpecificOutput/decision/behavior", &["deny"])
            || decision("/permission", &["allow", "deny"])
            || decision("/permissionDecision", &["ask", "deny"])
            || decision("/decision", all)
            || answer["cancel"].is_boolean())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 60, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_payload_gets_a_valid_answer(name in prop::sample::select(NAMES), payload in value()) {
        let run = SANDBOX.hook(name, payload.to_string());
        prop_assert!(is_valid(&run), "{name} {payload}: {run:#?}");
    }

    #[test]
    fn any_bytes_get_a_valid_answer(name in prop::sample::select(NAMES), bytes: Vec<u8>) {
        let run = SANDBOX.hook(name, &bytes);
        prop_assert!(is_valid(&run), "{name} {bytes:?}: {run:#?}");
    }

    #[test]
    fn any_messages_get_json_rpc(payload in value(), bytes: Vec<u8>) {
        let call = json!({"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": payload});
        let input = [call.to_string().as_bytes(), b"\n", &bytes, b"\n"].concat();
        let run = SANDBOX.piped(&["mcp"], input);
        prop_assert_eq!(run.code, 0);
        for line in run.out.lines() {
            let answer: Value = serde_json::from_str(line).expect("JSON");
            prop_assert!(answer["jsonrpc"] == "2.0" && (answer.get("error").is_some() != answer.get("result").is_some()));
        }
    }
}
