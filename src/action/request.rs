//! An approval request: what is sent to a gateway, and what comes back.

use std::fmt;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{Action, Caller, Decision, Digest, Evidence, Reason};

/// Body of `POST /v1/approvals`: one judged action that waits for a person.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ApprovalRequest {
    /// The action; the gateway computes the digest itself.
    pub action: Action,
    /// What policy said.
    pub decision: Decision,
    /// Shown to the approver.
    #[serde(default)]
    pub evidence: Vec<Evidence>,
    /// How long the request may stay pending, in seconds (1 to 86,400).
    pub ttl_seconds: u32,
}

/// State of an approval: `pending → approved → used`, or `rejected`,
/// `expired`, `cancelled`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, clap::ValueEnum)]
#[serde(rename_all = "snake_case")]
pub enum ApprovalState {
    /// Waits for a person.
    Pending,
    /// A person agreed; may be used once.
    Approved,
    /// The action was let through.
    Used,
    /// A person refused.
    Rejected,
    /// Nobody answered in time, or the grant was not used in time.
    Expired,
    /// The requester gave up.
    Cancelled,
}

impl ApprovalState {
    /// The name used in JSON.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Approved => "approved",
            Self::Used => "used",
            Self::Rejected => "rejected",
            Self::Expired => "expired",
            Self::Cancelled => "cancelled",
        }
    }

    /// Reads the name used in JSON.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Pending, Self::Approved, Self::Used, Self::Rejected, Self::Expired, Self::Cancelled]
            .into_iter()
            .find(|state| state.as_str() == text)
    }
}

impl fmt::Display for ApprovalState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// An approval as `saferun approvals list --json` and `GET /v1/approvals` show it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ApprovalView {
    /// Identifier, `apr-` and 26 characters.
    pub id: String,
    /// Where it stands.
    pub state: ApprovalState,
    /// Operation of the action.
    pub operation: String,
    /// Target of the action.
    pub target: String,
    /// Who asks.
    pub caller: Caller,
    /// Risk in 0.0–10.0.
    pub risk: f64,
    /// What made up the risk.
    pub reasons: Vec<Reason>,
    /// Digest that the approval is bound to.
    pub action_digest: Digest,
    /// When it was asked for.
    pub created_at: Timestamp,
    /// When it stops being valid.
    pub expires_at: Timestamp,
    /// Counts every change of state from 1; `GET …?wait=…&version=n` waits
    /// until it differs from `n`.
    pub version: u64,
    /// Parameters of the action.
    #[serde(default, skip_serializing_if = "serde_json::Map::is_empty")]
    pub params: serde_json::Map<String, serde_json::Value>,
    /// Shown to the approver; only in the answer for one approval.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub evidence: Vec<Evidence>,
    /// Name of the key that answered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resolved_by: Option<String>,
    /// When it was answered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resolved_at: Option<Timestamp>,
    /// What the approver wrote.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resolution_reason: Option<String>,
}
