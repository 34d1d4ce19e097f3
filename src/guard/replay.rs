//! What another policy would have decided: the decisions of an audit log,
//! decided again with the facts that stand beside them.

use std::io;
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use serde::Serialize;
use serde_json::{Map, Value};

use crate::action::{Action, Caller, CallerKind, DecisionResult, Facts};
use crate::audit::Log;
use crate::policy::{Policy, When, decide};

/// What came of a replay.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Replay {
    /// Decisions that were decided again.
    pub decisions: usize,
    /// Those that would be others.
    pub changes: Vec<Change>,
}

/// One decision that would be another.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Change {
    /// Id of its event.
    pub audit_id: String,
    /// When it was made.
    pub at: Timestamp,
    /// Who asked.
    pub caller: String,
    /// Operation.
    pub operation: String,
    /// Target.
    pub target: String,
    /// What was decided.
    pub before: DecisionResult,
    /// What would be.
    pub after: DecisionResult,
    /// The rule that would decide.
    pub rule: Option<String>,
}

/// A log that can't be replayed.
#[derive(Debug, thiserror::Error)]
#[error("cannot read the audit log `{}`: {source}", path.display())]
pub struct ReplayError {
    /// The log.
    pub path: PathBuf,
    /// Why.
    pub source: std::io::Error,
}

/// Decides everything that the log at `path` has again, in all of its files. Lines that are no
/// decisions are passed over; saferun's own logs and Agent-Safe's are read.
///
/// # Errors
/// Where the log can't be read.
pub fn replay(path: &Path, policy: &Policy) -> Result<Replay, ReplayError> {
    let failed = |source| ReplayError { path: path.to_owned(), source };
    let closed = Policy { closed: true, ..policy.clone() };
    let mut told = Replay { decisions: 0, changes: Vec::new() };
    let mut lines = 0;
    let read = Log::at(path.to_owned()).each_line(|line| {
        lines += 1;
        if let Some(past) = serde_json::from_slice(line).ok().and_then(|event| past(&event)) {
            told.decisions += 1;
            told.changes.extend(past.change(if past.closed { &closed } else { policy }));
        }
        true
    });
    read.map_err(failed)?;
    if lines == 0 && !path.exists() {
        return Err(failed(io::ErrorKind::NotFound.into()));
    }
    Ok(told)
}

/// A decision of a log.
struct Past {
    audit_id: String,
    action: Action,
    facts: Facts,
    result: DecisionResult,
    /// Whether it was denied for being unknown.
    closed: bool,
}

impl Past {
    /// What `policy` decides, where that is something else.
    fn change(&self, policy: &Policy) -> Option<Change> {
        let verdict = decide(&self.action, &self.facts, policy);
        (verdict.result() != self.result).then(|| Change {
            audit_id: self.audit_id.clone(),
            at: self.action.at,
            caller: self.action.caller.display(),
            before: self.result,
            after: verdict.result(),
            rule: verdict.rule().map(|rule| rule.name.clone()),
            operation: self.action.operation.clone(),
            target: self.action.target.clone(),
        })
    }
}

fn past(event: &Value) -> Option<Past> {
    if event["event_type"] != "decision" {
        return None;
    }
    let text = |key: &str| event[key].as_str().map(str::to_owned);
    let when = When::parse(event["timestamp"].as_str()?)?;
    let facts = Facts {
        utc_offset_seconds: when.utc_offset_seconds,
        ..serde_json::from_value(event["context"]["facts"].clone()).unwrap_or_default()
    };
    let caller = match &event["caller"] {
        Value::String(id) => Caller::named(id.as_str(), CallerKind::Service),
        caller => serde_json::from_value(caller.clone()).ok()?,
    };
    let reasons = event["reasons"].as_array();
    Some(Past {
        closed: reasons.is_some_and(|all| all.iter().any(|one| one["code"] == "unknown_action")),
        audit_id: text("event_id")?,
        action: Action {
            operation: text("operation").or_else(|| text("action"))?,
            target: text("target")?,
            caller,
            params: event["params"].as_object().cloned().unwrap_or_else(Map::new),
            ticket_id: text("ticket_id"),
            at: when.at,
        },
        facts,
        result: serde_json::from_value(event["decision"].clone()).ok()?,
    })
}
