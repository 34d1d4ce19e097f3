//! The audit log: one chain whoever writes, and every change of it shows.

use std::fs;
use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::process::Stdio;
use std::thread;

use crate::support::sandbox::{SAFERUN, Sandbox};

/// A repository whose log has this many events.
fn with_events(count: usize) -> Sandbox {
    let sandbox = Sandbox::guarded();
    for _ in 0..count {
        sandbox.saferun(&["hook", "pre-commit"]).fine();
    }
    assert_eq!(sandbox.events().len(), count);
    sandbox
}

fn log(sandbox: &Sandbox) -> PathBuf {
    sandbox.dir.join(".git/saferun/audit.jsonl")
}

#[test]
fn processes_that_write_at_once_keep_one_chain() {
    let sandbox = Sandbox::guarded();
    thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| {
                (0..25).for_each(|_| drop(sandbox.saferun(&["hook", "pre-commit"]).fine()))
            });
        }
    });
    sandbox.saferun(&["audit", "verify"]).fine().saying("valid: 200 events");
    let numbers: Vec<u64> =
        sandbox.events().iter().map(|event| event["seq"].as_u64().unwrap()).collect();
    assert_eq!(numbers, (1..=200).collect::<Vec<_>>());
}

#[test]
fn processes_that_are_killed_leave_a_log_that_goes_on() {
    let sandbox = Sandbox::guarded();
    thread::scope(|scope| {
        for lane in 0..4 {
            let sandbox = &sandbox;
            scope.spawn(move || {
                for turn in 0..12u64 {
                    let mut command = sandbox.command(SAFERUN);
                    command.args(["hook", "pre-commit"]).stderr(Stdio::null());
                    let mut child = command.spawn().unwrap();
                    thread::sleep(std::time::Duration::from_micros(
                        (lane * 700 + turn * 1_300) % 9_000,
                    ));
                    child.kill().unwrap();
                    child.wait().unwrap();
                }
            });
        }
    });
    sandbox.saferun(&["hook", "pre-commit"]).fine();
    sandbox.saferun(&["audit", "verify"]).fine();
}

#[test]
fn every_change_shows() {
    /// What is done to the lines, and what is said about it.
    type Tamper = fn(&mut Vec<String>);
    let ways: &[(&str, Tamper, &str)] = &[
        (
            "edit",
            |lines| lines[2] = lines[2].replace("git.commit", "git.commot"),
            "line 3 was changed",
        ),
        (
            "edit of a hash",
            |lines| lines[2] = lines[2].replace("\"entry_hash\":\"", "\"entry_hash\":\"0"),
            "line 3",
        ),
        ("delete", |lines| drop(lines.remove(2)), "line 3"),
        ("delete the first", |lines| drop(lines.remove(0)), "line 1"),
        ("swap", |lines| lines.swap(2, 3), "line 3"),
        ("duplicate", |lines| lines.insert(2, lines[2].clone()), "line 4"),
        ("insert", |lines| lines.insert(2, "{\"seq\":3}".to_owned()), "line 3"),
        ("blank line", |lines| lines.insert(2, String::new()), "line 3"),
        ("blank line at the end", |lines| lines.push(String::new()), "line 7"),
        ("no JSON", |lines| lines[5] = "nonsense".to_owned(), "line 6"),
        (
            "added field",
            |lines| lines[2] = lines[2].replacen('{', "{\"a\":1,", 1),
            "line 3 was changed",
        ),
        ("spacing", |lines| lines[2] = lines[2].replacen(',', ", ", 1), "line 3"),
        ("carriage returns", |lines| lines.iter_mut().for_each(|line| line.push('\r')), "line 1"),
        (
            "key twice",
            |lines| lines[2] = lines[2].replacen("\"seq\":3", "\"seq\":9,\"seq\":3", 1),
            "line 3",
        ),
    ];
    let sandbox = with_events(6);
    let path = log(&sandbox);
    let whole = fs::read_to_string(&path).unwrap();
    for (name, tamper, said) in ways {
        let mut lines: Vec<String> = whole.lines().map(str::to_owned).collect();
        tamper(&mut lines);
        fs::write(&path, lines.join("\n") + "\n").unwrap();
        let run = sandbox.saferun(&["audit", "verify"]);
        assert!(run.code == 1 && run.err.contains(said), "{name}: {run:#?}");
        let run = sandbox.saferun(&["audit", "verify", "--json"]).ended(1);
        let document: serde_json::Value = serde_json::from_str(&run.out).unwrap();
        assert_eq!(document["valid"], false, "{name}");
        sandbox.saferun(&["doctor"]).ended(1).saying("evidence");
    }
    fs::write(&path, &whole).unwrap();
    sandbox.saferun(&["audit", "verify"]).fine();
}

#[test]
fn a_line_that_was_cut_off_is_dropped_and_said_so() {
    for keep in [1, 40, 300] {
        let sandbox = with_events(3);
        let path = log(&sandbox);
        let whole = fs::read(&path).unwrap();
        let last = whole[..whole.len() - 1].iter().rposition(|byte| *byte == b'\n').unwrap() + 1;
        fs::write(&path, &whole[..last + keep]).unwrap();
        sandbox.saferun(&["audit", "verify"]).ended(1).saying("line 3 is cut off");
        sandbox.saferun(&["hook", "pre-commit"]).fine();
        sandbox.saferun(&["audit", "verify"]).fine().saying("valid: 4 events");
        let recovery = sandbox.events()[2].clone();
        assert_eq!(recovery["event_type"], "recovery");
        assert_eq!(recovery["context"]["dropped_bytes"], keep);
    }
}

#[test]
fn a_log_with_a_strange_end_stops_what_must_be_recorded() {
    for end in
        ["\n", "nonsense\n", "{}\n", "{\n", "{\"seq\":18446744073709551615,\"entry_hash\":\"x\"}\n"]
    {
        let sandbox = with_events(2);
        fs::OpenOptions::new()
            .append(true)
            .open(log(&sandbox))
            .unwrap()
            .write_all(end.as_bytes())
            .unwrap();
        let before = fs::read(log(&sandbox)).unwrap();
        sandbox.saferun(&["hook", "pre-commit"]).ended(4).saying("audit.jsonl");
        assert_eq!(before, fs::read(log(&sandbox)).unwrap(), "{end}");
    }
}

#[test]
fn the_log_is_for_its_owner_only_and_holds_no_secret() {
    let sandbox = Sandbox::guarded();
    let token = ["gh", "p_", "x7Qm2Kd9Rt4Vb8Nz3Lw6Yc1Hs5Jf0Pg2Ae4u"].concat();
    sandbox.stage("a.txt", format!("token = \"{token}\"\n"));
    sandbox.stage(".github/workflows/x.yml", format!("on: push # {token}\n"));
    sandbox.commit("x").ended(1).not_saying(&token);
    let text = fs::read_to_string(log(&sandbox)).unwrap();
    assert!(text.contains("git.secret.commit"), "{text}");
    assert!(!text.contains(&token), "the log holds the secret");
    assert_eq!(fs::metadata(log(&sandbox)).unwrap().permissions().mode() & 0o777, 0o600);
}

#[test]
fn what_cannot_be_recorded_does_not_happen() {
    let sandbox = Sandbox::guarded();
    fs::create_dir_all(log(&sandbox)).unwrap();
    sandbox.stage("a", "a\n");
    sandbox.commit("x").ended(1).saying("audit log");
}
