//! `saferun identity`, `delegation`, `ticket` and signed callers of `check`,
//! as people run them.

use std::process::Stdio;

use serde_json::{Value, json};

use super::SECRET;
use crate::support::sandbox::{Run, SAFERUN, Sandbox, write_file};

const CORPUS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/corpora/policy");

fn json_of(run: &Run) -> Value {
    serde_json::from_str(&run.out).expect("one JSON document")
}

/// `ARGUMENTS --signing-key SECRET --json`
fn keyed(sandbox: &Sandbox, arguments: &[&str]) -> Run {
    sandbox.saferun(&[arguments, &["--signing-key", SECRET, "--json"]].concat())
}

fn token(sandbox: &Sandbox, arguments: &[&str]) -> String {
    let made = [&["identity", "create"], arguments, &["--signing-key", SECRET]].concat();
    sandbox.saferun(&made).fine().out.trim_end().to_owned()
}

/// A policy of one rule: deployers may read metrics in dev.
fn policy(sandbox: &Sandbox) {
    let rule = json!({"rules": [{"name": "deployers", "match": {"actions": ["read-metrics"],
        "callers": {"roles": ["deployer"]}}, "decision": "allow", "reason": "fine"}]});
    sandbox.write("p/p.yaml", rule.to_string());
}

/// What to decide: read metrics of dev/jobs.
fn check(extra: &[&str]) -> Vec<String> {
    let fixed = ["check", "read-metrics", "--target", "dev/jobs", "--policies", "p", "--json"];
    let mut all: Vec<String> = fixed.iter().chain(extra).map(|one| (*one).to_owned()).collect();
    all.extend(["--registry".to_owned(), format!("{CORPUS}/actions")]);
    all.extend(["--inventory".to_owned(), format!("{CORPUS}/inventory.yaml")]);
    all
}

fn asked(sandbox: &Sandbox, extra: &[&str]) -> Run {
    let all = check(extra);
    sandbox.saferun(&all.iter().map(String::as_str).collect::<Vec<_>>())
}

#[test]
fn a_signed_caller_has_the_roles_of_its_token() {
    let sandbox = Sandbox::empty("work");
    policy(&sandbox);
    let deployer = token(&sandbox, &["bot-1", "--roles", "deployer, reader"]);
    let reader = token(&sandbox, &["bot-2", "--role", "reader"]);
    let with_key = |caller: &str, more: &[&str]| {
        asked(&sandbox, &[&["--caller", caller, "--signing-key", SECRET], more].concat())
    };
    let allowed = json_of(&with_key(&deployer, &[]).fine());
    assert_eq!(allowed["caller"]["id"], "bot-1");
    assert_eq!(allowed["caller"]["roles"], json!(["deployer", "reader"]));
    assert_eq!(allowed["ticket"]["action_digest"], allowed["action_digest"]);
    let denied = json_of(&with_key(&reader, &[]).ended(1));
    assert_eq!((&denied["caller"]["id"], &denied["ticket"]), (&json!("bot-2"), &Value::Null));
    // A name is a name, unless everybody has to sign.
    assert_eq!(json_of(&with_key("bot-1", &[]).ended(1))["caller"]["id"], "bot-1");
    with_key("bot-1", &["--require-signed-identity"])
        .ended(1)
        .saying("a signed identity is required");
    with_key(&deployer, &["--require-signed-identity"]).fine();
    asked(&sandbox, &["--require-signed-identity"]).ended(2).saying("there is no signing key");
    // What proves nothing is no caller, and is written nowhere.
    let forged = format!("{}A", deployer.trim_end_matches(char::is_alphanumeric));
    for shown in [forged.as_str(), "not.a.jwt"] {
        let run = with_key(shown, &[]).ended(1).not_saying(shown);
        assert_eq!(json_of(&run)["caller"]["id"], "unverified");
    }
    sandbox.saferun(&["audit", "show"]).fine().not_saying("eyJ");
    let config = sandbox.root.join("home/config/saferun/config.toml");
    write_file(&config, b"[identity]\nrequire_signed = true\n", 0o644);
    with_key("bot-1", &[]).ended(1).saying("a signed identity is required");
}

#[test]
fn a_ticket_is_good_once_for_one_action() {
    let sandbox = Sandbox::empty("work");
    policy(&sandbox);
    let caller = token(&sandbox, &["bot-1", "--roles", "deployer"]);
    let arguments = ["--caller", &caller, "--signing-key", SECRET];
    let decision = json_of(&asked(&sandbox, &arguments).fine());
    let ticket = decision["ticket"]["token"].as_str().expect("a ticket");
    let digest = decision["action_digest"].as_str().expect("a digest");
    let verify = |more: &[&str]| keyed(&sandbox, &[&["ticket", "verify", ticket], more].concat());
    let seen = json_of(&verify(&["--action", "read-metrics", "--target", "dev/jobs"]).fine());
    assert_eq!((&seen["valid"], &seen["reason"]), (&json!(true), &json!("Ticket is valid")));
    assert_eq!(seen["ticket"]["audit_id"], decision["audit_id"]);
    verify(&["--digest", digest, "--caller", "bot-1"]).fine();
    verify(&["--action", "wipe"])
        .ended(1)
        .saying("Action mismatch: ticket is for 'read-metrics', expected 'wipe'");
    verify(&["--target", "prod"]).ended(1).saying("Target mismatch: ticket is for 'dev/jobs'");
    verify(&["--digest", &"0".repeat(64)]).ended(1).saying("Digest mismatch");
    let tries: Vec<_> = (0..6)
        .map(|_| {
            let arguments = ["ticket", "verify", ticket, "--consume", "--signing-key", SECRET];
            let mut command = sandbox.command(SAFERUN);
            command.args(arguments).stdout(Stdio::null()).spawn().expect("it starts")
        })
        .collect();
    let ends = tries.into_iter().map(|mut child| child.wait().expect("it ends").code());
    assert_eq!(ends.filter(|code| *code == Some(0)).count(), 1);
    verify(&["--consume"]).ended(1).saying("Ticket has already been used (replay detected)");
    let events = json_of(&sandbox.saferun(&["audit", "show", "--json", "--last", "7"]).fine());
    let outcome = |event: &Value| event["context"]["outcome"].as_str().map(str::to_owned);
    let outcomes: Vec<_> = events.as_array().into_iter().flatten().filter_map(outcome).collect();
    assert_eq!(outcomes.iter().filter(|one| *one == "ticket used").count(), 1, "{outcomes:?}");
    assert_eq!(outcomes.iter().filter(|one| *one == "ticket refused").count(), 6);
    assert_eq!(events[6]["correlation_id"], decision["audit_id"]);
    // A look at another time gives no ticket.
    let then = asked(&sandbox, &[&arguments[..], &["--at", "2096-01-01T00:00:00Z"]].concat());
    assert_eq!(json_of(&then)["ticket"], Value::Null);
}

#[test]
fn a_delegated_token_is_narrower_and_names_its_chain() {
    let sandbox = Sandbox::empty("work");
    let parent = token(&sandbox, &["orch-1", "--roles", "deployer,reader", "--ttl", "10m"]);
    let create = |more: &[&str]| {
        let fixed = ["delegation", "create", &parent, "--child-id", "w1"];
        keyed(&sandbox, &[&fixed, more].concat())
    };
    let made = json_of(&create(&["--roles", "deployer", "--ttl", "3600"]).fine());
    assert_eq!(made["delegation_chain"][0]["agent_id"], "orch-1");
    assert_eq!((&made["delegation_depth"], &made["roles"]), (&json!(1), &json!(["deployer"])));
    create(&["--roles", "admin"])
        .ended(1)
        .saying("Cannot delegate roles not held by parent: ['admin']");
    create(&["--ttl", "-5"]).ended(2);
    let child = made["token"].as_str().expect("a token");
    let seen = json_of(&keyed(&sandbox, &["delegation", "verify", child]).fine());
    let ends = json_of(&keyed(&sandbox, &["identity", "verify", &parent]).fine());
    assert_eq!(seen["expires_at"], ends["expires_at"], "a child outlives nobody");
    let text = ["delegation", "verify", child, "--signing-key", SECRET];
    sandbox.saferun(&text).fine().saying("delegated: w1").saying("orch-1 (deployer, reader)");
    let bad = keyed(&sandbox, &["delegation", "verify", "x"]).ended(1);
    assert_eq!(
        json_of(&bad),
        json!({"valid": false, "reason": "Invalid token: Not enough segments"})
    );
    policy(&sandbox);
    let run = asked(&sandbox, &["--caller", child, "--signing-key", SECRET]).fine();
    assert_eq!(json_of(&run)["caller"]["delegation"][0]["id"], "orch-1");
}

#[test]
fn keys_come_from_a_file_the_environment_or_the_account() {
    let mut sandbox = Sandbox::empty("work");
    let verify = |sandbox: &Sandbox, token: &str, more: &[&str]| {
        sandbox.saferun(&[&["identity", "verify", token], more].concat())
    };
    let plain = token(&sandbox, &["bot"]);
    verify(&sandbox, &plain, &[]).ended(2).saying("there is no signing key").saying("@FILE");
    sandbox.write("key", format!("{SECRET}\n"));
    verify(&sandbox, &plain, &["--signing-key", "@key"]).fine().saying("direct: bot");
    verify(&sandbox, &plain, &["--signing-key", "@none"]).ended(4).saying("`none`");
    sandbox.set("SAFERUN_SIGNING_KEY", "@key");
    verify(&sandbox, &plain, &[]).fine();
    sandbox.unset("SAFERUN_SIGNING_KEY");
    sandbox.write("pair", sandbox.saferun(&["identity", "new-key"]).fine().out);
    let by_pair = ["identity", "create", "bot", "--json", "--signing-key", "@pair"];
    let by_pair = json_of(&sandbox.saferun(&by_pair).fine());
    assert_eq!(by_pair["algorithm"], "EdDSA");
    let by_pair = by_pair["token"].as_str().expect("a token");
    verify(&sandbox, by_pair, &["--signing-key", "@pair"]).fine();
    verify(&sandbox, by_pair, &["--signing-key", "@key"])
        .ended(1)
        .saying("The specified alg value is not allowed");
    // The account's own keys are a person's to use.
    sandbox.saferun(&["identity", "create", "admin"]).ended(1).saying("an agent can't");
    sandbox.saferun(&["identity", "rotate"]).ended(1);
    let made = sandbox.by_person(&["identity", "create", "bot", "--roles", "deployer"]).fine().out;
    let made = made.trim_end();
    verify(&sandbox, made, &[]).fine().saying("deployer");
    verify(&sandbox, &plain, &[]).ended(1).saying("The specified alg value is not allowed");
    // The public halves are enough to verify with, and for nothing else.
    let public = sandbox.saferun(&["identity", "keys", "--json"]).fine().not_saying("\"d\"").out;
    sandbox.write("public.json", public);
    verify(&sandbox, made, &["--signing-key", "@public.json"]).fine();
    sandbox
        .saferun(&["identity", "create", "bot", "--signing-key", "@public.json"])
        .ended(2)
        .saying("can't sign");
    sandbox.by_person(&["identity", "rotate"]).fine();
    verify(&sandbox, made, &[]).fine();
    assert_eq!(sandbox.saferun(&["identity", "keys"]).fine().out.lines().count(), 2);
    sandbox.by_person(&["identity", "rotate", "--revoke"]).fine();
    verify(&sandbox, made, &[]).ended(1).saying("The key that the token names is unknown");
}

#[test]
fn the_accounts_keys_sign_nothing_by_policies_that_an_agent_chose() {
    let sandbox = Sandbox::empty("work");
    policy(&sandbox);
    let made = sandbox.by_person(&["identity", "create", "bot", "--roles", "deployer"]).fine().out;
    let by_agent = json_of(&asked(&sandbox, &["--caller", made.trim_end()]).fine());
    assert_eq!((&by_agent["caller"]["id"], &by_agent["ticket"]), (&json!("bot"), &Value::Null));
    let all = check(&["--caller", made.trim_end()]);
    let by_person = sandbox.by_person(&all.iter().map(String::as_str).collect::<Vec<_>>()).fine();
    assert!(json_of(&by_person)["ticket"]["token"].is_string());
    let without_files = ["check", "git.force-push", "-t", "github.com/a/b#refs/heads/x", "--json"];
    assert!(json_of(&sandbox.saferun(&without_files).fine())["ticket"]["token"].is_string());
}
