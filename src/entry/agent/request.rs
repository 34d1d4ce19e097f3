//! What an agent asks and what it is told, whatever its protocol.

use std::path::PathBuf;

use serde_json::Value;

use crate::action::DecisionResult;

/// One event of an agent, read from its protocol.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Request {
    /// Whether the agent waits for leave; other events pass untouched.
    pub gates: bool,
    /// Name of the tool, as the agent calls it.
    pub tool: String,
    /// The tool's parameters.
    pub params: Value,
    /// The agent's session; empty where it names none.
    pub session: String,
    /// The tool call; empty where the agent names none.
    pub call: String,
    /// Where the agent works; empty where it doesn't say.
    pub directory: PathBuf,
    /// Nobody sits there to be asked.
    pub unattended: bool,
    /// Name of the agent where the payload tells it.
    pub agent: Option<String>,
}

/// What becomes of a tool call.
#[derive(Debug, Clone, PartialEq)]
pub struct Verdict {
    /// What may happen: `require_approval` asks at the agent's own prompt.
    pub result: DecisionResult,
    /// Why, and what to do next: for the agent and its user, without secrets.
    pub reason: String,
    /// A safer command to use instead.
    pub redirect: Option<String>,
    /// Risk in 0.0–10.0.
    pub risk: f64,
    /// The audit event that recorded it; empty where nothing was.
    pub audit_id: String,
}

impl Verdict {
    /// Nothing to say about it.
    #[must_use]
    pub fn neutral() -> Self {
        Self {
            result: DecisionResult::Allow,
            reason: String::new(),
            redirect: None,
            risk: 0.0,
            audit_id: String::new(),
        }
    }

    /// Stopped without a judgment, because there could be none.
    #[must_use]
    pub fn unjudged(why: &str) -> Self {
        let reason = format!("saferun stops this tool call: {why}");
        Self { result: DecisionResult::Deny, reason, risk: 10.0, ..Self::neutral() }
    }
}

/// The bytes of an answer, and the status that goes with them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Reply {
    /// For standard output.
    pub out: String,
    /// For standard error.
    pub err: String,
    /// Exit status.
    pub code: u8,
}

impl Reply {
    /// Nothing said, status 0.
    #[must_use]
    pub fn silent() -> Self {
        Self::default()
    }

    /// One line of JSON, status 0.
    #[must_use]
    pub fn json(value: &Value) -> Self {
        Self { out: format!("{value}\n"), ..Self::default() }
    }

    /// Text on standard error, status 2: how several agents are told no.
    #[must_use]
    pub fn blocked(reason: &str) -> Self {
        Self { err: format!("{reason}\n"), code: 2, ..Self::default() }
    }
}
