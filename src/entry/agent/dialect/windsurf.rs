//! Windsurf's Cascade: an action's name and its `tool_info`; status 2 and text
//! on standard error block. Standard output is never read.

use serde_json::{Value, json};

use super::{Dialect, directory, text, unfolded};
use crate::action::DecisionResult;
use crate::entry::agent::request::{Reply, Request, Verdict};

/// Windsurf.
pub struct Windsurf;

impl Dialect for Windsurf {
    fn name(&self) -> &'static str {
        "windsurf"
    }

    fn agent(&self) -> &'static str {
        "windsurf"
    }

    fn recognises(&self, payload: &Value) -> bool {
        payload.get("agent_action_name").is_some()
    }

    fn read(&self, payload: &Value) -> Option<Request> {
        let action = payload.get("agent_action_name")?.as_str()?;
        let info = unfolded(payload.get("tool_info"));
        let request = Request {
            session: text(payload, "trajectory_id"),
            call: text(payload, "execution_id"),
            directory: directory(&info, "cwd", ""),
            ..Request::default()
        };
        let (tool, params) = match action {
            "pre_run_command" => {
                (action.to_owned(), json!({"command": info.get("command_line")?.as_str()?}))
            }
            "pre_write_code" | "pre_read_code" => {
                info.get("file_path")?.as_str()?;
                (action.to_owned(), info)
            }
            "pre_mcp_tool_use" => {
                let name = info.get("mcp_tool_name")?.as_str()?;
                let server = text(&info, "mcp_server_name");
                (format!("mcp {server} {name}"), unfolded(info.get("mcp_tool_arguments")))
            }
            _ => return Some(request),
        };
        Some(Request { gates: true, tool, params, ..request })
    }

    fn answer(&self, verdict: &Verdict, _payload: &Value) -> Reply {
        match verdict.result {
            DecisionResult::Allow => Reply::silent(),
            _ => Reply::blocked(&verdict.reason),
        }
    }
}
