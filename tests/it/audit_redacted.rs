//! No secret gets into the log, whatever field it stands in and however it is
//! written there.

use std::fs;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;
use saferun::action::{Caller, CallerKind, Reason};
use saferun::audit::{Event, EventType, Log};
use saferun::scan::sample::expand;
use serde_json::json;

/// Gives an event a text.
type Put = fn(&mut Event, String);

const FIELDS: &[(&str, Put)] = &[
    ("operation", |event, text| event.operation = text),
    ("target", |event, text| event.target = text),
    ("ticket", |event, text| event.ticket_id = Some(text)),
    ("caller", |event, text| event.caller = Some(Caller::named(text, CallerKind::Agent))),
    ("agent", |event, text| {
        let caller = Caller::named("ada", CallerKind::Agent);
        event.caller = Some(Caller { agent: Some(text), ..caller });
    }),
    ("reason", |event, text| {
        event.reasons = vec![Reason { code: "r".to_owned(), message: text, score: 0.0 }];
    }),
    ("parameter", |event, text| event.params = json!({"deployment": "api", "command": text})),
    ("deep in parameters", |event, text| event.params = json!({"a": [1, [{"b": {"c": [text]}}]]})),
    ("name of a parameter", |event, text| event.params = json!({ text: 1 })),
    ("context", |event, text| event.context = json!({"facts": {"usage": 1}, "said": text})),
];

/// The ways in which a secret stands in a text.
fn written(secret: &str) -> Vec<String> {
    let assigned = format!("curl -d password={secret}");
    vec![
        secret.to_owned(),
        format!("run with {secret}, then stop"),
        assigned.clone(),
        json!({"env": {"TOKEN": secret}}).to_string(),
        json!(json!({"token": secret}).to_string()).to_string(),
        STANDARD.encode(&assigned),
        assigned.replace("=", "%3D").replace("pass", "%70ass"),
        format!("{}{assigned}{}", "x ".repeat(300), " y".repeat(5_000)),
        format!("{}\n{secret}\n{}", "a: b\n".repeat(2_000), "c: d\n".repeat(2_000)),
        format!("caf\u{e9} {secret} \u{1f600}"),
    ]
}

#[test]
fn no_field_of_an_event_keeps_a_secret() {
    let secret = expand("ghp_{36:crc}");
    let encoded = STANDARD.encode(format!("curl -d password={secret}"));
    for (name, put) in FIELDS {
        for text in written(&secret) {
            let dir = tempfile::tempdir().unwrap();
            let log = Log::at(dir.path().join("audit.jsonl")).signed_by(None);
            let mut event = Event::new(EventType::Decision, Timestamp::UNIX_EPOCH);
            put(&mut event, text.clone());
            log.append(vec![event], false).unwrap();
            let line = fs::read_to_string(log.path()).unwrap();
            let kept = line.contains(&secret) || line.contains(&encoded);
            assert!(!kept && line.contains("[REDACTED:"), "{name}: {text}\n{line}");
        }
    }
}

#[test]
fn a_value_is_judged_together_with_its_name() {
    let dir = tempfile::tempdir().unwrap();
    let log = Log::at(dir.path().join("audit.jsonl")).signed_by(None);
    let mut event = Event::new(EventType::Decision, Timestamp::UNIX_EPOCH);
    event.params = json!({"user": "ada", "db": [{"password": ["tiger lily"]}]});
    event.context = json!({"answer": {"api_key": "abcdefgh1"}});
    log.append(vec![event], false).unwrap();
    let line = fs::read_to_string(log.path()).unwrap();
    assert!(
        line.contains("ada") && !line.contains("tiger") && !line.contains("abcdefgh1"),
        "{line}"
    );
}
