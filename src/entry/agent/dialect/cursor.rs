//! Cursor: flat `permission`, always printed, since with `failClosed` nothing
//! printed blocks. `ask` is accepted and was seen to act as deny without a
//! dialog, so approvals are had elsewhere. The model was seen to read
//! `user_message` and not `agent_message`: both say the same.

use serde_json::{Map, Value, json};

use super::{Dialect, directory, text, unfolded};
use crate::action::DecisionResult;
use crate::entry::agent::request::{Reply, Request, Verdict};

/// Cursor, in the editor and on the command line.
pub struct Cursor;

impl Dialect for Cursor {
    fn name(&self) -> &'static str {
        "cursor"
    }

    fn agent(&self) -> &'static str {
        "cursor"
    }

    fn recognises(&self, payload: &Value) -> bool {
        payload.get("cursor_version").is_some() || payload.get("conversation_id").is_some()
    }

    fn read(&self, payload: &Value) -> Option<Request> {
        let event = payload.get("hook_event_name")?.as_str()?;
        let session = [text(payload, "conversation_id"), text(payload, "session_id")];
        let request = Request {
            session: session.into_iter().find(|id| !id.is_empty()).unwrap_or_default(),
            call: text(payload, "tool_use_id"),
            directory: directory(payload, "cwd", "workspace_roots"),
            ..Request::default()
        };
        let (tool, params) = match event {
            "beforeShellExecution" => {
                ("Shell".to_owned(), json!({"command": payload.get("command")?.as_str()?}))
            }
            "beforeReadFile" => {
                ("Read".to_owned(), json!({"file_path": payload.get("file_path")?.as_str()?}))
            }
            "beforeMCPExecution" => (
                format!("mcp {}", payload.get("tool_name")?.as_str()?),
                unfolded(payload.get("tool_input")),
            ),
            "preToolUse" | "PreToolUse" => (
                payload.get("tool_name")?.as_str()?.to_owned(),
                unfolded(payload.get("tool_input")),
            ),
            _ => return Some(request),
        };
        let inside = directory(&params, "cwd", "");
        let inside =
            if request.directory.as_os_str().is_empty() { inside } else { request.directory };
        Some(Request { gates: true, tool, params, directory: inside, ..request })
    }

    fn answer(&self, verdict: &Verdict, _payload: &Value) -> Reply {
        let mut answer = Map::new();
        let allowed = verdict.result == DecisionResult::Allow;
        answer.insert("permission".into(), json!(if allowed { "allow" } else { "deny" }));
        if !allowed {
            answer.insert("user_message".into(), json!(verdict.reason));
            answer.insert("agent_message".into(), json!(verdict.reason));
        }
        Reply::json(&Value::Object(answer))
    }
}
