//! Shipping: whatever the server does, every event arrives, in order.

#![expect(clippy::unwrap_used, reason = "a test stops where its stage breaks")]

use std::collections::BTreeMap;
use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;

use hmac::{Hmac, KeyInit, Mac};
use saferun::action::Digest;
use saferun::audit::ship::{FileDestination, Shipper};
use saferun::audit::{Event, EventType, Log as AuditLog};
use serde_json::Value;
use sha2::Sha256;

use crate::support::sandbox::Sandbox;

/// A request as it arrived.
#[derive(Debug, Clone)]
struct Arrived {
    line: String,
    headers: BTreeMap<String, String>,
    body: Vec<u8>,
}

/// What arrived, with the status that was answered.
type Log = Arc<Mutex<Vec<(u16, Arrived)>>>;

/// A server that answers with these statuses in turn, and 200 afterwards; 0 is
/// a connection that is dropped after the request was read.
fn server(statuses: Vec<u16>) -> (u16, Log) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let seen = Arc::new(Mutex::new(Vec::new()));
    let kept = Arc::clone(&seen);
    thread::spawn(move || {
        let mut statuses = statuses.into_iter();
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let Some(request) = read(&stream) else { continue };
            let status = statuses.next().unwrap_or(200);
            kept.lock().unwrap().push((status, request));
            if status > 0 {
                let answer = format!(
                    "HTTP/1.1 {status} X\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"
                );
                let _ = stream.write_all(answer.as_bytes());
            }
        }
    });
    (port, seen)
}

fn read(stream: &TcpStream) -> Option<Arrived> {
    let mut reader = BufReader::new(stream);
    let mut line = String::new();
    reader.read_line(&mut line).ok().filter(|read| *read > 0)?;
    let mut headers = BTreeMap::new();
    loop {
        let mut header = String::new();
        reader.read_line(&mut header).ok()?;
        let Some((name, value)) = header.trim_end().split_once(": ") else { break };
        headers.insert(name.to_lowercase(), value.to_owned());
    }
    let mut body = vec![0; headers.get("content-length")?.parse().ok()?];
    reader.read_exact(&mut body).ok()?;
    Some(Arrived { line: line.trim_end().to_owned(), headers, body })
}

fn numbers(body: &[u8]) -> Vec<u64> {
    let lines = body.split(|byte| *byte == b'\n').filter(|line| !line.is_empty());
    lines
        .map(|line| serde_json::from_slice::<Value>(line).unwrap()["seq"].as_u64().unwrap())
        .collect()
}

fn with_events(sandbox: &Sandbox, count: usize) {
    (0..count).for_each(|_| drop(sandbox.saferun(&["hook", "pre-commit"]).fine()));
}

fn mac(key: &[u8], data: &[u8]) -> Vec<u8> {
    Hmac::<Sha256>::new_from_slice(key).unwrap().chain_update(data).finalize().into_bytes().to_vec()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[test]
fn a_webhook_that_fails_now_and_then_gets_every_event_in_order() {
    let mut sandbox = Sandbox::guarded();
    let secret = "a shared secret";
    sandbox.set("SAFERUN_AUDIT_WEBHOOK_SECRET", secret);
    let (port, seen) = server(vec![503, 0, 200, 500, 400]);
    let url = format!("http://127.0.0.1:{port}/in?token=x");
    let ship = || sandbox.saferun(&["audit", "ship", "--backend", "webhook", "--url", &url]);
    with_events(&sandbox, 5);
    ship().fine().saying("5 events");
    with_events(&sandbox, 3);
    ship().ended(4).saying("400").not_saying("token");
    ship().fine().saying("3 events");
    ship().fine().saying("0 events");
    let seen = seen.lock().unwrap().clone();
    let taken: Vec<u64> = seen
        .iter()
        .filter(|(status, _)| *status == 200)
        .flat_map(|(_, request)| numbers(&request.body))
        .collect();
    assert_eq!(taken, (1..=8).collect::<Vec<_>>());
    let delivered: Vec<u8> = seen
        .iter()
        .filter(|(status, _)| *status == 200)
        .flat_map(|(_, request)| request.body.clone())
        .collect();
    assert_eq!(delivered, fs::read(sandbox.dir.join(".git/saferun/audit.jsonl")).unwrap());
    for (_, request) in &seen {
        let at = &request.headers["x-saferun-timestamp"];
        let signed = [at.as_bytes(), b".", &request.body].concat();
        let expected = format!("sha256={}", hex(&mac(secret.as_bytes(), &signed)));
        assert_eq!(request.headers["x-saferun-signature"], expected);
    }
}

#[test]
fn a_log_that_was_rewritten_is_not_shipped_on() {
    let sandbox = Sandbox::guarded();
    let copy = sandbox.root.join("copy.jsonl");
    let copy = copy.to_str().unwrap();
    let ship = || sandbox.saferun(&["audit", "ship", "--backend", "file", "--path", copy]);
    let log = sandbox.dir.join(".git/saferun/audit.jsonl");
    with_events(&sandbox, 4);
    ship().fine();
    assert_eq!(fs::read(copy).unwrap(), fs::read(&log).unwrap());
    let text = fs::read_to_string(&log).unwrap();
    let shorter: Vec<&str> = text.lines().take(2).collect();
    fs::write(&log, shorter.join("\n") + "\n").unwrap();
    ship().ended(1).saying("rewritten or cut short");
    assert_eq!(fs::read_to_string(copy).unwrap(), text);
}

#[test]
fn shipping_goes_on_where_it_stopped_also_in_another_file() {
    let dir = tempfile::tempdir().unwrap();
    let log = AuditLog::at(dir.path().join("audit.jsonl")).signed_by(None).rotate_at(4_000);
    let copy = dir.path().join("copy");
    let event = || Event::new(EventType::Outcome, jiff::Timestamp::UNIX_EPOCH);
    let all = || {
        let mut lines = Vec::new();
        log.each_line(|line| {
            lines.extend_from_slice(line);
            lines.push(b'\n');
            true
        })
        .unwrap();
        lines
    };
    let ship = || {
        let destination = Box::new(FileDestination::new(copy.clone()));
        Shipper::new(&log, destination, dir.path().join("state"), 0).catch_up()
    };
    for round in 1..6 {
        for _ in 0..5 {
            log.append(vec![event(), event()], false).unwrap();
        }
        assert!(ship().unwrap() >= 10);
        assert_eq!(fs::read(&copy).unwrap(), all(), "round {round}");
    }
    let first = dir.path().join("audit.000000000001.jsonl");
    assert_eq!(ship().unwrap(), 0);
    // What arrived is not read again; only its last line has to be there.
    let blank = " ".repeat(fs::read(&first).unwrap().len());
    fs::write(&first, blank).unwrap();
    log.append(vec![event()], false).unwrap();
    assert_eq!(ship().unwrap(), 1);
}

#[test]
fn an_s3_bucket_gets_signed_and_locked_objects() {
    let mut sandbox = Sandbox::guarded();
    let secret = ["wJalrXUtnFEMI", "/K7MDENG/", "bPxRfiCYEXAMPLEKEY"].concat();
    sandbox.set("AWS_ACCESS_KEY_ID", ["AKIA", "IOSFODNN7", "EXAMPLE"].concat());
    sandbox.set("AWS_SECRET_ACCESS_KEY", &secret);
    sandbox.set("AWS_REGION", "eu-central-1");
    with_events(&sandbox, 3);
    let (port, seen) = server(vec![503]);
    let endpoint = format!("http://127.0.0.1:{port}");
    sandbox
        .saferun(&[
            "audit",
            "ship",
            "--backend",
            "s3",
            "--bucket",
            "audit",
            "--prefix",
            "here/",
            "--endpoint",
            &endpoint,
            "--lock-mode",
            "compliance",
            "--lock-days",
            "30",
        ])
        .fine()
        .saying("3 events");
    let seen = seen.lock().unwrap().clone();
    assert_eq!(seen.len(), 2);
    for (_, request) in &seen {
        assert_eq!(request.line, "PUT /audit/here/000000000001-000000000003.jsonl HTTP/1.1");
        assert_eq!(numbers(&request.body), [1, 2, 3]);
        assert_eq!(request.headers["x-amz-object-lock-mode"], "COMPLIANCE");
        check_signature(request, &secret);
    }
}

/// Computes the signature as the server would, from what arrived.
fn check_signature(request: &Arrived, secret: &str) {
    let authorization = &request.headers["authorization"];
    let field = |name: &str| {
        let rest = authorization.split_once(&format!("{name}=")).unwrap().1;
        rest.split(',').next().unwrap().trim().to_owned()
    };
    let (names, scope) = (field("SignedHeaders"), field("Credential"));
    let scope = scope.split_once('/').unwrap().1;
    let headers: String =
        names.split(';').map(|name| format!("{name}:{}\n", request.headers[name])).collect();
    let required = ["host", "x-amz-content-sha256", "x-amz-date", "x-amz-object-lock-mode"];
    assert!(required.iter().all(|name| names.split(';').any(|signed| signed == *name)));
    let payload = Digest::of(&request.body).to_string();
    assert_eq!(request.headers["x-amz-content-sha256"], payload);
    let path = request.line.split(' ').nth(1).unwrap();
    let canonical = format!("PUT\n{path}\n\n{headers}\n{names}\n{payload}");
    let at = &request.headers["x-amz-date"];
    let to_sign = format!("AWS4-HMAC-SHA256\n{at}\n{scope}\n{}", Digest::of(canonical.as_bytes()));
    let key = scope
        .split('/')
        .fold(format!("AWS4{secret}").into_bytes(), |key, part| mac(&key, part.as_bytes()));
    assert_eq!(field("Signature"), hex(&mac(&key, to_sign.as_bytes())));
}
