//! The life of an approval.

use std::thread;

use serde_json::{Value, json};

use crate::support::gateway::{Gateway, path, request, typed_request};

#[test]
fn an_approval_is_given_once_used_once_and_written_down() {
    let gateway = Gateway::start();
    let (agent, person) = (gateway.key(&["request"]), gateway.key(&["approve"]));
    let asked = gateway.pending(&agent, "app");
    assert_eq!((&asked["state"], &asked["version"]), (&json!("pending"), &json!(1)));
    let digest = typed_request("app").action.digest().to_string();
    assert_eq!(asked["action_digest"], json!(digest));

    let again = gateway.post(&agent, "/v1/approvals", &request("app", 600));
    assert_eq!(
        (again.status, &again.json()["id"]),
        (200, &asked["id"]),
        "asked twice is asked once"
    );
    assert_eq!(gateway.redeem(&agent, &asked).status, 409, "pending can not be used");

    let approved = gateway.vote(&person, &asked, "approve");
    assert_eq!(approved.status, 200, "{approved:?}");
    assert_eq!(approved.json()["resolved_by"], json!("approve"));
    let resumed = gateway.post(&agent, "/v1/approvals", &request("app", 600)).json();
    assert_eq!((&resumed["id"], &resumed["state"]), (&asked["id"], &json!("approved")));

    let mut other = asked.clone();
    other["action_digest"] = json!("0".repeat(64));
    assert_eq!(gateway.redeem(&agent, &other).status, 409, "another action is not approved");
    assert_eq!(gateway.redeem(&agent, &asked).json()["state"], json!("used"));
    assert_eq!(gateway.redeem(&agent, &asked).status, 409, "a grant works once");
    let fresh = gateway.pending(&agent, "app");
    assert_ne!(fresh["id"], asked["id"], "a used grant is not found again");

    let events = gateway.get(&gateway.admin, "/v1/audit").json();
    let kinds: Vec<&str> = events
        .as_array()
        .unwrap()
        .iter()
        .filter(|event| event["subject"] == asked["id"])
        .map(|event| event["kind"].as_str().unwrap())
        .collect();
    assert_eq!(kinds, ["approval.requested", "approval.approved", "approval.used"]);
    assert_eq!(gateway.verified()["valid"], json!(true));
}

#[test]
fn rejected_cancelled_and_expired_ones_are_never_used() {
    let gateway = Gateway::start();
    let (agent, person) = (gateway.key(&["request"]), gateway.key(&["approve"]));

    let asked = gateway.pending(&agent, "rejected");
    let silent = json!({ "decision": "reject", "digest": asked["action_digest"] });
    let refused = gateway.post(&person, &format!("{}/votes", path(&asked)), &silent);
    assert_eq!(refused.status, 422, "a rejection needs a reason");
    assert_eq!(
        gateway.vote(&person, &asked, "reject").json()["resolution_reason"],
        json!("so I say")
    );
    assert_eq!(gateway.redeem(&agent, &asked).status, 409);

    let asked = gateway.pending(&agent, "cancelled");
    gateway.vote(&person, &asked, "approve");
    let cancelled = gateway.post(&agent, &format!("{}/cancel", path(&asked)), &json!({}));
    assert_eq!(cancelled.json()["state"], json!("cancelled"));
    assert_eq!(gateway.redeem(&agent, &asked).status, 409);

    let short = gateway.post(&agent, "/v1/approvals", &request("expired", 1)).json();
    let waited = gateway.get(&agent, &format!("{}?wait=30s&version=1", path(&short))).json();
    assert_eq!(waited["state"], json!("expired"), "who waits is told that time is up");
    let late = gateway.vote(&person, &short, "approve");
    assert_eq!((late.status, &late.json()["state"]), (409, &json!("expired")));
    assert_eq!(gateway.verified()["valid"], json!(true));
}

#[test]
fn who_waits_is_woken_by_the_answer() {
    let gateway = Gateway::start();
    let (agent, person) = (gateway.key(&["request"]), gateway.key(&["approve"]));
    let asked = gateway.pending(&agent, "app");
    let waiting = format!("{}?wait=60s&version=1", path(&asked));
    thread::scope(|scope| {
        let waiters: Vec<_> =
            (0..8).map(|_| scope.spawn(|| gateway.get(&agent, &waiting).json())).collect();
        gateway.vote(&person, &asked, "approve");
        for waiter in waiters {
            let seen: Value = waiter.join().unwrap();
            assert_eq!((&seen["state"], &seen["version"]), (&json!("approved"), &json!(2)));
        }
    });
}

#[test]
fn stopping_lets_waiters_go_and_loses_nothing() {
    let mut gateway = Gateway::start();
    let agent = gateway.key(&["request"]);
    let asked = gateway.pending(&agent, "app");
    let port = gateway.port;
    let waiting = format!("{}?wait=60s&version=1", path(&asked));
    let key = agent.clone();
    let waiter = thread::spawn(move || {
        crate::support::http::send(port, "GET", &waiting, &[("x-api-key", &key)], "")
    });
    // The waiter is there once the gateway has seen a second connection of it.
    while !waiter.is_finished() && gateway.get(&agent, &path(&asked)).status != 200 {}
    assert!(gateway.stop(), "SIGTERM ends it with success");
    if let Ok(answer) = waiter.join().unwrap() {
        assert_eq!(answer.json()["state"], json!("pending"));
    }
    gateway.restart();
    assert_eq!(gateway.get(&agent, &path(&asked)).json()["state"], json!("pending"));
}

#[test]
fn an_idempotency_key_means_one_request_only() {
    let gateway = Gateway::start();
    let agent = gateway.key(&["request"]);
    let ask = |name: &str| {
        let headers = [("x-api-key", agent.as_str()), ("idempotency-key", "k-1")];
        let body = request(name, 600).to_string();
        crate::support::http::send(gateway.port, "POST", "/v1/approvals", &headers, &body).unwrap()
    };
    let first = ask("app");
    gateway.post(&agent, &format!("{}/cancel", path(&first.json())), &json!({}));
    let second = ask("app");
    assert_eq!((second.status, &second.json()["id"]), (200, &first.json()["id"]));
    assert_eq!(ask("other").status, 422);
}

#[test]
fn what_makes_no_sense_is_refused_and_not_written() {
    let gateway = Gateway::start();
    let agent = gateway.key(&["request"]);
    let changed = |pointer: &str, value: Value| {
        let mut body = request("app", 600);
        *body.pointer_mut(pointer).unwrap() = value;
        gateway.post(&agent, "/v1/approvals", &body).status
    };
    assert_eq!(changed("/ttl_seconds", json!(0)), 422);
    assert_eq!(changed("/ttl_seconds", json!(86_401)), 422);
    assert_eq!(changed("/decision/risk", json!(11.0)), 422);
    assert_eq!(
        changed("/decision/result", json!("deny")),
        422,
        "a denied action is never approved"
    );
    assert_eq!(changed("/action/target", json!("another")), 422, "the digest must be the action's");
    assert_eq!(changed("/action/operation", json!("")), 422);
    let call = |body: &str| gateway.call("POST", &agent, "/v1/approvals", body).unwrap();
    assert_eq!(call("{").status, 400);
    let nested = format!("{{\"action\":{}", "[".repeat(2_000));
    assert!([400, 422].contains(&call(&nested).status));
    let large = call(&format!("\"{}\"", "x".repeat(1 << 20)));
    assert_eq!(large.status, 413);
    assert_eq!(large.header("content-type"), Some("application/problem+json"));
    assert_eq!(gateway.get(&agent, "/v1/approvals").json(), json!([]));
}
