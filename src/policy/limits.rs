//! How much a caller may do in a while, and which tickets count.

use serde::{Deserialize, Serialize};

use super::parameter::{Pattern, read_pattern};
use super::read::{Fields, Node, Reader};
use super::verdict::Cause;
use crate::action::{RiskClass, Usage};

/// Longest window, in seconds: a year.
pub(super) const LONGEST: i64 = 366 * 24 * 3600;

/// Everything that depends on what a caller did before, and the patterns of
/// change tickets.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Limits {
    /// How often, and what happens after many denials.
    pub rate: Option<RateLimit>,
    /// How much risk.
    pub cumulative: Option<CumulativeRisk>,
    /// Trackers and what their tickets look like; none given takes any text.
    pub tickets: Vec<(String, Pattern)>,
}

/// How often a caller may ask.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RateLimit {
    /// Most requests of one caller in a window.
    pub max_requests: u64,
    /// Most requests in a window of all callers together whose identity nobody
    /// verified, so that a new name doesn't get round the limit.
    pub max_unverified_requests: u64,
    /// Length of the sliding window, in seconds.
    pub window_seconds: i64,
    /// Denials in a window after which the caller is stopped; 0 is never.
    pub circuit_breaker_threshold: u64,
    /// For how long, in seconds.
    pub circuit_breaker_cooldown_seconds: i64,
}

impl RateLimit {
    /// Why a caller who did that lately has to wait.
    pub(super) fn stops(&self, usage: &Usage, verified: bool) -> Option<Cause<'static>> {
        if let Some(left) = usage.breaker_resumes_in_ms {
            return Some(Cause::Breaker { seconds: left / 1000 });
        }
        let own = usage.requests >= self.max_requests;
        let shared = !verified && usage.unverified_requests >= self.max_unverified_requests;
        let most = if own { self.max_requests } else { self.max_unverified_requests };
        (own || shared).then_some(Cause::Rate { most, seconds: self.window_seconds })
    }
}

/// Callers without verified identity share this many times one caller's limit.
const UNVERIFIED_SHARE: u64 = 5;

/// How much risk a caller may add up.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CumulativeRisk {
    /// Length of the sliding window, in seconds.
    pub window_seconds: i64,
    /// From here on, what would be allowed needs approval.
    pub escalation_threshold: u64,
    /// From here on, everything is denied.
    pub deny_threshold: u64,
    /// Points of the four classes of effective risk, low first.
    pub scores: [u64; 4],
}

impl CumulativeRisk {
    /// Points of one action.
    #[must_use]
    pub fn points(&self, class: RiskClass) -> u64 {
        self.scores[class as usize]
    }

    /// Whether `points` on top of what there is are too many.
    #[must_use]
    pub fn denies(&self, sum: u64, points: u64) -> bool {
        sum.saturating_add(points) >= self.deny_threshold
    }

    /// Class of a sum.
    #[must_use]
    pub fn class(&self, score: u64) -> RiskClass {
        if score >= self.deny_threshold {
            RiskClass::Critical
        } else if score >= self.escalation_threshold {
            RiskClass::High
        } else if score >= self.escalation_threshold / 2 {
            RiskClass::Medium
        } else {
            RiskClass::Low
        }
    }
}

impl Limits {
    /// Whether anything here depends on what was done before.
    #[must_use]
    pub fn need_state(&self) -> bool {
        self.rate.is_some() || self.cumulative.is_some()
    }

    /// Whether a ticket counts as one.
    #[must_use]
    pub fn is_ticket(&self, ticket: Option<&str>) -> bool {
        ticket.is_some_and(|ticket| {
            !ticket.is_empty()
                && (self.tickets.is_empty()
                    || self.tickets.iter().any(|(_, pattern)| pattern.matches(ticket)))
        })
    }

    /// Adds what another source says; of two that say the same thing the later
    /// one doesn't count.
    pub fn tighten(&mut self, other: Self) {
        self.rate = self.rate.take().or(other.rate);
        self.cumulative = self.cumulative.take().or(other.cumulative);
        self.tickets.extend(other.tickets);
    }
}

/// Keys of a policy file that are read here.
pub(super) const KEYS: &[&str] = &["rate_limit", "cumulative_risk", "ticket_patterns"];

const RATE_KEYS: &[&str] = &[
    "max_requests",
    "max_unverified_requests",
    "window_seconds",
    "circuit_breaker_threshold",
    "circuit_breaker_cooldown_seconds",
];
const CUMULATIVE_KEYS: &[&str] =
    &["window_seconds", "escalation_threshold", "deny_threshold", "risk_scores"];
const CLASS_NAMES: [&str; 4] = ["low", "medium", "high", "critical"];
/// Points where none are given.
const SCORES: [u64; 4] = [1, 5, 15, 50];

/// Reads the limits of a policy file.
pub(super) fn read(reader: &mut Reader<'_>, fields: &Fields<'_>) -> Limits {
    Limits {
        rate: reader.optional(fields, "rate_limit", read_rate),
        cumulative: reader.optional(fields, "cumulative_risk", read_cumulative),
        tickets: reader
            .optional(fields, "ticket_patterns", |r, node| r.map(node, read_pattern))
            .unwrap_or_default(),
    }
}

fn read_rate(reader: &mut Reader<'_>, node: &Node) -> Option<RateLimit> {
    let fields = reader.fields(node, "`rate_limit`", RATE_KEYS)?;
    let max_requests = count(reader, &fields, "max_requests", 100);
    let shared = max_requests.saturating_mul(UNVERIFIED_SHARE);
    Some(RateLimit {
        max_requests,
        max_unverified_requests: count(reader, &fields, "max_unverified_requests", shared),
        window_seconds: seconds(reader, &fields, "window_seconds", 60),
        circuit_breaker_threshold: count(reader, &fields, "circuit_breaker_threshold", 0),
        circuit_breaker_cooldown_seconds: seconds(
            reader,
            &fields,
            "circuit_breaker_cooldown_seconds",
            300,
        ),
    })
}

fn read_cumulative(reader: &mut Reader<'_>, node: &Node) -> Option<CumulativeRisk> {
    let fields = reader.fields(node, "`cumulative_risk`", CUMULATIVE_KEYS)?;
    let scores = reader.optional(&fields, "risk_scores", |reader, node| {
        let given = reader.fields(node, "`risk_scores`", &CLASS_NAMES)?;
        Some(CLASS_NAMES.map(|name| count(reader, &given, name, 0)))
    });
    Some(CumulativeRisk {
        window_seconds: seconds(reader, &fields, "window_seconds", 3600),
        escalation_threshold: count(reader, &fields, "escalation_threshold", 30),
        deny_threshold: count(reader, &fields, "deny_threshold", 75),
        scores: scores.unwrap_or(SCORES),
    })
}

fn count(reader: &mut Reader<'_>, fields: &Fields<'_>, key: &str, default: u64) -> u64 {
    let read = reader.optional(fields, key, |reader, node| {
        let value = reader.integer(node)?;
        let count = u64::try_from(value).ok();
        if count.is_none() {
            reader.problem(node.line, format!("`{key}` is not below 0"));
        }
        count
    });
    read.unwrap_or(default)
}

fn seconds(reader: &mut Reader<'_>, fields: &Fields<'_>, key: &str, default: i64) -> i64 {
    let read = reader.optional(fields, key, |reader, node| {
        let value = reader.integer(node)?;
        if !(1..=LONGEST).contains(&value) {
            reader.problem(node.line, format!("`{key}` is 1 to {LONGEST} seconds"));
        }
        Some(value)
    });
    read.unwrap_or(default)
}
