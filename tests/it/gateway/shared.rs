//! What replicas share: the windows of callers and the tickets that were used.

use std::process::Output;

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::support::gateway::Gateway;

const KEY: &str = "a-shared-secret-of-more-than-32-bytes";
const POLICY: &str = "rate_limit: {max_requests: 3, window_seconds: 600}
cumulative_risk: {escalation_threshold: 1000, deny_threshold: 2000}
rules: [{name: all, match: {}, decision: allow, reason: fine}]
";

/// A machine of its own that only shares the gateway.
struct Machine<'g> {
    gateway: &'g Gateway,
    home: TempDir,
    key: String,
}

impl<'g> Machine<'g> {
    fn new(gateway: &'g Gateway, key: &str) -> Self {
        let home = TempDir::new().unwrap();
        std::fs::write(home.path().join("p.yaml"), POLICY).unwrap();
        Self { gateway, home, key: key.to_owned() }
    }

    fn run(&self, arguments: &[&str]) -> Output {
        let mut command = self.gateway.command(arguments);
        command.env("HOME", self.home.path()).current_dir(self.home.path());
        command.env("XDG_STATE_HOME", self.home.path().join("state"));
        command.env("XDG_CONFIG_HOME", self.home.path().join("config"));
        command.env("SAFERUN_GATEWAY_URL", &self.gateway.url).env("SAFERUN_API_KEY", &self.key);
        command.env("SAFERUN_SIGNING_KEY", KEY).output().unwrap()
    }

    fn check(&self, more: &[&str]) -> Output {
        let fixed = ["check", "get-pod-logs", "--target", "dev/a", "--caller", "bot", "--json"];
        let params = ["--params", r#"{"namespace": "a", "pod": "b"}"#, "--policies", "p.yaml"];
        self.run(&[&fixed[..], &params, more].concat())
    }
}

fn json_of(output: &Output) -> Value {
    serde_json::from_slice(&output.stdout)
        .unwrap_or_else(|_| panic!("{}", String::from_utf8_lossy(&output.stderr)))
}

#[test]
fn machines_share_one_limit_and_no_restart_resets_it() {
    let mut gateway = Gateway::start();
    let key = gateway.key(&["request"]);
    {
        let (one, other) = (Machine::new(&gateway, &key), Machine::new(&gateway, &key));
        for machine in [&one, &other, &one] {
            assert_eq!(json_of(&machine.check(&[]))["result"], "allow");
        }
        let refused = json_of(&other.check(&[]));
        assert_eq!(refused["reasons"].as_array().unwrap().last().unwrap()["code"], "rate_limit");
        // A look at another time counts nothing, and sees what counts then.
        let then = json_of(&other.check(&["--at", "2096-01-01T00:00:00Z"]));
        assert_eq!((&then["result"], &then["cumulative"]["score"]), (&json!("allow"), &json!(15)));
    }
    gateway.kill();
    gateway.restart();
    assert_eq!(json_of(&Machine::new(&gateway, &key).check(&[]))["result"], "deny");
    let stranger = Machine::new(&gateway, "sr_nobody_0000");
    assert_eq!(stranger.check(&[]).status.code(), Some(4), "without a key nothing is decided");
    gateway.kill();
    let away = Machine::new(&gateway, &key).check(&[]);
    assert_eq!(away.status.code(), Some(4));
    assert!(String::from_utf8_lossy(&away.stderr).contains("does not answer"));
}

#[test]
fn a_ticket_is_good_once_for_all_machines() {
    let mut gateway = Gateway::start();
    let key = gateway.key(&["request"]);
    let token = {
        let (one, other) = (Machine::new(&gateway, &key), Machine::new(&gateway, &key));
        let token = json_of(&one.check(&[]))["ticket"]["token"].as_str().unwrap().to_owned();
        let take = ["ticket", "verify", &token, "--consume"];
        assert_eq!(one.run(&take).status.code(), Some(0));
        let again = other.run(&take);
        assert_eq!(again.status.code(), Some(1));
        assert!(String::from_utf8_lossy(&again.stdout).contains("already been used"));
        let recorded = json_of(&other.run(&["audit", "show", "--json"]));
        assert_eq!(recorded[0]["context"]["outcome"], "ticket refused");
        json_of(&other.check(&[]))["ticket"]["token"].as_str().unwrap().to_owned()
    };
    let events = gateway.get(&gateway.admin, "/v1/audit").json();
    let kinds: Vec<&str> =
        events.as_array().unwrap().iter().filter_map(|event| event["kind"].as_str()).collect();
    assert!(kinds.ends_with(&["ticket.used", "ticket.refused"]), "{kinds:?}");
    gateway.kill();
    let unknown = Machine::new(&gateway, &key).run(&["ticket", "verify", &token, "--consume"]);
    assert_eq!(unknown.status.code(), Some(4), "who can't tell takes it for used");
}

#[test]
fn who_may_only_answer_does_not_count() {
    let gateway = Gateway::start();
    let approver = gateway.key(&["approve"]);
    let demand = json!({"caller": "bot", "verified": false, "denied": false, "points": 1});
    let rate = json!({"max_requests": 1, "max_unverified_requests": 5, "window_seconds": 60,
        "circuit_breaker_threshold": 0, "circuit_breaker_cooldown_seconds": 1});
    let question = json!({"demand": demand, "rate": rate});
    assert_eq!(gateway.post(&approver, "/v1/windows", &question).status, 403);
    let counted = gateway.post(&gateway.admin, "/v1/windows", &question);
    assert_eq!((counted.status, &counted.json()["requests"]), (200, &json!(0)));
    let long = i64::MAX;
    let hostile = json!({"demand": demand, "rate": {"max_requests": 1, "max_unverified_requests": 5,
        "window_seconds": long, "circuit_breaker_threshold": 1,
        "circuit_breaker_cooldown_seconds": -long}});
    assert_eq!(gateway.post(&gateway.admin, "/v1/windows", &hostile).status, 200);
    assert_eq!(gateway.post(&gateway.admin, "/v1/windows", &json!({"demand": 1})).status, 422);
    let ends = json!({"expires_at": "2026-01-01T00:00:00Z"});
    assert_eq!(gateway.post(&approver, "/v1/tickets/00/use", &ends).status, 403);
    assert_eq!(gateway.post(&gateway.admin, "/v1/tickets/00/use", &ends).status, 422);
}
