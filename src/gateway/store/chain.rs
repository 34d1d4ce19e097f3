//! The audit log's hash chain: every event carries the hash of the one before.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::model::Actor;
use crate::action::{Digest, to_canonical_json};

/// What the first event carries as the hash of the one before.
pub const GENESIS: &str = "0000000000000000000000000000000000000000000000000000000000000000";

/// One event of the gateway's audit log.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct AuditEvent {
    /// Counts from 1 without gaps.
    pub seq: u64,
    /// When it happened, to the millisecond.
    pub at: Timestamp,
    /// What happened, such as `approval.approved`.
    pub kind: String,
    /// Who did it.
    pub actor: Actor,
    /// Identifier of the approval or key it is about.
    pub subject: String,
    /// More about it.
    pub details: Value,
    /// `entry_hash` of the event before; [`GENESIS`] for the first.
    pub prev_hash: String,
    /// SHA-256 of the canonical JSON (RFC 8785) of all the other members.
    pub entry_hash: String,
}

impl AuditEvent {
    /// The hash that `entry_hash` must be.
    #[must_use]
    pub fn computed_hash(&self) -> String {
        let value = json!({
            "seq": self.seq,
            "at": self.at,
            "kind": self.kind,
            "actor": self.actor,
            "subject": self.subject,
            "details": self.details,
            "prev_hash": self.prev_hash,
        });
        Digest::of(to_canonical_json(&value).as_bytes()).to_string()
    }
}

/// Result of recomputing the chain.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Verification {
    /// Whether every link holds.
    pub valid: bool,
    /// How many events were looked at.
    pub events: u64,
    /// Hash of the last one.
    pub head: String,
    /// Number of the first event that does not hold.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub broken_at: Option<u64>,
}

/// Walks a chain from its beginning.
#[derive(Debug)]
pub(super) struct Walk {
    seq: u64,
    head: String,
    broken_at: Option<u64>,
}

impl Walk {
    pub(super) fn new() -> Self {
        Self { seq: 0, head: GENESIS.to_owned(), broken_at: None }
    }

    pub(super) fn step(&mut self, event: &AuditEvent) {
        self.seq += 1;
        let holds = event.seq == self.seq
            && event.prev_hash == self.head
            && event.entry_hash == event.computed_hash();
        if !holds && self.broken_at.is_none() {
            self.broken_at = Some(self.seq);
        }
        self.head.clone_from(&event.entry_hash);
    }

    pub(super) fn finish(self) -> Verification {
        Verification {
            valid: self.broken_at.is_none(),
            events: self.seq,
            head: self.head,
            broken_at: self.broken_at,
        }
    }
}
