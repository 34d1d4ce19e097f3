//! The six rules in Rego.

use regorus::{Engine, Value};
use serde_json::json;

use crate::world::Asked;

const POLICY: &str = r#"
package p
import rego.v1

default allow := false

stopped if input.risk == "critical"
stopped if input.environment == "prod"
stopped if { input.action == "delete-namespace"; input.environment == "prod" }

reads := {"get-pod-logs", "rollout-status", "get-configmap"}
deploys := {"restart-deployment", "scale-deployment", "delete-pod", "update-image"}

permitted if { input.environment == "staging"; input.action in reads }
permitted if { input.environment == "staging"; input.action in deploys; "deployer" in input.roles }
permitted if input.environment == "dev"

allow if { permitted; not stopped }
"#;

pub struct Rego(Engine);

pub fn input(asked: &Asked) -> Value {
    let text = json!({"action": asked.action.operation, "environment": asked.environment,
        "risk": asked.risk, "roles": asked.action.caller.roles})
    .to_string();
    Value::from_json_str(&text).expect("JSON")
}

impl Rego {
    pub fn new() -> Self {
        let mut engine = Engine::new();
        engine.add_policy("p.rego".to_owned(), POLICY.to_owned()).expect("valid");
        Self(engine)
    }

    pub fn allows(&mut self, input: &Value) -> bool {
        self.0.set_input(input.clone());
        self.0.eval_rule("data.p.allow".to_owned()).expect("an answer") == Value::from(true)
    }
}
