//! JUDGMENT: what may happen.
//!
//! In: an action, the facts about it, a policy. Out: a decision with every
//! reason. Never here: a clock, the environment, I/O; the same input gives the
//! same decision for ever, so that any past decision can be replayed.
//!
//! A policy is data: operations ([`Registry`]), targets ([`Inventory`]), rules
//! in layers ([`RuleSet`]) and limits ([`Limits`]). [`decide`] reads nothing
//! else but the action and the facts; what a caller did lately comes in as
//! facts, counted in [`Windows`].

mod cases;
mod catalogue;
mod decide;
mod index;
mod inventory;
mod limits;
mod lint;
mod operation;
mod parameter;
mod presets;
mod read;
mod registry;
mod risk;
mod rules;
mod rules_file;
mod verdict;
mod windows;

pub use cases::{PolicyTest, Request, When, read_plan, read_tests};
pub use catalogue::Catalogue;
pub use decide::{Judged, decide, judge};
pub use inventory::{Environment, Inventory, Sensitivity, Target};
pub use limits::{CumulativeRisk, Limits, RateLimit};
pub use lint::{Warning, lint};
pub use operation::{Adjustment, Credentials, Operation, Precheck, StateField};
pub use parameter::{Constraints, Kind, NOT_A_NUMBER, Parameter, Pattern};
pub use presets::preset_rules;
pub use read::{Problem, SourceFile};
pub use registry::{Found, Registry};
pub use risk::effective;
pub use rules::{
    Asked, CallerMatch, Match, Place, RiskRange, Rule, RuleSet, TargetMatch, TimeWindow,
};
pub use rules_file::{PolicyFiles, load as load_policies};
pub use verdict::Verdict;
pub use windows::{Demand, Question, Window, Windows, remembered};

use crate::config::{Preset, Settings};

/// Everything that a decision depends on, but the action and its facts.
#[derive(Debug, Clone, Default)]
pub struct Policy {
    /// Rule sets that are all asked; the strictest answer counts.
    pub layers: Vec<RuleSet>,
    /// The operations there are.
    pub registry: Registry,
    /// The targets there are.
    pub inventory: Inventory,
    /// What callers may do in a while.
    pub limits: Limits,
    /// Whether an operation that the registry doesn't know is denied, as where
    /// callers name operations themselves; else it is critical, as where
    /// saferun finds out what a command does.
    pub closed: bool,
    /// Whether a target of a type that the operation isn't for is denied, even
    /// where the operation doesn't ask for that.
    pub enforce_target_types: bool,
}

impl Policy {
    /// The policy of a preset and nothing else.
    #[must_use]
    pub fn preset(preset: Preset) -> Self {
        Self { layers: vec![preset_rules(preset)], ..Self::default() }
    }

    /// The policy that the settings describe: the preset, tightened by each
    /// layer's own rules.
    ///
    /// # Errors
    /// Where a rule is not of the rules' schema.
    pub fn from_settings(settings: &Settings) -> Result<Self, PolicyError> {
        let mut policy = Self::preset(settings.preset.value);
        policy.layers.extend(own_rules(settings)?);
        Ok(policy)
    }
}

/// `[[policy.rules]]` of each layer of the settings that has some.
///
/// # Errors
/// Where a rule is not of the rules' schema.
pub fn own_rules(settings: &Settings) -> Result<Vec<RuleSet>, PolicyError> {
    let layers = settings.rules.iter();
    layers
        .map(|layer| {
            rules_file::of_settings(&layer.value, &layer.origin.to_string()).map_err(PolicyError)
        })
        .collect()
}

/// Files that can't be used, and everything that is wrong with them.
#[derive(Debug, thiserror::Error)]
#[error("{}", .0.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"))]
pub struct PolicyError(pub Vec<Problem>);
