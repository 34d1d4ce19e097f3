//! The decision: a pure, total function.
//!
//! In this order: limits of the caller, a proof of identity that proves
//! nothing, an operation that nobody knows, parameters, the target, the rules,
//! and last what the caller's risk adds up to.

use super::parameter::invalid;
use super::registry::Found;
use super::rules::{Asked, Rule};
use super::verdict::{Cause, Verdict};
use super::{Operation, Policy, Target, risk};
use crate::action::{Action, Cumulative, Decision, DecisionResult, Facts, Identity, RiskClass};
use crate::policy::Sensitivity;

/// Risk of an operation that the catalogue doesn't know: critical, because
/// what it does is not known either.
const UNKNOWN_OPERATION_RISK: f64 = 8.5;
/// Seconds of a day.
const DAY: i64 = 86_400;

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
    let decision = decide(&action, &facts, policy).decision(&action, &facts);
    Judged { action, facts, decision }
}

/// Decides. Every layer of the policy is asked; the strictest answer counts,
/// and without an answer from any layer it denies. What explains the decision
/// is put into words by [`Verdict::decision`], when somebody wants to know.
#[must_use]
pub fn decide<'p>(action: &Action, facts: &Facts, policy: &'p Policy) -> Verdict<'p> {
    let operation = policy.registry.get(&action.operation);
    let target = policy.inventory.get(&action.target);
    let own_risk = score(operation.as_deref(), facts);
    // What acts on the inventory, and what nobody knows, may hit anything that
    // isn't listed.
    let closed = operation.as_deref().map_or(policy.closed, |known| !known.target_types.is_empty());
    let sensitivity = match target {
        Some(target) => Some(target.sensitivity),
        None => closed.then_some(Sensitivity::Critical),
    };
    let (risk, class) = sensitivity
        .map_or_else(|| (own_risk, RiskClass::of_risk(own_risk)), |s| risk::effective(own_risk, s));
    let mut verdict = Verdict::new(operation, own_risk, risk, class, sensitivity);
    if let Some(cause) = refused(action, facts, policy, verdict.operation(), target) {
        verdict.because(DecisionResult::Deny, cause);
        return verdict;
    }
    let (weekday, hour) = clock(action, facts);
    let asked = Asked {
        action,
        facts,
        risk,
        class,
        target,
        has_ticket: policy.limits.is_ticket(action.ticket_id.as_deref()),
        weekday,
        hour,
    };
    let (result, rule) = ask(policy, &asked);
    let cause = match (rule, result) {
        (Some(rule), _) => Cause::Rule(rule),
        (None, None | Some(DecisionResult::Deny)) => Cause::NoRule,
        (None, Some(_)) => Cause::Default,
    };
    verdict.because(result.unwrap_or(DecisionResult::Deny), cause);
    escalate(&mut verdict, facts, policy);
    verdict
}

/// What denies before any rule is asked.
fn refused<'p>(
    action: &Action,
    facts: &Facts,
    policy: &Policy,
    operation: Option<&Operation>,
    target: Option<&Target>,
) -> Option<Cause<'p>> {
    let rate = policy.limits.rate.as_ref().zip(facts.usage.as_ref());
    let verified = facts.identity.is_verified();
    if let Some(cause) = rate.and_then(|(rate, usage)| rate.stops(usage, verified)) {
        return Some(cause);
    }
    if let Identity::Refused(why) = &facts.identity {
        return Some(Cause::Identity(why.clone()));
    }
    let Some(operation) = operation else { return policy.closed.then_some(Cause::Unknown) };
    let wrong = operation.parameters.as_ref().map(|known| invalid(known, &action.params));
    if let Some(wrong) = wrong.filter(|wrong| !wrong.is_empty()) {
        return Some(Cause::Parameters(wrong));
    }
    let target = target?;
    let enforced = operation.enforce_target_types || policy.enforce_target_types;
    if enforced
        && !operation.target_types.is_empty()
        && !operation.target_types.contains(&target.kind)
    {
        return Some(Cause::TargetType(target.kind.clone()));
    }
    let (name, value) = target.foreign(&action.params)?;
    Some(Cause::Foreign { name: name.to_owned(), value: value.to_string() })
}

/// The strictest answer of all layers, and the rule that gave it.
fn ask<'p>(policy: &'p Policy, asked: &Asked<'_>) -> (Option<DecisionResult>, Option<&'p Rule>) {
    let mut result: Option<DecisionResult> = None;
    let mut decided_by = None;
    for layer in &policy.layers {
        let rule = layer.find(asked);
        let answer = rule.map(|rule| rule.decision).or(layer.default_result());
        if answer > result {
            result = answer;
            decided_by = rule;
        }
    }
    (result, decided_by)
}

/// What the caller's risk adds up to, this action included, makes the answer
/// stricter.
fn escalate(verdict: &mut Verdict<'_>, facts: &Facts, policy: &Policy) {
    let (Some(limit), Some(usage)) = (&policy.limits.cumulative, &facts.usage) else { return };
    if verdict.result() == DecisionResult::Deny {
        return;
    }
    let score = usage.risk.saturating_add(limit.points(verdict.risk_class()));
    verdict.count(Cumulative { score, class: limit.class(score) });
    if limit.denies(score, 0) {
        verdict.escalate(DecisionResult::Deny, limit.deny_threshold);
    } else if score >= limit.escalation_threshold && verdict.result() == DecisionResult::Allow {
        verdict.escalate(DecisionResult::RequireApproval, limit.escalation_threshold);
    }
}

/// Day of the week (0 is Monday) and hour where the caller is.
fn clock(action: &Action, facts: &Facts) -> (u8, u8) {
    let local = action.at.as_second().saturating_add(i64::from(facts.utc_offset_seconds));
    // 1970 began on a Thursday.
    let weekday = (local.div_euclid(DAY) + 3).rem_euclid(7);
    let hour = local.rem_euclid(DAY) / 3600;
    (u8::try_from(weekday).unwrap_or(0), u8::try_from(hour).unwrap_or(0))
}

/// Base risk plus what each kind of signal adds once, held in 0.0–10.0 and
/// rounded to one decimal.
fn score(operation: Option<&Operation>, facts: &Facts) -> f64 {
    let base = operation.map_or(UNKNOWN_OPERATION_RISK, |known| known.risk);
    let added: f64 = (0..facts.signals.len()).map(|index| points(operation, facts, index)).sum();
    ((base + added).clamp(0.0, 10.0) * 10.0).round() / 10.0
}

/// What the signal at `index` adds: the first of its code carries the points.
pub(super) fn points(operation: Option<&Operation>, facts: &Facts, index: usize) -> f64 {
    let Some(signal) = facts.signals.get(index) else { return 0.0 };
    let earlier = facts.signals.iter().take(index).any(|earlier| earlier.code == signal.code);
    let adjustment =
        operation.and_then(|known| known.adjust.iter().find(|adjust| adjust.signal == signal.code));
    adjustment.filter(|_| !earlier).map_or(0.0, |adjustment| adjustment.score)
}

/// Base risk of an operation; unknown ones are critical.
pub(super) fn base_risk(operation: Option<&Found<'_>>) -> f64 {
    operation.map_or(UNKNOWN_OPERATION_RISK, |known| known.risk)
}
