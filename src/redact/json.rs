//! Redaction of JSON values: every string, and what a telling name names.

use std::borrow::Cow;

use serde_json::{Map, Value};

use super::{hide, redact, scanner};

/// The value without its secrets. A string below a name such as `password` is
/// judged together with that name.
#[must_use]
pub fn redact_json(mut value: Value) -> Value {
    let mut texts = String::new();
    collect("", &value, &mut texts);
    if !scanner().skips(texts.as_bytes()) {
        below("", &mut value);
    }
    value
}

/// Every text with its name as [`string`] looks at it, a line each: where no
/// rule looks at these, none looks at one of them.
fn collect(name: &str, value: &Value, texts: &mut String) {
    match value {
        Value::String(text) => texts.extend([name, ": '", text, "'\n"]),
        Value::Array(values) => values.iter().for_each(|value| collect(name, value, texts)),
        Value::Object(members) => {
            for (name, value) in members {
                texts.extend([name, "\n"]);
                collect(name, value, texts);
            }
        }
        _ => {}
    }
}

fn below(name: &str, value: &mut Value) {
    match value {
        Value::String(text) => {
            if let Some(shown) = string(name, text) {
                *text = shown;
            }
        }
        Value::Array(values) => values.iter_mut().for_each(|value| below(name, value)),
        Value::Object(members) => {
            members.iter_mut().for_each(|(name, value)| below(name, value));
            if members.keys().any(|name| matches!(redact(name), Cow::Owned(_))) {
                let old = std::mem::take(members);
                let shown =
                    old.into_iter().map(|(name, value)| (redact(&name).into_owned(), value));
                *members = Map::from_iter(shown);
            }
        }
        _ => {}
    }
}

/// The text without its secrets, where it has some.
fn string(name: &str, text: &str) -> Option<String> {
    let head = format!("{name}: '");
    let named = format!("{head}{text}'");
    if scanner().skips(named.as_bytes()) {
        return None;
    }
    if let Cow::Owned(shown) = redact(text) {
        return Some(shown);
    }
    if name.is_empty() || text.contains(['\n', '\'']) {
        return None;
    }
    let mut hits = scanner().hits(named.as_bytes(), b"");
    hits.retain(|hit| hit.end > head.len());
    for hit in &mut hits {
        hit.start = hit.start.saturating_sub(head.len());
        hit.end = (hit.end - head.len()).min(text.len());
    }
    match hide(text.as_bytes(), &hits) {
        Cow::Borrowed(_) => None,
        Cow::Owned(shown) => Some(String::from_utf8_lossy(&shown).into_owned()),
    }
}
