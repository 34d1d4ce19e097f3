//! Configuration given on the command line or in the environment: the ways
//! around the hooks that no hook can see.
//!
//! git reads `GIT_CONFIG_COUNT`/`KEY`/`VALUE`, then `GIT_CONFIG_PARAMETERS`
//! (which is how it hands `-c` on to its children), then its own `-c` and
//! `--config-env`; the last one wins. Keys are case-insensitive.

use super::Invocation;
use crate::command::Classification;
use crate::command::intent::Intent;
use crate::command::line::Scope;
use crate::command::pack::GIT;

/// Switches of hook managers, and the value that turns their hooks off.
const SWITCHES: &[(&str, &[&str])] = &[
    ("HUSKY", &["0"]),
    ("HUSKY_SKIP_HOOKS", &["1", "true"]),
    ("LEFTHOOK", &["0", "false"]),
    ("OVERCOMMIT_DISABLE", &["1"]),
];

/// All overrides in the order in which git reads them.
pub(super) fn collect(invocation: &Invocation, scope: &Scope) -> Vec<(String, String)> {
    let mut found = Vec::new();
    let count = scope.env("GIT_CONFIG_COUNT").and_then(|count| count.trim().parse::<usize>().ok());
    for index in 0..count.unwrap_or(0) {
        // git refuses to run where one is missing.
        let Some(key) = scope.env(&format!("GIT_CONFIG_KEY_{index}")) else { break };
        let value = scope.env(&format!("GIT_CONFIG_VALUE_{index}")).unwrap_or_default();
        found.push((key, value));
    }
    if let Some(parameters) = scope.env("GIT_CONFIG_PARAMETERS") {
        found.extend(quoted_pairs(&parameters));
    }
    found.extend(invocation.config.iter().cloned());
    for (key, variable) in &invocation.config_env {
        found.push((key.clone(), scope.env(variable).unwrap_or_default()));
    }
    found
}

/// Those that take more configuration from other files, as `key=value`.
pub(super) fn includes(overrides: &[(String, String)]) -> Vec<String> {
    let includes = |key: &str| key.get(..7).is_some_and(|s| s.eq_ignore_ascii_case("include"));
    let found = overrides.iter().filter(|(key, _)| includes(key));
    found.map(|(key, value)| format!("{key}={value}")).collect()
}

/// The pairs in `GIT_CONFIG_PARAMETERS`: `'key=value'` or `'key'='value'`.
fn quoted_pairs(text: &str) -> Vec<(String, String)> {
    let pair = |word: String| {
        let (key, value) = word.split_once('=').unwrap_or((word.as_str(), "true"));
        (key.to_owned(), value.to_owned())
    };
    crate::command::parse::words(text).into_iter().map(pair).collect()
}

/// Records overrides that start a program, and notes those that move hooks.
pub(super) fn report(
    words: &[String],
    invocation: &Invocation,
    overrides: &[(String, String)],
    scope: &Scope,
    seen: &mut Classification,
) {
    seen.hooks_redirected |= overrides.iter().any(|(key, _)| moves_hooks(key));
    let typed = invocation.config.len() + invocation.config_env.len();
    let inherited = overrides.len().saturating_sub(typed);
    for (index, (key, value)) in overrides.iter().enumerate() {
        // What the environment holds beyond hooks was there before this command.
        let from_environment = index < inherited && scope.assigned.is_empty();
        for entry in GIT.config.iter().filter(|entry| entry.is_about(key, value)) {
            let about_hooks = entry.operation == "git.hooks-path";
            let alias = key.get(..6).is_some_and(|start| start.eq_ignore_ascii_case("alias."));
            if !about_hooks && !from_environment && !alias {
                let intent = Intent::new(&entry.operation, &entry.message)
                    .param("key", key.to_ascii_lowercase())
                    .param("value", value.as_str());
                scope.report(seen, intent, words);
            }
        }
    }
}

/// Records that a command which runs hooks runs others, or none.
pub(super) fn report_hooks_off(
    words: &[String],
    command: &str,
    overrides: &[(String, String)],
    scope: &Scope,
    seen: &mut Classification,
) {
    if !GIT.runs_hooks.iter().any(|name| name == command) {
        return;
    }
    for (key, value) in overrides.iter().filter(|(key, _)| moves_hooks(key)) {
        let entry = GIT.config.iter().find(|entry| entry.names(key));
        let message = entry.map_or("replaces the hooks", |entry| entry.message.as_str());
        let intent = Intent::new("git.hooks-path", message)
            .param("key", key.to_ascii_lowercase())
            .param("value", value.as_str())
            .instead(&format!("git {command}"));
        scope.report(seen, intent, words);
    }
    for (name, off) in SWITCHES {
        let value = scope.env(name);
        if value.is_some_and(|value| off.contains(&value.as_str())) {
            let intent = Intent::new("git.hooks-path", "a variable switches the hook manager off")
                .param("variable", *name);
            scope.report(seen, intent, words);
        }
    }
    seen.runs_hooks = true;
    if let Some(file) = scope.assigned.get("GIT_CONFIG_GLOBAL") {
        let message =
            "takes the user's configuration from another file, which may switch hooks off";
        let intent = Intent::new("git.hooks-path", message).param("value", file.as_str());
        scope.report(seen, intent, words);
    }
}

fn moves_hooks(key: &str) -> bool {
    GIT.config
        .iter()
        .any(|entry| (entry.operation == "git.hooks-path" || entry.hides_hooks) && entry.names(key))
}
