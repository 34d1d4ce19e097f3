//! OpenCode: saferun's own plugin (`hooks/opencode.js`) sends what
//! `tool.execute.before` gets, and throws unless the answer is allow.

use serde_json::{Value, json};

use super::{Dialect, directory, text, unfolded};
use crate::action::DecisionResult;
use crate::entry::agent::request::{Reply, Request, Verdict};

/// OpenCode.
pub struct OpenCode;

impl Dialect for OpenCode {
    fn name(&self) -> &'static str {
        "opencode"
    }

    fn agent(&self) -> &'static str {
        "opencode"
    }

    fn recognises(&self, payload: &Value) -> bool {
        payload.get("sessionID").is_some() && payload.get("callID").is_some()
    }

    fn read(&self, payload: &Value) -> Option<Request> {
        let tool = payload.get("tool")?.as_str().filter(|name| !name.is_empty())?;
        let params = unfolded(payload.get("args"));
        params.as_object()?;
        Some(Request {
            gates: true,
            tool: tool.to_owned(),
            params,
            session: text(payload, "sessionID"),
            call: text(payload, "callID"),
            directory: directory(payload, "directory", ""),
            ..Request::default()
        })
    }

    fn answer(&self, verdict: &Verdict, _payload: &Value) -> Reply {
        match verdict.result {
            DecisionResult::Allow => Reply::json(&json!({"decision": "allow"})),
            _ => Reply::json(&json!({"decision": "deny", "reason": verdict.reason})),
        }
    }
}
