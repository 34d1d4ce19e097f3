//! gh's aliases: `$1` stands for an argument, `!` begins a line of shell.

use crate::command::Classification;
use crate::command::intent::Intent;
use crate::command::line::{self, Scope};
use crate::command::options::Parsed;
use crate::command::parse;

/// The one alias that gh comes with.
const BUILT_IN: (&str, &str) = ("co", "pr checkout");

/// Classifies what the unknown command `name` stands for.
pub(super) fn expand(
    words: &[String],
    name: &str,
    args: &[String],
    scope: &Scope,
    seen: &mut Classification,
) {
    let key = format!("gh.{name}");
    if scope.aliases.contains(&key) {
        return;
    }
    let built_in = (name == BUILT_IN.0).then(|| BUILT_IN.1.to_owned());
    let Some(body) = scope.lookup.gh_alias(name).or(built_in) else {
        let what = words.get(1).map_or("", String::as_str);
        return seen.unresolved(format!("`gh {what}` is an extension or an alias not known here"));
    };
    let at = args.iter().position(|word| word == name).map_or(0, |at| at + 1);
    let rest = args.get(at..).unwrap_or_default();
    let mut inner = scope.inner();
    inner.aliases.push(key);
    meaning(&body, rest, &inner, seen);
}

/// Classifies what `gh alias set NAME EXPANSION` would later do.
pub(super) fn defined(parsed: &Parsed, scope: &Scope, seen: &mut Classification) {
    let Some(body) = parsed.operands.get(1) else { return };
    let body = if parsed.has("shell") && !body.starts_with('!') {
        format!("!{body}")
    } else {
        body.clone()
    };
    let mut found = Classification::default();
    meaning(&body, &[], &scope.inner(), &mut found);
    let dangerous = !found.is_harmless();
    for intent in found.intents {
        seen.push(intent);
    }
    if dangerous {
        let name = parsed.operands.first().map_or("", String::as_str);
        let intent = Intent::new("github.alias.update", "gives a dangerous command another name")
            .param("name", name)
            .param("expansion", body);
        scope.report(seen, intent, &["gh".to_owned(), "alias".to_owned(), "set".to_owned()]);
    }
}

fn meaning(body: &str, rest: &[String], scope: &Scope, seen: &mut Classification) {
    if let Some(text) = body.strip_prefix('!') {
        let mut inner = scope.inner();
        inner.positional = Some(rest.to_vec());
        return line::line(text, &inner, seen);
    }
    let mut used = 0;
    let mut expanded = vec!["gh".to_owned()];
    for word in parse::words(body) {
        let mut text = word;
        for (index, value) in rest.iter().enumerate().take(9) {
            let place = format!("${}", index + 1);
            if text.contains(&place) {
                text = text.replace(&place, value);
                used = used.max(index + 1);
            }
        }
        expanded.push(text);
    }
    expanded.extend(rest.get(used..).unwrap_or_default().iter().cloned());
    super::command(&expanded, scope, seen);
}
