//! What a policy says in vain: rules that can never match, and rules that
//! never get their turn.

use std::fmt;

use serde::Serialize;

use super::rules::{CallerMatch, Match, Place, Rule, TargetMatch};
use super::{Inventory, Policy};
use crate::action::{glob_match, nearest};

/// Something that is valid and useless.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Warning {
    /// Name of the rule.
    pub rule: String,
    /// The file.
    pub file: String,
    /// Line, from 1; 0 where it is not known.
    pub line: usize,
    /// What is useless about it.
    pub message: String,
}

impl fmt::Display for Warning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}`", self.file)?;
        if self.line > 0 {
            write!(f, ", line {}", self.line)?;
        }
        write!(f, ": rule `{}` {}", self.rule, self.message)
    }
}

/// Looks for what a policy says in vain.
#[must_use]
pub fn lint(policy: &Policy) -> Vec<Warning> {
    let operations = policy.registry.all();
    let names: Vec<&str> = operations.iter().map(|operation| operation.id.as_str()).collect();
    let mut warnings = Vec::new();
    for layer in &policy.layers {
        for (at, rule) in layer.rules().iter().enumerate() {
            let earlier = layer.rules().iter().take(at);
            let reason = never(&rule.matches)
                .or_else(|| {
                    let by = earlier.clone().find(|other| covers(&other.matches, &rule.matches))?;
                    Some(format!(
                        "never gets its turn: rule `{}` (priority {}) matches everything that it does",
                        by.name, by.priority
                    ))
                })
                .or_else(|| missing(&rule.matches, &names, &policy.inventory));
            if earlier.clone().any(|other| other.name == rule.name) {
                warnings.push(warning(rule, "has the name of another rule".to_owned()));
            }
            warnings.extend(reason.map(|message| warning(rule, message)));
        }
    }
    warnings
}

fn warning(rule: &Rule, message: String) -> Warning {
    let Place { file, line } = rule.place.clone();
    Warning { rule: rule.name.clone(), file, line, message }
}

/// Why nothing at all can match.
fn never(matches: &Match) -> Option<String> {
    let callers = matches.callers.as_ref();
    let targets = matches.targets.as_ref();
    let empty = [
        ("actions", is_empty(matches.actions.as_ref())),
        ("signals", is_empty(matches.signals.as_ref())),
        ("risk_classes", is_empty(matches.risk_classes.as_ref())),
        ("time_windows", is_empty(matches.time_windows.as_ref())),
        ("callers.agent_ids", callers.is_some_and(|all| is_empty(all.agent_ids.as_ref()))),
        ("callers.ids", callers.is_some_and(|all| is_empty(all.ids.as_ref()))),
        ("callers.roles", callers.is_some_and(|all| is_empty(all.roles.as_ref()))),
        ("callers.groups", callers.is_some_and(|all| is_empty(all.groups.as_ref()))),
        (
            "callers.delegated_from",
            callers.is_some_and(|all| is_empty(all.delegated_from.as_ref())),
        ),
        ("targets.environments", targets.is_some_and(|all| is_empty(all.environments.as_ref()))),
        ("targets.sensitivities", targets.is_some_and(|all| is_empty(all.sensitivities.as_ref()))),
        ("targets.types", targets.is_some_and(|all| is_empty(all.types.as_ref()))),
        ("targets.ids", targets.is_some_and(|all| is_empty(all.ids.as_ref()))),
    ];
    if let Some((name, _)) = empty.iter().find(|(_, empty)| *empty) {
        return Some(format!("never matches: `{name}` is an empty list"));
    }
    let contradiction = callers.is_some_and(|all| {
        all.require_delegation == Some(true)
            && all.max_delegation_depth.is_some_and(|most| most < 1)
    });
    contradiction
        .then(|| "never matches: delegation is required and none is deep enough".to_owned())
}

fn is_empty<T>(list: Option<&Vec<T>>) -> bool {
    list.is_some_and(Vec::is_empty)
}

/// What it names that isn't there.
fn missing(matches: &Match, names: &[&str], inventory: &Inventory) -> Option<String> {
    let actions = matches.actions.iter().flatten();
    let unknown = |pattern: &&String| !names.iter().any(|name| glob_match(pattern, name));
    if let Some(pattern) = actions.clone().find(unknown) {
        let hint = nearest(pattern, names.iter().copied())
            .map_or_else(String::new, |name| format!("; did you mean `{name}`?"));
        return Some(format!("names `{pattern}`, and no action is called so{hint}"));
    }
    let targets = matches.targets.as_ref()?;
    let kinds: Vec<&str> = inventory.all().map(|target| target.kind.as_str()).collect();
    let kind = targets.types.iter().flatten().find(|kind| !kinds.contains(&kind.as_str()))?;
    (!kinds.is_empty()).then(|| format!("names type `{kind}`, and no target is of it"))
}

/// Whether `wide` surely matches everything that `narrow` does.
fn covers(wide: &Match, narrow: &Match) -> bool {
    patterns(wide.actions.as_ref(), narrow.actions.as_ref())
        && values(wide.signals.as_ref(), narrow.signals.as_ref())
        && values(wide.risk_classes.as_ref(), narrow.risk_classes.as_ref())
        && wide.risk.is_none_or(|wide| {
            narrow.risk.is_some_and(|narrow| wide.min <= narrow.min && narrow.max <= wide.max)
        })
        && wide.require_ticket.is_none_or(|wanted| narrow.require_ticket == Some(wanted))
        && values(wide.time_windows.as_ref(), narrow.time_windows.as_ref())
        && within(wide.callers.as_ref(), narrow.callers.as_ref(), covers_callers)
        && within(wide.targets.as_ref(), narrow.targets.as_ref(), covers_targets)
}

fn within<T>(wide: Option<&T>, narrow: Option<&T>, covers: fn(&T, &T) -> bool) -> bool {
    wide.is_none_or(|wide| narrow.is_some_and(|narrow| covers(wide, narrow)))
}

fn values<T: PartialEq>(wide: Option<&Vec<T>>, narrow: Option<&Vec<T>>) -> bool {
    within(wide, narrow, |wide, narrow| narrow.iter().all(|value| wide.contains(value)))
}

/// A pattern covers itself and every name that it matches.
fn patterns(wide: Option<&Vec<String>>, narrow: Option<&Vec<String>>) -> bool {
    let one = |wide: &str, narrow: &str| {
        wide == narrow
            || wide == "*"
            || !narrow.contains(['*', '?', '[']) && glob_match(wide, narrow)
    };
    match (wide, narrow) {
        (None, _) => true,
        (Some(wide), None) => wide.iter().any(|pattern| pattern == "*"),
        (Some(wide), Some(narrow)) => {
            narrow.iter().all(|narrow| wide.iter().any(|wide| one(wide, narrow)))
        }
    }
}

fn covers_callers(wide: &CallerMatch, narrow: &CallerMatch) -> bool {
    let seen = |matches: &CallerMatch| matches.kinds.is_some() || matches.agents.is_some();
    (seen(wide) || !seen(narrow))
        && values(wide.kinds.as_ref(), narrow.kinds.as_ref())
        && values(wide.agent_ids.as_ref(), narrow.agent_ids.as_ref())
        && patterns(wide.ids.as_ref(), narrow.ids.as_ref())
        && patterns(wide.agents.as_ref(), narrow.agents.as_ref())
        && values(wide.roles.as_ref(), narrow.roles.as_ref())
        && values(wide.groups.as_ref(), narrow.groups.as_ref())
        && values(wide.delegated_from.as_ref(), narrow.delegated_from.as_ref())
        && wide
            .max_delegation_depth
            .is_none_or(|most| narrow.max_delegation_depth.is_some_and(|narrow| narrow <= most))
        && wide.require_delegation.is_none_or(|wanted| narrow.require_delegation == Some(wanted))
}

fn covers_targets(wide: &TargetMatch, narrow: &TargetMatch) -> bool {
    let names_only = |matches: &TargetMatch| {
        matches.ids.is_some() && matches.environments.is_none() && matches.types.is_none()
    };
    (!names_only(narrow) || names_only(wide))
        && patterns(wide.ids.as_ref(), narrow.ids.as_ref())
        && values(wide.environments.as_ref(), narrow.environments.as_ref())
        && values(wide.sensitivities.as_ref(), narrow.sensitivities.as_ref())
        && values(wide.types.as_ref(), narrow.types.as_ref())
        && values(wide.tags.as_ref(), narrow.tags.as_ref())
        && within(wide.labels.as_ref(), narrow.labels.as_ref(), |wide, narrow| {
            wide.iter().all(|label| narrow.contains(label))
        })
}
