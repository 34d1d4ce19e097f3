//! Aliases, resolved as git does.
//!
//! An alias never takes the place of a command git has; it may lead to another
//! alias, but not back to itself. `!` begins a line of shell, which git runs
//! with the remaining words behind it.

use super::Invocation;
use crate::command::Classification;
use crate::command::line::{self, Scope};
use crate::command::parse;

/// Most aliases that lead to one another.
const MAX_CHAIN: usize = 10;

/// Classifies what the unknown command in `invocation` stands for.
pub(super) fn expand(
    words: &[String],
    invocation: &Invocation,
    overrides: &[(String, String)],
    scope: &Scope,
    seen: &mut Classification,
) {
    let Some((name, args)) = invocation.rest.split_first() else { return };
    let key = format!("alias.{}", name.to_ascii_lowercase());
    if scope.aliases.contains(&key) || scope.aliases.len() > MAX_CHAIN {
        // git refuses an alias that leads to itself.
        return;
    }
    let given = overrides.iter().rev().find(|(other, _)| other.eq_ignore_ascii_case(&key));
    let body = given
        .map(|(_, value)| value.clone())
        .or_else(|| scope.config(&invocation.place, &key).pop());
    let Some(body) = body else {
        return if name.starts_with(['$', '`']) || name.starts_with("remote-") {
            scope.open(seen, format!("`git {name}` is known only when it runs"))
        } else {
            seen.unresolved(format!("`git {name}` is neither git's own nor a known alias"))
        };
    };
    if args.len() == 1 && args.first().is_some_and(|word| word == "--help" || word == "-h") {
        return;
    }
    let mut inner = scope.inner();
    inner.aliases.push(key);
    match body.strip_prefix('!') {
        Some(text) => {
            inner.positional = Some(args.to_vec());
            line::line(&with_args(text, args), &inner, seen);
        }
        None => {
            let global = words.get(1..=invocation.global_words).unwrap_or_default();
            let mut expanded = vec!["git".to_owned()];
            expanded.extend(global.iter().cloned());
            expanded.extend(parse::words(&body));
            expanded.extend(args.iter().cloned());
            super::command(&expanded, &inner, seen);
        }
    }
}

/// git puts the remaining words behind a shell alias.
fn with_args(text: &str, args: &[String]) -> String {
    let mut out = text.to_owned();
    for arg in args {
        out.push_str(" '");
        out.push_str(&arg.replace('\'', "'\\''"));
        out.push('\'');
    }
    out
}
