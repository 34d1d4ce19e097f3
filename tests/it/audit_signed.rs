//! Checkpoints and proofs: what the chain alone can't show, the signed tree
//! over it does.

#![expect(clippy::unwrap_used, reason = "a test stops where its stage breaks")]

use std::fs;
use std::path::{Path, PathBuf};
use std::thread;

use proptest::prelude::*;
use saferun::audit::{Event, EventType, Fault, Format, Log, Trust};
use serde_json::{Value, json};

use crate::support::sandbox::Sandbox;

/// A log of the library, signed by a key of its own.
struct Own {
    dir: tempfile::TempDir,
    log: Log,
    trust: Trust,
}

impl Own {
    fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let key = ed25519_dalek::SigningKey::from_bytes(&[9; 32]);
        let trust = Trust { keys: vec![key.verifying_key()], against: Vec::new() };
        let log = Log::at(dir.path().join("audit.jsonl")).signed_by(Some(key));
        Self { dir, log, trust }
    }

    fn with(events: usize) -> Self {
        let own = Self::new();
        own.add(events);
        own
    }

    fn add(&self, events: usize) {
        self.log.append((0..events).map(event).collect(), false).unwrap();
    }

    fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    fn state(&self) -> Value {
        serde_json::from_slice(&fs::read(self.path("audit.state")).unwrap()).unwrap()
    }

    fn fault(&self) -> Option<Fault> {
        self.log.verify(&self.trust).unwrap().fault
    }
}

fn event(number: usize) -> Event {
    let mut event = Event::new(EventType::Outcome, jiff::Timestamp::UNIX_EPOCH);
    event.operation = "test.operation".to_owned();
    event.target = format!("prod/{number}");
    event.params = json!({"entry_hash": "not this one", "n": number, "text": "\u{e9}\u{1f600}\""});
    event
}

/// Lines with their chain made anew, as whoever knows the format could.
fn rehash(lines: &[String]) -> Vec<String> {
    let mut head = "0".repeat(64);
    let mut out = Vec::new();
    for (index, line) in lines.iter().enumerate() {
        let mut event: Event = serde_json::from_str(line).unwrap();
        event.seq = index as u64 + 1;
        event.prev_hash = head;
        out.push(event.seal());
        head = event.entry_hash;
    }
    out
}

#[test]
fn what_the_chain_alone_does_not_show_the_signatures_do() {
    type Tamper = fn(&mut Vec<String>);
    type Way = (&'static str, Tamper, fn(&Fault) -> bool);
    let ways: &[Way] = &[
        (
            "cut off the end",
            |lines| lines.truncate(9),
            |fault| *fault == Fault::Truncated { recorded: 12, found: 9 },
        ),
        (
            "cut off the last event",
            |lines| lines.truncate(11),
            |fault| *fault == Fault::Truncated { recorded: 12, found: 11 },
        ),
        ("empty it", Vec::clear, |fault| matches!(fault, Fault::Truncated { found: 0, .. })),
        (
            "hash it anew after an edit",
            |lines| {
                lines[4] = lines[4].replace("prod/4", "prod/0");
                *lines = rehash(lines);
            },
            |fault| matches!(fault, Fault::Rewritten(_)),
        ),
        (
            "hash it anew after a removal and an addition",
            |lines| {
                lines.remove(4);
                lines.push(lines[3].clone());
                *lines = rehash(lines);
            },
            |fault| matches!(fault, Fault::Rewritten(_)),
        ),
        (
            "add what follows",
            |lines| {
                lines.push(lines[3].clone());
                *lines = rehash(lines);
            },
            |fault| *fault == Fault::Unrecorded { count: 1 },
        ),
    ];
    for (name, tamper, expected) in ways {
        let own = Own::with(12);
        assert_eq!(own.fault(), None);
        let text = fs::read_to_string(own.log.path()).unwrap();
        let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
        tamper(&mut lines);
        fs::write(own.log.path(), lines.iter().map(|line| format!("{line}\n")).collect::<String>())
            .unwrap();
        let fault = own.fault().unwrap_or_else(|| panic!("{name}: not found"));
        assert!(expected(&fault), "{name}: {fault}");
        if !lines.is_empty() {
            own.add(3);
            assert!(own.fault().is_some(), "{name}: writing more has covered it up");
            assert!(own.log.checkpoint().is_err(), "{name}: it was signed");
        }
    }
    let own = Own::with(12);
    fs::remove_file(own.log.path()).unwrap();
    assert_eq!(own.fault(), Some(Fault::Truncated { recorded: 12, found: 0 }));
    fs::remove_file(own.path("audit.state")).unwrap();
    own.add(12);
    assert!(own.fault().is_some(), "a new log took the place of the old one");
}

/// Without signatures, every hash can be made anew; numbers and links still tell.
#[test]
fn a_wrong_number_or_link_shows_without_signatures() {
    let own = Own::new();
    own.log.clone().signed_by(None).append((0..4).map(event).collect(), false).unwrap();
    fs::remove_file(own.path("audit.state")).unwrap();
    assert_eq!(own.fault(), None);
    let text = fs::read_to_string(own.log.path()).unwrap();
    let (kept, last) = text.trim_end().rsplit_once('\n').unwrap();
    let ways: [fn(&mut Event); 2] =
        [|event| event.seq = 9, |event| event.prev_hash = "0".repeat(64)];
    for change in ways {
        let mut event: Event = serde_json::from_str(last).unwrap();
        change(&mut event);
        fs::write(own.log.path(), format!("{kept}\n{}\n", event.seal())).unwrap();
        assert_eq!(own.fault(), Some(Fault::Broken(4)));
    }
}

#[test]
fn a_signed_log_without_its_state_does_not_verify() {
    let own = Own::with(5);
    fs::remove_file(own.path("audit.state")).unwrap();
    assert_eq!(own.fault(), Some(Fault::NoState));
}

/// Every state of the files that a process can leave that is killed in a write.
#[test]
fn a_write_that_was_cut_short_is_mended_and_told() {
    let own = Own::with(5);
    let before = own.state();
    let length = fs::read(own.log.path()).unwrap().len();
    own.log.append(vec![event(6), event(7)], false).unwrap();
    let after = own.state();
    let whole = fs::read(own.log.path()).unwrap();
    let mut announced = before.clone();
    announced["next"] = after;
    for kept in length..=whole.len() {
        fs::write(own.log.path(), &whole[..kept]).unwrap();
        fs::write(own.path("audit.state"), announced.to_string()).unwrap();
        own.add(1);
        let found = own.log.verify(&own.trust).unwrap();
        let ended = kept == whole.len();
        let (events, told) = match kept {
            _ if ended => (8, vec![]),
            _ if kept == length => (6, vec![]),
            _ => (7, vec![6]),
        };
        assert_eq!((found.fault, found.events, found.recoveries), (None, events, told), "{kept}");
        let text = fs::read_to_string(own.log.path()).unwrap();
        let dropped = format!("\"dropped_bytes\":{}", kept - length);
        assert_eq!(text.contains(&dropped), !ended && kept > length, "{kept}");
    }
}

#[test]
fn another_event_than_the_announced_one_does_not_count() {
    let own = Own::with(5);
    let before = own.state();
    let whole = fs::read_to_string(own.log.path()).unwrap();
    own.log.append(vec![event(6)], false).unwrap();
    let text = fs::read_to_string(own.log.path()).unwrap();
    let mut other: Event = serde_json::from_str(text.lines().last().unwrap()).unwrap();
    other.target = "prod/0".to_owned();
    let mut announced = before;
    announced["next"] = own.state();
    fs::write(own.path("audit.state"), announced.to_string()).unwrap();
    fs::write(own.log.path(), format!("{whole}{}\n", other.seal())).unwrap();
    assert_eq!(own.fault(), Some(Fault::Unrecorded { count: 1 }));
    own.add(1);
    let found = own.log.verify(&own.trust).unwrap();
    assert_eq!((found.fault, found.events, found.recoveries), (None, 7, vec![6]));
    assert!(fs::read_to_string(own.path("audit.torn")).unwrap().contains("prod/0"));
}

#[test]
fn what_somebody_adds_with_a_state_of_their_own_is_told() {
    // Who can write the files, and has no key, goes on as another account does.
    let own = Own::with(5);
    own.log.clone().signed_by(None).append(vec![event(6)], false).unwrap();
    own.add(1);
    let found = own.log.verify(&own.trust).unwrap();
    assert_eq!((found.fault, found.events, found.recoveries), (None, 8, vec![7]));
    let text = fs::read_to_string(own.log.path()).unwrap();
    assert!(text.contains("\"unsigned_events\":[6,6]"), "{text}");
    // Taking the signature out of the state changes nothing about that.
    let own = Own::with(5);
    own.log.clone().signed_by(None).append(vec![event(6)], false).unwrap();
    let mut state = own.state();
    state["checkpoint"] = Value::Null;
    fs::write(own.path("audit.state"), state.to_string()).unwrap();
    own.add(1);
    let text = fs::read_to_string(own.log.path()).unwrap();
    assert!(text.contains("\"unsigned_events\":[6,6]"), "{text}");
    assert_eq!(own.fault(), None);
}

#[test]
fn a_state_that_is_wrong_is_made_anew_where_the_log_holds() {
    for wrong in ["", "{}", "{\"size\":3}"] {
        let own = Own::with(5);
        fs::write(own.path("audit.state"), wrong).unwrap();
        assert_eq!(own.fault(), Some(Fault::NoState), "{wrong}");
        own.add(1);
        let found = own.log.verify(&own.trust).unwrap();
        assert_eq!((found.fault, found.events, found.recoveries), (None, 7, vec![6]), "{wrong}");
    }
    let own = Own::with(5);
    let mut state = own.state();
    state["head"] = Value::from("0".repeat(64));
    fs::write(own.path("audit.state"), state.to_string()).unwrap();
    assert!(own.fault().is_some(), "a head that is not the last event's");
    let own = Own::with(5);
    let state = fs::read_to_string(own.path("audit.state")).unwrap();
    let peak = state.split("\"peaks\":[\"").nth(1).unwrap().get(..64).unwrap();
    fs::write(own.path("audit.state"), state.replace(peak, &"0".repeat(64))).unwrap();
    assert!(own.fault().is_some());
    own.add(1);
    assert_eq!(own.fault(), None);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 3, ..ProptestConfig::default() })]

    #[test]
    fn every_change_of_one_byte_is_found(events in 1usize..3, mask in 1u8..=255) {
        let own = Own::with(events);
        own.log.checkpoint().unwrap();
        for name in ["audit.jsonl", "audit.checkpoints"] {
            let whole = fs::read(own.path(name)).unwrap();
            for at in 0..whole.len() {
                let mut changed = whole.clone();
                changed[at] ^= mask;
                fs::write(own.path(name), &changed).unwrap();
                prop_assert!(own.fault().is_some(), "{}, byte {}, mask {}", name, at, mask);
            }
            fs::write(own.path(name), &whole).unwrap();
        }
        prop_assert_eq!(own.fault(), None);
    }
}

#[test]
fn a_log_over_several_files_is_one_log() {
    let own = Own::new();
    let log = own.log.clone().rotate_at(4_000);
    for _ in 0..40 {
        log.append(vec![event(1)], false).unwrap();
    }
    let mut names: Vec<String> = fs::read_dir(own.dir.path())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| name.ends_with(".jsonl"))
        .collect();
    names.sort();
    assert!(names.len() > 3 && names[0] == "audit.000000000001.jsonl", "{names:?}");
    let found = log.verify(&own.trust).unwrap();
    assert_eq!((found.fault, found.events), (None, 40 + names.len() as u64 - 1));
    let proof = log.prove("3").unwrap();
    assert_eq!((proof.leaf_index, proof.event["seq"].as_u64()), (2, Some(3)));
    let alone = Log::at(own.path(&names[1])).verify(&own.trust).unwrap();
    assert_eq!(alone.fault, None, "a later file doesn't hold by itself");
    // A crash between two files.
    fs::rename(own.log.path(), own.path("audit.000000000099.jsonl")).unwrap();
    log.append(vec![event(2)], false).unwrap();
    assert_eq!(log.verify(&own.trust).unwrap().fault, None);
    fs::remove_file(own.path(&names[1])).unwrap();
    assert!(own.fault().is_some(), "a file is missing");
    fs::remove_file(own.path(&names[0])).unwrap();
    assert!(matches!(own.fault(), Some(Fault::Missing(_) | Fault::Broken(_))));
}

#[test]
fn threads_that_write_at_once_share_their_writes_and_lose_nothing() {
    let own = Own::new();
    thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| {
                for number in 0..40 {
                    let ids = own.log.append(vec![event(number), event(number)], true).unwrap();
                    assert_eq!(ids.len(), 2);
                }
            });
        }
    });
    let found = own.log.verify(&own.trust).unwrap();
    assert_eq!((found.fault, found.events, found.signed), (None, 640, 640));
    assert!(found.checkpoints >= 3, "{}", found.checkpoints);
}

#[test]
fn a_checkpoint_kept_elsewhere_and_a_proof_convince_others() {
    let sandbox = Sandbox::guarded();
    let verify = |arguments: &[&str]| sandbox.saferun(&[&["audit", "verify"], arguments].concat());
    let event = || drop(sandbox.saferun(&["hook", "pre-commit"]).fine());
    (0..3).for_each(|_| event());
    let made = sandbox.saferun(&["audit", "checkpoint", "--json"]).fine();
    let made: Value = serde_json::from_str(&made.out).unwrap();
    assert_eq!(made["size"], 3);
    sandbox.write("old.note", made["checkpoint"].as_str().unwrap());
    (0..3).for_each(|_| event());
    let run = verify(&["--against", "old.note", "--json"]).fine();
    let document: Value = serde_json::from_str(&run.out).unwrap();
    assert_eq!((&document["events"], &document["signed"]), (&json!(6), &json!(6)));
    assert_eq!(document["consistency"][0]["old_size"], 3);
    assert!(!document["consistency"][0]["path"].as_array().unwrap().is_empty());

    let proof = sandbox.saferun(&["audit", "prove", "2"]).fine().out;
    sandbox.write("proof.json", &proof);
    let parsed: Value = serde_json::from_str(&proof).unwrap();
    let id = parsed["event"]["event_id"].as_str().unwrap();
    let again = sandbox.saferun(&["audit", "prove", id]).fine().out;
    assert_eq!(serde_json::from_str::<Value>(&again).unwrap()["leaf_index"], 1);
    verify(&["--proof", "proof.json"]).fine().saying("event 2 of the 6");
    sandbox.write("proof.json", proof.replace("\"leaf_index\": 1", "\"leaf_index\": 2"));
    verify(&["--proof", "proof.json"]).ended(1);
    sandbox.saferun(&["audit", "prove", "99"]).ended(2);

    // Another log, wholly signed, is not the one that the note is of.
    let dir = sandbox.dir.join(".git/saferun");
    for name in ["audit.jsonl", "audit.state", "audit.checkpoints"] {
        fs::remove_file(dir.join(name)).unwrap();
    }
    (0..4).for_each(|_| event());
    verify(&[]).fine();
    verify(&["--against", "old.note"]).ended(1).saying("rewritten");
    // Somebody else's key vouches for nothing here.
    fs::remove_file(sandbox.root.join("home/state/saferun/audit-signing.key")).unwrap();
    verify(&[]).ended(1).saying("not known here");
}

#[test]
fn a_key_elsewhere_signs() {
    let sandbox = Sandbox::guarded();
    sandbox.saferun(&["hook", "pre-commit"]).fine();
    let path = sandbox.root.join("audit.pem");
    let made = std::process::Command::new("openssl")
        .args(["genpkey", "-algorithm", "ed25519", "-out"])
        .arg(&path)
        .status();
    assert!(made.unwrap().success());
    fs::remove_file(sandbox.dir.join(".git/saferun/audit.state")).unwrap();
    fs::remove_file(sandbox.dir.join(".git/saferun/audit.checkpoints")).unwrap();
    let key = path.to_str().unwrap();
    fs::set_permissions(&path, std::os::unix::fs::PermissionsExt::from_mode(0o644)).unwrap();
    sandbox.saferun(&["audit", "checkpoint", "--signing-key", key]).ended(4).saying("chmod 600");
    fs::set_permissions(&path, std::os::unix::fs::PermissionsExt::from_mode(0o600)).unwrap();
    let made = sandbox.saferun(&["audit", "checkpoint", "--signing-key", key, "--json"]).fine();
    let made: Value = serde_json::from_str(&made.out).unwrap();
    // Who has another key goes on writing, and signs nothing.
    sandbox.saferun(&["hook", "pre-commit"]).fine();
    sandbox.saferun(&["audit", "verify"]).ended(1).saying("not known here");
    let verifier = made["verifier_key"].as_str().unwrap();
    let run = sandbox.saferun(&["audit", "verify", "--key", verifier, "--json"]).fine();
    let document: Value = serde_json::from_str(&run.out).unwrap();
    assert_eq!((&document["events"], &document["signed"]), (&json!(3), &json!(2)), "{document}");
}

#[test]
fn logs_of_agent_safe_verify_and_are_signed() {
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/corpora/audit");
    let dir = tempfile::tempdir().unwrap();
    let whole = dir.path().join("00-valid.jsonl");
    fs::copy(corpus.join("00-valid.jsonl"), &whole).unwrap();
    let key = ed25519_dalek::SigningKey::from_bytes(&[3; 32]);
    let trust = Trust { keys: vec![key.verifying_key()], against: Vec::new() };
    let note = Log::at(whole).signed_by(Some(key)).checkpoint().unwrap();
    let anchored = Trust { against: vec![note], ..trust.clone() };
    /// As Agent-Safe 0.14 says; what it doesn't find is found with a signature.
    const VALID: &[&str] = &["00", "17", "20", "23"];
    const FOUND_WITH_A_SIGNATURE: &[&str] = &["08", "10", "11", "12", "13"];
    let mut seen = 0;
    for entry in fs::read_dir(&corpus).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap().to_owned();
        if name == "expected.jsonl" {
            continue;
        }
        seen += 1;
        let log = Log::at(path);
        let found = log.verify(&trust).unwrap();
        let with_note = log.verify(&anchored).unwrap();
        let number = &name[..2];
        if number != "09" && number != "15" {
            assert_eq!(found.format, Format::AgentSafe, "{name}");
        }
        // What follows a signed log is its continuation: 14 can't be told from it.
        let valid = VALID.contains(&number) || number == "14";
        assert_eq!(with_note.fault.is_none(), valid, "{name}: {:?}", with_note.fault);
        let valid = valid || FOUND_WITH_A_SIGNATURE.contains(&number);
        assert_eq!(found.fault.is_none(), valid, "{name}: {:?}", found.fault);
    }
    assert_eq!(seen, 24);
}
