//! What was decided about an action, and why.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::Digest;

/// Outcome of a decision. Ordered by strictness, so that results combine by
/// `max`: `allow < require_approval < deny`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DecisionResult {
    /// Goes on at once.
    Allow,
    /// Goes on when a person agrees.
    RequireApproval,
    /// Does not go on.
    Deny,
}

impl DecisionResult {
    /// The name used in JSON and policies.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Allow => "allow",
            Self::RequireApproval => "require_approval",
            Self::Deny => "deny",
        }
    }
}

impl fmt::Display for DecisionResult {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Coarse risk class. The mapping from the 0–10 scale is [`RiskClass::of_risk`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RiskClass {
    /// Below 4.0.
    Low,
    /// 4.0 and above.
    Medium,
    /// 7.0 and above.
    High,
    /// 8.5 and above.
    Critical,
}

impl RiskClass {
    /// The lowest risk that is more than low.
    pub const LOWEST_MEDIUM: f64 = 4.0;

    /// The class of a risk score in 0.0–10.0.
    #[must_use]
    pub fn of_risk(risk: f64) -> Self {
        match risk {
            r if r >= 8.5 => Self::Critical,
            r if r >= 7.0 => Self::High,
            r if r >= Self::LOWEST_MEDIUM => Self::Medium,
            _ => Self::Low,
        }
    }

    /// The risk that stands for a class where only the class is known: 2.0,
    /// 5.0, 7.5 and 9.0, each in the middle of what [`RiskClass::of_risk`]
    /// puts into the class.
    #[must_use]
    pub fn score(self) -> f64 {
        match self {
            Self::Low => 2.0,
            Self::Medium => 5.0,
            Self::High => 7.5,
            Self::Critical => 9.0,
        }
    }

    /// The name used in JSON and policies.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
            Self::Critical => "critical",
        }
    }
}

/// One named contribution to the risk, or the rule that decided.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Reason {
    /// Stable machine-readable code, such as `force_push`.
    pub code: String,
    /// One sentence for people.
    pub message: String,
    /// What it adds to (or takes from) the risk, in points of the 0–10 scale.
    pub score: f64,
}

/// A decision with everything that explains it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Decision {
    /// What may happen.
    pub result: DecisionResult,
    /// Risk in 0.0–10.0, rounded to one decimal.
    pub risk: f64,
    /// Class of `risk`.
    pub risk_class: RiskClass,
    /// Everything that made up the risk, base first.
    pub reasons: Vec<Reason>,
    /// Name of the policy rule that decided, or none for the default.
    pub rule: Option<String>,
    /// A safer command to use instead, where there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub redirect: Option<String>,
    /// What the rule alone said, where something later made it stricter.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub escalated_from: Option<DecisionResult>,
    /// What the caller's actions of late add up to, where that is counted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cumulative: Option<Cumulative>,
    /// Digest of the action that was decided.
    pub action_digest: Digest,
    /// Identifier of the audit event that recorded it; empty until recorded.
    #[serde(default)]
    pub audit_id: String,
}

/// The sum of a caller's risk in a sliding window, this action included.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cumulative {
    /// Points.
    pub score: u64,
    /// Their class.
    pub class: RiskClass,
}
