//! From a resolved command to the rules that judge it.

use super::invocation::{Invocation, Word};
use super::resolve::base_name;
use super::scope::Scope;
use super::{Classification, gh, git, packs};

/// Puts what `command` would do on record; how much that is.
pub(super) fn judge(command: Invocation, scope: &Scope, seen: &mut Classification) -> usize {
    let before = seen.count();
    let name = command.words.first().and_then(Word::literal).map(base_name).unwrap_or_default();
    let lower = name.to_ascii_lowercase();
    match lower.as_str() {
        "git" => git::command(&typed(&command, name), &around(&command, scope), seen),
        "gh" => gh::command(&typed(&command, name), &around(&command, scope), seen),
        // `git-push` in git's own directory of programs is `git push`.
        _ if lower.strip_prefix("git-").is_some_and(|sub| !sub.is_empty()) => {
            let mut words = typed(&command, name);
            let sub = lower.trim_start_matches("git-").to_owned();
            words.splice(..1, ["git".to_owned(), sub]);
            git::command(&words, &around(&command, scope), seen);
        }
        _ => {}
    }
    for intent in packs::judge(&command, scope.lookup) {
        let argv: Vec<String> = command.words.iter().map(Word::to_string).collect();
        scope.report(seen, intent, &argv);
    }
    seen.commands.push(command);
    seen.count() - before
}

/// The command's surroundings as git's and gh's own rules want them.
fn around<'a>(command: &Invocation, scope: &Scope<'a>) -> Scope<'a> {
    let mut around = scope.clone();
    around.dynamic = command.words.iter().any(Word::is_dynamic);
    around.moved |= command.directory.is_some() || !command.through.is_empty();
    around.through.clone_from(&command.through);
    for (name, value) in &command.environment {
        around.assigned.insert(name.clone(), value.to_string());
    }
    around
}

/// The words as typed. A command in capitals is read as a person meant it,
/// since some file systems find it.
fn typed(command: &Invocation, name: &str) -> Vec<String> {
    let words = command.words.iter().map(Word::to_string);
    if !name.starts_with(|c: char| c.is_ascii_uppercase()) {
        return words.collect();
    }
    let mut operand = false;
    words
        .map(|word| {
            let is_option = word.starts_with("--");
            let lowers = is_option || !operand;
            operand |= !is_option && !word.eq_ignore_ascii_case(name);
            if lowers { word.to_ascii_lowercase() } else { word }
        })
        .collect()
}
