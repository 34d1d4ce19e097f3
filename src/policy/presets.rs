//! The policies that saferun brings along: `rules/policies/*.toml`.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::RuleSet;
use crate::action::DecisionResult;

/// A built-in policy. Ordered by strictness.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, clap::ValueEnum)]
#[serde(rename_all = "snake_case")]
pub enum Preset {
    /// Stops what is beyond repair.
    Relaxed,
    /// Asks a person for what is hard to take back.
    #[default]
    Standard,
    /// Asks for everything that destroys, and trusts agents less.
    Strict,
}

impl Preset {
    /// The name used in configuration.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Relaxed => "relaxed",
            Self::Standard => "standard",
            Self::Strict => "strict",
        }
    }

    /// Its rules. One that can't be read denies everything; a test reads all.
    #[must_use]
    pub fn rule_set(self) -> RuleSet {
        let text = match self {
            Self::Relaxed => include_str!("../../rules/policies/relaxed.toml"),
            Self::Standard => include_str!("../../rules/policies/standard.toml"),
            Self::Strict => include_str!("../../rules/policies/strict.toml"),
        };
        toml::from_str(text).map_or_else(|_| deny_everything(), RuleSet::sorted)
    }
}

fn deny_everything() -> RuleSet {
    RuleSet { rules: Vec::new(), default: Some(DecisionResult::Deny) }
}

impl fmt::Display for Preset {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_preset_has_rules() {
        for preset in [Preset::Relaxed, Preset::Standard, Preset::Strict] {
            let rules = preset.rule_set();
            assert!(rules.rules.len() > 3, "{preset}");
            assert!(rules.default.is_some(), "{preset}");
        }
    }
}
