//! What an agent can't do by the environment that it chooses for itself.

use crate::support::sandbox::{SAFERUN, Sandbox};

const WORKFLOW: &str = "on: push\n";

/// The settings that count for whoever runs it.
fn preset(sandbox: &Sandbox) -> String {
    let shown = sandbox.saferun(&["config", "show", "--json"]).fine().out;
    let shown: serde_json::Value = serde_json::from_str(&shown).expect("one document");
    shown["preset"].as_str().unwrap_or_default().to_owned()
}

#[test]
fn settings_that_an_agent_names_only_tighten() {
    let mut sandbox = Sandbox::guarded();
    let file = sandbox.root.join("mine.toml");
    sandbox.set("SAFERUN_CONFIG", &file);
    std::fs::write(&file, "preset = \"relaxed\"\n").expect("a file");
    assert_eq!(preset(&sandbox), "standard");
    sandbox.stage(".github/workflows/ci.yml", WORKFLOW);
    sandbox.commit("workflow").ended(1).saying("git.workflow.update");
    std::fs::write(&file, "preset = \"strict\"\n").expect("a file");
    assert_eq!(preset(&sandbox), "strict");
}

#[test]
fn settings_in_a_home_that_an_agent_makes_up_only_tighten() {
    let sandbox = Sandbox::plain();
    let dir = sandbox.root.join("home/config/saferun");
    std::fs::create_dir_all(&dir).expect("a directory");
    std::fs::write(dir.join("config.toml"), "preset = \"relaxed\"\n").expect("a file");
    assert_eq!(preset(&sandbox), "standard");
    let as_person = sandbox.person_without_terminal(&[SAFERUN, "config", "show"]).fine();
    as_person.saying("preset = \"relaxed\"");
}

#[test]
fn an_agent_neither_logs_in_nor_uninstalls() {
    let sandbox = Sandbox::guarded();
    sandbox
        .saferun(&["login", "http://127.0.0.1:9", "--key", "k"])
        .ended(1)
        .saying("can't choose the gateway");
    sandbox.saferun(&["uninstall"]).ended(3).saying("saferun.uninstall");
    sandbox.saferun(&["doctor"]).saying("pre-commit");
    sandbox.stage(".github/workflows/ci.yml", WORKFLOW);
    sandbox.commit("workflow").ended(1).saying("git.workflow.update");
}
