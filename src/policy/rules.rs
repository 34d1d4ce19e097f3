//! Policy rules as data: a rule set, its rules, and what a rule matches.

use serde::Serialize;

use super::inventory::{Environment, Sensitivity};
use super::{Target, index::Index};
use crate::action::{Action, Caller, CallerKind, DecisionResult, Facts, RiskClass, glob_match};

/// Rules from one source, ready to be asked. The first match by priority (then
/// by order) wins.
#[derive(Debug, Clone, Default)]
pub struct RuleSet {
    rules: Vec<Rule>,
    default: Option<DecisionResult>,
    index: Index,
}

impl RuleSet {
    /// Sorts the rules by priority, highest first, keeping the order of equals.
    /// `default` is the answer where none matches: a rule set that only
    /// tightens others has none.
    #[must_use]
    pub fn new(mut rules: Vec<Rule>, default: Option<DecisionResult>) -> Self {
        rules.sort_by_key(|rule| std::cmp::Reverse(rule.priority));
        let index = Index::of(&rules);
        Self { rules, default, index }
    }

    /// The rules in the order in which they are asked.
    #[must_use]
    pub fn rules(&self) -> &[Rule] {
        &self.rules
    }

    /// The answer where no rule matches.
    #[must_use]
    pub fn default_result(&self) -> Option<DecisionResult> {
        self.default
    }

    /// The first rule that matches.
    #[must_use]
    pub fn find(&self, asked: &Asked<'_>) -> Option<&Rule> {
        self.index
            .candidates(&asked.action.operation, &asked.action.caller.id)
            .filter_map(|at| self.rules.get(at))
            .find(|rule| rule.matches.matches(asked))
    }
}

/// One rule.
#[derive(Debug, Clone, PartialEq)]
pub struct Rule {
    /// Name, shown wherever it decides.
    pub name: String,
    /// What it is for.
    pub description: String,
    /// Rules with a higher priority are asked first.
    pub priority: i64,
    /// What it matches; nothing given matches everything.
    pub matches: Match,
    /// What it says.
    pub decision: DecisionResult,
    /// One sentence for people.
    pub reason: String,
    /// The file and line that it stands in, where it is known.
    pub place: Place,
}

/// Where a rule stands.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Place {
    /// The file.
    pub file: String,
    /// Line, from 1; 0 where it is not known.
    pub line: usize,
}

/// Everything that a rule may ask about.
#[derive(Debug, Clone, Copy)]
pub struct Asked<'a> {
    /// What is wanted.
    pub action: &'a Action,
    /// What was seen.
    pub facts: &'a Facts,
    /// Effective risk in 0.0–10.0.
    pub risk: f64,
    /// Its class.
    pub class: RiskClass,
    /// The target as the inventory has it.
    pub target: Option<&'a Target>,
    /// Whether there is a change ticket that counts.
    pub has_ticket: bool,
    /// Day of the week, 0 is Monday, where the caller is.
    pub weekday: u8,
    /// Hour of the day, 0–23, where the caller is.
    pub hour: u8,
}

/// What a rule matches: every given field must match, by any of its values. A
/// list without values matches nothing.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Match {
    /// Patterns of operation names; none given is any.
    pub actions: Option<Vec<String>>,
    /// Codes of signals, any of which must have been seen.
    pub signals: Option<Vec<String>>,
    /// Bounds of the effective risk.
    pub risk: Option<RiskRange>,
    /// Classes of the effective risk.
    pub risk_classes: Option<Vec<RiskClass>>,
    /// Who asks.
    pub callers: Option<CallerMatch>,
    /// What it is done to.
    pub targets: Option<TargetMatch>,
    /// When, by the clock where the caller is.
    pub time_windows: Option<Vec<TimeWindow>>,
    /// Whether a change ticket must be there (or must not).
    pub require_ticket: Option<bool>,
}

/// Inclusive bounds on the 0.0–10.0 scale.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct RiskRange {
    /// Lowest risk that matches.
    pub min: f64,
    /// Highest risk that matches.
    pub max: f64,
}

/// Who a rule is about. Nobody who did not say who they are matches, unless it
/// asks only for what saferun sees by itself: `kinds` and `agents`.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct CallerMatch {
    /// Kinds of caller.
    pub kinds: Option<Vec<CallerKind>>,
    /// Patterns of caller ids.
    pub ids: Option<Vec<String>>,
    /// Exact caller ids.
    pub agent_ids: Option<Vec<String>>,
    /// Patterns of agents' names.
    pub agents: Option<Vec<String>>,
    /// Roles.
    pub roles: Option<Vec<String>>,
    /// Groups.
    pub groups: Option<Vec<String>>,
    /// Ids of callers, any of which stands in the chain of delegation.
    pub delegated_from: Option<Vec<String>>,
    /// Longest chain of delegation.
    pub max_delegation_depth: Option<i64>,
    /// Whether there must be (or must not be) a chain of delegation.
    pub require_delegation: Option<bool>,
}

/// What a rule is about. Only targets of the inventory match, unless it asks
/// for names only.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct TargetMatch {
    /// Patterns of targets.
    pub ids: Option<Vec<String>>,
    /// Environments.
    pub environments: Option<Vec<Environment>>,
    /// Sensitivities.
    pub sensitivities: Option<Vec<Sensitivity>>,
    /// Types.
    pub types: Option<Vec<String>>,
    /// Tags, any of which the target has.
    pub tags: Option<Vec<String>>,
    /// Labels, all of which the target has.
    pub labels: Option<Vec<(String, String)>>,
}

/// Hours of days of the week.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct TimeWindow {
    /// Days, 0 is Monday; none given is any. It is the day of the hour at hand,
    /// also where a window goes over midnight.
    pub days: Option<Vec<i64>>,
    /// First hour, 0–23.
    pub start_hour: i64,
    /// Last hour, all of it; before `start_hour`, the window goes over midnight.
    pub end_hour: i64,
}

impl TimeWindow {
    /// Whether a time lies in it.
    #[must_use]
    pub fn holds(&self, weekday: u8, hour: u8) -> bool {
        let (day, hour) = (i64::from(weekday), i64::from(hour));
        let (from, to) = (self.start_hour, self.end_hour);
        let in_hours =
            if from <= to { (from..=to).contains(&hour) } else { hour >= from || hour <= to };
        in_hours && self.days.as_ref().is_none_or(|days| days.contains(&day))
    }
}

impl Match {
    /// Whether everything that is given matches.
    #[must_use]
    pub fn matches(&self, asked: &Asked<'_>) -> bool {
        globs(self.actions.as_ref(), [asked.action.operation.as_str()])
            && any(self.risk_classes.as_ref(), &asked.class)
            && self.targets.as_ref().is_none_or(|targets| targets.matches(asked))
            && self.callers.as_ref().is_none_or(|callers| callers.matches(&asked.action.caller))
            && self
                .signals
                .as_ref()
                .is_none_or(|codes| codes.iter().any(|code| asked.facts.has(code)))
            && self.risk.is_none_or(|range| (range.min..=range.max).contains(&asked.risk))
            && self.require_ticket.is_none_or(|wanted| wanted == asked.has_ticket)
            && self.time_windows.as_ref().is_none_or(|windows| {
                windows.iter().any(|window| window.holds(asked.weekday, asked.hour))
            })
    }
}

impl TargetMatch {
    fn matches(&self, asked: &Asked<'_>) -> bool {
        if !globs(self.ids.as_ref(), [asked.action.target.as_str()]) {
            return false;
        }
        let Some(target) = asked.target else { return self.asks_for_names_only() };
        any(self.environments.as_ref(), &target.environment)
            && any(self.sensitivities.as_ref(), &target.sensitivity)
            && any(self.types.as_ref(), &target.kind)
            && self
                .tags
                .as_ref()
                .is_none_or(|tags| tags.iter().any(|tag| target.tags.contains(tag)))
            && self
                .labels
                .as_ref()
                .is_none_or(|labels| labels.iter().all(|label| target.labels.contains(label)))
    }

    fn asks_for_names_only(&self) -> bool {
        self.ids.is_some()
            && self.environments.is_none()
            && self.sensitivities.is_none()
            && self.types.is_none()
            && self.tags.is_none()
            && self.labels.is_none()
    }
}

impl CallerMatch {
    fn matches(&self, caller: &Caller) -> bool {
        let depth = i64::try_from(caller.delegation.len()).unwrap_or(i64::MAX);
        let seen = self.kinds.is_some() || self.agents.is_some();
        (seen || !caller.is_anonymous())
            && any(self.kinds.as_ref(), &caller.kind)
            && any(self.agent_ids.as_ref(), &caller.id)
            && globs(self.ids.as_ref(), [caller.id.as_str()])
            && globs(self.agents.as_ref(), caller.agent.as_deref())
            && any_of(self.roles.as_ref(), &caller.roles)
            && any_of(self.groups.as_ref(), &caller.groups)
            && self
                .delegated_from
                .as_ref()
                .is_none_or(|ids| caller.delegation.iter().any(|one| ids.contains(&one.id)))
            && self.max_delegation_depth.is_none_or(|most| depth <= most)
            && self.require_delegation.is_none_or(|wanted| wanted == (depth > 0))
    }
}

/// Whether a value is one of those given; no list matches always, an empty one
/// never.
fn any<T: PartialEq>(values: Option<&Vec<T>>, value: &T) -> bool {
    values.is_none_or(|values| values.contains(value))
}

fn any_of<T: PartialEq>(values: Option<&Vec<T>>, found: &[T]) -> bool {
    values.is_none_or(|values| found.iter().any(|one| values.contains(one)))
}

/// Whether any value matches any pattern.
fn globs<'a>(patterns: Option<&Vec<String>>, values: impl IntoIterator<Item = &'a str>) -> bool {
    let Some(patterns) = patterns else { return true };
    // Most patterns are plain names, which are quicker to compare.
    let fits = |pattern: &String, value: &str| {
        (pattern == value && !pattern.contains('[')) || glob_match(pattern, value)
    };
    values.into_iter().any(|value| patterns.iter().any(|pattern| fits(pattern, value)))
}
