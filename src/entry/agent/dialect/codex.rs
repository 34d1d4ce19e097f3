//! Codex: Claude Code's form, deny only. An answer with any other decision or
//! field marks the hook as failed, and the command runs.

use serde_json::{Value, json};

use super::claude::hook_output;
use super::{Dialect, claude_shaped, is_event};
use crate::action::DecisionResult;
use crate::entry::agent::request::{Reply, Request, Verdict};

/// Codex, on the command line and in editors.
pub struct Codex;

/// The event in which Codex is about to ask its user.
const PERMISSION: &str = "PermissionRequest";

impl Dialect for Codex {
    fn name(&self) -> &'static str {
        "codex"
    }

    fn agent(&self) -> &'static str {
        "codex"
    }

    fn recognises(&self, payload: &Value) -> bool {
        payload.get("turn_id").is_some() && payload.get("hook_event_name").is_some()
    }

    fn read(&self, payload: &Value) -> Option<Request> {
        let event = if is_event(payload, "hook_event_name", PERMISSION) {
            PERMISSION
        } else {
            "PreToolUse"
        };
        claude_shaped(payload, event)
    }

    fn answer(&self, verdict: &Verdict, payload: &Value) -> Reply {
        if verdict.result == DecisionResult::Allow {
            return Reply::silent();
        }
        if is_event(payload, "hook_event_name", PERMISSION) {
            return Reply::json(&json!({"hookSpecificOutput": {
                "hookEventName": PERMISSION,
                "decision": {"behavior": "deny", "message": verdict.reason},
            }}));
        }
        Reply::json(&hook_output("deny", &verdict.reason))
    }
}
