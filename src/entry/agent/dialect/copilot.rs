//! GitHub Copilot, on the command line, in VS Code and in the cloud: the event
//! `preToolUse` comes in camel case, `PreToolUse` in Claude Code's form. The
//! answer stands at the top level; VS Code reads it from `hookSpecificOutput`.

use serde_json::{Value, json};

use super::claude::hook_output;
use super::{Dialect, claude_shaped, directory, is_event, text, unfolded};
use crate::action::DecisionResult;
use crate::entry::agent::request::{Reply, Request, Verdict};

/// GitHub Copilot.
pub struct Copilot;

impl Dialect for Copilot {
    fn name(&self) -> &'static str {
        "copilot"
    }

    fn agent(&self) -> &'static str {
        "copilot-cli"
    }

    fn recognises(&self, payload: &Value) -> bool {
        let has = |field| payload.get(field).is_some();
        let replayed = is_event(payload, "hook_event_name", "PreToolUse")
            && has("timestamp")
            && !has("transcript_path");
        (has("toolName") && has("toolArgs")) || replayed
    }

    fn read(&self, payload: &Value) -> Option<Request> {
        if payload.get("hook_event_name").is_some() {
            return claude_shaped(payload, "PreToolUse");
        }
        let tool = payload.get("toolName")?.as_str().filter(|name| !name.is_empty())?;
        Some(Request {
            gates: true,
            tool: tool.to_owned(),
            params: unfolded(payload.get("toolArgs")),
            session: text(payload, "sessionId"),
            call: text(payload, "toolCallId"),
            directory: directory(payload, "cwd", "workspaceRoots"),
            ..Request::default()
        })
    }

    fn asks(&self) -> bool {
        true
    }

    fn answer(&self, verdict: &Verdict, payload: &Value) -> Reply {
        let decision = match verdict.result {
            DecisionResult::Allow => return Reply::silent(),
            DecisionResult::RequireApproval => "ask",
            DecisionResult::Deny => "deny",
        };
        let mut answer = json!({
            "permissionDecision": decision,
            "permissionDecisionReason": verdict.reason,
        });
        if payload.get("hook_event_name").is_some() {
            let nested = hook_output(decision, &verdict.reason);
            answer["hookSpecificOutput"] = nested["hookSpecificOutput"].clone();
        }
        Reply::json(&answer)
    }
}
