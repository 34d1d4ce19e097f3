//! The policies that saferun brings along: `rules/policies/*.toml`.

use super::RuleSet;
use crate::action::DecisionResult;
use crate::config::Preset;

/// The rules of a built-in policy. One that can't be read denies everything.
#[must_use]
pub fn preset_rules(preset: Preset) -> RuleSet {
    let text = match preset {
        Preset::Relaxed => include_str!("../../rules/policies/relaxed.toml"),
        Preset::Standard => include_str!("../../rules/policies/standard.toml"),
        Preset::Strict => include_str!("../../rules/policies/strict.toml"),
    };
    toml::from_str(text).map_or_else(|_| deny_everything(), RuleSet::sorted)
}

fn deny_everything() -> RuleSet {
    RuleSet { rules: Vec::new(), default: Some(DecisionResult::Deny) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_preset_has_rules() {
        for preset in [Preset::Relaxed, Preset::Standard, Preset::Strict] {
            let rules = preset_rules(preset);
            assert!(rules.rules.len() > 3, "{preset}");
            assert!(rules.default.is_some(), "{preset}");
        }
    }
}
