//! The agents' protocols: one file each, and which of them a payload speaks.
//!
//! Sources and observed behaviour of each agent: docs/agents.md.

mod antigravity;
mod claude;
mod cline;
mod codex;
mod copilot;
mod cursor;
mod exit_two;
mod gemini;
mod opencode;
mod plain;
mod windsurf;

use std::path::PathBuf;

use serde_json::Value;

use super::request::{Reply, Request, Verdict};

/// An agent's protocol.
pub trait Dialect: Sync {
    /// Name on the command line, such as `claude`.
    fn name(&self) -> &'static str;

    /// Name of the agent as a caller, such as `claude-code`.
    fn agent(&self) -> &'static str;

    /// Whether only this agent sends such a payload.
    fn recognises(&self, payload: &Value) -> bool;

    /// Reads a payload; none where it is not of this protocol.
    fn read(&self, payload: &Value) -> Option<Request>;

    /// Whether `require_approval` makes the agent ask its user.
    fn asks(&self) -> bool {
        false
    }

    /// The answer, exactly as the agent expects it. `payload` is what it sent,
    /// or null where that can't be read.
    fn answer(&self, verdict: &Verdict, payload: &Value) -> Reply;
}

/// All protocols. Those that a payload tells for certain come first.
static DIALECTS: &[&dyn Dialect] = &[
    &antigravity::Antigravity,
    &windsurf::Windsurf,
    &cline::Cline,
    &opencode::OpenCode,
    &cursor::Cursor,
    &copilot::Copilot,
    &gemini::Gemini,
    &codex::Codex,
    &claude::Claude,
    &exit_two::KIMI,
    &exit_two::KIRO,
    &exit_two::DROID,
    &exit_two::DEVIN,
    &plain::Plain,
];

/// The protocol called `name`; some agents have two names.
#[must_use]
pub fn named(name: &str) -> Option<&'static dyn Dialect> {
    let name = match name {
        "claude-code" => "claude",
        "gemini-cli" => "gemini",
        "copilot-cli" | "vscode" => "copilot",
        "factory" | "factory-droid" => "droid",
        "kimi-code" => "kimi",
        "agy" => "antigravity",
        other => other,
    };
    DIALECTS.iter().copied().find(|dialect| dialect.name() == name)
}

/// The names of all protocols.
#[must_use]
pub fn names() -> Vec<&'static str> {
    DIALECTS.iter().map(|dialect| dialect.name()).collect()
}

/// The protocol that `payload` speaks: Cursor and Copilot run the hooks of
/// Claude Code's settings too, and each wants its own form of answer. Where the
/// payload leaves it open, the protocol that the hook was installed for.
#[must_use]
pub fn spoken(payload: &Value, installed: &'static dyn Dialect) -> &'static dyn Dialect {
    let certain = DIALECTS.iter().copied().find(|dialect| dialect.recognises(payload));
    let understood = |dialect: &dyn Dialect| dialect.read(payload).is_some();
    certain.unwrap_or(if !understood(installed) && understood(&claude::Claude) {
        &claude::Claude
    } else {
        installed
    })
}

/// The string in a field; empty where there is none.
fn text(payload: &Value, field: &str) -> String {
    payload.get(field).and_then(Value::as_str).unwrap_or_default().to_owned()
}

/// The directory in a field, or the first of the workspace's roots.
fn directory(payload: &Value, field: &str, roots: &str) -> PathBuf {
    let given = text(payload, field);
    let root = || payload.get(roots)?.as_array()?.first()?.as_str().map(str::to_owned);
    PathBuf::from(if given.is_empty() { root().unwrap_or_default() } else { given })
}

/// A value that some agents send as JSON inside of a string.
fn unfolded(value: Option<&Value>) -> Value {
    match value {
        Some(Value::String(text)) => serde_json::from_str(text)
            .ok()
            .filter(|inner: &Value| inner.is_object() || inner.is_array())
            .unwrap_or_else(|| Value::from(text.as_str())),
        Some(other) => other.clone(),
        None => Value::Null,
    }
}

/// Whether the event has this name, however it is spelled.
fn is_event(payload: &Value, field: &str, name: &str) -> bool {
    payload.get(field).and_then(Value::as_str).is_some_and(|event| {
        let letters = |text: &str| text.replace(['_', '-'], "").to_lowercase();
        letters(event) == letters(name)
    })
}

/// Reads the payload that Claude Code introduced and many took over: an event
/// name, a tool's name and input. None where there is no event; an event other
/// than `event` passes untouched.
fn claude_shaped(payload: &Value, event: &str) -> Option<Request> {
    payload.get("hook_event_name")?.as_str()?;
    let request = Request {
        session: text(payload, "session_id"),
        directory: directory(payload, "cwd", "workspace_roots"),
        ..Request::default()
    };
    if !is_event(payload, "hook_event_name", event) {
        return Some(request);
    }
    let tool = payload.get("tool_name")?.as_str().filter(|name| !name.is_empty())?;
    let params = unfolded(payload.get("tool_input"));
    let call = [text(payload, "tool_use_id"), text(payload, "tool_call_id")].concat();
    Some(Request { gates: true, tool: tool.to_owned(), params, call, ..request })
}
