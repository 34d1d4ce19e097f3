//! `git config` (and `clone -c`): writing a key that switches hooks off or
//! starts a program.

use super::Call;
use crate::command::Classification;
use crate::command::intent::Intent;
use crate::command::line::Scope;
use crate::command::pack::GIT;

/// The verbs of git 2.46 and later that write.
const WRITES: &[&str] = &["set", "unset"];
/// The verbs that only read, or that leave writing to an editor.
const READS: &[&str] = &["list", "get", "edit"];

/// Classifies a `git config`.
pub(super) fn classify(call: &Call, scope: &Scope, seen: &mut Classification) {
    let parsed = &call.parsed;
    let reads = [
        "get",
        "get-all",
        "get-regexp",
        "get-urlmatch",
        "list",
        "edit",
        "get-color",
        "get-colorbool",
    ];
    if reads.iter().any(|name| parsed.has(name)) {
        return;
    }
    let (verb, operands) = match parsed.operands.split_first() {
        Some((verb, _)) if READS.contains(&verb.as_str()) => return,
        Some((verb, rest)) if WRITES.contains(&verb.as_str()) => (verb.as_str(), rest),
        _ => ("", parsed.operands.as_slice()),
    };
    let section_verb = matches!(
        parsed.operands.first().map(String::as_str),
        Some("remove-section" | "rename-section")
    );
    if section_verb || parsed.has("remove-section") || parsed.has("rename-section") {
        return section(call, scope, seen);
    }
    let unset = verb == "unset" || parsed.has("unset") || parsed.has("unset-all");
    match operands {
        [key, ..] if unset => report(call, key, "", true, scope, seen),
        [key, value, ..] => report(call, key, value, false, scope, seen),
        _ => {}
    }
}

/// `clone -c key=value` writes the key into the new repository.
pub(super) fn clone(call: &Call, scope: &Scope, seen: &mut Classification) {
    for pair in call.parsed.values("config") {
        let (key, value) = pair.split_once('=').unwrap_or((pair, "true"));
        report(call, key, value, false, scope, seen);
    }
}

fn report(
    call: &Call,
    key: &str,
    value: &str,
    unset: bool,
    scope: &Scope,
    seen: &mut Classification,
) {
    let about = |entry: &&crate::command::pack::ConfigKey| {
        if unset {
            entry.names(key) && entry.operation == "git.hooks-path"
        } else {
            entry.is_about(key, value)
        }
    };
    for entry in GIT.config.iter().filter(about) {
        let intent = Intent::new(&entry.operation, &entry.message)
            .param("key", key.to_ascii_lowercase())
            .param("value", value)
            .signal("persistent", "stays in effect for later commands");
        call.report(scope, seen, intent);
    }
}

/// Removing or renaming `core` or a hook's section takes its hooks along.
fn section(call: &Call, scope: &Scope, seen: &mut Classification) {
    let gone = call.parsed.operands.iter().map(|name| name.to_ascii_lowercase());
    if gone.into_iter().any(|name| name == "core" || name.starts_with("hook")) {
        let intent = Intent::new("git.hooks-path", "removes configuration that names the hooks")
            .signal("persistent", "stays in effect for later commands");
        call.report(scope, seen, intent);
    }
}
