//! The policy, the targets and the requests.

use saferun::action::{Action, Caller, CallerKind};
use saferun::policy::{Inventory, Policy, Registry, SourceFile, effective, load_policies};
use serde_json::{Map, Value, json};

pub const ENVIRONMENTS: [&str; 3] = ["dev", "staging", "prod"];
pub const SENSITIVITIES: [&str; 4] = ["public", "internal", "restricted", "critical"];
const ROLES: [&str; 3] = ["deployer", "reader", "admin"];
/// Actions of the catalogue, and the type of target that each is for.
const ACTIONS: [(&str, &str); 8] = [
    ("restart-deployment", "k8s-deployment"),
    ("scale-deployment", "k8s-deployment"),
    ("rollout-status", "k8s-deployment"),
    ("update-image", "k8s-deployment"),
    ("get-configmap", "k8s-configmap"),
    ("get-pod-logs", "k8s-pod"),
    ("delete-pod", "k8s-pod"),
    ("delete-namespace", "k8s-namespace"),
];

/// A request, and what the other engines want to know about it.
pub struct Asked {
    pub action: Action,
    pub environment: &'static str,
    pub risk: &'static str,
}

fn targets() -> Vec<Value> {
    let mut all = Vec::new();
    for environment in ENVIRONMENTS {
        for sensitivity in SENSITIVITIES {
            for (kind, name) in [("k8s-deployment", "app"), ("k8s-configmap", "config"), ("k8s-pod", "pod"), ("k8s-namespace", "space")] {
                all.push(json!({"id": format!("{environment}/{sensitivity}-{name}"), "type": kind,
                    "environment": environment, "sensitivity": sensitivity}));
            }
        }
    }
    all
}

fn file(value: &Value) -> SourceFile {
    SourceFile { name: "x.yaml".to_owned(), text: value.to_string() }
}

pub fn six_rules() -> Vec<Value> {
    let deployer = ["restart-deployment", "scale-deployment", "delete-pod", "update-image"];
    let reads = ["get-pod-logs", "rollout-status", "get-configmap"];
    vec![
        json!({"name": "critical", "priority": 1000, "match": {"risk_classes": ["critical"]}, "decision": "require_approval", "reason": "r"}),
        json!({"name": "no-delete", "priority": 900, "match": {"actions": ["delete-namespace"], "targets": {"environments": ["prod"]}}, "decision": "deny", "reason": "r"}),
        json!({"name": "prod", "priority": 500, "match": {"targets": {"environments": ["prod"]}}, "decision": "require_approval", "reason": "r"}),
        json!({"name": "reads", "priority": 200, "match": {"actions": reads, "targets": {"environments": ["staging"]}}, "decision": "allow", "reason": "r"}),
        json!({"name": "deployer", "priority": 100, "match": {"actions": deployer, "targets": {"environments": ["staging"]}, "callers": {"roles": ["deployer"]}}, "decision": "allow", "reason": "r"}),
        json!({"name": "dev", "priority": 10, "match": {"targets": {"environments": ["dev"]}}, "decision": "allow", "reason": "r"}),
    ]
}

/// The six, and rules for other teams' services: by name, by pattern, by caller.
pub fn thousand_rules() -> Vec<Value> {
    let mut rules = six_rules();
    for number in 0..994 {
        let matches = match number % 3 {
            0 => json!({"actions": [format!("restart-service-{number}")]}),
            1 => json!({"actions": [format!("team{number}-*")], "targets": {"environments": ["prod"]}}),
            _ => json!({"callers": {"agent_ids": [format!("robot-{number}")]}}),
        };
        rules.push(json!({"name": format!("r{number}"), "priority": number, "match": matches, "decision": "deny", "reason": "r"}));
    }
    rules
}

pub fn policy(rules: &[Value]) -> Policy {
    Policy {
        layers: vec![load_policies(&[file(&json!({ "rules": rules }))]).expect("valid").rules],
        registry: Registry::builtin_in_memory(),
        inventory: Inventory::load(&[file(&json!({ "targets": targets() }))]).expect("valid"),
        closed: true,
        ..Policy::default()
    }
}

pub fn requests(count: usize) -> Vec<Asked> {
    let policy = policy(&six_rules());
    let targets = targets();
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    let mut draw = |below: usize| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state >> 33) as usize % below
    };
    (0..count)
        .map(|_| {
            let (operation, kind) = ACTIONS[draw(ACTIONS.len())];
            let fitting: Vec<&Value> = targets.iter().filter(|one| one["type"] == kind).collect();
            let id = fitting[draw(fitting.len())]["id"].as_str().expect("text");
            let target = policy.inventory.get(id).expect("listed");
            let known = policy.registry.get(operation).expect("known");
            let (_, class) = effective(known.risk, target.sensitivity);
            let environment = ENVIRONMENTS.into_iter().find(|name| id.starts_with(name)).expect("one");
            let roles = ROLES.iter().filter(|_| draw(2) == 0).map(|role| (*role).to_owned()).collect();
            Asked {
                action: Action {
                    operation: operation.to_owned(),
                    target: id.to_owned(),
                    caller: Caller { roles, ..Caller::named(format!("bot-{}", draw(50)), CallerKind::Service) },
                    params: params(operation),
                    ticket_id: None,
                    at: Default::default(),
                },
                environment,
                risk: class.as_str(),
            }
        })
        .collect()
}

/// Parameters that the action takes.
fn params(operation: &str) -> Map<String, Value> {
    let value = match operation {
        "scale-deployment" => json!({"namespace": "web", "deployment": "api", "replicas": 3}),
        "update-image" => json!({"namespace": "web", "deployment": "api", "container": "api", "image": "api:v2"}),
        "get-configmap" => json!({"namespace": "web", "configmap": "c"}),
        "get-pod-logs" | "delete-pod" => json!({"namespace": "web", "pod": "p"}),
        "delete-namespace" => json!({"namespace": "web"}),
        _ => json!({"namespace": "web", "deployment": "api"}),
    };
    value.as_object().cloned().expect("an object")
}
