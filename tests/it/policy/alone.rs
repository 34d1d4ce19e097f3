//! What counts whatever the rest of the policy says: one thing a test.

use jiff::Timestamp;
use saferun::action::{Action, Caller, CallerKind, DecisionResult, Facts, Identity};
use saferun::policy::{Policy, Registry, SourceFile, TimeWindow, decide, load_policies};
use serde_json::{Map, Value, json};

fn action(operation: &str) -> Action {
    Action {
        operation: operation.to_owned(),
        target: "here".to_owned(),
        caller: Caller::named("ada", CallerKind::Human),
        params: Map::new(),
        ticket_id: None,
        at: Timestamp::UNIX_EPOCH,
    }
}

/// A policy that allows what matches, and denies everything else.
fn allowing(matches: &Value) -> Policy {
    let rule = json!({"name": "r", "match": matches, "decision": "allow", "reason": "x"});
    let text = json!({ "rules": [rule] }).to_string();
    let files = [SourceFile { name: "p.yaml".to_owned(), text }];
    Policy { layers: vec![load_policies(&files).expect("valid").rules], ..Policy::default() }
}

#[test]
fn an_identity_that_proves_nothing_is_denied() {
    let policy = allowing(&json!({}));
    let result = |identity| {
        let facts = Facts { identity, ..Facts::default() };
        decide(&action("x"), &facts, &policy).result()
    };
    assert_eq!(result(Identity::Claimed), DecisionResult::Allow);
    assert_eq!(result(Identity::Refused("forged".to_owned())), DecisionResult::Deny);
}

#[test]
fn a_pattern_in_brackets_does_not_match_its_own_text() {
    let policy = allowing(&json!({"actions": ["[ab]"]}));
    let result = |operation| decide(&action(operation), &Facts::default(), &policy).result();
    assert_eq!(result("a"), DecisionResult::Allow);
    assert_eq!(result("[ab]"), DecisionResult::Deny);
}

#[test]
fn a_window_holds_through_its_last_hour() {
    let window = |start_hour, end_hour| TimeWindow { days: None, start_hour, end_hour };
    let hours = |window: TimeWindow| (0..24).filter(|hour| window.holds(0, *hour)).count();
    assert_eq!(hours(window(9, 9)), 1);
    assert_eq!(hours(window(9, 17)), 9);
    assert_eq!(hours(window(22, 2)), 5);
    assert!(window(9, 9).holds(3, 9) && !window(9, 9).holds(3, 10));
}

#[test]
fn a_signal_that_is_seen_twice_counts_once() {
    let policy = Policy { registry: Registry::builtin_in_memory(), ..allowing(&json!({})) };
    let mut moved = 0;
    for operation in policy.registry.all() {
        let risk = |signals: &[&str]| {
            let mut facts = Facts::default();
            signals.iter().for_each(|code| facts.signal(code, ""));
            decide(&action(&operation.id), &facts, &policy).risk()
        };
        for adjustment in &operation.adjust {
            let code = adjustment.signal.as_str();
            assert_eq!(risk(&[code]).to_bits(), risk(&[code, code]).to_bits(), "{}", operation.id);
            moved += usize::from(risk(&[code]) > risk(&[]));
        }
    }
    assert!(moved > 10, "{moved}");
}
