//! `git branch`: deleting, and moving what is there.

use super::Call;
use crate::command::Classification;
use crate::command::intent::Intent;
use crate::command::line::Scope;

/// Classifies a `git branch`.
pub(super) fn classify(call: &Call, scope: &Scope, seen: &mut Classification) {
    let parsed = &call.parsed;
    let force = parsed.has("force");
    let prefix = if parsed.has("remotes") { "refs/remotes/" } else { "refs/heads/" };
    if parsed.has("D") || (parsed.has("delete") && force) {
        for name in &parsed.operands {
            let message = "deletes a branch even where its commits are nowhere else";
            let intent =
                Intent::new("git.branch.force-delete", message).on(format!("{prefix}{name}"));
            call.report(scope, seen, intent.instead("git branch -d"));
        }
    } else if parsed.has("delete") {
        for name in &parsed.operands {
            let message = "deletes a branch whose commits are elsewhere too";
            let intent = Intent::new("git.branch.delete", message).on(format!("{prefix}{name}"));
            call.report(scope, seen, intent);
        }
    } else if moves(call) || (force && !lists(call)) {
        let target = match parsed.operands.as_slice() {
            [only] => only,
            [first, second, ..] if moves(call) => {
                rename_source(call, scope, first, seen);
                second
            }
            [first, ..] => first,
            [] => return,
        };
        let message = "makes a branch that exists point elsewhere";
        let intent =
            Intent::new("git.branch.force-move", message).on(format!("refs/heads/{target}"));
        call.report(scope, seen, intent);
    }
}

/// `-M`, `-C`, and `-m` or `-c` with `--force`.
fn moves(call: &Call) -> bool {
    let parsed = &call.parsed;
    let forced = parsed.has("force") && (parsed.has("move") || parsed.has("copy"));
    parsed.has("M") || parsed.has("C") || forced
}

fn lists(call: &Call) -> bool {
    call.parsed.has("list") || call.parsed.operands.is_empty()
}

/// A renamed branch is gone under its old name.
fn rename_source(call: &Call, scope: &Scope, old: &str, seen: &mut Classification) {
    if call.parsed.has("M") || call.parsed.has("move") {
        let message = "renames a branch over any that has the new name";
        let intent = Intent::new("git.branch.force-move", message).on(format!("refs/heads/{old}"));
        call.report(scope, seen, intent);
    }
}
