//! git: global options, aliases, then the command itself.
//!
//! In: `git` and its words. Out: operations. What a rule in
//! `rules/commands/git.toml` can say is said there; refspecs, branches,
//! checkouts, configuration and nested lines have files of their own.

mod alias;
mod branch;
mod checkout;
mod config;
mod global;
mod nested;
mod overrides;
mod programs;
mod push;
mod refspec;

use super::Classification;
use super::intent::Intent;
use super::line::Scope;
use super::options::{Parsed, Style};
use super::pack::{GIT, HARMLESS, Rule};
use global::Invocation;
pub use global::{global_words, place};

/// One git command, taken apart.
struct Call<'a> {
    /// All its words, for the record.
    words: &'a [String],
    place: &'a super::Place,
    /// Configuration given on the command line and in the environment.
    overrides: &'a [(String, String)],
    /// Name in the pack: `push`, `stash drop`.
    command: &'a str,
    /// What follows the command.
    args: &'a [String],
    parsed: Parsed,
}

impl Call<'_> {
    /// The value git would see for a key: overrides first, then its files.
    fn config(&self, scope: &Scope, key: &str) -> Vec<String> {
        let mut values = scope.config(self.place, key);
        let given = self.overrides.iter().filter(|(name, _)| name.eq_ignore_ascii_case(key));
        values.extend(given.map(|(_, value)| value.clone()));
        values
    }

    fn config_is(&self, scope: &Scope, key: &str, wanted: bool) -> bool {
        let words = if wanted { ["true", "yes", "on", "1"] } else { ["false", "no", "off", "0"] };
        self.config(scope, key)
            .last()
            .is_some_and(|value| words.contains(&value.to_ascii_lowercase().as_str()))
    }

    fn report(&self, scope: &Scope, seen: &mut Classification, intent: Intent) {
        scope.report(seen, intent, self.words);
    }
}

/// Classifies `words`, which begin with `git`.
pub(super) fn command(words: &[String], scope: &Scope, seen: &mut Classification) {
    let mut invocation = global::parse(words.get(1..).unwrap_or_default());
    if invocation.rest.is_empty() {
        return;
    }
    invocation.place_from(&scope.assigned);
    let overrides = overrides::collect(&invocation, scope);
    invocation.place.includes = overrides::includes(&overrides);
    overrides::report(words, &invocation, &overrides, scope, seen);
    programs::report(words, &invocation, &overrides, scope, seen);
    let Some((name, args)) = invocation.rest.split_first() else { return };
    if HARMLESS.git.contains(name) && !programs::grep_opens(name, args) {
        return;
    }
    if !is_known(name) {
        return alias::expand(words, &invocation, &overrides, scope, seen);
    }
    overrides::report_hooks_off(words, name, &overrides, scope, seen);
    let (command, args) = with_verb(name, args);
    let parsed = GIT.parse(&command, Style::Git, args);
    let sole_h = args.len() == 1 && args.first().is_some_and(|word| word == "-h");
    if parsed.asks_for_help() || sole_h {
        return;
    }
    let call = Call {
        words,
        place: &invocation.place,
        overrides: &overrides,
        command: &command,
        args,
        parsed,
    };
    let open = |word: &String| is_open(word) && (word != LISTED || name == "push");
    if scope.dynamic && call.parsed.operands.iter().any(open) {
        seen.unresolved(format!("`git {command}` with words known only when it runs"));
    }
    structured(&call, scope, seen);
    for rule in GIT.rules_for(&command).filter(|rule| rule.holds(&call.parsed)) {
        by_rule(rule, &call, scope, seen);
    }
}

/// What `xargs` puts behind a command: names, as a rule.
const LISTED: &str = "$(cat)";

/// Whether a word's beginning, and so whether it is an option, is open.
fn is_open(word: &str) -> bool {
    word.starts_with(['$', '`'])
}

/// Whether git has this command itself, so that no alias can take its place.
fn is_known(name: &str) -> bool {
    let grouped = GIT.groups.contains_key(name);
    grouped || GIT.commands.contains_key(name)
}

/// `stash drop` and its arguments for `stash`, `drop …`.
fn with_verb<'a>(name: &str, args: &'a [String]) -> (String, &'a [String]) {
    let Some(default) = GIT.groups.get(name) else { return (name.to_owned(), args) };
    match args.iter().position(|word| !word.starts_with('-')) {
        Some(at) => {
            let verb = args.get(at).map_or("", String::as_str);
            (format!("{name} {verb}"), args.get(at + 1..).unwrap_or_default())
        }
        None => (format!("{name} {default}"), args),
    }
}

/// What rules cannot say.
fn structured(call: &Call, scope: &Scope, seen: &mut Classification) {
    match call.command {
        "push" | "send-pack" | "http-push" => push::classify(call, scope, seen),
        "branch" => branch::classify(call, scope, seen),
        "checkout" => checkout::checkout(call, scope, seen),
        "switch" => checkout::switch(call, scope, seen),
        "restore" => checkout::restore(call, scope, seen),
        "config" => config::classify(call, scope, seen),
        "clone" => config::clone(call, scope, seen),
        "rebase" | "bisect run" | "submodule foreach" | "filter-branch" | "for-each-repo"
        | "difftool" | "grep" | "merge-index" | "send-email" => {
            nested::classify(call, scope, seen);
        }
        "clean" => clean_by_configuration(call, scope, seen),
        _ => {}
    }
}

/// `clean` needs no `--force` where the configuration says so.
fn clean_by_configuration(call: &Call, scope: &Scope, seen: &mut Classification) {
    let asked = ["force", "dry-run", "interactive"].iter().any(|name| call.parsed.has(name));
    if !asked && call.config_is(scope, "clean.requireforce", false) {
        let message = "deletes untracked files: `clean.requireForce` is off";
        let ignored = call.parsed.has("x") || call.parsed.has("X");
        let intent = Intent::new("git.clean", message)
            .instead("git clean --dry-run")
            .param("ignored", ignored);
        call.report(scope, seen, intent);
    }
}

fn by_rule(rule: &Rule, call: &Call, scope: &Scope, seen: &mut Classification) {
    let base = || {
        let intent = Intent::new(&rule.operation, &rule.message).instead(&rule.redirect);
        match rule.signal.as_str() {
            "" => intent,
            "ignored_files" => intent.signal("ignored_files", &rule.message).param("ignored", true),
            signal => intent.signal(signal, &rule.message),
        }
        .param("options", options_text(&call.parsed))
    };
    match rule.target.as_deref() {
        Some(prefix) if !call.parsed.operands.is_empty() => {
            for operand in &call.parsed.operands {
                call.report(scope, seen, base().on(format!("{prefix}{operand}")));
            }
        }
        _ => {
            let operands = call.parsed.operands.join(" ");
            call.report(scope, seen, base().param("operands", operands));
        }
    }
}

/// The options in effect, in a form that does not depend on their spelling.
fn options_text(parsed: &Parsed) -> String {
    let mut names: Vec<String> = parsed
        .flags
        .iter()
        .filter(|flag| flag.value.is_none())
        .map(|flag| if flag.on { flag.name.clone() } else { format!("no-{}", flag.name) })
        .collect();
    names.sort();
    names.dedup();
    names.join(" ")
}
