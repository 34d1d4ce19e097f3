//! Redaction of JSON values: every string, and what a telling name names.

use serde_json::Value;

use super::redact;

/// The value without its secrets. A string below a name such as `password` is
/// judged together with that name.
#[must_use]
pub fn redact_json(value: Value) -> Value {
    below("", value)
}

fn below(name: &str, value: Value) -> Value {
    match value {
        Value::String(text) => Value::String(string(name, &text)),
        Value::Array(values) => {
            Value::Array(values.into_iter().map(|value| below(name, value)).collect())
        }
        Value::Object(fields) => Value::Object(
            fields
                .into_iter()
                .map(|(name, value)| {
                    let value = below(&name, value);
                    (redact(&name).into_owned(), value)
                })
                .collect(),
        ),
        other => other,
    }
}

fn string(name: &str, text: &str) -> String {
    let alone = redact(text);
    if name.is_empty() || matches!(alone, std::borrow::Cow::Owned(_)) || text.contains(['\n', '\''])
    {
        return alone.into_owned();
    }
    let head = format!("{name}: '");
    let named = redact(&format!("{head}{text}'")).into_owned();
    named.strip_prefix(&head).and_then(|rest| rest.strip_suffix('\'')).unwrap_or(text).to_owned()
}
