//! gh: the command's name, aliases, then what rules and API calls say.
//!
//! In: `gh` and its words. Out: operations. `rules/commands/gh.toml` says what
//! commands do; API calls are read by [`api`], whose table other programs that
//! speak HTTP share.

mod alias;
mod api;
mod body;
mod call;
mod graphql;
mod rest;

pub(super) use call::{CallBody, call};

use super::Classification;
use super::intent::Intent;
use super::line::Scope;
use super::options::{self, Parsed, Style};
use super::pack::{GH, HARMLESS, Rule};

/// Options that every command has.
const COMMON: &str = "R/repo= help h/help version";

/// Parts of a name that say production or a way into it (the original
/// SafeRun's list for secrets).
const PRODUCTION: &[&str] = &["prod", "aws", "database", "db", "api_key", "private_key"];

/// Classifies `words`, which begin with `gh`.
pub(super) fn command(words: &[String], scope: &Scope, seen: &mut Classification) {
    let args = words.get(1..).unwrap_or_default();
    let (names, rest) = split_names(args);
    let Some(first) = names.first() else { return };
    if !is_known(first) {
        return alias::expand(words, first, args, scope, seen);
    }
    let Some((name, used)) = longest(&names) else {
        if is_group_alone(&names, args) {
            return;
        }
        return seen.unresolved(format!("`gh {}` is not known here", names.join(" ")));
    };
    if HARMLESS.gh.contains(&name) {
        return;
    }
    let mut operands = names.get(used..).unwrap_or_default().to_vec();
    operands.extend(rest);
    let spec = GH.commands.get(&name).map_or("", |command| command.options.as_str());
    let parsed = options::parse(&format!("{spec} {COMMON}"), Style::Pflag, &operands);
    if parsed.asks_for_help() {
        return;
    }
    if scope.dynamic && parsed.operands.iter().any(|word| word.starts_with(['$', '`'])) {
        seen.unresolved(format!("`gh {name}` with words known only when it runs"));
    }
    match name.as_str() {
        "api" => api::classify(words, &parsed, scope, seen),
        "alias set" => alias::defined(&parsed, scope, seen),
        "extension exec" => seen.unresolved("an extension of gh may do anything"),
        _ => {}
    }
    for rule in GH.rules_for(&name).filter(|rule| rule.holds(&parsed)) {
        by_rule(rule, &name, &parsed, words, scope, seen);
    }
}

/// The words that may name the command (no more than three, options between
/// them skipped) and everything else in order.
fn split_names(args: &[String]) -> (Vec<String>, Vec<String>) {
    let (mut names, mut rest) = (Vec::new(), Vec::new());
    let mut words = args.iter();
    while let Some(word) = words.next() {
        if word.starts_with('-') {
            rest.push(word.clone());
            if word == "-R" || word == "--repo" {
                rest.extend(words.next().cloned());
            } else if !names.is_empty() && longest(&names).is_some() {
                break;
            }
        } else if names.len() < 3 {
            let canonical = canonical(word, names.is_empty());
            names.push(canonical);
            if names.first().is_some_and(|first| first == "api") {
                break;
            }
        } else {
            rest.push(word.clone());
            break;
        }
    }
    rest.extend(words.cloned());
    (names, rest)
}

/// The usual name of a command or verb that has several.
fn canonical(word: &str, first: bool) -> String {
    match GH.groups.get(word) {
        Some(name) if first && !name.contains(' ') && !is_known(word) => name.clone(),
        Some(name) if !first => name.rsplit(' ').next().unwrap_or(name).to_owned(),
        _ => word.to_owned(),
    }
}

/// Whether gh has a command that begins with this word.
fn is_known(first: &str) -> bool {
    let begins = |name: &String| name.split(' ').next() == Some(first);
    HARMLESS.gh.iter().any(begins) || GH.commands.keys().any(begins)
}

/// The longest beginning of `names` that is a command, and how many words it is.
fn longest(names: &[String]) -> Option<(String, usize)> {
    (1..=names.len()).rev().find_map(|used| {
        let name = names.get(..used)?.join(" ");
        (HARMLESS.gh.contains(&name) || GH.commands.contains_key(&name)).then_some((name, used))
    })
}

/// `gh repo` alone, or with `--help`, only explains itself.
fn is_group_alone(names: &[String], args: &[String]) -> bool {
    names.len() == 1 && args.iter().skip(1).all(|word| word == "--help" || word == "-h")
        || args.iter().any(|word| word == "--help")
}

fn by_rule(
    rule: &Rule,
    name: &str,
    parsed: &Parsed,
    words: &[String],
    scope: &Scope,
    seen: &mut Classification,
) {
    let mut intent = Intent::new(&rule.operation, &rule.message)
        .instead(&rule.redirect)
        .in_repo(repository(name, parsed, scope))
        .param("operands", parsed.operands.join(" "));
    for option in ["env", "org", "visibility", "ref", "default-branch", "permission"] {
        intent = intent.param(option, parsed.value(option).unwrap_or_default());
    }
    if !rule.signal.is_empty() {
        intent = intent.signal(&rule.signal, &rule.message);
    }
    let secret = rule.operation.starts_with("github.actions.secret.");
    if secret && parsed.operands.iter().any(|name| says_production(name)) {
        intent = intent.signal("name_prod", "the name says production or a way into it");
    }
    if rule.operation == "github.tag.delete" {
        intent.target_ref = parsed.operands.first().map(|tag| format!("refs/tags/{tag}"));
    }
    scope.report(seen, intent, &masked(words));
}

/// Whether a secret's name says production or a way into it.
fn says_production(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    PRODUCTION.iter().any(|part| name.contains(part))
}

/// `OWNER/REPO`: the operand of `gh repo …`, `-R`, or `GH_REPO`.
fn repository(name: &str, parsed: &Parsed, scope: &Scope) -> Option<String> {
    let operand = matches!(
        name,
        "repo delete"
            | "repo archive"
            | "repo unarchive"
            | "repo edit"
            | "repo sync"
            | "repo create"
    )
    .then(|| parsed.operands.first().cloned())
    .flatten();
    let named = operand.or_else(|| parsed.value("repo").map(str::to_owned));
    named.or_else(|| scope.env("GH_REPO")).map(|text| owner_and_name(&text))
}

/// `OWNER/REPO` of an address or of `HOST/OWNER/REPO`.
fn owner_and_name(text: &str) -> String {
    let text = text.trim_end_matches('/').trim_end_matches(".git").replace(':', "/");
    let parts: Vec<&str> = text.rsplit('/').take(2).collect();
    match parts.as_slice() {
        [name, owner] => format!("{owner}/{name}"),
        _ => text,
    }
}

/// The words without the values of secrets.
fn masked(words: &[String]) -> Vec<String> {
    let sets = words.iter().any(|word| word == "secret" || word == "variable");
    let mut out = Vec::with_capacity(words.len());
    let mut hide = false;
    for word in words {
        let long = word.starts_with("--body=");
        let short = sets && word.starts_with("-b") && word.len() > 2 && !word.starts_with("--");
        let header = word.to_ascii_lowercase().contains("authorization:");
        let sealed = word.starts_with("encrypted_value=") || word.starts_with("value=");
        out.push(match word {
            _ if hide || header => "***".to_owned(),
            _ if sets && long => "--body=***".to_owned(),
            _ if short => "-b***".to_owned(),
            _ if sealed => format!("{}=***", word.split('=').next().unwrap_or_default()),
            _ => word.clone(),
        });
        hide = sets && (word == "-b" || word == "--body");
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn repositories_in_every_spelling() {
        for text in
            ["o/r", "github.com/o/r", "https://github.com/o/r.git", "git@github.com:o/r.git"]
        {
            assert_eq!(owner_and_name(text), "o/r", "{text}");
        }
    }

    #[test]
    fn a_secret_never_reaches_the_record() {
        for line in [
            "gh secret set A -b hush",
            "gh secret set A --body=hush",
            "gh secret set A -bhush",
            "gh secret set A --body hush",
        ] {
            let words: Vec<String> = line.split(' ').map(str::to_owned).collect();
            assert!(!masked(&words).join(" ").contains("hush"), "{line}");
        }
    }
}
