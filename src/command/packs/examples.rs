//! Rules tried on their own examples and counterexamples.

use super::schema::Rule;
use crate::command::{Intent, Lookup, classify_line};

/// What goes wrong when each rule reads its own examples and counterexamples,
/// one sentence each. Rules of one's own must be among those of `lookup`.
#[must_use]
pub fn wrong_examples(rules: &[Rule], lookup: &dyn Lookup) -> Vec<String> {
    let mut wrong = Vec::new();
    for rule in rules {
        let is = |intent: &Intent| intent.params.get("rule").is_some_and(|id| *id == *rule.id);
        let found = |line: &str| classify_line(line, lookup).intents.iter().any(is);
        let missed = rule.examples.iter().filter(|line| !found(line));
        wrong.extend(missed.map(|line| format!("{}: does not find `{line}`", rule.id)));
        let hit = rule.counterexamples.iter().filter(|line| found(line));
        wrong.extend(hit.map(|line| format!("{}: finds `{line}`", rule.id)));
    }
    wrong
}

#[cfg(test)]
mod tests {
    use super::super::{OwnPacks, rules};
    use super::*;
    use crate::command::Nothing;

    #[test]
    fn every_rule_finds_its_examples_and_not_its_counterexamples() {
        for rule in rules() {
            assert!(!rule.examples.is_empty() && !rule.counterexamples.is_empty(), "{}", rule.id);
        }
        let wrong = wrong_examples(&rules(), &Nothing);
        assert!(wrong.is_empty(), "{} wrong:\n{}", wrong.len(), wrong.join("\n"));
    }

    #[test]
    fn a_rule_of_ones_own_is_read_like_the_others() {
        let text = r#"
            [[rules]]
            id = "deploy"
            programs = "shipit make"
            command = "deploy|release"
            flags = "production|p"
            operation = "cloud.deploy"
            message = "deploys to production"
            examples = ["shipit deploy --production", "env X=1 shipit release -p"]
            counterexamples = ["shipit deploy", "shipit status --production"]
        "#;
        let own = OwnPacks::of_file(text, "pack.toml").expect("a pack");
        assert_eq!(wrong_examples(own.rules(), &own), Vec::<String>::new());
        for text in [
            "[[rules]]\nid = \"x\"\noperation = \"a\"\nmessage = \"b\"",
            "[[rules]]\nprogramms = \"x\"",
        ] {
            assert!(OwnPacks::of_file(text, "pack.toml").is_err(), "{text}");
        }
    }
}
