//! What callers did lately: requests, denials and risk in sliding windows.
//! Plain data and pure functions; whoever holds it keeps it and locks it.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{CumulativeRisk, Limits, Policy, RateLimit, decide};
use crate::action::{Action, DecisionResult, Facts, Usage};

/// Milliseconds of one second.
const SECOND: i64 = 1000;

/// One request, as far as windows are concerned.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Demand {
    /// Id of the caller.
    pub caller: String,
    /// Whether a signature proves that.
    pub verified: bool,
    /// Whether it is denied, whatever the caller did before.
    pub denied: bool,
    /// Points of risk that it adds, where it is not.
    pub points: u64,
}

/// What a keeper of windows on another machine is asked: count this demand, or
/// say what would count at another time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Question {
    /// The demand.
    pub demand: Demand,
    /// How often a caller may ask.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rate: Option<RateLimit>,
    /// How much risk a caller may add up.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cumulative: Option<CumulativeRisk>,
    /// The other time; then nothing is counted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<Timestamp>,
}

impl Question {
    /// The question for a demand under `limits`.
    #[must_use]
    pub fn of(demand: &Demand, limits: &Limits, at: Option<Timestamp>) -> Self {
        let (rate, cumulative) = (limits.rate.clone(), limits.cumulative.clone());
        Self { demand: demand.clone(), rate, cumulative, at }
    }

    /// The limits that it asks under.
    #[must_use]
    pub fn limits(&self) -> Limits {
        let (rate, cumulative) = (self.rate.clone(), self.cumulative.clone());
        Limits { rate, cumulative, tickets: Vec::new() }
    }
}

/// What one caller did lately. Times are milliseconds since 1970, oldest first.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Window {
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    requests: Vec<i64>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    denials: Vec<i64>,
    /// When the circuit breaker opened.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    opened: Option<i64>,
    /// Time and points.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    risks: Vec<(i64, u64)>,
}

/// The windows of all callers, each under its [`Demand::window`].
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Windows {
    #[serde(default)]
    callers: BTreeMap<String, Window>,
}

impl Demand {
    /// Name of the window that the requests of all callers without proof share.
    pub const SHARED: &'static str = "unverified";

    /// What an action demands under a policy.
    #[must_use]
    pub fn of(action: &Action, facts: &Facts, policy: &Policy) -> Self {
        let before = Facts { usage: None, ..facts.clone() };
        let verdict = decide(action, &before, policy);
        let points = policy.limits.cumulative.as_ref();
        Self {
            caller: action.caller.id.clone(),
            verified: facts.identity.is_verified(),
            denied: verdict.result() == DecisionResult::Deny,
            points: points.map_or(0, |risk| risk.points(verdict.risk_class())),
        }
    }

    /// Name of its caller's window. Who merely says a name doesn't count in the
    /// window of whoever proves it.
    #[must_use]
    pub fn window(&self) -> String {
        let proof = if self.verified { "verified" } else { "claimed" };
        format!("{proof}:{}", self.caller)
    }

    /// What counts for it at `now`, besides what counted `before` elsewhere;
    /// then adds it to its caller's window and to the shared one.
    pub fn count(
        &self,
        own: &mut Window,
        shared: &mut Window,
        limits: &Limits,
        now: Timestamp,
        before: Usage,
    ) -> Usage {
        let now = now.as_millisecond();
        own.forget(now, limits);
        shared.forget(now, limits);
        let usage = self.usage(own, shared, limits, now, before);
        let rate = limits.rate.as_ref();
        if rate.is_some_and(|rate| rate.stops(&usage, self.verified).is_some()) {
            return usage;
        }
        let risk = limits.cumulative.as_ref().filter(|_| !self.denied);
        let too_much = risk.is_some_and(|risk| risk.denies(usage.risk, self.points));
        if let Some(rate) = rate {
            own.requests.push(now);
            if !self.verified {
                shared.requests.push(now);
            }
            if self.denied || too_much {
                own.deny(now, rate);
            }
        }
        if risk.is_some() {
            own.risks.push((now, self.points));
        }
        usage
    }

    fn usage(
        &self,
        own: &Window,
        shared: &Window,
        limits: &Limits,
        now: i64,
        before: Usage,
    ) -> Usage {
        let resumes = own.opened.zip(limits.rate.as_ref());
        let resumes = resumes.map(|(opened, rate)| opened + cooldown(rate) - now);
        let unverified = if self.verified { 0 } else { count(&shared.requests) };
        let points = own.risks.iter().fold(0, |sum: u64, (_, points)| sum.saturating_add(*points));
        Usage {
            requests: before.requests + count(&own.requests),
            unverified_requests: before.unverified_requests + unverified,
            breaker_resumes_in_ms: resumes.max(before.breaker_resumes_in_ms),
            risk: before.risk.saturating_add(points),
        }
    }
}

impl Windows {
    /// Counts a demand; see [`Demand::count`].
    pub fn count(
        &mut self,
        demand: &Demand,
        limits: &Limits,
        now: Timestamp,
        before: Usage,
    ) -> Usage {
        let mut own = self.callers.remove(&demand.window()).unwrap_or_default();
        let mut shared = self.callers.remove(Demand::SHARED).unwrap_or_default();
        let usage = demand.count(&mut own, &mut shared, limits, now, before);
        self.callers.insert(demand.window(), own);
        self.callers.insert(Demand::SHARED.to_owned(), shared);
        for window in self.callers.values_mut() {
            window.forget(now.as_millisecond(), limits);
        }
        self.callers.retain(|_, window| *window != Window::default());
        usage
    }
}

impl Window {
    fn deny(&mut self, now: i64, rate: &RateLimit) {
        if rate.circuit_breaker_threshold == 0 {
            return;
        }
        self.denials.push(now);
        if count(&self.denials) >= rate.circuit_breaker_threshold {
            self.opened = Some(now);
            self.denials.clear();
        }
    }

    fn forget(&mut self, now: i64, limits: &Limits) {
        if let Some(rate) = &limits.rate {
            let start = now - milliseconds(rate.window_seconds);
            self.requests.retain(|&at| at >= start);
            self.denials.retain(|&at| at >= start);
            self.opened = self.opened.filter(|&opened| opened + cooldown(rate) > now);
        }
        if let Some(risk) = &limits.cumulative {
            let start = now - milliseconds(risk.window_seconds);
            self.risks.retain(|(at, _)| *at >= start);
        }
    }
}

/// For how long anything that is counted now can count, in milliseconds.
#[must_use]
pub fn remembered(limits: &Limits) -> i64 {
    let rate = limits
        .rate
        .as_ref()
        .map_or(0, |rate: &RateLimit| cooldown(rate).max(milliseconds(rate.window_seconds)));
    let risk = limits.cumulative.as_ref();
    rate.max(risk.map_or(0, |risk: &CumulativeRisk| milliseconds(risk.window_seconds)))
}

fn cooldown(rate: &RateLimit) -> i64 {
    milliseconds(rate.circuit_breaker_cooldown_seconds)
}

/// At most what a file may say, also where the number comes from elsewhere.
fn milliseconds(seconds: i64) -> i64 {
    seconds.clamp(0, super::limits::LONGEST) * SECOND
}

fn count(times: &[i64]) -> u64 {
    u64::try_from(times.len()).unwrap_or(u64::MAX)
}
