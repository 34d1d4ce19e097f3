//! The policies that saferun brings along: `rules/policies/*.toml`.

use super::read::SourceFile;
use super::{RuleSet, load_policies};
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
    let file = SourceFile { name: format!("{preset}.toml"), text: text.to_owned() };
    load_policies(&[file])
        .map_or_else(|_| RuleSet::new(Vec::new(), Some(DecisionResult::Deny)), |files| files.rules)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_preset_has_rules() {
        for preset in [Preset::Relaxed, Preset::Standard, Preset::Strict] {
            let rules = preset_rules(preset);
            assert!(rules.rules().len() > 3, "{preset}");
            assert!(rules.default_result().is_some(), "{preset}");
        }
    }
}
