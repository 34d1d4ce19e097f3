//! Gateways that are away, restart or never answer; interrupts.

use std::process::Command;
use std::time::Instant;

use super::{PATIENCE, Stage, WORKFLOW};
use crate::support::sandbox::SAFERUN;

#[test]
fn an_interrupt_cancels_the_request() {
    for signal in ["-INT", "-TERM"] {
        let stage = Stage::new();
        stage.sandbox.stage(WORKFLOW, "on: push\n");
        let mut command = stage.sandbox.command(SAFERUN);
        command.args(["hook", "pre-commit"]);
        command.stdout(std::process::Stdio::piped()).stderr(std::process::Stdio::piped());
        let waiting = super::Waiting(command.spawn().unwrap());
        stage.pending();
        let pid = waiting.0.id().to_string();
        assert!(Command::new("kill").args([signal, &pid]).status().unwrap().success());
        waiting.end().ended(130).saying("cancelled");
        assert_eq!(stage.listed("cancelled").len(), 1);
        assert!(stage.listed("pending").is_empty());
    }
}

#[test]
fn a_gateway_that_is_away_ends_the_matter_with_a_way_on() {
    let mut stage = Stage::new();
    stage.crash();
    stage.sandbox.stage(WORKFLOW, "on: push\n");
    let started = Instant::now();
    stage.hook().ended(3).saying("saferun gateway").saying("does not answer");
    assert!(started.elapsed() < PATIENCE);
    stage.sandbox.git(&["rm", "-q", "-f", WORKFLOW]).fine();
    stage.sandbox.stage("a", "a\n");
    stage.sandbox.commit("what needs no approval goes on").fine();
    stage.sandbox.saferun(&["doctor"]).ended(1).saying("gateway");
}

#[test]
fn a_gateway_that_restarts_still_answers() {
    let mut stage = Stage::new();
    let waiting = stage.agent_commits_workflow("on: push\n");
    let id = stage.pending();
    let address = stage.url.trim_start_matches("http://").to_owned();
    stage.crash();
    assert_eq!(stage.open(&address), None);
    stage.approve(&id);
    waiting.end().fine();
}

#[test]
fn a_request_stays_open_after_the_time_is_over() {
    let stage = Stage::new();
    stage.settings("[approval]\ntimeout = \"1s\"\n");
    stage.sandbox.stage(WORKFLOW, "on: push\n");
    stage.hook().ended(3).saying("stays open").saying("nobody answered");
    let id = stage.pending();
    // Asking again finds the same request.
    stage.hook().ended(3).saying(&id);
    assert_eq!(stage.listed("pending").len(), 1);
    stage.approve(&id);
    stage.sandbox.commit("approved meanwhile").fine();
    assert!(stage.listed("pending").is_empty());
    assert_eq!(stage.listed("used").len(), 1);
}

#[test]
fn a_key_that_is_not_known_is_named() {
    let mut stage = Stage::new();
    stage.sandbox.stage(WORKFLOW, "on: push\n");
    stage.sandbox.set("SAFERUN_API_KEY", ["sr", "_nobody"].concat());
    stage.hook().ended(3).saying("does not accept the API key");
}

#[test]
fn a_server_that_is_no_gateway_is_not_believed() {
    let mut stage = Stage::new();
    stage.sandbox.stage(WORKFLOW, "on: push\n");
    let server = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", server.local_addr().unwrap());
    std::thread::spawn(move || {
        use std::io::{Read, Write};
        for mut stream in server.incoming().flatten() {
            let _ = stream.read(&mut [0; 4096]);
            let body = r#"{"state":"approved","id":"x\u001b[2J"}"#;
            let head = format!(
                "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n",
                body.len()
            );
            let _ = stream.write_all((head + body).as_bytes());
        }
    });
    stage.sandbox.set("SAFERUN_GATEWAY_URL", &url);
    stage.hook().ended(3).not_saying("\u{1b}");
}
