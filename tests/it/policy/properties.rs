//! What holds for every policy: the engine decides as a short reference does,
//! a rule that denies never loosens, and less to show never gains.

use jiff::Timestamp;
use proptest::prelude::*;
use saferun::action::{Action, Caller, CallerKind, DecisionResult, Facts, RiskClass};
use saferun::policy::{
    Inventory, Policy, Registry, RuleSet, SourceFile, Target, decide, load_policies,
};
use serde_json::{Map, Value, json};

const ACTIONS: [&str; 5] = ["get-logs", "get-secret", "scale-up", "scale-down", "wipe"];
const PATTERNS: [&str; 8] =
    ["get-logs", "get-*", "scale-*", "*", "wipe", "*-down", "[gs]*e*", "scale-up"];
const CLASSES: [&str; 4] = ["low", "medium", "high", "critical"];
const ENVIRONMENTS: [&str; 3] = ["dev", "staging", "prod"];
const ROLES: [&str; 3] = ["reader", "deployer", "admin"];

fn registry() -> Registry {
    let file = |(action, class): (&str, &str)| SourceFile {
        name: format!("{action}.yaml"),
        text: format!(
            "{{name: {action}, version: 1.0.0, description: d, risk_class: {class}, target_types: [t]}}"
        ),
    };
    let classes = ["low", "high", "medium", "medium", "critical"];
    let files: Vec<_> = ACTIONS.into_iter().zip(classes).map(file).collect();
    Registry::load(&files).expect("valid")
}

fn inventory() -> Inventory {
    let target = |(environment, sensitivity): (&str, &str)| json!({"id": format!("{environment}/app"), "type": "t", "environment": environment, "sensitivity": sensitivity});
    let targets: Vec<Value> =
        ENVIRONMENTS.into_iter().zip(["public", "internal", "critical"]).map(target).collect();
    let text = json!({"targets": targets}).to_string();
    Inventory::load(&[SourceFile { name: "i.yaml".to_owned(), text }]).expect("valid")
}

/// Rules as JSON, which is YAML.
fn rule(
    decision: impl Strategy<Value = &'static str>,
    callers: bool,
) -> impl Strategy<Value = Value> {
    let some = |values: &'static [&'static str]| {
        proptest::option::of(proptest::sample::subsequence(values, 0..=2))
    };
    let roles = if callers { some(&ROLES).boxed() } else { Just(None).boxed() };
    let ids = if callers { some(&["bot", "ada"]).boxed() } else { Just(None).boxed() };
    (decision, -3i64..3, some(&PATTERNS), some(&CLASSES), some(&ENVIRONMENTS), roles, ids).prop_map(
        |(decision, priority, actions, classes, environments, roles, ids)| {
            let mut matches = Map::new();
            let mut put = |key: &str, value: Option<Vec<&str>>| {
                if let Some(value) = value {
                    matches.insert(key.to_owned(), json!(value));
                }
            };
            put("actions", actions);
            put("risk_classes", classes);
            if let Some(environments) = environments {
                matches.insert("targets".into(), json!({ "environments": environments }));
            }
            let mut callers = Map::new();
            callers.extend(roles.map(|roles| ("roles".to_owned(), json!(roles))));
            callers.extend(ids.map(|ids| ("agent_ids".to_owned(), json!(ids))));
            if !callers.is_empty() {
                matches.insert("callers".into(), Value::Object(callers));
            }
            json!({"name": "r", "priority": priority, "match": matches, "decision": decision, "reason": "x"})
        },
    )
}

const ANY: [&str; 3] = ["allow", "require_approval", "deny"];

fn rule_set(rules: &[Value]) -> RuleSet {
    let text = json!({ "rules": rules }).to_string();
    load_policies(&[SourceFile { name: "p.yaml".to_owned(), text }]).expect("valid").rules
}

fn policy(rules: &[Value]) -> Policy {
    Policy {
        layers: vec![rule_set(rules)],
        registry: registry(),
        inventory: inventory(),
        closed: true,
        ..Policy::default()
    }
}

fn asked() -> impl Strategy<Value = Action> {
    let roles = proptest::sample::subsequence(&ROLES[..], 0..=3);
    let targets = ["dev/app", "staging/app", "prod/app", "elsewhere"];
    (
        proptest::sample::select(&ACTIONS[..]),
        proptest::sample::select(targets.to_vec()),
        proptest::sample::select(vec!["bot", "ada", "anonymous"]),
        roles,
    )
        .prop_map(|(operation, target, caller, roles)| Action {
            operation: operation.to_owned(),
            target: target.to_owned(),
            caller: Caller {
                roles: roles.into_iter().map(str::to_owned).collect(),
                ..Caller::named(caller, CallerKind::Service)
            },
            params: Map::new(),
            ticket_id: None,
            at: Timestamp::UNIX_EPOCH,
        })
}

/// The whole of deciding, without an index and without haste.
fn reference(
    rules: &[Value],
    action: &Action,
    class: RiskClass,
    target: Option<&Target>,
) -> DecisionResult {
    let mut sorted: Vec<&Value> = rules.iter().collect();
    sorted.sort_by_key(|rule| -rule["priority"].as_i64().unwrap_or(0));
    let found = sorted.into_iter().find(|rule| {
        let matches = &rule["match"];
        let listed = |list: &Value, holds: &dyn Fn(&str) -> bool| {
            list.as_array()
                .is_none_or(|all| all.iter().any(|one| holds(one.as_str().unwrap_or(""))))
        };
        let callers = &matches["callers"];
        let known = callers.is_null() || action.caller.id != "anonymous";
        let environment = target.map(|target| json!(target.environment));
        listed(&matches["actions"], &|pattern| {
            wildcard(pattern.as_bytes(), action.operation.as_bytes())
        }) && listed(&matches["risk_classes"], &|name| name == class.as_str())
            && (matches["targets"].is_null()
                || listed(&matches["targets"]["environments"], &|name| {
                    environment == Some(json!(name))
                }))
            && known
            && listed(&callers["roles"], &|role| action.caller.roles.iter().any(|one| one == role))
            && listed(&callers["agent_ids"], &|id| id == action.caller.id)
    });
    match found.and_then(|rule| rule["decision"].as_str()) {
        Some("allow") => DecisionResult::Allow,
        Some("require_approval") => DecisionResult::RequireApproval,
        _ => DecisionResult::Deny,
    }
}

/// `*` and `[…]` as a textbook has them.
fn wildcard(pattern: &[u8], text: &[u8]) -> bool {
    match (pattern, text) {
        ([], []) => true,
        ([b'*', rest @ ..], _) => {
            wildcard(rest, text) || (!text.is_empty() && wildcard(pattern, &text[1..]))
        }
        ([b'[', rest @ ..], [first, after @ ..]) => {
            let end = rest.iter().position(|&byte| byte == b']').unwrap_or(0);
            rest[..end].contains(first) && wildcard(&rest[end + 1..], after)
        }
        ([one, rest @ ..], [first, after @ ..]) => one == first && wildcard(rest, after),
        _ => false,
    }
}

fn any_rules(callers: bool) -> impl Strategy<Value = Vec<Value>> {
    proptest::collection::vec(rule(proptest::sample::select(&ANY[..]), callers), 0..14)
}

#[test]
fn without_an_answer_it_denies() {
    let action = Action {
        operation: "get-logs".to_owned(),
        target: "dev/app".to_owned(),
        caller: Caller::named("bot", CallerKind::Service),
        params: Map::new(),
        ticket_id: None,
        at: Timestamp::UNIX_EPOCH,
    };
    for layers in [vec![], vec![RuleSet::new(Vec::new(), None)]] {
        let policy = Policy { layers, ..policy(&[]) };
        assert_eq!(decide(&action, &Facts::default(), &policy).result(), DecisionResult::Deny);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn the_engine_decides_as_the_reference(rules in any_rules(true), action in asked()) {
        let policy = policy(&rules);
        let verdict = decide(&action, &Facts::default(), &policy);
        let target = policy.inventory.get(&action.target);
        let expected = reference(&rules, &action, verdict.risk_class(), target);
        prop_assert_eq!(verdict.result(), expected);
    }

    #[test]
    fn one_more_rule_that_denies_never_loosens(
        rules in any_rules(true),
        more in rule(Just("deny"), true),
        at in 0usize..15,
        action in asked(),
    ) {
        let before = decide(&action, &Facts::default(), &policy(&rules)).result();
        let mut all = rules;
        all.insert(at.min(all.len()), more);
        prop_assert!(decide(&action, &Facts::default(), &policy(&all)).result() >= before);
    }

    #[test]
    fn one_more_layer_never_loosens(rules in any_rules(true), more in any_rules(true), action in asked()) {
        let mut policy = policy(&rules);
        let before = decide(&action, &Facts::default(), &policy).result();
        policy.layers.push(RuleSet::new(rule_set(&more).rules().to_vec(), None));
        prop_assert!(decide(&action, &Facts::default(), &policy).result() >= before);
    }

    #[test]
    fn fewer_roles_never_gain_where_roles_only_allow(
        allowing in proptest::collection::vec(rule(Just("allow"), true), 0..8),
        others in any_rules(false),
        action in asked(),
        keep in proptest::collection::vec(any::<bool>(), 3),
    ) {
        // Rules that allow stand below all others: none of them hides a stricter one.
        let lowest = allowing.into_iter().map(|mut rule| { rule["priority"] = json!(-9); rule });
        let rules: Vec<Value> = others.into_iter().chain(lowest).collect();
        let policy = policy(&rules);
        let mut narrowed = action.clone();
        let mut kept = keep.into_iter();
        narrowed.caller.roles.retain(|_| kept.next().unwrap_or(false));
        let before = decide(&action, &Facts::default(), &policy).result();
        prop_assert!(decide(&narrowed, &Facts::default(), &policy).result() >= before);
    }
}
