//! Every rule is tried on its own examples and counterexamples.

use super::rules;
use crate::command::{Intent, Nothing, classify_line};

fn found(line: &str, id: &str) -> bool {
    let is = |intent: &Intent| intent.params.get("rule").is_some_and(|rule| rule == id);
    classify_line(line, &Nothing).intents.iter().any(is)
}

#[test]
fn every_rule_finds_its_examples_and_nothing_else() {
    let mut wrong = Vec::new();
    for rule in rules() {
        assert!(!rule.examples.is_empty() && !rule.counterexamples.is_empty(), "{}", rule.id);
        let missed = rule.examples.iter().filter(|line| !found(line, &rule.id));
        wrong.extend(missed.map(|line| format!("{}: does not find `{line}`", rule.id)));
        let hit = rule.counterexamples.iter().filter(|line| found(line, &rule.id));
        wrong.extend(hit.map(|line| format!("{}: finds `{line}`", rule.id)));
    }
    assert!(wrong.is_empty(), "{} wrong:\n{}", wrong.len(), wrong.join("\n"));
}
