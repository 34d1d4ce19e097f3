//! Cline: `preToolUse` in the editor, `tool_call` on the command line; answered
//! by `cancel`.

use serde_json::{Value, json};

use super::{Dialect, directory, is_event, text, unfolded};
use crate::action::DecisionResult;
use crate::entry::agent::request::{Reply, Request, Verdict};

/// Cline.
pub struct Cline;

impl Dialect for Cline {
    fn name(&self) -> &'static str {
        "cline"
    }

    fn agent(&self) -> &'static str {
        "cline"
    }

    fn recognises(&self, payload: &Value) -> bool {
        payload.get("clineVersion").is_some()
            || payload.get("preToolUse").is_some()
            || payload.get("tool_call").is_some()
    }

    fn read(&self, payload: &Value) -> Option<Request> {
        let ids = [text(payload, "taskId"), text(payload, "conversationId")];
        let request = Request {
            session: ids.into_iter().find(|id| !id.is_empty()).unwrap_or_default(),
            directory: directory(payload, "cwd", "workspaceRoots"),
            ..Request::default()
        };
        let Some(inner) = payload.get("preToolUse").or(payload.get("tool_call")) else {
            // Another event; its name says so.
            payload.get("hookName")?.as_str()?;
            let ours = ["PreToolUse", "tool_call"];
            let gates = ours.iter().any(|name| is_event(payload, "hookName", name));
            return (!gates).then_some(request);
        };
        let names = ["toolName", "tool", "name"];
        let tool = names.iter().find_map(|name| inner.get(*name)?.as_str())?;
        let params = ["parameters", "input", "arguments"].iter().find_map(|name| inner.get(*name));
        let params = with_inner_arguments(unfolded(params));
        let call = [text(inner, "id"), text(inner, "toolCallId")].concat();
        Some(Request { gates: true, tool: tool_name(tool, &params), params, call, ..request })
    }

    fn answer(&self, verdict: &Verdict, _payload: &Value) -> Reply {
        match verdict.result {
            DecisionResult::Allow => Reply::json(&json!({"cancel": false})),
            _ => Reply::json(&json!({"cancel": true, "errorMessage": verdict.reason})),
        }
    }
}

/// The tool of an MCP server that `use_mcp_tool` stands for.
fn tool_name(tool: &str, params: &Value) -> String {
    match params.get("tool_name").and_then(Value::as_str) {
        Some(name) => format!("mcp {} {name}", text(params, "server_name")),
        None => tool.to_owned(),
    }
}

/// Cline hands over every parameter as a string, objects too.
fn with_inner_arguments(mut params: Value) -> Value {
    if let Some(fields) = params.as_object_mut() {
        for name in ["arguments", "commands", "files", "edits"] {
            if let Some(value) = fields.get(name) {
                let inner = unfolded(Some(value));
                fields.insert(name.to_owned(), inner);
            }
        }
    }
    params
}
