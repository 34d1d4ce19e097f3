//! The decision: a pure, total function.

use super::{Catalogue, Policy};
use crate::action::{Action, Decision, DecisionResult, Facts, Reason, RiskClass};

/// Risk of an operation that the catalogue doesn't know: critical, because
/// what it does is not known either.
const UNKNOWN_OPERATION_RISK: f64 = 8.5;

/// An action that was judged. Only [`judge`] makes one.
#[derive(Debug, Clone)]
pub struct Judged {
    action: Action,
    facts: Facts,
    decision: Decision,
}

impl Judged {
    /// What was judged.
    #[must_use]
    pub fn action(&self) -> &Action {
        &self.action
    }

    /// What was known.
    #[must_use]
    pub fn facts(&self) -> &Facts {
        &self.facts
    }

    /// What was decided.
    #[must_use]
    pub fn decision(&self) -> &Decision {
        &self.decision
    }
}

/// Decides, and ties the decision to what it was made about.
#[must_use]
pub fn judge(action: Action, facts: Facts, policy: &Policy) -> Judged {
    let decision = decide(&action, &facts, policy);
    Judged { action, facts, decision }
}

/// Scores the risk by the catalogue and asks every layer of the policy; the
/// strictest answer counts. Without an answer from any layer it denies.
#[must_use]
pub fn decide(action: &Action, facts: &Facts, policy: &Policy) -> Decision {
    let (risk, mut reasons) = score(&action.operation, facts);
    let mut result: Option<DecisionResult> = None;
    let mut decided_by = None;
    for layer in &policy.layers {
        let rule = layer.find(action, facts, risk);
        let answer = rule.map(|rule| rule.decision).or(layer.default);
        if answer > result {
            result = answer;
            decided_by = rule;
        }
    }
    match (decided_by, result) {
        (Some(rule), _) => reasons.push(explanation(&rule.name, &rule.reason)),
        (None, None) => reasons.push(explanation("default_deny", "no policy rule matches")),
        (None, Some(_)) => {}
    }
    Decision {
        result: result.unwrap_or(DecisionResult::Deny),
        risk,
        risk_class: RiskClass::of_risk(risk),
        reasons,
        rule: decided_by.map(|rule| rule.name.clone()),
        redirect: None,
        escalated_from: None,
        action_digest: action.digest(),
        audit_id: String::new(),
    }
}

fn explanation(code: &str, message: &str) -> Reason {
    Reason { code: code.to_owned(), message: message.to_owned(), score: 0.0 }
}

/// Base risk plus what each kind of signal adds once, held in 0.0–10.0 and
/// rounded to one decimal. Every signal is a reason; the first of its code
/// carries the points.
fn score(operation: &str, facts: &Facts) -> (f64, Vec<Reason>) {
    let known = Catalogue::builtin(operation);
    let known = known.as_ref();
    let (base, title) = known
        .map_or((UNKNOWN_OPERATION_RISK, "an operation not in the catalogue"), |known| {
            (known.risk, known.title.as_str())
        });
    let mut risk = base;
    let mut reasons =
        vec![Reason { code: operation.to_owned(), message: title.to_owned(), score: base }];
    for (index, signal) in facts.signals.iter().enumerate() {
        let adjustment =
            known.and_then(|known| known.adjust.iter().find(|adjust| adjust.signal == signal.code));
        let first = !facts.signals[..index].iter().any(|earlier| earlier.code == signal.code);
        let points = adjustment.filter(|_| first).map_or(0.0, |adjustment| adjustment.score);
        risk += points;
        let message = match adjustment {
            Some(adjustment) if signal.message.is_empty() => adjustment.message.clone(),
            _ => signal.message.clone(),
        };
        reasons.push(Reason { code: signal.code.clone(), message, score: points });
    }
    ((risk.clamp(0.0, 10.0) * 10.0).round() / 10.0, reasons)
}
