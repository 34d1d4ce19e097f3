//! `git checkout`, `switch` and `restore`: what discards uncommitted work, and
//! what moves a branch.

use super::Call;
use crate::command::Classification;
use crate::command::intent::Intent;
use crate::command::line::Scope;

const DISCARDS: &str = "discards uncommitted changes";
const MOVES: &str = "makes a branch that exists point elsewhere";

/// Classifies a `git checkout`.
pub(super) fn checkout(call: &Call, scope: &Scope, seen: &mut Classification) {
    let parsed = &call.parsed;
    if let Some(name) = parsed.value("B") {
        let intent = Intent::new("git.branch.force-move", MOVES).on(format!("refs/heads/{name}"));
        call.report(scope, seen, intent);
    }
    if parsed.has("patch") {
        return;
    }
    if parsed.has("force") {
        let intent = Intent::new("git.checkout.discard", DISCARDS).instead("git stash push");
        call.report(scope, seen, intent);
    } else if takes_paths(call, scope) {
        let paths = parsed.operands.get(parsed.separator.unwrap_or(0)..).unwrap_or_default();
        let intent = Intent::new("git.checkout.discard", DISCARDS)
            .param("paths", paths.join(" "))
            .instead("git stash push");
        call.report(scope, seen, intent);
    }
}

/// Whether a checkout is about files, not about a branch.
fn takes_paths(call: &Call, scope: &Scope) -> bool {
    let parsed = &call.parsed;
    if parsed.value("pathspec-from-file").is_some() {
        return true;
    }
    let starts_branch = ["b", "B", "orphan"].iter().any(|name| parsed.value(name).is_some());
    if starts_branch || parsed.has("track") || parsed.has("detach") {
        return false;
    }
    match (parsed.separator, parsed.operands.as_slice()) {
        (Some(before), operands) => operands.len() > before,
        (None, [only]) => is_path(only, call, scope),
        (None, operands) => operands.len() > 1,
    }
}

/// git takes a lone word for a branch first, and for a path when there is none.
fn is_path(word: &str, call: &Call, scope: &Scope) -> bool {
    if word == "."
        || word == "*"
        || word.starts_with("./")
        || word.starts_with("../")
        || word.starts_with(":/")
        || word.starts_with(":(")
    {
        return true;
    }
    let is_ref = ["refs/heads/", "refs/tags/", "refs/remotes/", ""]
        .iter()
        .any(|prefix| scope.lookup.ref_exists(call.place, &format!("{prefix}{word}")));
    !is_ref && scope.lookup.path_exists(call.place, word)
}

/// Classifies what the rules leave of a `git switch`.
pub(super) fn switch(call: &Call, scope: &Scope, seen: &mut Classification) {
    if let Some(name) = call.parsed.value("force-create") {
        let intent = Intent::new("git.branch.force-move", MOVES).on(format!("refs/heads/{name}"));
        call.report(scope, seen, intent);
    }
}

/// Classifies a `git restore`: without `--staged` it writes to the work tree.
pub(super) fn restore(call: &Call, scope: &Scope, seen: &mut Classification) {
    let parsed = &call.parsed;
    let index_only = parsed.has("staged") && !parsed.has("worktree");
    let names_files = !parsed.operands.is_empty() || parsed.value("pathspec-from-file").is_some();
    if names_files && !index_only && !parsed.has("patch") {
        let intent = Intent::new("git.restore.discard", DISCARDS)
            .param("paths", parsed.operands.join(" "))
            .param("source", parsed.value("source").unwrap_or_default())
            .instead("git stash push");
        call.report(scope, seen, intent);
    }
}
