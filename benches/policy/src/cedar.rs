//! The six rules in Cedar. It has no priorities and no third answer; since the
//! rules that don't allow stand above those that do, `forbid` says the same.

use std::collections::HashMap;
use std::str::FromStr;

use cedar_policy::{
    Authorizer, Context, Decision, Entities, Entity, EntityUid, PolicySet, Request,
    RestrictedExpression,
};

use crate::world::{Asked, ENVIRONMENTS};

const POLICIES: &str = r#"
forbid(principal, action, resource) when { context.risk == "critical" };
forbid(principal, action == Action::"delete-namespace", resource) when { resource.environment == "prod" };
forbid(principal, action, resource) when { resource.environment == "prod" };
permit(principal, action in [Action::"get-pod-logs", Action::"rollout-status", Action::"get-configmap"], resource)
  when { resource.environment == "staging" };
permit(principal, action in [Action::"restart-deployment", Action::"scale-deployment", Action::"delete-pod", Action::"update-image"], resource)
  when { resource.environment == "staging" && context.roles.contains("deployer") };
permit(principal, action, resource) when { resource.environment == "dev" };
"#;

pub struct Cedar {
    authorizer: Authorizer,
    policies: PolicySet,
    entities: Entities,
}

fn uid(kind: &str, id: &str) -> EntityUid {
    EntityUid::from_str(&format!("{kind}::\"{id}\"")).expect("an id")
}

impl Cedar {
    pub fn new() -> Self {
        let text = |text: &str| RestrictedExpression::new_string(text.to_owned());
        let targets = ENVIRONMENTS.into_iter().map(|environment| {
            let attributes = HashMap::from([("environment".to_owned(), text(environment))]);
            Entity::new(uid("Target", environment), attributes, Default::default()).expect("an entity")
        });
        Self {
            authorizer: Authorizer::new(),
            policies: POLICIES.parse().expect("valid"),
            entities: Entities::from_entities(targets, None).expect("entities"),
        }
    }

    pub fn request(&mut self, asked: &Asked) -> Request {
        let text = |text: &str| RestrictedExpression::new_string(text.to_owned());
        let roles = asked.action.caller.roles.iter().map(|role| text(role));
        let context = Context::from_pairs([
            ("risk".to_owned(), text(asked.risk)),
            ("roles".to_owned(), RestrictedExpression::new_set(roles)),
        ]);
        Request::new(
            uid("Agent", &asked.action.caller.id),
            uid("Action", &asked.action.operation),
            uid("Target", asked.environment),
            context.expect("a context"),
            None,
        )
        .expect("a request")
    }

    pub fn allows(&self, request: &Request) -> bool {
        let answer = self.authorizer.is_authorized(request, &self.policies, &self.entities);
        answer.decision() == Decision::Allow
    }
}
