//! saferun's own protocol, for any other agent: one JSON object in, one out.
//!
//! In: `tool`, one or more of `command`, `path`, `content`, `params`, and
//! optionally `cwd`, `session`, `call_id`, `agent`. Out: `decision` (`allow`,
//! `require_approval` or `deny`), `reason`, `redirect`, `risk`, `audit_id`.

use serde_json::{Map, Value, json};

use super::{Dialect, directory, text};
use crate::entry::agent::request::{Reply, Request, Verdict};

/// Any agent.
pub struct Plain;

/// Fields that are about the call and not parameters of the tool.
const AROUND: &[&str] = &["tool", "params", "cwd", "session", "call_id", "agent"];

impl Dialect for Plain {
    fn name(&self) -> &'static str {
        "plain"
    }

    fn agent(&self) -> &'static str {
        "agent"
    }

    fn recognises(&self, _payload: &Value) -> bool {
        false
    }

    fn read(&self, payload: &Value) -> Option<Request> {
        let fields = payload.as_object()?;
        let tool = payload.get("tool")?.as_str().filter(|name| !name.is_empty())?;
        let mut params: Map<String, Value> =
            payload.get("params").and_then(Value::as_object).cloned().unwrap_or_default();
        let own = fields.iter().filter(|(name, _)| !AROUND.contains(&name.as_str()));
        params.extend(own.map(|(name, value)| (name.clone(), value.clone())));
        let agent: String = text(payload, "agent")
            .chars()
            .filter(|c| c.is_ascii_alphanumeric() || "-_.".contains(*c))
            .take(40)
            .collect();
        Some(Request {
            gates: true,
            tool: tool.to_owned(),
            params: Value::Object(params),
            session: text(payload, "session"),
            call: text(payload, "call_id"),
            directory: directory(payload, "cwd", ""),
            unattended: false,
            agent: (!agent.is_empty()).then_some(agent),
        })
    }

    fn answer(&self, verdict: &Verdict, _payload: &Value) -> Reply {
        Reply::json(&json!({
            "decision": verdict.result,
            "reason": verdict.reason,
            "redirect": verdict.redirect,
            "risk": verdict.risk,
            "audit_id": verdict.audit_id,
        }))
    }
}
