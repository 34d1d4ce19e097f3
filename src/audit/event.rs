//! One event of the log, and its hash.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::action::{
    Action, Caller, Decision, DecisionResult, Digest, Facts, Reason, RiskClass, Signal,
    write_canonical, write_text,
};

/// `prev_hash` of the first event: 64 zeros.
pub const GENESIS_HASH: &str = "0000000000000000000000000000000000000000000000000000000000000000";

/// The member that holds an event's own hash.
const ENTRY_HASH: &str = "entry_hash";

/// What an event tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EventType {
    /// An action was judged.
    Decision,
    /// Somebody answered, or nobody did.
    Approval,
    /// The action was done, or was not.
    Outcome,
    /// The log mended itself after a crash.
    Recovery,
    /// The log goes on in this file.
    Rotation,
}

impl EventType {
    /// The name used in JSON.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Decision => "decision",
            Self::Approval => "approval",
            Self::Outcome => "outcome",
            Self::Recovery => "recovery",
            Self::Rotation => "rotation",
        }
    }
}

/// One line of the log: canonical JSON (RFC 8785) whose `entry_hash` is the
/// SHA-256 of the line without it, and whose `prev_hash` is the hash of the
/// line before.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Event {
    /// `evt-` and 12 hexadecimal characters.
    pub event_id: String,
    /// Number of the event in its log, from 1.
    pub seq: u64,
    /// When.
    pub timestamp: Timestamp,
    /// What it tells.
    pub event_type: EventType,
    /// Operation of the action.
    pub operation: String,
    /// Target of the action.
    pub target: String,
    /// Who asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub caller: Option<Caller>,
    /// Parameters of the action, redacted.
    #[serde(default, skip_serializing_if = "Value::is_null")]
    pub params: Value,
    /// What was decided.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub decision: Option<DecisionResult>,
    /// Risk in 0.0–10.0.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub risk: Option<f64>,
    /// Class of the risk.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub risk_class: Option<RiskClass>,
    /// Why, redacted.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub reasons: Vec<Reason>,
    /// Name of the rule that decided.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rule: Option<String>,
    /// Digest of the action.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub action_digest: Option<Digest>,
    /// Change ticket.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ticket_id: Option<String>,
    /// The decision event that this one follows.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub correlation_id: Option<String>,
    /// Anything else: who answered and how, what came of it.
    #[serde(default, skip_serializing_if = "Value::is_null")]
    pub context: Value,
    /// Hash of the event before, or [`GENESIS_HASH`].
    pub prev_hash: String,
    /// Hash of this event.
    pub entry_hash: String,
}

impl Event {
    /// An event that is not yet part of a log.
    #[must_use]
    pub fn new(event_type: EventType, at: Timestamp) -> Self {
        Self {
            event_id: String::new(),
            seq: 0,
            timestamp: at,
            event_type,
            operation: String::new(),
            target: String::new(),
            caller: None,
            params: Value::Null,
            decision: None,
            risk: None,
            risk_class: None,
            reasons: Vec::new(),
            rule: None,
            action_digest: None,
            ticket_id: None,
            correlation_id: None,
            context: Value::Null,
            prev_hash: String::new(),
            entry_hash: String::new(),
        }
    }

    /// With what else is to be known about it, besides what it holds already.
    pub(super) fn with_context(mut self, more: Value) -> Self {
        match (&mut self.context, more) {
            (Value::Object(own), Value::Object(more)) => own.extend(more),
            (own, more) if !more.is_null() => *own = more,
            _ => {}
        }
        self
    }

    /// The event that records a decision, and under `context.facts` whatever it
    /// depended on besides the action and the policy, so that it can be decided
    /// again. Evidence and messages are for people only.
    #[must_use]
    pub fn of_decision(action: &Action, decision: &Decision, facts: &Facts) -> Self {
        let bare = |signal: &Signal| Signal { code: signal.code.clone(), message: String::new() };
        let signals = facts.signals.iter().map(bare).collect();
        let facts = Facts { evidence: Vec::new(), signals, ..facts.clone() };
        let context = if facts == Facts::default() { Value::Null } else { json!({"facts": facts}) };
        Self {
            context,
            params: Value::Object(action.params.clone()),
            decision: Some(decision.result),
            risk: Some(decision.risk),
            risk_class: Some(decision.risk_class),
            reasons: decision.reasons.clone(),
            rule: decision.rule.clone(),
            ticket_id: action.ticket_id.clone(),
            ..Self::about(EventType::Decision, action)
        }
    }

    /// An event that follows a decision about `action`.
    #[must_use]
    pub fn about(event_type: EventType, action: &Action) -> Self {
        Self {
            operation: action.operation.clone(),
            target: action.target.clone(),
            caller: Some(action.caller.clone()),
            action_digest: Some(action.digest()),
            ..Self::new(event_type, action.at)
        }
    }

    /// The line of an event with this content: canonical JSON with the hash
    /// put in.
    #[must_use]
    pub fn seal(&mut self) -> String {
        let mut line = String::new();
        self.seal_into(&mut line);
        line
    }

    /// [`Event::seal`], at the end of `out`.
    pub(super) fn seal_into(&mut self, out: &mut String) {
        let start = out.len();
        let at = self.write_members(out);
        let hash = Digest::of(out.get(start..).unwrap_or_default().as_bytes());
        self.entry_hash = hash.to_string();
        out.insert_str(at, &format!("\"{ENTRY_HASH}\":\"{hash}\","));
    }

    /// Everything but [`ENTRY_HASH`]; returns where that goes.
    fn write_members(&self, out: &mut String) -> usize {
        let Self {
            event_id,
            seq,
            timestamp,
            event_type,
            operation,
            target,
            caller,
            params,
            decision,
            risk,
            risk_class,
            reasons,
            rule,
            action_digest,
            ticket_id,
            correlation_id,
            context,
            prev_hash,
            entry_hash: _,
        } = self;
        let reasons = if reasons.is_empty() { Value::Null } else { json!(reasons) };
        out.push('{');
        text(out, "action_digest", action_digest.map(|digest| digest.to_string()));
        value(out, "caller", &json!(caller));
        value(out, "context", context);
        text(out, "correlation_id", correlation_id.as_deref());
        text(out, "decision", decision.map(DecisionResult::as_str));
        let at = out.len();
        text(out, "event_id", Some(event_id));
        text(out, "event_type", Some(event_type.as_str()));
        text(out, "operation", Some(operation));
        value(out, "params", params);
        text(out, "prev_hash", Some(prev_hash));
        value(out, "reasons", &reasons);
        value(out, "risk", &json!(risk));
        text(out, "risk_class", risk_class.map(RiskClass::as_str));
        text(out, "rule", rule.as_deref());
        value(out, "seq", &json!(seq));
        text(out, "target", Some(target));
        text(out, "ticket_id", ticket_id.as_deref());
        text(out, "timestamp", Some(timestamp.to_string()));
        out.pop();
        out.push('}');
        at
    }
}

/// A member and a comma, unless there is none.
fn text(out: &mut String, name: &str, held: Option<impl AsRef<str>>) {
    if let Some(held) = held {
        write_text(name, out);
        out.push(':');
        write_text(held.as_ref(), out);
        out.push(',');
    }
}

/// [`text`] for any value.
fn value(out: &mut String, name: &str, held: &Value) {
    if !held.is_null() {
        write_text(name, out);
        out.push(':');
        write_canonical(held, out);
        out.push(',');
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::action::{Caller, CallerKind, to_canonical_json};

    fn full() -> Event {
        let reason =
            |code: &str| Reason { code: code.to_owned(), message: "\"so\"".into(), score: 0.5 };
        Event {
            event_id: "evt-1".to_owned(),
            seq: 7,
            operation: "git.push".to_owned(),
            target: "a\u{e9}\n".to_owned(),
            caller: Some(Caller::named("ada", CallerKind::Human)),
            params: json!({"b": 1.0, "a": {"entry_hash": null}}),
            decision: Some(DecisionResult::RequireApproval),
            risk: Some(7.0),
            risk_class: Some(RiskClass::High),
            reasons: vec![reason("one"), reason("other")],
            rule: Some("rule".to_owned()),
            action_digest: Some(Digest::of(b"x")),
            ticket_id: Some("OPS-1".to_owned()),
            correlation_id: Some("evt-0".to_owned()),
            context: json!({"entry_hash": "not this"}),
            prev_hash: GENESIS_HASH.to_owned(),
            ..Event::new(EventType::Decision, Timestamp::UNIX_EPOCH)
        }
    }

    #[test]
    fn a_line_is_the_canonical_json_of_its_event() {
        for mut event in [full(), Event::new(EventType::Outcome, Timestamp::UNIX_EPOCH)] {
            let line = event.seal();
            let mut value = serde_json::to_value(&event).expect("JSON");
            assert_eq!(line, to_canonical_json(&value));
            let members = value.as_object_mut().expect("an object");
            let hash = members.shift_remove(ENTRY_HASH).expect("a hash");
            assert_eq!(hash, Digest::of(to_canonical_json(&value).as_bytes()).to_string());
        }
    }
}
