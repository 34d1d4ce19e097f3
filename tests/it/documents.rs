//! The documents name everything that there is: settings, variables, routes,
//! subcommands.

use std::fs;
use std::path::Path;
use std::process::Command;

use serde_json::Value;

const ROOT: &str = env!("CARGO_MANIFEST_DIR");

fn read(name: &str) -> String {
    fs::read_to_string(Path::new(ROOT).join(name)).expect(name)
}

fn saferun(arguments: &[&str]) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_saferun"))
        .args(arguments)
        .current_dir(ROOT)
        .output()
        .expect("saferun");
    String::from_utf8_lossy(&output.stdout).into_owned()
}

/// What stands in quotes after each `before`.
fn quoted(text: &str, before: &str) -> Vec<String> {
    let parts = text.split(before).skip(1);
    parts.filter_map(|part| part.split('"').nth(1)).map(str::to_owned).collect()
}

fn assert_names(document: &str, names: &[String], least: usize) {
    let text = read(document);
    assert!(names.len() >= least, "only {names:?} were found");
    let missing: Vec<_> = names.iter().filter(|name| !text.contains(&format!("`{name}"))).collect();
    assert!(missing.is_empty(), "{document} does not name {missing:?}");
}

#[test]
fn every_setting_is_documented() {
    let shown: Value = serde_json::from_str(&saferun(&["config", "show", "--json"])).expect("JSON");
    let keys: Vec<String> = shown.as_object().expect("an object").keys().cloned().collect();
    assert_names("docs/configuration.md", &keys, 8);
}

#[test]
fn every_variable_is_documented() {
    let names = quoted(&read("src/config/env.rs"), "pub const ");
    assert_names("docs/configuration.md", &names, 8);
}

#[test]
fn every_route_is_documented() {
    let routes = quoted(&read("src/gateway/router.rs"), ".route(");
    let api = routes.into_iter().filter(|route| route.starts_with("/v1") || route.ends_with("yz"));
    let text = read("docs/gateway.md");
    let missing: Vec<_> = api.filter(|route| !text.contains(&format!(" {route}`"))).collect();
    assert!(missing.is_empty(), "docs/gateway.md does not name {missing:?}");
}

#[test]
fn every_link_between_documents_leads_somewhere() {
    let documents = [
        "README.md",
        "CONTRIBUTING.md",
        "docs/agent-safe.md",
        "docs/agents.md",
        "docs/architecture.md",
        "docs/benchmarks.md",
        "docs/configuration.md",
        "docs/gateway.md",
        "docs/identity.md",
        "docs/policies.md",
        "docs/trust.md",
    ];
    for document in documents {
        let folder = Path::new(document).parent().unwrap_or(Path::new(""));
        for link in read(document).split("](").skip(1).filter_map(|rest| rest.split(')').next()) {
            let local = !link.starts_with("http") && !link.starts_with('#');
            let file = Path::new(ROOT).join(folder).join(link.split('#').next().unwrap_or(link));
            assert!(!local || file.exists(), "{document} links to {link}");
        }
    }
}
