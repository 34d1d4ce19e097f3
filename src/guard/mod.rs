//! CORRIDOR: the one line that everything walks.
//!
//! `Action` and `Facts` → [`judge`] → [`Log::record`] → [`seek`] → `Warrant`.
//! In: cases from a door. Out: warrants, or the first thing that stops them.
//! Each step consumes the one before, so there is no way around the log and
//! none around a person's answer. Never here: printing, parsing, executing.

//!
//! For actions that somebody names there is the [`DecisionPoint`]:
//!
//! ```
//! use saferun::action::DecisionResult;
//! use saferun::guard::{Guard, Request};
//! use serde_json::json;
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let point = Guard::builder().build()?;
//! let request = Request {
//!     operation: "delete-namespace".into(),
//!     target: Some("prod/payments".into()),
//!     caller: Some("deploy-agent".into()),
//!     params: json!({"namespace": "payments"}).as_object().cloned().unwrap_or_default(),
//!     ..Request::default()
//! };
//! let decision = point.check(request)?.decision();
//! assert_eq!(decision.result, DecisionResult::RequireApproval);
//! # Ok(())
//! # }
//! ```

mod builder;
mod identity;
mod point;
mod replay;
mod site;
mod sources;
#[cfg(feature = "client")]
mod used_tickets;
mod window_store;

pub use builder::Builder;
pub use identity::{Identify, NamesOnly, SignedCallers, anonymous, looks_like_token, unverified};
pub use point::{CheckError, Checked, DecisionPoint};
pub use replay::{Change, Replay, ReplayError, replay};
pub use site::{Site, SiteError, repository_log};
pub use sources::sources;
pub use window_store::{MemoryWindows, WindowStore};

pub use crate::policy::{Request, When};

use serde_json::{Value, json};

use crate::action::{Action, Decision, DecisionResult, Facts};
use crate::approval::{Channels, Grant, Refusal, Warrant, seek};
use crate::audit::{AuditError, EventType, Log, Recorded};
use crate::policy::{Policy, judge};

/// One thing that a door wants to pass.
#[derive(Debug, Clone)]
pub struct Case {
    /// What is wanted.
    pub action: Action,
    /// What is known about it.
    pub facts: Facts,
}

/// What stopped a case.
#[derive(Debug, thiserror::Error)]
pub enum Stopped {
    /// Nobody gave leave.
    #[error("{refusal}")]
    Refused {
        /// Everything that has no leave, as far as that was looked into.
        cases: Vec<RefusedCase>,
        /// Why it doesn't go on.
        refusal: Refusal,
    },
    /// What can't be written down doesn't happen.
    #[error(transparent)]
    Audit(#[from] AuditError),
}

/// One case without leave.
#[derive(Debug, Clone)]
pub struct RefusedCase {
    /// What was wanted.
    pub action: Action,
    /// What was decided about it.
    pub decision: Decision,
}

/// The guard of one process: a policy, a log, and the ways to a person.
pub struct Guard<'a> {
    /// What may happen.
    pub policy: &'a Policy,
    /// Where it is written down.
    pub log: &'a Log,
    /// Who can be asked.
    pub channels: Channels<'a>,
}

impl Guard<'_> {
    /// Begins a [`DecisionPoint`].
    #[must_use]
    pub fn builder() -> Builder {
        Builder::default()
    }

    /// Judges and records all cases, then gets leave for each. A denied case
    /// stops all before anybody is asked.
    ///
    /// # Errors
    /// The first case that doesn't pass, or the log that can't be written.
    pub fn pass(&self, cases: Vec<Case>) -> Result<Vec<Warrant>, Stopped> {
        self.pass_on(cases, &Value::Null)
    }

    /// [`Guard::pass`] that records what is known about the occasion.
    ///
    /// # Errors
    /// The first case that doesn't pass, or the log that can't be written.
    pub fn pass_on(&self, cases: Vec<Case>, occasion: &Value) -> Result<Vec<Warrant>, Stopped> {
        let mut recorded = Vec::with_capacity(cases.len());
        for Case { action, facts } in cases {
            let judged = judge(action, facts, self.policy);
            recorded.push(self.log.record(judged, occasion.clone())?);
        }
        let denied: Vec<&Recorded> = recorded.iter().filter(|one| self.is_denied(one)).collect();
        if !denied.is_empty() {
            return Err(refused(&denied, Refusal::Denied));
        }
        recorded.into_iter().map(|one| self.leave(one)).collect()
    }

    /// Lets an action go on, and uses its warrant up. What a person agreed to,
    /// and what destroyed something that was kept as snapshot `kept`, is
    /// recorded as an outcome; what simply goes on stands in the log already.
    ///
    /// # Errors
    /// Where the log can't be written; then the action should not go on.
    pub fn release(&self, warrant: Warrant, kept: Option<&str>) -> Result<(), AuditError> {
        if *warrant.grant() == Grant::Policy && kept.is_none() {
            return Ok(());
        }
        let outcome = json!({"outcome": "released", "snapshot": kept});
        self.log.follow(EventType::Outcome, warrant.recorded(), outcome).map(drop)
    }

    /// Whether the policy denies a case and no person allowed it once.
    fn is_denied(&self, recorded: &Recorded) -> bool {
        recorded.decision().result == DecisionResult::Deny
            && !self.channels.once.as_ref().is_some_and(|once| once.holds(recorded.action()))
    }

    /// Gets leave for one recorded case, and records the answer where a person
    /// was asked.
    fn leave(&self, recorded: Recorded) -> Result<Warrant, Stopped> {
        let asked = recorded.clone();
        match seek(recorded, &self.channels) {
            Ok(warrant) => {
                if *warrant.grant() != Grant::Policy {
                    self.log.follow(EventType::Approval, &asked, warrant.grant().to_json())?;
                }
                Ok(warrant)
            }
            Err(refusal) => {
                self.log.follow(EventType::Approval, &asked, answer(&refusal))?;
                Err(refused(&[&asked], refusal))
            }
        }
    }
}

fn answer(refusal: &Refusal) -> Value {
    let answer = if matches!(refusal, Refusal::LeftTo { .. }) { "left" } else { "refused" };
    json!({"answer": answer, "why": refusal.to_string()})
}

fn refused(recorded: &[&Recorded], refusal: Refusal) -> Stopped {
    let case =
        |one: &&Recorded| RefusedCase { action: one.action().clone(), decision: one.decision() };
    Stopped::Refused { cases: recorded.iter().map(case).collect(), refusal }
}
