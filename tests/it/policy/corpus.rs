//! `tests/corpora/policy`: files in Agent-Safe's format and what they decide.

use std::path::PathBuf;

use jiff::Timestamp;
use saferun::action::{
    Action, Caller, CallerKind, Decision, DecisionResult, Delegator, Facts, RiskClass, Usage,
};
use saferun::guard::{Builder, Guard, Request, When};
use saferun::policy::{
    Demand, Inventory, Policy, Registry, SourceFile, Windows, judge, load_policies,
};
use serde::Deserialize;
use serde_json::{Map, Value};

fn corpus(name: &str) -> PathBuf {
    PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/corpora/policy")).join(name)
}

fn lines<T: for<'de> Deserialize<'de>>(name: &str) -> Vec<T> {
    let text = std::fs::read_to_string(corpus(name)).expect("corpus");
    text.lines().map(|line| serde_json::from_str(line).expect(line)).collect()
}

fn builder() -> Builder {
    Guard::builder().registry(corpus("actions")).inventory(corpus("inventory.yaml"))
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    policy: String,
    operation: String,
    target: Option<String>,
    caller: Option<Value>,
    #[serde(default)]
    params: Map<String, Value>,
    at: Option<String>,
    ticket_id: Option<String>,
    result: DecisionResult,
    rule: Option<String>,
    class: Option<RiskClass>,
    reason: Option<String>,
}

fn caller(value: &Value) -> Caller {
    let texts = |key: &str| -> Vec<String> {
        value[key].as_array().into_iter().flatten().map(text).collect()
    };
    let delegator = |id| Delegator { id, roles: Vec::new(), groups: Vec::new(), at: None };
    Caller {
        roles: texts("roles"),
        groups: texts("groups"),
        delegation: texts("delegated_from").into_iter().map(delegator).collect(),
        ..Caller::named(text(&value["id"]), CallerKind::Service)
    }
}

fn text(value: &Value) -> String {
    value.as_str().expect("text").to_owned()
}

#[test]
fn every_case_is_decided_as_it_says() {
    let mut wrong = Vec::new();
    for case in lines::<Case>("cases.jsonl") {
        let dir = corpus("policies");
        let path = ["yaml", "toml"].map(|ending| dir.join(format!("{}.{ending}", case.policy)));
        let path = path.into_iter().find(|path| path.exists()).expect("policy");
        let point = builder().policies(path).build().expect("valid");
        let checked = point.check(Request {
            operation: case.operation.clone(),
            target: case.target.clone(),
            caller: case.caller.as_ref().and_then(Value::as_str).map(str::to_owned),
            identity: case.caller.as_ref().filter(|caller| caller.is_object()).map(caller),
            params: case.params.clone(),
            ticket_id: case.ticket_id.clone(),
            at: case.at.as_deref().map(|at| When::parse(at).expect("a time")),
        });
        let decision = checked.expect("no log").decision();
        let reason = decision.reasons.last().map(|reason| reason.message.clone());
        if decision.result != case.result
            || decision.rule != case.rule
            || case.class.is_some_and(|class| class != decision.risk_class)
            || case.reason.is_some() && case.reason != reason
        {
            wrong.push(format!("{case:?}\n  got {decision:?}"));
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Load {
    kind: String,
    name: String,
    text: String,
    errors: Vec<String>,
}

#[test]
fn every_mistake_of_a_file_is_told_in_one_go() {
    for case in lines::<Load>("load.jsonl") {
        let files = [SourceFile { name: case.name.clone(), text: case.text.clone() }];
        let problems = match case.kind.as_str() {
            "registry" => Registry::load(&files).err(),
            "policies" => load_policies(&files).err(),
            _ => Inventory::load(&files).err(),
        };
        let told: Vec<String> =
            problems.unwrap_or_default().iter().map(ToString::to_string).collect();
        assert_eq!(told.len(), case.errors.len(), "{case:?}\n{told:#?}");
        for error in &case.errors {
            assert!(told.iter().any(|one| one.contains(error)), "`{error}` is not in {told:#?}");
        }
    }
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Sequence {
    name: String,
    limits: String,
    policy: String,
    steps: Vec<SequenceStep>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct SequenceStep {
    t: f64,
    caller: String,
    operation: String,
    target: String,
    result: DecisionResult,
    reason: Option<String>,
    score: Option<u64>,
    class: Option<RiskClass>,
    was: Option<DecisionResult>,
}

#[test]
fn what_callers_did_lately_counts() {
    for sequence in lines::<Sequence>("sequences.jsonl") {
        let text = format!("{}{}", sequence.limits, sequence.policy);
        let file = SourceFile { name: "p.yaml".to_owned(), text };
        let files = load_policies(&[file]).expect("valid");
        let policy = Policy {
            layers: vec![files.rules],
            limits: files.limits,
            ..builder().policy().expect("valid")
        };
        let mut windows = Windows::default();
        for step in &sequence.steps {
            let decision = decide(step, &policy, &mut windows);
            let cumulative = decision.cumulative;
            assert_eq!(decision.result, step.result, "{}: {step:?}", sequence.name);
            assert_eq!(decision.escalated_from, step.was, "{}: {step:?}", sequence.name);
            assert_eq!(cumulative.map(|sum| sum.score), step.score, "{}: {step:?}", sequence.name);
            assert_eq!(cumulative.map(|sum| sum.class), step.class, "{}: {step:?}", sequence.name);
            if let Some(reason) = &step.reason {
                let last = decision.reasons.last().map(|reason| reason.message.as_str());
                assert_eq!(last, Some(reason.as_str()), "{}: {step:?}", sequence.name);
            }
            // What is kept between two processes is all there is.
            let kept = serde_json::to_string(&windows).expect("plain data");
            windows = serde_json::from_str(&kept).expect("plain data");
        }
    }
}

fn decide(step: &SequenceStep, policy: &Policy, windows: &mut Windows) -> Decision {
    let action = Action {
        operation: step.operation.clone(),
        target: step.target.clone(),
        caller: Caller::named(step.caller.as_str(), CallerKind::Service),
        params: Map::new(),
        ticket_id: None,
        at: Timestamp::from_millisecond(1_750_000_000_000 + millis(step.t)).expect("in range"),
    };
    let demand = Demand::of(&action, &Facts::default(), policy);
    let usage = windows.count(&demand, &policy.limits, action.at, Usage::default());
    let facts = Facts { usage: Some(usage), ..Facts::default() };
    judge(action, facts, policy).decision().clone()
}

fn millis(seconds: f64) -> i64 {
    format!("{:.0}", seconds * 1000.0).parse().expect("a number")
}
