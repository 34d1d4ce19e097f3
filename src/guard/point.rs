//! The policy decision point: the line of the guard for actions that somebody
//! names, instead of those that saferun recognises by itself.

use std::io;
use std::sync::Arc;

use jiff::Timestamp;
use serde_json::Value;

use super::identity::{Identify, anonymous};
use super::window_store::WindowStore;
use crate::action::{Action, Caller, Decision, DecisionResult, Facts, Identity, RiskClass, Usage};
use crate::audit::{AuditError, EventType, Log, Recorded};
use crate::identity::{Authority, Ticket, TicketError};
use crate::policy::{Demand, Judged, Policy, Request, When, Windows, judge};

/// A policy with everything around it that a decision needs.
pub struct DecisionPoint {
    pub(super) policy: Policy,
    pub(super) log: Option<Log>,
    pub(super) windows: Box<dyn WindowStore>,
    pub(super) identify: Box<dyn Identify>,
    pub(super) authority: Option<Arc<Authority>>,
    pub(super) require_signed: bool,
    pub(super) process: Option<Caller>,
}

/// An answered question.
#[derive(Debug, Clone)]
pub struct Checked {
    judged: Judged,
    recorded: Option<Recorded>,
    own_class: RiskClass,
    target: String,
    preview: bool,
}

impl Checked {
    /// What was asked.
    #[must_use]
    pub fn action(&self) -> &Action {
        self.judged.action()
    }

    /// What was known.
    #[must_use]
    pub fn facts(&self) -> &Facts {
        self.judged.facts()
    }

    /// What was decided, with the id of the event that recorded it.
    #[must_use]
    pub fn decision(&self) -> Decision {
        self.recorded.as_ref().map_or_else(|| self.judged.decision().clone(), Recorded::decision)
    }

    /// The decision as the log has it, where there is a log.
    #[must_use]
    pub fn recorded(&self) -> Option<&Recorded> {
        self.recorded.as_ref()
    }

    /// Class of the operation's own risk, whatever the target.
    #[must_use]
    pub fn own_class(&self) -> RiskClass {
        self.own_class
    }

    /// The target as the inventory knows it: `unknown` where the operation acts
    /// on the inventory and the target isn't listed.
    #[must_use]
    pub fn target(&self) -> &str {
        &self.target
    }
}

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub enum CheckError {
    /// What can't be written down isn't decided.
    #[error(transparent)]
    Audit(#[from] AuditError),
    /// What callers did lately can't be read or kept.
    #[error("cannot keep count of what callers do: {0}")]
    Windows(#[from] io::Error),
    /// What is allowed can't be put into a ticket.
    #[error("cannot make a ticket: {0}")]
    Ticket(#[from] TicketError),
}

impl DecisionPoint {
    /// Decides and records.
    ///
    /// # Errors
    /// Where the log or the windows can't be written; then nothing may happen.
    pub fn check(&self, request: Request) -> Result<Checked, CheckError> {
        self.check_after(&mut Windows::default(), request)
    }

    /// Decides and records the steps of a plan, each with what the ones before
    /// it add up to, also where they are asked for another time.
    ///
    /// # Errors
    /// As [`DecisionPoint::check`], at the first step without an answer.
    pub fn check_plan(&self, plan: Vec<Request>) -> Result<Vec<Checked>, CheckError> {
        let mut rehearsed = Windows::default();
        plan.into_iter().map(|request| self.check_after(&mut rehearsed, request)).collect()
    }

    /// Decides after what was only rehearsed.
    fn check_after(
        &self,
        rehearsed: &mut Windows,
        request: Request,
    ) -> Result<Checked, CheckError> {
        let preview = request.at.is_some();
        let (action, facts) = self.put_in_words(request);
        let policy = &self.policy;
        let known = policy.registry.get(&action.operation);
        let own_class = known.as_ref().map_or(RiskClass::Critical, |known| known.risk_class());
        let listed = policy.inventory.get(&action.target).is_some();
        let closed = known.as_ref().is_none_or(|known| !known.target_types.is_empty());
        let target =
            if closed && !listed { UNKNOWN_TARGET.to_owned() } else { action.target.clone() };
        let judged = self.judge(action, facts, preview.then_some(rehearsed))?;
        let recorded =
            self.log.as_ref().map(|log| log.record(judged.clone(), Value::Null)).transpose()?;
        Ok(Checked { judged, recorded, own_class, target, preview })
    }

    /// Records what became of a question, where there is a log.
    ///
    /// # Errors
    /// Where the log can't be written.
    pub fn record_answer(&self, checked: &Checked, answer: Value) -> Result<(), AuditError> {
        match (&self.log, &checked.recorded) {
            (Some(log), Some(recorded)) => {
                log.follow(EventType::Approval, recorded, answer).map(drop)
            }
            _ => Ok(()),
        }
    }

    /// A ticket for what was asked, where it is allowed and there is a key that
    /// signs. `leave` is the decision, or the one that a person's answer made of
    /// it. Whoever asks for another time gets none.
    ///
    /// # Errors
    /// Where no ticket can be made.
    pub fn ticket(
        &self,
        checked: &Checked,
        leave: &Decision,
    ) -> Result<Option<Ticket>, CheckError> {
        let signing = self.authority.as_ref().filter(|one| one.keys().signer().can_sign());
        let Some(authority) = signing else { return Ok(None) };
        let allowed = leave.result == DecisionResult::Allow
            && leave.action_digest == checked.judged.decision().action_digest;
        if !allowed || checked.preview {
            return Ok(None);
        }
        let now = Timestamp::now();
        Ok(Some(Ticket::issue(authority, checked.action(), &leave.audit_id, now)?))
    }

    /// The policy that decides.
    #[must_use]
    pub fn policy(&self) -> &Policy {
        &self.policy
    }

    fn put_in_words(&self, request: Request) -> (Action, Facts) {
        let now = || When { at: Timestamp::now(), utc_offset_seconds: 0 };
        let when = request.at.unwrap_or_else(now);
        let (caller, identity) = match (request.identity, request.caller) {
            (Some(caller), _) => (caller, Identity::Claimed),
            (None, Some(shown)) => self.identify.identify(&shown, when.at),
            (None, None) => (anonymous(), Identity::Claimed),
        };
        let identity = match identity {
            Identity::Claimed if self.require_signed => {
                Identity::Refused("a signed identity is required".to_owned())
            }
            identity => identity,
        };
        let caller = match &self.process {
            Some(process) => Caller { kind: process.kind, agent: process.agent.clone(), ..caller },
            None => caller,
        };
        let facts =
            Facts { utc_offset_seconds: when.utc_offset_seconds, identity, ..Facts::default() };
        let action = Action {
            operation: request.operation,
            target: request.target.unwrap_or_else(|| UNKNOWN_TARGET.to_owned()),
            caller,
            params: request.params,
            ticket_id: request.ticket_id,
            at: when.at,
        };
        (action, facts)
    }

    /// Counts, and judges with what counts; what is rehearsed is counted there
    /// only.
    fn judge(
        &self,
        action: Action,
        mut facts: Facts,
        rehearsed: Option<&mut Windows>,
    ) -> Result<Judged, CheckError> {
        let limits = &self.policy.limits;
        if limits.need_state() {
            let demand = Demand::of(&action, &facts, &self.policy);
            let usage: Usage = match rehearsed {
                None => self.windows.count(&demand, limits)?,
                Some(windows) => {
                    let before = self.windows.look(&demand, limits, action.at)?;
                    windows.count(&demand, limits, action.at, before)
                }
            };
            facts.usage = Some(usage);
        }
        Ok(judge(action, facts, &self.policy))
    }
}

/// Target where none is named, or none that the inventory lists.
const UNKNOWN_TARGET: &str = "unknown";
