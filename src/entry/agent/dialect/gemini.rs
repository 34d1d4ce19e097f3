//! Gemini CLI: `BeforeTool`, answered by `decision` and `reason`.

use serde_json::{Value, json};

use super::{Dialect, claude_shaped, is_event};
use crate::action::DecisionResult;
use crate::entry::agent::request::{Reply, Request, Verdict};

/// Gemini CLI.
pub struct Gemini;

impl Dialect for Gemini {
    fn name(&self) -> &'static str {
        "gemini"
    }

    fn agent(&self) -> &'static str {
        "gemini-cli"
    }

    fn recognises(&self, payload: &Value) -> bool {
        is_event(payload, "hook_event_name", "BeforeTool")
    }

    fn read(&self, payload: &Value) -> Option<Request> {
        claude_shaped(payload, "BeforeTool")
    }

    fn asks(&self) -> bool {
        true
    }

    fn answer(&self, verdict: &Verdict, _payload: &Value) -> Reply {
        let decision = match verdict.result {
            DecisionResult::Allow => return Reply::json(&json!({"decision": "allow"})),
            DecisionResult::RequireApproval => "ask",
            DecisionResult::Deny => "deny",
        };
        Reply::json(&json!({
            "decision": decision,
            "reason": verdict.reason,
            "systemMessage": verdict.reason,
        }))
    }
}
