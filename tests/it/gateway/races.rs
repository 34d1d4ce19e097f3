//! Of two that want the same thing exactly one gets it.

use std::sync::Barrier;
use std::thread;

use serde_json::{Value, json};

use crate::support::gateway::Gateway;

const THREADS: usize = 8;
const APPROVALS: usize = 50;

/// Runs `attempt` on every approval from all threads at once and returns the
/// statuses, by approval.
fn all_at_once(
    approvals: &[Value],
    attempt: impl Fn(usize, &Value) -> u16 + Sync,
) -> Vec<Vec<u16>> {
    let start = Barrier::new(THREADS);
    let by_thread: Vec<Vec<u16>> = thread::scope(|scope| {
        let (start, attempt) = (&start, &attempt);
        let run = |thread: usize| {
            scope.spawn(move || {
                approvals
                    .iter()
                    .map(|approval| {
                        start.wait();
                        attempt(thread, approval)
                    })
                    .collect()
            })
        };
        let threads: Vec<_> = (0..THREADS).map(run).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    (0..approvals.len()).map(|i| by_thread.iter().map(|statuses| statuses[i]).collect()).collect()
}

fn assert_one_wins(statuses: &[Vec<u16>]) {
    for statuses in statuses {
        let won = statuses.iter().filter(|status| **status == 200).count();
        let lost = statuses.iter().filter(|status| **status == 409).count();
        assert_eq!((won, lost), (1, THREADS - 1), "{statuses:?}");
    }
}

#[test]
fn of_many_answers_and_many_uses_exactly_one_wins() {
    let gateway = Gateway::start();
    let agent = gateway.key(&["request"]);
    let people: Vec<String> = (0..THREADS).map(|_| gateway.key(&["approve"])).collect();
    let approvals: Vec<Value> =
        (0..APPROVALS).map(|i| gateway.pending(&agent, &format!("app-{i}"))).collect();

    let answers = all_at_once(&approvals, |thread, approval| {
        let decision = if thread % 2 == 0 { "approve" } else { "reject" };
        gateway.vote(&people[thread], approval, decision).status
    });
    assert_one_wins(&answers);

    let loser = gateway.vote(&people[0], &approvals[0], "approve");
    assert_eq!(loser.json()["resolved_by"], json!("approve"), "409 says who was faster");

    let granted: Vec<Value> = approvals
        .into_iter()
        .filter(|approval| {
            let id = approval["id"].as_str().unwrap();
            let now = gateway.get(&agent, &format!("/v1/approvals/{id}")).json();
            now["state"] == json!("approved")
        })
        .collect();
    let uses = all_at_once(&granted, |_, approval| gateway.redeem(&agent, approval).status);
    assert_one_wins(&uses);

    let events = gateway.get(&gateway.admin, "/v1/audit?limit=1000").json();
    let count = |kind: &str| {
        events.as_array().unwrap().iter().filter(|event| event["kind"] == json!(kind)).count()
    };
    assert_eq!(count("approval.approved") + count("approval.rejected"), APPROVALS);
    assert_eq!(count("approval.used"), granted.len());
    assert_eq!(gateway.verified()["valid"], json!(true));
}

#[test]
fn the_same_request_from_many_threads_is_one_approval() {
    let gateway = Gateway::start();
    let agent = gateway.key(&["request"]);
    let body = crate::support::gateway::request("app", 600);
    let ids: Vec<Value> = thread::scope(|scope| {
        let ask = || gateway.post(&agent, "/v1/approvals", &body).json()["id"].clone();
        let threads: Vec<_> = (0..THREADS).map(|_| scope.spawn(ask)).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    assert!(ids.iter().all(|id| *id == ids[0] && id.is_string()), "{ids:?}");
}
