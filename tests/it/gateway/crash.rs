//! What was acknowledged survives `kill -9`.

use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use serde_json::{Value, json};

use crate::support::gateway::{Gateway, path, request};
use crate::support::http;

const CLIENTS: usize = 8;
const KILLS: usize = 4;
/// Acknowledged changes before each kill.
const BEFORE_KILL: usize = 60;

#[test]
fn nothing_acknowledged_is_lost() {
    let mut gateway = Gateway::start();
    let (agent, person) = (gateway.key(&["request"]), gateway.key(&["approve"]));
    let acknowledged: Mutex<Vec<(String, &str)>> = Mutex::default();
    for round in 0..KILLS {
        let port = gateway.port;
        let count = AtomicUsize::new(0);
        thread::scope(|scope| {
            for client in 0..CLIENTS {
                let (agent, person) = (&agent, &person);
                let (acknowledged, count) = (&acknowledged, &count);
                scope.spawn(move || {
                    for i in 0.. {
                        let name = format!("app-{round}-{client}-{i}");
                        let Some((id, state)) = one_life(port, agent, person, &name) else {
                            return;
                        };
                        acknowledged.lock().unwrap().push((id, state));
                        count.fetch_add(1, Ordering::SeqCst);
                        if state == "pending" {
                            return;
                        }
                    }
                });
            }
            while count.load(Ordering::SeqCst) < BEFORE_KILL {
                thread::yield_now();
            }
            gateway.kill();
        });
        gateway.restart();
    }
    let acknowledged = acknowledged.into_inner().unwrap();
    assert!(acknowledged.len() >= KILLS * BEFORE_KILL);
    for (id, state) in &acknowledged {
        let now = gateway.get(&agent, &format!("/v1/approvals/{id}"));
        assert_eq!(now.status, 200, "{id} is lost");
        let found = now.json()["state"].clone();
        // An answer that was not acknowledged may have been written all the same.
        assert!(found == json!(state) || *state == "pending", "{id} was {state} and is {found}");
    }
    assert_eq!(gateway.verified()["valid"], json!(true));
}

/// Asks and approves; returns how far the gateway acknowledged it.
fn one_life(port: u16, agent: &str, person: &str, name: &str) -> Option<(String, &'static str)> {
    let post = |key: &str, path: &str, body: &Value| {
        http::send(port, "POST", path, &[("x-api-key", key)], &body.to_string()).ok()
    };
    let asked = post(agent, "/v1/approvals", &request(name, 600)).filter(|a| a.status == 201)?;
    let asked: Value = serde_json::from_str(&asked.body).ok()?;
    let id = asked["id"].as_str()?.to_owned();
    let vote = json!({ "decision": "approve", "digest": asked["action_digest"] });
    let voted = post(person, &format!("{}/votes", path(&asked)), &vote);
    let state = if voted.is_some_and(|a| a.status == 200) { "approved" } else { "pending" };
    Some((id, state))
}
