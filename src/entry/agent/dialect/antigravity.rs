//! Antigravity: `toolCall` with a name and arguments, answered by `decision`.
//! There is no neutral answer; a missing one blocks. `force_ask` asks whatever
//! the user chose to allow for ever.

use serde_json::{Value, json};

use super::{Dialect, directory, text, unfolded};
use crate::action::DecisionResult;
use crate::entry::agent::request::{Reply, Request, Verdict};

/// Antigravity.
pub struct Antigravity;

impl Dialect for Antigravity {
    fn name(&self) -> &'static str {
        "antigravity"
    }

    fn agent(&self) -> &'static str {
        "antigravity"
    }

    fn recognises(&self, payload: &Value) -> bool {
        payload.get("toolCall").is_some()
    }

    fn read(&self, payload: &Value) -> Option<Request> {
        let call = payload.get("toolCall")?;
        let tool = call.get("name")?.as_str().filter(|name| !name.is_empty())?;
        let params = unfolded(call.get("args"));
        let ids = ["conversationId", "sessionId", "session_id"].map(|name| text(payload, name));
        let inside = directory(&params, "Cwd", "");
        let around = directory(payload, "cwd", "workspacePaths");
        Some(Request {
            gates: true,
            tool: tool.to_owned(),
            session: ids.into_iter().find(|id| !id.is_empty()).unwrap_or_default(),
            call: text(call, "id"),
            directory: if inside.as_os_str().is_empty() { around } else { inside },
            params,
            ..Request::default()
        })
    }

    fn asks(&self) -> bool {
        true
    }

    fn answer(&self, verdict: &Verdict, _payload: &Value) -> Reply {
        let decision = match verdict.result {
            DecisionResult::Allow => return Reply::json(&json!({"decision": "allow"})),
            DecisionResult::RequireApproval => "force_ask",
            DecisionResult::Deny => "deny",
        };
        Reply::json(&json!({"decision": decision, "reason": verdict.reason}))
    }
}
