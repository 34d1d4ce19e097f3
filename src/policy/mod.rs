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
pub use presets::preset_rules;
pub use rules::{CallerMatch, Match, RiskRange, Rule, RuleSet, TargetMatch};

use crate::config::{Preset, Settings};

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
        Self { layers: vec![preset_rules(preset)] }
    }

    /// The policy that the settings describe: the preset, tightened by each
    /// layer's own rules.
    ///
    /// # Errors
    /// Where a rule is not of the rules' schema.
    pub fn from_settings(settings: &Settings) -> Result<Self, PolicyError> {
        let mut policy = Self::preset(settings.preset.value);
        for layer in &settings.rules {
            let rules = layer.value.iter().map(|rule| rule.clone().try_into());
            let rules =
                rules.collect::<Result<_, toml::de::Error>>().map_err(|error| PolicyError {
                    origin: layer.origin.to_string(),
                    message: error.message().to_owned(),
                })?;
            policy.layers.push(RuleSet { rules, default: None }.sorted());
        }
        Ok(policy)
    }
}

/// Own rules that can't be used.
#[derive(Debug, thiserror::Error)]
#[error("{origin}: a rule of `[[policy.rules]]` is not valid: {message}")]
pub struct PolicyError {
    origin: String,
    message: String,
}
