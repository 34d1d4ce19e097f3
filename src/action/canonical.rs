//! JSON canonicalisation (RFC 8785): one byte sequence per value, so that a
//! digest means the same on every machine.

use std::cmp::Ordering;
use std::fmt::Write as _;

use serde_json::{Number, Value};

/// Writes `value` as RFC 8785 asks: no white space, members sorted by the
/// UTF-16 code units of their names, numbers as ECMAScript prints them.
#[must_use]
pub fn to_canonical_json(value: &Value) -> String {
    let mut out = String::new();
    write_canonical(value, &mut out);
    out
}

/// [`to_canonical_json`], at the end of `out`.
pub(crate) fn write_canonical(value: &Value, out: &mut String) {
    match value {
        Value::Null => out.push_str("null"),
        Value::Bool(held) => out.push_str(if *held { "true" } else { "false" }),
        Value::Number(number) => write_number(number, out),
        Value::String(text) => write_text(text, out),
        Value::Array(items) => {
            out.push('[');
            for (index, item) in items.iter().enumerate() {
                if index > 0 {
                    out.push(',');
                }
                write_canonical(item, out);
            }
            out.push(']');
        }
        Value::Object(members) => {
            let mut sorted: Vec<_> = members.iter().collect();
            sorted.sort_by(|a, b| by_code_units(a.0, b.0));
            out.push('{');
            for (index, (name, item)) in sorted.into_iter().enumerate() {
                if index > 0 {
                    out.push(',');
                }
                write_text(name, out);
                out.push(':');
                write_canonical(item, out);
            }
            out.push('}');
        }
    }
}

/// A string in its quotes, at the end of `out`.
pub(crate) fn write_text(text: &str, out: &mut String) {
    if text.bytes().all(|byte| byte >= b' ' && byte != b'"' && byte != b'\\') {
        out.push('"');
        out.push_str(text);
        out.push('"');
    } else {
        out.push_str(&Value::from(text).to_string());
    }
}

fn by_code_units(one: &str, other: &str) -> Ordering {
    if one.is_ascii() && other.is_ascii() {
        return one.cmp(other);
    }
    one.encode_utf16().cmp(other.encode_utf16())
}

/// Integers keep all their digits (RFC 8785 leaves those beyond 2^53 to the
/// application); everything else is printed as ECMAScript would.
fn write_number(number: &Number, out: &mut String) {
    match number.as_f64() {
        Some(float) if number.is_f64() && float.is_finite() => {
            out.push_str(ryu_js::Buffer::new().format_finite(float));
        }
        _ => drop(write!(out, "{number}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn members_are_sorted_and_numbers_are_ecmascript() {
        let value =
            json!({"b": [1, 1e21, 0.1, -0.0, 5.0], "a": "\u{20ac}\u{7}\"", "\u{1f600}": null});
        assert_eq!(
            to_canonical_json(&value),
            "{\"a\":\"\u{20ac}\\u0007\\\"\",\"b\":[1,1e+21,0.1,0,5],\"\u{1f600}\":null}"
        );
    }

    #[test]
    fn names_are_sorted_as_ecmascript_sorts_them() {
        let value = json!({"\u{ff5e}": true, "\u{1f600}": false, "z": 1, "\u{e9}": u64::MAX});
        assert_eq!(
            to_canonical_json(&value),
            "{\"z\":1,\"\u{e9}\":18446744073709551615,\"\u{1f600}\":false,\"\u{ff5e}\":true}"
        );
    }
}
