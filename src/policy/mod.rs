//! JUDGMENT: what may happen.
//!
//! In: an action, the facts about it, a policy. Out: a decision with every
//! reason. Never here: a clock, the environment, I/O; the same input gives the
//! same decision for ever, so that any past decision can be replayed.

mod catalogue;
mod decide;
mod presets;
mod rules;

pub use catalogue::{Adjustment, Catalogue, CatalogueError, Operation};
pub use decide::{Judged, decide, judge};
pub use presets::Preset;
pub use rules::{CallerMatch, Match, RiskRange, Rule, RuleSet, TargetMatch};

/// Rule sets that are all asked; the strictest answer counts.
#[derive(Debug, Clone)]
pub struct Policy {
    /// Rule sets, the one with a default first.
    pub layers: Vec<RuleSet>,
}

impl Policy {
    /// The policy of a preset and nothing else.
    #[must_use]
    pub fn preset(preset: Preset) -> Self {
        Self { layers: vec![preset.rule_set()] }
    }
}
