//! Whether a rule holds for a command. Every condition that a rule names must.

use super::command::Command;
use super::schema::Rule;
use crate::action::glob_match;
use crate::command::intent::Intent;
use crate::command::invocation::Input;
use crate::command::options::Parsed;

/// What `rule` says about `command`, if it holds.
pub(super) fn holds(rule: &Rule, command: &Command) -> Option<Intent> {
    let parsed = &command.parsed;
    let first = self::command(&rule.command, parsed)?;
    let operands = parsed.operands.get(first..).unwrap_or_default();
    let any = |patterns: &str, words: &[String]| words.iter().any(|word| is_one(patterns, word));
    let given = |patterns: &str, words: &[String]| patterns.is_empty() || any(patterns, words);
    let called = |patterns: &str, of: fn(&super::http::Call) -> &str| {
        patterns.is_empty() || command.call.as_ref().is_some_and(|call| is_one(patterns, of(call)))
    };
    let fits = operands.len() >= rule.count
        && all_flags(&rule.flags, parsed)
        && !any_flag(&rule.unless, parsed)
        && given(&rule.operands, operands)
        && !any(&rule.except, &parsed.operands)
        && given(&rule.words, command.words.get(1..).unwrap_or_default())
        && called(&rule.method, |call| &call.method)
        && called(&rule.url, |call| &call.url)
        && (rule.sql.is_empty() || command.sql.iter().any(|kind| names(&rule.sql, kind)))
        && (rule.env.is_empty() || environment(&rule.env, command))
        && (rule.input.is_empty() || input(&rule.input, command))
        && (rule.text.is_empty() || text(&rule.text, command))
        && touches(rule, command, first);
    fits.then(|| {
        Intent::new(&rule.operation, &rule.message)
            .instead(&rule.instead)
            .param("rule", rule.id.as_ref())
    })
}

/// Whether one of the commands (alternatives with commas) is meant, and how
/// many operands name it.
pub(super) fn command(commands: &str, parsed: &Parsed) -> Option<usize> {
    if commands.is_empty() {
        return Some(0);
    }
    commands.split(',').find_map(|command| {
        let words: Vec<&str> = command.split_ascii_whitespace().collect();
        named(&words, 0, parsed)
    })
}

/// Whether the operands from number `at` on begin with these words; one that
/// may be the value of an unknown option may be passed over.
fn named(words: &[&str], at: usize, parsed: &Parsed) -> Option<usize> {
    let Some((word, rest)) = words.split_first() else { return Some(at) };
    let operand = parsed.operands.get(at)?;
    if *word == "**" {
        return named(rest, at, parsed).or_else(|| named(words, at + 1, parsed));
    }
    let here = is_one(&word.replace('|', " "), operand);
    let taken = here.then(|| named(rest, at + 1, parsed)).flatten();
    taken.or_else(|| parsed.loose.contains(&at).then(|| named(words, at + 1, parsed)).flatten())
}

/// Whether all options (alternatives with `|`) are given.
pub(super) fn all_flags(flags: &str, parsed: &Parsed) -> bool {
    flags.split_ascii_whitespace().all(|flag| flag.split('|').any(|flag| has(flag, parsed)))
}

/// Whether one of the options is given.
pub(super) fn any_flag(flags: &str, parsed: &Parsed) -> bool {
    flags.split_ascii_whitespace().any(|flag| has(flag, parsed))
}

/// Whether an option is given: `force`, `no-verify`, or `volume=/:*`, where one
/// of its values must fit the pattern.
fn has(flag: &str, parsed: &Parsed) -> bool {
    match flag.split_once('=') {
        Some((name, pattern)) => parsed.values(name).any(|value| is_one(pattern, value)),
        None => parsed.has(flag),
    }
}

/// Whether `word` fits one of the patterns, in any case of letters.
fn is_one(patterns: &str, word: &str) -> bool {
    let lower = word.to_ascii_lowercase();
    patterns.split_ascii_whitespace().any(|pattern| {
        if pattern.contains(['*', '?', '[']) {
            glob_match(pattern, &lower)
        } else {
            pattern == lower
        }
    })
}

fn names(list: &str, name: &str) -> bool {
    list.split_ascii_whitespace().any(|one| one == name)
}

fn environment(wanted: &str, command: &Command) -> bool {
    let set = &command.invocation.environment;
    wanted.split_ascii_whitespace().any(|wanted| {
        let (name, pattern) = wanted.split_once('=').unwrap_or((wanted, "*"));
        set.iter().any(|(given, value)| {
            glob_match(name, given) && is_one(pattern, &super::command::text_of(value))
        })
    })
}

/// Whether the command reads the output of one of the programs, or evaluates a
/// word that is the output of one.
fn input(programs: &str, command: &Command) -> bool {
    let from = match &command.invocation.input {
        Input::Unknown(what) if !command.has_its_code() => {
            Some(what.trim_start_matches("output of ").trim_matches('`'))
        }
        _ => None,
    };
    let substituted = command.words.iter().skip(1).filter_map(|word| {
        let at = word.find("$(").or_else(|| word.find("<("))?;
        word.get(at + 2..)
    });
    from.into_iter().chain(substituted).any(|line| {
        line.split(['|', ';', '&', '\n']).any(|part| {
            let mut words = part.split([' ', '\t', ')', '(', '`']).filter(|word| !word.is_empty());
            let name = words.find(|word| !matches!(*word, "sudo" | "command"));
            name.is_some_and(|name| is_one(programs, name.rsplit('/').next().unwrap_or(name)))
        })
    })
}

fn text(wanted: &str, command: &Command) -> bool {
    let text = command.condensed();
    wanted.split_ascii_whitespace().any(|wanted| text.contains(wanted))
}

/// Whether something happens to a file of the rule's classes.
fn touches(rule: &Rule, command: &Command, first: usize) -> bool {
    let counts = |place: &super::path::Place| {
        (rule.paths.is_empty() || place.is_any(&rule.paths)) && !place.is_any(&rule.safe)
    };
    if !rule.effect.is_empty() {
        let mut touched = command.touched.iter();
        return touched.any(|(effect, place)| names(&rule.effect, effect) && counts(place));
    }
    if rule.paths.is_empty() {
        return true;
    }
    let at = if rule.at.is_empty() { "operands" } else { rule.at.as_ref() };
    command.at(at, first).into_iter().any(|path| counts(&command.place(path)))
}
