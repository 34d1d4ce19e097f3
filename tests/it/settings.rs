//! Settings: where they come from, what may loosen what, and what is said
//! about mistakes.

use crate::support::sandbox::{Sandbox, write_file};

fn user(sandbox: &Sandbox, text: &str) {
    write_file(&sandbox.root.join("home/config/saferun/config.toml"), text.as_bytes(), 0o644);
}

fn committed(sandbox: &Sandbox, text: &str) {
    sandbox.write(".saferun.toml", text);
    sandbox.commit_unguarded("settings");
}

#[test]
fn a_mistake_is_named_with_file_line_and_what_was_meant() {
    for (text, said) in [
        ("preset = \"standard\"\n[git]\nprotected_brances = []\n", "line 3, column 1"),
        (
            "preset = \"standard\"\n[git]\nprotected_brances = []\n",
            "did you mean `protected_branches`?",
        ),
        ("preset = \"strikt\"\n", "did you mean `strict`?"),
        ("preset = \n", "line 1"),
        ("preset = 3\n", "line 1"),
        ("[approval]\ntimeout = \"soon\"\n", "it is a time such as"),
        ("[approval]\ntimeout = \"99999999999h\"\n", "at most `24h`"),
        ("[approval]\ntimeout = \"-5m\"\n", "it is a time such as"),
        ("[scan]\nconfidence = \"certain\"\n", "`high`, `medium` or `low`"),
        ("[[policy.rules]]\nname = \"x\"\n", "policy.rules"),
        ("[[policy.rules]]\nname = \"x\"\ndecision = \"deni\"\nreason = \"y\"\n", "policy.rules"),
    ] {
        let sandbox = Sandbox::guarded();
        committed(&sandbox, text);
        for command in [&["config", "show"][..], &["hook", "pre-commit"], &["status"]] {
            sandbox.by_person(command).ended(2).saying("HEAD:.saferun.toml").saying(said);
        }
        sandbox.by_person(&["doctor"]).ended(1).saying(said);
        let sandbox = Sandbox::guarded();
        user(&sandbox, text);
        sandbox.by_person(&["config", "show"]).ended(2).saying("config.toml").saying(said);
    }
}

#[test]
fn a_broken_committed_file_blocks_until_it_is_mended() {
    let sandbox = Sandbox::guarded();
    committed(&sandbox, "preset = [\n");
    sandbox.stage("a", "a\n");
    sandbox.commit("x").ended(1).saying("HEAD:.saferun.toml");
    committed(&sandbox, "preset = \"standard\"\n");
    sandbox.stage("b", "b\n");
    sandbox.commit("x").fine();
}

#[test]
fn the_repository_tightens_and_never_loosens() {
    for (above, here, shown) in [
        ("preset = \"strict\"\n", "preset = \"relaxed\"\n", "preset = \"strict\""),
        ("preset = \"relaxed\"\n", "preset = \"strict\"\n", "preset = \"strict\""),
        (
            "[scan]\nconfidence = \"low\"\n",
            "[scan]\nconfidence = \"high\"\n",
            "scan.confidence = \"low\"",
        ),
        (
            "[scan]\nconfidence = \"high\"\n",
            "[scan]\nconfidence = \"low\"\n",
            "scan.confidence = \"low\"",
        ),
        (
            "[git]\nprotected_branches = [\"a\"]\n",
            "[git]\nprotected_branches = [\"b\"]\n",
            "[\"b\",\"a\"]",
        ),
        (
            "[git]\nprotected_tags = [\"a\"]\n",
            "[git]\nprotected_tags = []\n",
            "protected_tags = [\"a\"]",
        ),
        (
            "[gateway]\nurl = \"http://above\"\n",
            "[gateway]\nurl = \"http://here\"\n",
            "http://above",
        ),
        (
            "[identity]\nrequire_signed = true\n",
            "[identity]\nrequire_signed = false\n",
            "identity.require_signed = true",
        ),
        ("[undo]\nkeep_days = 30\n", "[undo]\nkeep_days = 0\n", "undo.keep_days = 30"),
    ] {
        let sandbox = Sandbox::guarded();
        user(&sandbox, above);
        committed(&sandbox, here);
        sandbox.by_person(&["config", "show"]).fine().saying(shown);
    }
}

#[test]
fn a_rule_of_the_user_stands_whatever_the_repository_says() {
    let sandbox = Sandbox::guarded();
    user(
        &sandbox,
        "[[policy.rules]]\nname = \"rest\"\nmatch.actions = [\"git.commit\"]\ndecision = \"deny\"\nreason = \"no\"\n",
    );
    committed(
        &sandbox,
        "[[policy.rules]]\nname = \"go\"\npriority = 9999\nmatch.actions = [\"git.commit\"]\ndecision = \"allow\"\nreason = \"yes\"\n",
    );
    sandbox.by_person(&["hook", "pre-commit"]).ended(1).saying("denied by policy");
}

#[test]
fn every_value_tells_its_origin() {
    let mut sandbox = Sandbox::guarded();
    user(&sandbox, "[undo]\nkeep_days = 7\n");
    committed(&sandbox, "preset = \"strict\"\n");
    sandbox.set("SAFERUN_GATEWAY_URL", "http://127.0.0.1:1");
    let out = sandbox.by_person(&["config", "explain"]).fine().out;
    let origin = |key: &str| {
        let mut lines = out.lines().skip_while(|line| !line.starts_with(key)).skip(1);
        lines.next().unwrap_or_default().trim().to_owned()
    };
    assert_eq!(origin("preset"), "`HEAD:.saferun.toml`");
    assert!(origin("undo.keep_days").ends_with("config.toml`"), "{out}");
    assert_eq!(origin("gateway.url"), "environment variable `SAFERUN_GATEWAY_URL`");
    assert_eq!(origin("git.protected_branches"), "built-in default");
}

#[test]
fn another_file_can_stand_for_the_users() {
    let mut sandbox = Sandbox::guarded();
    user(&sandbox, "preset = \"relaxed\"\n");
    let other = sandbox.root.join("other.toml");
    write_file(&other, b"preset = \"strict\"\n", 0o644);
    sandbox.set("SAFERUN_CONFIG", &other);
    sandbox.by_person(&["config", "show"]).fine().saying("preset = \"strict\"");
}

#[test]
fn json_is_one_document_and_nothing_else() {
    let sandbox = Sandbox::guarded();
    for command in [
        &["config", "show", "--json"][..],
        &["status", "--json"],
        &["doctor", "--json"],
        &["undo", "list", "--json"],
        &["history", "--json"],
        &["audit", "show", "--json"],
    ] {
        let run = sandbox.saferun(command);
        assert!(
            serde_json::from_str::<serde_json::Value>(&run.out).is_ok(),
            "{command:?} {run:#?}"
        );
    }
}
