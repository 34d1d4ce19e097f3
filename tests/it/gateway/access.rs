//! Who may do what.

use std::io::{Read, Write};
use std::net::TcpStream;

use serde_json::{Value, json};

use crate::support::gateway::{Gateway, path};
use crate::support::http::send;

#[test]
fn a_foreign_request_does_not_exist() {
    let gateway = Gateway::start();
    let (owner, stranger) = (gateway.key(&["request"]), gateway.key(&["request"]));
    let person = gateway.key(&["approve"]);
    let asked = gateway.pending(&owner, "app");
    let one = path(&asked);
    let vote = json!({ "decision": "approve", "digest": asked["action_digest"] });
    let redeem = json!({ "digest": asked["action_digest"] });
    let post = |key: &str, end: &str, body: &Value| {
        gateway.post(key, &format!("{one}/{end}"), body).status
    };

    assert_eq!(gateway.get(&stranger, &one).status, 404);
    assert_eq!(gateway.get(&stranger, &format!("{one}?wait=60s&version=1")).status, 404);
    assert_eq!(gateway.get(&stranger, "/v1/approvals").json(), json!([]));
    assert_eq!(post(&stranger, "votes", &vote), 404);
    assert_eq!(post(&stranger, "cancel", &json!({})), 404);
    assert_eq!(post(&person, "cancel", &json!({})), 403);
    assert_eq!(post(&person, "votes", &vote), 200);
    assert_eq!(post(&stranger, "redeem", &redeem), 404);
    assert_eq!(post(&person, "redeem", &redeem), 403);
    assert_eq!(post(&gateway.admin, "redeem", &redeem), 404, "only who asked uses it");
    assert_eq!(post(&owner, "redeem", &redeem), 200);
    for key in [&owner, &person] {
        for path in ["/v1/keys", "/v1/audit", "/v1/audit/verify"] {
            assert_eq!(gateway.get(key, path).status, 403, "{path}");
        }
        let mint = json!({ "name": "more", "scopes": ["admin"] });
        assert_eq!(gateway.post(key, "/v1/keys", &mint).status, 403);
    }
    assert_eq!(gateway.get("", &one).status, 401);
    let end = if owner.ends_with('0') { "1" } else { "0" };
    assert_eq!(gateway.get(&format!("{}{end}", &owner[..owner.len() - 1]), &one).status, 401);
}

#[test]
fn nobody_approves_their_own_request() {
    let gateway = Gateway::start();
    let (request, both) = (gateway.key(&["request"]), gateway.key(&["request", "approve"]));
    for key in [&request, &both] {
        let asked = gateway.pending(key, &key[..8]);
        assert_eq!(gateway.vote(key, &asked, "approve").status, 403);
        assert_eq!(gateway.get(key, &path(&asked)).json()["state"], json!("pending"));
    }
    let mint = json!({ "name": "second self", "scopes": ["request"] });
    let minted = gateway.post(&both, "/v1/keys", &mint).json()["key"].as_str().unwrap().to_owned();
    let asked = gateway.pending(&minted, "minted");
    assert_eq!(gateway.vote(&both, &asked, "approve").status, 403, "a minted key is oneself");
    assert_eq!(gateway.post(&minted, "/v1/keys", &mint).status, 403, "nor through two steps");

    let second = gateway.key(&["admin"]);
    let asked = gateway.pending(&second, "admin");
    assert_eq!(gateway.vote(&second, &asked, "approve").status, 403);

    let asked = gateway.pending(&gateway.admin, "single");
    assert_eq!(gateway.vote(&gateway.admin, &asked, "approve").status, 200);
    let events = gateway.get(&gateway.admin, "/v1/audit").json();
    let last = events.as_array().unwrap().last().unwrap();
    assert_eq!(last["details"]["self_approved"], json!(true), "the single user's is marked");
}

#[test]
fn an_agent_and_another_action_get_no_vote() {
    let gateway = Gateway::start();
    let (agent, person) = (gateway.key(&["request"]), gateway.key(&["approve"]));
    let mut asked = gateway.pending(&agent, "app");
    let body = json!({ "decision": "approve", "digest": asked["action_digest"] }).to_string();
    let headers = [("x-api-key", person.as_str()), ("x-saferun-caller-kind", "agent")];
    let voted = send(gateway.port, "POST", &format!("{}/votes", path(&asked)), &headers, &body);
    assert_eq!(voted.unwrap().status, 403);
    asked["action_digest"] = json!("0".repeat(64));
    assert_eq!(gateway.vote(&person, &asked, "approve").status, 409);
    assert_eq!(gateway.get(&agent, &path(&asked)).json()["state"], json!("pending"));
}

#[test]
fn a_revoked_key_opens_nothing() {
    let gateway = Gateway::start();
    let key = gateway.key(&["request"]);
    let id = gateway.get(&key, "/v1/auth/status").json()["id"].as_str().unwrap().to_owned();
    let path = format!("/v1/keys/{id}");
    assert_eq!(gateway.call("DELETE", &gateway.admin, &path, "").unwrap().status, 200);
    assert_eq!(gateway.get(&key, "/v1/auth/status").status, 401);
    let own = gateway.get(&gateway.admin, "/v1/auth/status").json()["id"].clone();
    let last = format!("/v1/keys/{}", own.as_str().unwrap());
    let refused = gateway.call("DELETE", &gateway.admin, &last, "").unwrap();
    assert_eq!(refused.status, 403, "the last administrator stays");
}

#[test]
fn a_foreign_name_and_half_a_request_are_turned_away() {
    let gateway = Gateway::start();
    let status =
        |host: &str| send(gateway.port, "GET", "/healthz", &[("host", host)], "").unwrap().status;
    assert_eq!(status(&format!("localhost:{}", gateway.port)), 200);
    assert_eq!(status("rebound.example"), 421);

    let mut half = TcpStream::connect(("127.0.0.1", gateway.port)).unwrap();
    half.write_all(b"GET / HTTP/1.1\r\nhost: 127.0.0.1\r\nx-slow: ").unwrap();
    let mut rest = Vec::new();
    half.read_to_end(&mut rest).unwrap();
    assert_eq!(gateway.get("", "/healthz").status, 200);
}

#[test]
fn get_and_head_of_every_path_change_nothing() {
    let gateway = Gateway::start();
    let asked = gateway.pending(&gateway.admin, "app");
    let before = gateway.verified()["head"].clone();
    let id = asked["id"].as_str().unwrap();
    let one = path(&asked);
    let paths = [
        "/".to_owned(),
        "/login".to_owned(),
        "/logout".to_owned(),
        format!("/approvals/{id}"),
        format!("/approvals/{id}/approve"),
        format!("/approvals/{id}/reject"),
        one.clone(),
        format!("{one}/votes"),
        format!("{one}/cancel"),
        format!("{one}/redeem"),
        "/v1/approvals".to_owned(),
        "/v1/keys".to_owned(),
        "/v1/audit".to_owned(),
    ];
    let cookie = super::page::log_in(&gateway);
    let before_login = gateway.verified()["events"].as_u64().unwrap() - 1;
    for path in &paths {
        for method in ["GET", "HEAD", "OPTIONS"] {
            let headers = [("x-api-key", gateway.admin.as_str()), ("cookie", cookie.as_str())];
            let answer = send(gateway.port, method, path, &headers, "").unwrap();
            assert!(answer.status < 500, "{method} {path}: {answer:?}");
        }
    }
    let after = gateway.verified();
    assert_ne!(after["head"], before, "the login was written");
    assert_eq!(after["events"].as_u64().unwrap(), before_login + 1, "and nothing else");
    assert_eq!(gateway.get(&gateway.admin, &one).json(), asked);
}
