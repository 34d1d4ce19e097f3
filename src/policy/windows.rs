//! What callers did lately: requests, denials and risk in sliding windows.
//! Plain data and pure functions; whoever holds it keeps it and locks it.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{CumulativeRisk, Limits, RateLimit, Verdict};
use crate::action::{Action, DecisionResult, Facts, Usage};

/// Milliseconds of one second.
const SECOND: i64 = 1000;

/// What every caller did lately.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Windows {
    /// By caller.
    #[serde(default)]
    callers: BTreeMap<String, Window>,
    /// Requests of callers whose identity nobody verified, oldest first.
    #[serde(default)]
    unverified: Vec<i64>,
}

/// What one caller did lately. Times are milliseconds since 1970, oldest first.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Window {
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

impl Windows {
    /// What counts for `action`; forgets what no window holds any more.
    pub fn usage(&mut self, action: &Action, facts: &Facts, limits: &Limits) -> Usage {
        let now = action.at.as_millisecond();
        self.forget(now, limits);
        let unverified = count(&self.unverified);
        let window = self.callers.get(&action.caller.id);
        let rate = limits.rate.as_ref();
        let opened = window.and_then(|window| window.opened);
        Usage {
            requests: window.map_or(0, |window| count(&window.requests)),
            unverified_requests: if facts.identity.is_verified() { 0 } else { unverified },
            breaker_resumes_in_ms: opened
                .zip(rate)
                .map(|(opened, rate)| opened + cooldown(rate) - now)
                .filter(|left| *left > 0),
            risk: window.map_or(0, |window| window.risks.iter().map(|(_, points)| points).sum()),
        }
    }

    /// Adds what was decided.
    pub fn record(&mut self, action: &Action, facts: &Facts, limits: &Limits, verdict: &Verdict) {
        if verdict.refused_by_limits() {
            return;
        }
        let now = action.at.as_millisecond();
        let window = self.callers.entry(action.caller.id.clone()).or_default();
        if let Some(rate) = &limits.rate {
            window.requests.push(now);
            if !facts.identity.is_verified() {
                self.unverified.push(now);
            }
            if verdict.result() == DecisionResult::Deny && rate.circuit_breaker_threshold > 0 {
                window.denials.push(now);
                if count(&window.denials) >= rate.circuit_breaker_threshold {
                    window.opened = Some(now);
                    window.denials.clear();
                }
            }
        }
        if let (Some(cumulative), true) = (&limits.cumulative, verdict.adds_risk()) {
            window.risks.push((now, cumulative.points(verdict.risk_class())));
        }
    }

    fn forget(&mut self, now: i64, limits: &Limits) {
        let rate_start = limits.rate.as_ref().map(|rate| now - rate.window_seconds * SECOND);
        let risk_start = limits
            .cumulative
            .as_ref()
            .map(|risk: &CumulativeRisk| now - risk.window_seconds * SECOND);
        let closes = limits.rate.as_ref().map(|rate| now - cooldown(rate));
        for window in self.callers.values_mut() {
            if let Some(start) = rate_start {
                window.requests.retain(|&at| at >= start);
                window.denials.retain(|&at| at >= start);
            }
            if let Some(start) = risk_start {
                window.risks.retain(|(at, _)| *at >= start);
            }
            if let Some(closes) = closes {
                window.opened = window.opened.filter(|&opened| opened > closes);
            }
        }
        if let Some(start) = rate_start {
            self.unverified.retain(|&at| at >= start);
        }
        self.callers.retain(|_, window| *window != Window::default());
    }
}

fn cooldown(rate: &RateLimit) -> i64 {
    rate.circuit_breaker_cooldown_seconds * SECOND
}

fn count(times: &[i64]) -> u64 {
    u64::try_from(times.len()).unwrap_or(u64::MAX)
}
