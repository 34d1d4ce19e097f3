//! Policy rules as data: a rule set, its rules, and what a rule matches.

use serde::Deserialize;

use crate::action::{Action, CallerKind, DecisionResult, Facts, glob_match};

/// Rules from one source. The first match by priority (then by order) wins.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RuleSet {
    /// The rules.
    #[serde(default)]
    pub rules: Vec<Rule>,
    /// The answer where no rule matches: a rule set that only tightens others
    /// has none.
    #[serde(default)]
    pub default: Option<DecisionResult>,
}

impl RuleSet {
    /// Sorts by priority, highest first, keeping the order of equals.
    #[must_use]
    pub fn sorted(mut self) -> Self {
        self.rules.sort_by_key(|rule| std::cmp::Reverse(rule.priority));
        self
    }

    /// The first rule that matches.
    #[must_use]
    pub fn find(&self, action: &Action, facts: &Facts, risk: f64) -> Option<&Rule> {
        self.rules.iter().find(|rule| rule.matches.matches(action, facts, risk))
    }
}

/// One rule.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    /// Name, shown wherever it decides.
    pub name: String,
    /// What it is for.
    #[serde(default)]
    pub description: String,
    /// Rules with a higher priority are asked first.
    #[serde(default)]
    pub priority: i64,
    /// What it matches; nothing given matches everything.
    #[serde(default, rename = "match")]
    pub matches: Match,
    /// What it says.
    pub decision: DecisionResult,
    /// One sentence for people.
    pub reason: String,
}

/// What a rule matches: every given field must match, by any of its values.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Match {
    /// Patterns of operation names; none given is any.
    #[serde(default)]
    pub actions: Option<Vec<String>>,
    /// Codes of signals, any of which must have been seen.
    #[serde(default)]
    pub signals: Option<Vec<String>>,
    /// Bounds of the risk.
    #[serde(default)]
    pub risk: Option<RiskRange>,
    /// Who asks.
    #[serde(default)]
    pub callers: Option<CallerMatch>,
    /// What it is done to.
    #[serde(default)]
    pub targets: Option<TargetMatch>,
    /// Whether a change ticket must be there (or must not).
    #[serde(default)]
    pub require_ticket: Option<bool>,
}

/// Inclusive bounds on the 0.0–10.0 scale.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RiskRange {
    /// Lowest risk that matches.
    #[serde(default)]
    pub min: f64,
    /// Highest risk that matches.
    #[serde(default = "highest_risk")]
    pub max: f64,
}

fn highest_risk() -> f64 {
    10.0
}

/// Who a rule is about.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CallerMatch {
    /// Kinds of caller.
    #[serde(default)]
    pub kinds: Option<Vec<CallerKind>>,
    /// Patterns of caller ids.
    #[serde(default)]
    pub ids: Option<Vec<String>>,
    /// Patterns of agents' names.
    #[serde(default)]
    pub agents: Option<Vec<String>>,
    /// Roles.
    #[serde(default)]
    pub roles: Option<Vec<String>>,
    /// Groups.
    #[serde(default)]
    pub groups: Option<Vec<String>>,
}

/// What a rule is about.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TargetMatch {
    /// Patterns of targets.
    #[serde(default)]
    pub ids: Option<Vec<String>>,
}

impl Match {
    /// Whether everything that is given matches.
    #[must_use]
    pub fn matches(&self, action: &Action, facts: &Facts, risk: f64) -> bool {
        let caller = &action.caller;
        globs(self.actions.as_ref(), [action.operation.as_str()])
            && self.signals.as_ref().is_none_or(|codes| codes.iter().any(|code| facts.has(code)))
            && self.risk.is_none_or(|range| (range.min..=range.max).contains(&risk))
            && self.require_ticket.is_none_or(|wanted| wanted == action.ticket_id.is_some())
            && self
                .targets
                .as_ref()
                .is_none_or(|targets| globs(targets.ids.as_ref(), [action.target.as_str()]))
            && self.callers.as_ref().is_none_or(|callers| {
                callers.kinds.as_ref().is_none_or(|kinds| kinds.contains(&caller.kind))
                    && globs(callers.ids.as_ref(), [caller.id.as_str()])
                    && globs(callers.agents.as_ref(), caller.agent.as_deref())
                    && globs(callers.roles.as_ref(), caller.roles.iter().map(String::as_str))
                    && globs(callers.groups.as_ref(), caller.groups.iter().map(String::as_str))
            })
    }
}

/// Whether any value matches any pattern; no list of patterns matches always,
/// an empty one never.
fn globs<'a>(patterns: Option<&Vec<String>>, values: impl IntoIterator<Item = &'a str>) -> bool {
    let Some(patterns) = patterns else { return true };
    values.into_iter().any(|value| patterns.iter().any(|pattern| glob_match(pattern, value)))
}
