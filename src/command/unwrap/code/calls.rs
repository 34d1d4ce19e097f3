//! `rules/commands/code.toml`, read.

use std::collections::HashMap;
use std::sync::LazyLock;

use serde::Deserialize;

use super::Language;
use crate::records::document;

/// What a call does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Kind {
    Run,
    Program,
    Remove,
    Tree,
    Mode,
    Write,
    Read,
    Code,
    Sql,
    Print,
    Request,
    Move,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Table {
    kinds: Vec<Entry>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    kind: Kind,
    calls: String,
}

/// By a function's last name: what must be mentioned for it, and what it does.
type Calls = HashMap<String, Vec<(String, Kind)>>;

static CALLS: LazyLock<Calls> = LazyLock::new(|| {
    let table: Table = document!("code");
    let mut calls = Calls::new();
    for entry in &table.kinds {
        for call in entry.calls.split_whitespace() {
            let (module, name) = call.rsplit_once('.').unwrap_or(("", call));
            calls.entry(name.to_owned()).or_default().push((module.to_owned(), entry.kind));
        }
    }
    calls
});

/// What a call of `name` does in `code`.
pub(super) fn kind(name: &str, code: &str, language: Language) -> Option<Kind> {
    let last = name.rsplit('.').next().unwrap_or(name);
    match (last, language) {
        ("exec", Language::Python) => return Some(Kind::Code),
        ("exec", Language::Ruby | Language::Perl | Language::Php) => return Some(Kind::Run),
        ("spawn", Language::Ruby) => return Some(Kind::Run),
        ("execute", Language::Lua) => return Some(Kind::Run),
        ("exec", Language::JavaScript) if !code.contains("child_process") => return None,
        _ => {}
    }
    let entries = CALLS.get(last)?;
    let fits = |module: &str| module.is_empty() || name.contains(module) || code.contains(module);
    entries.iter().find(|(module, _)| fits(module)).map(|(_, kind)| *kind)
}
