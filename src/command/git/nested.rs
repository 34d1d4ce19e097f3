//! Lines that git itself runs: `rebase --exec`, `bisect run`,
//! `submodule foreach`, the filters of `filter-branch`.
//!
//! git finds its own program there, never a shim: these lines are looked at
//! now or not at all.

use super::Call;
use crate::command::Classification;
use crate::command::line::{self, Scope};

/// Options of `filter-branch` that hold a line of shell.
const FILTERS: &[&str] = &[
    "setup",
    "env-filter",
    "tree-filter",
    "index-filter",
    "parent-filter",
    "msg-filter",
    "commit-filter",
    "tag-name-filter",
];

/// Classifies the lines in `call`. The tests that `rebase --exec` and
/// `bisect run` usually start are not unknown, they are just not git.
pub(super) fn classify(call: &Call, scope: &Scope, seen: &mut Classification) {
    let mut inner = scope.inner();
    inner.lenient = call.command != "submodule foreach";
    let options: &[&str] = match call.command {
        "rebase" => &["exec"],
        "difftool" => &["extcmd"],
        "grep" => &["open-files-in-pager"],
        "send-email" => &["sendmail-cmd", "to-cmd", "cc-cmd", "header-cmd"],
        "for-each-repo" => return in_each(call, &inner, seen),
        "filter-branch" => FILTERS,
        _ => return words_behind(call, &inner, seen),
    };
    for text in options.iter().flat_map(|name| call.parsed.values(name)) {
        line::line(text, &inner, seen);
    }
}

/// git runs itself with these words in each repository.
fn in_each(call: &Call, scope: &Scope, seen: &mut Classification) {
    let mut words = vec!["git".to_owned()];
    words.extend(call.parsed.operands.iter().cloned());
    let start = call.args.iter().position(|word| call.parsed.operands.first() == Some(word));
    let rest = start.and_then(|at| call.args.get(at + 1..)).unwrap_or_default();
    words.splice(2.min(words.len()).., rest.iter().cloned());
    let mut elsewhere = scope.inner();
    elsewhere.in_shell = true;
    elsewhere.moved = true;
    line::simple_command(&words, &elsewhere, seen);
}

/// One word is a line of shell, several are a command.
fn words_behind(call: &Call, scope: &Scope, seen: &mut Classification) {
    let start = call.args.iter().position(|word| !word.starts_with('-'));
    match call.args.get(start.unwrap_or(call.args.len())..).unwrap_or_default() {
        [only] => line::line(only, scope, seen),
        words => line::simple_command(words, scope, seen),
    }
}
