//! The policies that saferun brings along: `rules/policies/*.toml`.

use std::sync::OnceLock;

use super::RuleSet;
use super::rules_file::of_node;
use crate::action::DecisionResult;
use crate::config::Preset;
use crate::records;

/// The tree of a policy, as the build script parsed it.
macro_rules! tree {
    ($name:literal) => {
        include_bytes!(concat!(env!("OUT_DIR"), "/", $name, ".policy.bin"))
    };
}

/// The rules of a built-in policy. One that can't be read denies everything.
#[must_use]
pub fn preset_rules(preset: Preset) -> RuleSet {
    static READ: [OnceLock<RuleSet>; 3] = [const { OnceLock::new() }; 3];
    let (read, tree): (_, &[u8]) = match preset {
        Preset::Relaxed => (&READ[0], tree!("relaxed")),
        Preset::Standard => (&READ[1], tree!("standard")),
        Preset::Strict => (&READ[2], tree!("strict")),
    };
    read.get_or_init(|| read_rules(preset, tree)).clone()
}

fn read_rules(preset: Preset, tree: &[u8]) -> RuleSet {
    let root = records::read(tree);
    root.and_then(|root| of_node(&root, &format!("{preset}.toml")).ok())
        .unwrap_or_else(|| RuleSet::new(Vec::new(), Some(DecisionResult::Deny)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::{SourceFile, load_policies};

    #[test]
    fn every_preset_has_rules() {
        for preset in [Preset::Relaxed, Preset::Standard, Preset::Strict] {
            let rules = preset_rules(preset);
            assert!(rules.rules().len() > 3, "{preset}");
            assert!(rules.default_result().is_some(), "{preset}");
            let file = format!("{preset}.toml");
            let path = format!("{}/rules/policies/{file}", env!("CARGO_MANIFEST_DIR"));
            let text = std::fs::read_to_string(path).expect("a file");
            let read = load_policies(&[SourceFile { name: file, text }]).expect("valid").rules;
            assert_eq!(rules.rules(), read.rules());
            assert_eq!(rules.default_result(), read.default_result());
        }
    }
}
