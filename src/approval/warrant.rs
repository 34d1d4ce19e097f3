//! The leave to do exactly one action, once.

use serde_json::{Value, json};

use crate::action::Action;
use crate::audit::Recorded;

/// Leave to do one recorded action. Only [`super::seek`] makes one; it can't
/// be copied, and whoever executes consumes it.
#[derive(Debug)]
pub struct Warrant {
    recorded: Recorded,
    grant: Grant,
}

/// Whose leave it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Grant {
    /// The policy allows it.
    Policy,
    /// A person at the terminal typed the confirmation.
    Terminal {
        /// Who.
        by: String,
    },
    /// A person answered at the gateway, and the approval was used up.
    Gateway {
        /// Id of the approval.
        id: String,
        /// Who.
        by: String,
    },
    /// A person allowed this very action once, beforehand.
    Once {
        /// Who.
        by: String,
    },
    /// A person broke the glass: no answer could be had, and the reason stands
    /// in the log.
    BreakGlass {
        /// Why.
        reason: String,
    },
}

impl Warrant {
    pub(super) fn new(recorded: Recorded, grant: Grant) -> Self {
        Self { recorded, grant }
    }

    /// What may be done.
    #[must_use]
    pub fn action(&self) -> &Action {
        self.recorded.action()
    }

    /// The decision it stands on.
    #[must_use]
    pub fn recorded(&self) -> &Recorded {
        &self.recorded
    }

    /// Whose leave it is.
    #[must_use]
    pub fn grant(&self) -> &Grant {
        &self.grant
    }
}

impl Grant {
    /// As the audit log tells it.
    #[must_use]
    pub fn to_json(&self) -> Value {
        match self {
            Self::Policy => json!({"answer": "allowed", "channel": "policy"}),
            Self::Terminal { by } => json!({"answer": "approved", "channel": "terminal", "by": by}),
            Self::Gateway { id, by } => {
                json!({"answer": "approved", "channel": "gateway", "approval_id": id, "by": by})
            }
            Self::Once { by } => {
                json!({"answer": "approved", "channel": "allow_once", "by": by})
            }
            Self::BreakGlass { reason } => {
                json!({"answer": "approved", "channel": "break_glass", "reason": reason})
            }
        }
    }
}
