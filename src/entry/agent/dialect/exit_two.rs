//! Kimi Code, Kiro, Factory Droid and Devin: Claude Code's payload, and status
//! 2 with text on standard error to block.

use serde_json::Value;

use super::{Dialect, claude_shaped};
use crate::action::DecisionResult;
use crate::entry::agent::request::{Reply, Request, Verdict};

/// An agent that is told no by status 2.
pub struct ExitTwo {
    name: &'static str,
    agent: &'static str,
}

/// Kimi Code.
pub static KIMI: ExitTwo = ExitTwo { name: "kimi", agent: "kimi-code" };
/// Kiro.
pub static KIRO: ExitTwo = ExitTwo { name: "kiro", agent: "kiro" };
/// Factory's Droid.
pub static DROID: ExitTwo = ExitTwo { name: "droid", agent: "factory-droid" };
/// Devin's command line.
pub static DEVIN: ExitTwo = ExitTwo { name: "devin", agent: "devin" };

impl Dialect for ExitTwo {
    fn name(&self) -> &'static str {
        self.name
    }

    fn agent(&self) -> &'static str {
        self.agent
    }

    fn recognises(&self, _payload: &Value) -> bool {
        false
    }

    fn read(&self, payload: &Value) -> Option<Request> {
        claude_shaped(payload, "PreToolUse").or_else(|| bare(payload))
    }

    fn answer(&self, verdict: &Verdict, _payload: &Value) -> Reply {
        match verdict.result {
            DecisionResult::Allow => Reply::silent(),
            _ => Reply::blocked(&verdict.reason),
        }
    }
}

/// A tool's name and input alone, as Devin sends them.
fn bare(payload: &Value) -> Option<Request> {
    let mut named = payload.clone();
    payload.get("tool_input")?;
    named.as_object_mut()?.insert("hook_event_name".into(), Value::from("PreToolUse"));
    claude_shaped(&named, "PreToolUse")
}
