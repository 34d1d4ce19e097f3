//! One event of the log, and its hash.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::action::{
    Action, Caller, Decision, DecisionResult, Digest, Facts, Reason, RiskClass, Signal,
    to_canonical_json,
};

/// `prev_hash` of the first event: 64 zeros.
pub const GENESIS_HASH: &str = "0000000000000000000000000000000000000000000000000000000000000000";

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
        self.entry_hash.clear();
        let mut value = serde_json::to_value(&*self).unwrap_or_default();
        self.entry_hash = hash_of(&value);
        if let Some(object) = value.as_object_mut() {
            object.insert("entry_hash".into(), Value::from(self.entry_hash.as_str()));
        }
        to_canonical_json(&value)
    }
}

/// SHA-256 of the canonical JSON of an event without its `entry_hash`.
#[must_use]
pub(super) fn hash_of(event: &Value) -> String {
    let mut bare = event.clone();
    if let Some(object) = bare.as_object_mut() {
        object.remove("entry_hash");
    }
    Digest::of(to_canonical_json(&bare).as_bytes()).to_string()
}
