//! Claude Code: `PreToolUse`, answered by `hookSpecificOutput`.
//!
//! Nothing printed is no opinion, so that the user's own permission rules go
//! on to count; `allow` would overrule them.

use serde_json::{Value, json};

use super::{Dialect, claude_shaped};
use crate::action::DecisionResult;
use crate::entry::agent::request::{Reply, Request, Verdict};

/// Claude Code.
pub struct Claude;

impl Dialect for Claude {
    fn name(&self) -> &'static str {
        "claude"
    }

    fn agent(&self) -> &'static str {
        "claude-code"
    }

    /// Too many others send the same.
    fn recognises(&self, _payload: &Value) -> bool {
        false
    }

    fn read(&self, payload: &Value) -> Option<Request> {
        let mode = payload.get("permission_mode").and_then(Value::as_str);
        let request = claude_shaped(payload, "PreToolUse")?;
        Some(Request { unattended: mode == Some("dontAsk"), ..request })
    }

    fn asks(&self) -> bool {
        true
    }

    fn answer(&self, verdict: &Verdict, _payload: &Value) -> Reply {
        let decision = match verdict.result {
            DecisionResult::Allow => return Reply::silent(),
            DecisionResult::RequireApproval => "ask",
            DecisionResult::Deny => "deny",
        };
        Reply::json(&hook_output(decision, &verdict.reason))
    }
}

/// The answer to `PreToolUse` in Claude Code's form.
pub(super) fn hook_output(decision: &str, reason: &str) -> Value {
    json!({"hookSpecificOutput": {
        "hookEventName": "PreToolUse",
        "permissionDecision": decision,
        "permissionDecisionReason": reason,
    }})
}
