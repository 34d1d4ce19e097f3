//! The policies that saferun brings along: `rules/policies/*.toml`.

use std::sync::OnceLock;

use super::read::SourceFile;
use super::{RuleSet, load_policies};
use crate::action::DecisionResult;
use crate::config::Preset;

/// The rules of a built-in policy. One that can't be read denies everything.
#[must_use]
pub fn preset_rules(preset: Preset) -> RuleSet {
    static READ: [OnceLock<RuleSet>; 3] = [const { OnceLock::new() }; 3];
    let (read, text) = match preset {
        Preset::Relaxed => (&READ[0], include_str!("../../rules/policies/relaxed.toml")),
        Preset::Standard => (&READ[1], include_str!("../../rules/policies/standard.toml")),
        Preset::Strict => (&READ[2], include_str!("../../rules/policies/strict.toml")),
    };
    read.get_or_init(|| read_rules(preset, text)).clone()
}

fn read_rules(preset: Preset, text: &str) -> RuleSet {
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
