//! Programs that git starts by configuration or by a variable: what a line in
//! them would do with git. git finds its own program there, never a shim.

use super::Invocation;
use crate::command::Classification;
use crate::command::intent::Intent;
use crate::command::line::{self, Scope};
use crate::command::pack::GIT;

/// Variables that hold a line of shell, and the key each stands for.
const VARIABLES: &[(&str, &str)] = &[
    ("GIT_EDITOR", "core.editor"),
    ("VISUAL", "core.editor"),
    ("EDITOR", "core.editor"),
    ("GIT_SEQUENCE_EDITOR", "sequence.editor"),
    ("GIT_PAGER", "core.pager"),
    ("PAGER", "core.pager"),
    ("GIT_SSH_COMMAND", "core.sshcommand"),
    ("GIT_SSH", "core.sshcommand"),
    ("GIT_ASKPASS", "core.askpass"),
    ("SSH_ASKPASS", "core.askpass"),
    ("GIT_EXTERNAL_DIFF", "diff.external"),
    ("GIT_PROXY_COMMAND", "core.gitproxy"),
];

/// Records variables in front of the command and `--exec-path`, and what the
/// lines in programs of any source would do.
pub(super) fn report(
    words: &[String],
    invocation: &Invocation,
    overrides: &[(String, String)],
    scope: &Scope,
    seen: &mut Classification,
) {
    let typed = |name: &str| scope.assigned.get(name);
    for (name, key) in VARIABLES {
        let Some(value) = scope.env(name) else { continue };
        carried(&value, scope, seen);
        let about = |value: &String| GIT.config.iter().any(|entry| entry.is_about(key, value));
        if typed(name).is_some_and(about) {
            let intent = Intent::new("git.config.exec", "a variable starts a program");
            scope.report(seen, intent.param("variable", *name).param("value", value), words);
        }
    }
    for (key, value) in overrides {
        let starts = |entry: &crate::command::pack::ConfigKey| {
            entry.operation == "git.config.exec" && entry.names(key)
        };
        if !key.to_ascii_lowercase().starts_with("alias.") && GIT.config.iter().any(starts) {
            carried(value.trim_start_matches('!'), scope, seen);
        }
    }
    for url in invocation.rest.iter().filter_map(|word| word.strip_prefix("ext::")) {
        carried(url, scope, seen);
        let intent = Intent::new("git.config.exec", "an address that starts a program");
        scope.report(seen, intent.param("value", url), words);
    }
    if let Some(path) = invocation.exec_path.as_ref().or_else(|| typed("GIT_EXEC_PATH")) {
        let message = "takes git's own programs from another directory";
        let intent = Intent::new("git.config.exec", message).param("value", path.as_str());
        scope.report(seen, intent, words);
    }
}

/// Takes over the operations in a program's line; whatever else it does is the
/// program's own business.
fn carried(text: &str, scope: &Scope, seen: &mut Classification) {
    if !text.contains([' ', '/']) {
        return;
    }
    let mut inside = Classification::default();
    let mut inner = scope.inner();
    inner.lenient = true;
    inner.in_shell = true;
    inner.moved = true;
    // The variables that brought us here count inside as well; once is enough.
    inner.assigned.extend(VARIABLES.iter().map(|(name, _)| ((*name).to_owned(), String::new())));
    line::line(text, &inner, &mut inside);
    for intent in inside.intents {
        seen.push(intent);
    }
}

/// Whether this is a `git grep` that opens what it finds with a program.
pub(super) fn grep_opens(name: &str, args: &[String]) -> bool {
    let opens = |word: &String| {
        word.starts_with("--op")
            || (word.starts_with('-') && word.get(1..2) != Some("-") && word.contains('O'))
    };
    name == "grep" && args.iter().take_while(|word| *word != "--").any(opens)
}
