//! A decision before it is put into words.

use super::Operation;
use super::decide::{base_risk, points};
use super::registry::Found;
use super::rules::Rule;
use crate::action::{Action, Cumulative, Decision, DecisionResult, Facts, Reason, RiskClass};
use crate::policy::Sensitivity;

/// What was decided, and everything that explains it, without a word of text.
#[derive(Debug)]
pub struct Verdict<'p> {
    result: DecisionResult,
    risk: f64,
    risk_class: RiskClass,
    own_risk: f64,
    sensitivity: Option<Sensitivity>,
    operation: Option<Found<'p>>,
    cause: Cause<'p>,
    cumulative: Option<Cumulative>,
    /// What it was before the caller's risk made it stricter, and from which
    /// sum on it does.
    escalated: Option<(DecisionResult, u64)>,
}

/// What decided.
#[derive(Debug)]
pub(super) enum Cause<'p> {
    /// A rule.
    Rule(&'p Rule),
    /// The default of a layer.
    Default,
    /// Nothing at all.
    NoRule,
    /// A proof of identity that proves nothing.
    Identity(String),
    /// Too many requests.
    Rate { most: u64, seconds: i64 },
    /// Too many denials.
    Breaker { seconds: i64 },
    /// The registry doesn't know the operation.
    Unknown,
    /// Parameters that the operation doesn't take.
    Parameters(Vec<String>),
    /// The operation is not for such targets.
    TargetType(String),
    /// A parameter that belongs to another target.
    Foreign { name: String, value: String },
}

impl<'p> Verdict<'p> {
    pub(super) fn new(
        operation: Option<Found<'p>>,
        own_risk: f64,
        risk: f64,
        risk_class: RiskClass,
        sensitivity: Option<Sensitivity>,
    ) -> Self {
        Self {
            result: DecisionResult::Deny,
            risk,
            risk_class,
            own_risk,
            sensitivity,
            operation,
            cause: Cause::NoRule,
            cumulative: None,
            escalated: None,
        }
    }

    pub(super) fn because(&mut self, result: DecisionResult, cause: Cause<'p>) {
        self.result = result;
        self.cause = cause;
    }

    pub(super) fn count(&mut self, cumulative: Cumulative) {
        self.cumulative = Some(cumulative);
    }

    pub(super) fn escalate(&mut self, result: DecisionResult, threshold: u64) {
        self.escalated = Some((self.result, threshold));
        self.result = result;
    }

    /// What may happen.
    #[must_use]
    pub fn result(&self) -> DecisionResult {
        self.result
    }

    /// Effective risk in 0.0–10.0.
    #[must_use]
    pub fn risk(&self) -> f64 {
        self.risk
    }

    /// Class of the effective risk.
    #[must_use]
    pub fn risk_class(&self) -> RiskClass {
        self.risk_class
    }

    /// Class of the operation's own risk, whatever the target.
    #[must_use]
    pub fn own_class(&self) -> RiskClass {
        RiskClass::of_risk(self.own_risk)
    }

    /// The rule that decided.
    #[must_use]
    pub fn rule(&self) -> Option<&'p Rule> {
        match self.cause {
            Cause::Rule(rule) => Some(rule),
            _ => None,
        }
    }

    /// The operation, where the registry knows it.
    #[must_use]
    pub fn operation(&self) -> Option<&Operation> {
        self.operation.as_deref()
    }

    /// The decision with every reason.
    #[must_use]
    pub fn decision(&self, action: &Action, facts: &Facts) -> Decision {
        let mut reasons = self.risk_reasons(&action.operation, facts);
        reasons.extend(self.cause_reason(action));
        Decision {
            result: self.result,
            risk: self.risk,
            risk_class: self.risk_class,
            reasons,
            rule: self.rule().map(|rule| rule.name.clone()),
            redirect: None,
            escalated_from: self.escalated.map(|(before, _)| before),
            cumulative: self.cumulative,
            action_digest: action.digest(),
            audit_id: String::new(),
        }
    }

    /// Base risk, every signal, and the target.
    fn risk_reasons(&self, operation: &str, facts: &Facts) -> Vec<Reason> {
        let known = self.operation();
        let title = known.map_or("an operation not in the catalogue", |known| &known.title);
        let base = base_risk(self.operation.as_ref());
        let mut reasons = vec![reason(operation, title.to_owned(), base)];
        for (index, signal) in facts.signals.iter().enumerate() {
            let adjustment = known
                .and_then(|known| known.adjust.iter().find(|adjust| adjust.signal == signal.code));
            let message = match adjustment {
                Some(adjustment) if signal.message.is_empty() => &adjustment.message,
                _ => &signal.message,
            };
            reasons.push(reason(&signal.code, message.clone(), points(known, facts, index)));
        }
        if let Some(sensitivity) = self.sensitivity
            && self.risk_class != self.own_class()
        {
            let difference = ((self.risk - self.own_risk) * 10.0).round() / 10.0;
            let message = format!("the target is {}", sensitivity.as_str());
            reasons.push(reason("target_sensitivity", message, difference));
        }
        reasons
    }

    /// What decided, in Agent-Safe's words where it has some.
    fn cause_reason(&self, action: &Action) -> Option<Reason> {
        let caller = &action.caller.id;
        let (code, message) = match &self.cause {
            Cause::Rule(rule) => (rule.name.as_str(), rule.reason.clone()),
            Cause::Default => return None,
            Cause::NoRule => ("default_deny", "No matching policy (default deny)".to_owned()),
            Cause::Identity(why) => ("invalid_identity", format!("Invalid caller identity: {why}")),
            Cause::Rate { most, seconds } => (
                "rate_limit",
                format!(
                    "Rate limit exceeded for caller '{caller}': {most} requests per {seconds}s window."
                ),
            ),
            Cause::Breaker { seconds } => (
                "circuit_breaker",
                format!(
                    "Circuit breaker open for caller '{caller}': too many denied requests. Auto-resumes in {seconds}s."
                ),
            ),
            Cause::Unknown => ("unknown_action", format!("Unknown action: {}", action.operation)),
            Cause::Parameters(wrong) => {
                ("invalid_params", format!("Invalid parameters: {}", wrong.join("; ")))
            }
            Cause::TargetType(kind) => {
                let types = self.operation().map(|known| known.target_types.join(", "));
                let types = types.unwrap_or_default();
                (
                    "target_type",
                    format!("Target '{}' is of type {kind}, not {types}", action.target),
                )
            }
            Cause::Foreign { name, value } => (
                "foreign_params",
                format!(
                    "Parameter '{name}': value {value} does not belong to target '{}'",
                    action.target
                ),
            ),
        };
        let Some((before, threshold)) = self.escalated else {
            return Some(reason(code, message, 0.0));
        };
        let score = self.cumulative.map_or(0, |cumulative| cumulative.score);
        let text = match (before, self.result) {
            (_, DecisionResult::Deny) => {
                format!(
                    "Cumulative risk threshold exceeded ({score} >= {threshold}). Original: {message}"
                )
            }
            _ => format!(
                "Escalated by cumulative risk ({score} >= {threshold}). Original: {message}"
            ),
        };
        Some(reason("cumulative_risk", text, 0.0))
    }
}

fn reason(code: &str, message: String, score: f64) -> Reason {
    Reason { code: code.to_owned(), message, score }
}
