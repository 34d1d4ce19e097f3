//! `saferun check`, `check-plan`, `actions`, `policy` and `approvals` as people
//! run them.

use std::process::Stdio;
use std::thread;

use serde_json::{Value, json};

use crate::support::sandbox::{Run, SAFERUN, Sandbox};

const CORPUS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/corpora/policy");

fn with_files(arguments: &[&str], policy: &str) -> Vec<String> {
    let mut all: Vec<String> = arguments.iter().map(|one| (*one).to_owned()).collect();
    let named = [("registry", "actions"), ("inventory", "inventory.yaml"), ("policies", policy)];
    for (flag, file) in named {
        all.extend([format!("--{flag}"), format!("{CORPUS}/{file}")]);
    }
    all
}

fn run(sandbox: &Sandbox, arguments: &[&str], policy: &str) -> Run {
    let all = with_files(arguments, policy);
    let all: Vec<&str> = all.iter().map(String::as_str).collect();
    sandbox.saferun(&all)
}

fn json_of(run: &Run) -> Value {
    let said = run.said();
    serde_json::from_str(&run.out).expect(&said)
}

/// A person's terminal: nothing says that an agent runs this.
fn person(sandbox: &mut Sandbox) {
    sandbox.unset("CLAUDECODE");
}

#[test]
fn check_prints_the_decision_and_exits_by_it() {
    let sandbox = Sandbox::empty("work");
    let check = ["check", "read-metrics", "--caller", "bot", "--json", "--target"];
    let ask =
        |target: &str| run(&sandbox, &[&check[..], &[target]].concat(), "policies/targets.yaml");
    let allowed = json_of(&ask("dev/billing").ended(0));
    assert_eq!(allowed["result"], "allow");
    assert_eq!(allowed["rule"], "dev");
    assert_eq!(
        (&allowed["operation"], &allowed["target"]),
        (&json!("read-metrics"), &json!("dev/billing"))
    );
    assert_eq!(allowed["caller"]["id"], "bot");
    assert_eq!(allowed["risk_class"], "low");
    assert_eq!(allowed["action_digest"].as_str().map(str::len), Some(64));
    assert!(allowed["audit_id"].as_str().is_some_and(|id| id.starts_with("evt-")));
    assert_eq!(json_of(&ask("prod/billing").ended(1))["rule"], "critical-place");
    assert_eq!(json_of(&ask("lab/1").ended(3))["target"], "unknown");
    run(&sandbox, &["check", "read-metrics", "--target", "dev/billing"], "policies/targets.yaml")
        .ended(0)
        .saying("allow: dev services")
        .saying("caller    anonymous");
    sandbox.saferun(&["audit", "verify"]).fine().saying("valid: 4 events");
}

#[test]
fn what_is_wrong_with_the_call_or_the_files_is_a_usage_error() {
    let sandbox = Sandbox::empty("work");
    let targets = "policies/targets.yaml";
    for params in ["{", "[]", "7"] {
        run(&sandbox, &["check", "read-metrics", "--params", params], targets)
            .ended(2)
            .saying("--params");
    }
    run(&sandbox, &["check", "read-metrics", "--at", "noon"], targets).ended(2);
    run(&sandbox, &["check", "read-metrics"], "policies/missing.yaml")
        .ended(2)
        .saying("missing.yaml");
    sandbox.saferun(&["check"]).ended(2);
    sandbox.write(
        "bad/p.yaml",
        "rules:\n  - {name: a, match: {action: [x]}, decision: allw, reason: r}\n",
    );
    let said = sandbox.saferun(&["check", "read-metrics", "--policies", "bad"]).ended(2);
    said.saying("p.yaml`, line 2: unknown key of `match` `action`; did you mean `actions`?")
        .saying("did you mean `allow`?");
}

#[test]
fn numbers_that_are_none_are_denied() {
    let sandbox = Sandbox::empty("work");
    for value in ["NaN", "Infinity", "-Infinity", "99999999999999999999"] {
        let params = format!("{{\"service\": \"billing\", \"ratio\": {value}}}");
        let arguments = ["check", "rotate-key", "-t", "dev/billing", "--json", "-p", &params];
        let decision = json_of(&run(&sandbox, &arguments, "policies/risks.yaml").ended(1));
        assert!(
            decision["reason"].as_str().is_some_and(|why| why.contains("'ratio'")),
            "{decision}"
        );
    }
}

#[test]
fn a_token_that_nobody_verified_is_denied_and_not_written_down() {
    let sandbox = Sandbox::empty("work");
    let token = ["eyJhbGciOiJub25lIn0", "eyJhZ2VudF9pZCI6ImJvdC0xIn0", "c2lnbmF0dXJl"].join(".");
    let arguments = ["check", "read-metrics", "-t", "dev/jobs", "--caller", &token, "--json"];
    let said = run(&sandbox, &arguments, "policies/callers.yaml").ended(1).not_saying(&token);
    assert_eq!(json_of(&said)["caller"]["id"], "unverified");
    sandbox.saferun(&["audit", "show"]).fine().not_saying("eyJhZ2");
}

#[test]
fn the_built_in_catalogue_is_there_without_any_file() {
    let sandbox = Sandbox::empty("work");
    let params = r#"{"namespace": "web", "deployment": "api", "replicas": 3}"#;
    let check = ["check", "scale-deployment", "--json", "--params"];
    let decision = json_of(&sandbox.saferun(&[&check[..], &[params]].concat()).ended(3));
    assert_eq!(
        (&decision["risk_class"], &decision["action_risk_class"]),
        (&json!("critical"), &json!("medium"))
    );
    let too_many = params.replace('3', "101");
    sandbox.saferun(&[&check[..], &[&too_many]].concat()).ended(1).saying("exceeds maximum 100.0");
    sandbox.saferun(&["check", "no-such-thing"]).ended(1).saying("Unknown action: no-such-thing");
    sandbox.saferun(&["check", "git.force-push", "-t", "github.com/a/b#refs/heads/x"]).ended(0);
    let aws = json_of(&sandbox.saferun(&["actions", "list", "--tag", "aws", "--json"]).fine());
    assert_eq!(aws.as_array().map(Vec::len), Some(13));
    let critical =
        sandbox.saferun(&["actions", "list", "--tag", "kubernetes", "--risk", "critical"]);
    assert_eq!(critical.fine().out.lines().count(), 2);
}

#[test]
fn a_plan_is_decided_step_by_step() {
    let sandbox = Sandbox::empty("work");
    let limits = "cumulative_risk: {escalation_threshold: 2, deny_threshold: 3}\n\
        rules: [{name: all, match: {}, decision: allow, reason: fine}]\n";
    sandbox.write("p/p.yaml", limits);
    let step = json!({"action": "read-metrics", "target": "dev/jobs"});
    sandbox.write("plan.json", json!([step, step, step]).to_string());
    let registry = format!("{CORPUS}/actions");
    let inventory = format!("{CORPUS}/inventory.yaml");
    let arguments = [
        "check-plan",
        "plan.json",
        "--caller",
        "bot",
        "--json",
        "--registry",
        &registry,
        "--inventory",
        &inventory,
        "--policies",
        "p",
    ];
    let decisions = json_of(&sandbox.saferun(&arguments).ended(1));
    let results: Vec<&str> =
        decisions.as_array().unwrap().iter().filter_map(|one| one["result"].as_str()).collect();
    assert_eq!(results, ["allow", "require_approval", "deny"]);
    let last = json_of(&sandbox.saferun(&arguments).ended(1));
    assert_eq!(last[0]["cumulative"]["score"], 4, "another process goes on counting");
    // What is asked for another time adds up within the plan, and is kept nowhere.
    let timed = |hour: u32| {
        json!({"action": "read-metrics", "target": "dev/jobs", "caller": "ada",
            "timestamp": format!("2026-03-02T{hour:02}:00:00Z")})
    };
    sandbox.write("plan.json", json!([timed(9), timed(9), timed(12)]).to_string());
    for _ in 0..2 {
        let rehearsed = json_of(&sandbox.saferun(&arguments).ended(3));
        let score = |at: usize| rehearsed[at]["cumulative"]["score"].as_u64();
        assert_eq!([score(0), score(1), score(2)], [Some(1), Some(2), Some(1)]);
    }
    let large = r#"[{"action": "rotate-key", "params": {"service": "api", "level": 1e3}}]"#;
    sandbox.write("large.json", large);
    run(&sandbox, &["check-plan", "large.json"], "policies/targets.yaml")
        .ended(1)
        .saying("expected integer, got float");
    let smile = "{\"steps\": [{\"action\": \"read-metrics\", \"target\": \"\\ud83d\\ude00\"}]}";
    sandbox.write("smile.json", smile);
    sandbox.saferun(&["check-plan", "smile.json"]).ended(1).saying("Unknown action: read-metrics");
    sandbox.write("plan.yaml", "steps:\n  - {action: read-metrics, targt: x}\n");
    sandbox.saferun(&["check-plan", "plan.yaml"]).ended(2).saying("did you mean `target`?");
}

#[test]
fn processes_that_ask_at_once_share_one_limit() {
    let sandbox = Sandbox::empty("work");
    sandbox.write(
        "p/p.yaml",
        "rate_limit: {max_requests: 10, window_seconds: 600}\n\
        rules: [{name: all, match: {}, decision: allow, reason: fine}]\n",
    );
    let ask =
        || sandbox.saferun(&["check", "git.commit", "--caller", "bot", "--policies", "p"]).code;
    let codes: Vec<i32> = thread::scope(|scope| {
        let lanes: Vec<_> =
            (0..5).map(|_| scope.spawn(|| (0..4).map(|_| ask()).collect::<Vec<_>>())).collect();
        lanes.into_iter().flat_map(|lane| lane.join().unwrap()).collect()
    });
    assert_eq!(codes.iter().filter(|code| **code == 0).count(), 10, "{codes:?}");
    let at = [
        "check",
        "git.commit",
        "--caller",
        "bot",
        "--policies",
        "p",
        "--at",
        "2099-01-01T00:00:00Z",
    ];
    sandbox.saferun(&at).ended(0);
    assert_eq!(ask(), 1, "another time asked for is no way round");
}

#[test]
fn processes_that_are_killed_leave_windows_that_go_on() {
    let sandbox = Sandbox::empty("work");
    sandbox.write(
        "p/p.yaml",
        "rate_limit: {max_requests: 60, max_unverified_requests: 60, window_seconds: 600}\n\
        rules: [{name: all, match: {}, decision: allow, reason: fine}]\n",
    );
    let check = ["check", "git.commit", "--caller", "bot", "--policies", "p"];
    for turn in 0..40u64 {
        let mut command = sandbox.command(SAFERUN);
        let mut child = command.args(check).stdout(Stdio::null()).spawn().unwrap();
        thread::sleep(std::time::Duration::from_micros(turn * 977 % 30_000));
        child.kill().unwrap();
        child.wait().unwrap();
    }
    let allowed = (0..100).take_while(|_| sandbox.saferun(&check).code == 0).count();
    assert!((20..=60).contains(&allowed), "{allowed} more were allowed");
    sandbox.saferun(&check).ended(1).saying("Rate limit exceeded for caller 'bot'");
}

#[test]
fn a_person_approves_exactly_this_action_once() {
    let mut sandbox = Sandbox::empty("work");
    let check = |sandbox: &Sandbox, target: &str| {
        let arguments = ["check", "read-metrics", "--caller", "bot", "--json", "--target", target];
        run(sandbox, &arguments, "policies/targets.yaml")
    };
    let asked = json_of(&check(&sandbox, "lab/1").ended(3));
    let id = asked["approval_id"].as_str().unwrap().to_owned();
    assert_eq!(json_of(&check(&sandbox, "lab/1").ended(3))["approval_id"], json!(id));
    sandbox.saferun(&["approvals", "approve", &id]).ended(1).saying("an agent");
    person(&mut sandbox);
    let listed = json_of(&sandbox.saferun(&["approvals", "list", "--json"]).fine());
    assert_eq!((&listed[0]["id"], &listed[0]["state"]), (&json!(id), &json!("pending")));
    assert_eq!(listed[0]["action_digest"], asked["action_digest"]);
    sandbox.saferun(&["approvals", "approve", &id, "--reason", "looked at it"]).fine();
    sandbox
        .saferun(&["approvals", "deny", &id, "--reason", "late"])
        .ended(1)
        .saying("already approved");
    sandbox.set("CLAUDECODE", "1");
    check(&sandbox, "lab/2").ended(3);
    let allowed = json_of(&check(&sandbox, "lab/1").ended(0));
    assert_eq!(allowed["result"], "allow");
    assert_eq!(check(&sandbox, "lab/1").ended(3).code, 3);
    sandbox.saferun(&["approvals", "show", &id, "--json"]).fine().saying("\"state\": \"used\"");
    sandbox
        .saferun(&["approvals", "show", "apr-00000000000000000000000000"])
        .ended(1)
        .saying("not found");
}

#[test]
fn validate_tells_errors_and_useless_rules() {
    let sandbox = Sandbox::empty("work");
    let known =
        sandbox.saferun(&["policy", "validate", "--registry", &format!("{CORPUS}/actions")]);
    known.fine().saying("valid: 4 actions");
    sandbox.write("p.yaml", "rules:\n\
        - {name: all-reads, priority: 9, match: {actions: [read-*]}, decision: allow, reason: r}\n\
        - {name: hidden, match: {actions: [read-metrics], callers: {}}, decision: deny, reason: r}\n\
        - {name: mistyped, match: {actions: [rotate-kye]}, decision: deny, reason: r}\n\
        - {name: empty, match: {actions: []}, decision: deny, reason: r}\n\
        - {name: fine, match: {actions: [rotate-key]}, decision: deny, reason: r}\n");
    let arguments =
        ["policy", "validate", "--registry", &format!("{CORPUS}/actions"), "--policies", "p.yaml"];
    let said = sandbox.saferun(&arguments).fine();
    said.saying("line 3: rule `hidden` never gets its turn: rule `all-reads`")
        .saying("rule `mistyped` names `rotate-kye`, and no action is called so; did you mean `rotate-key`?")
        .saying("rule `empty` never matches")
        .not_saying("rule `fine`");
}

#[test]
fn policy_tests_run_and_name_what_they_never_reach() {
    let sandbox = Sandbox::empty("work");
    sandbox.write("t.yaml", "tests:\n\
        - {name: dev, action: read-metrics, target: dev/billing, caller: bot, expect: allow}\n\
        - {name: prod, action: read-metrics, target: prod/billing, expect: deny, rule: critical-place}\n");
    let said = run(&sandbox, &["policy", "test", "t.yaml"], "policies/targets.yaml").fine();
    said.saying("2 passed, 0 failed")
        .saying("rule `labelled` is never reached")
        .not_saying("`dev` is never");
    sandbox.write(
        "t.yaml",
        "tests: [{name: wrong, action: read-metrics, target: prod/billing, expect: allow}]\n",
    );
    sandbox.write("none.yaml", "tests: []\n");
    run(&sandbox, &["policy", "test", "none.yaml"], "policies/targets.yaml")
        .ended(2)
        .saying("there are no tests");
    run(&sandbox, &["policy", "test", "t.yaml"], "policies/targets.yaml")
        .ended(1)
        .saying("failed  wrong")
        .saying("expected allow, got deny by rule `critical-place`");
}

#[test]
fn replay_reads_all_files_of_a_log() {
    let sandbox = Sandbox::empty("work");
    let check = ["check", "read-metrics", "--audit-log", "log.jsonl", "--target", "dev/billing"];
    run(&sandbox, &check, "policies/targets.yaml");
    std::fs::rename(sandbox.dir.join("log.jsonl"), sandbox.dir.join("log.000000000001.jsonl"))
        .expect("set aside");
    run(&sandbox, &check, "policies/targets.yaml");
    let replay = ["policy", "replay", "log.jsonl", "--json"];
    assert_eq!(json_of(&run(&sandbox, &replay, "policies/targets.yaml").fine())["decisions"], 2);
    run(&sandbox, &["policy", "replay", "none.jsonl"], "policies/targets.yaml").ended(4);
}

#[test]
fn replay_says_what_another_policy_would_have_decided() {
    let sandbox = Sandbox::empty("work");
    for target in ["dev/billing", "prod/billing"] {
        let arguments = [
            "check",
            "read-metrics",
            "--caller",
            "bot",
            "--audit-log",
            "log.jsonl",
            "--target",
            target,
        ];
        run(&sandbox, &arguments, "policies/targets.yaml");
    }
    let replay = |policy: &str| {
        json_of(&run(&sandbox, &["policy", "replay", "log.jsonl", "--json"], policy).fine())
    };
    assert_eq!(replay("policies/targets.yaml")["changes"], json!([]));
    let told = replay("policies/risks.yaml");
    assert_eq!(
        (&told["decisions"], told["changes"].as_array().map(Vec::len)),
        (&json!(2), Some(1))
    );
    let change = &told["changes"][0];
    assert_eq!((&change["before"], &change["after"]), (&json!("deny"), &json!("require_approval")));
}
