//! JSON canonicalisation (RFC 8785): one byte sequence per value, so that a
//! digest means the same on every machine.

use serde_json::Value;

/// Writes `value` as RFC 8785 asks: no white space, members sorted by the
/// UTF-16 code units of their names, numbers as ECMAScript prints them.
#[must_use]
pub fn to_canonical_json(value: &Value) -> String {
    let mut out = String::new();
    write(value, &mut out);
    out
}

fn write(value: &Value, out: &mut String) {
    match value {
        Value::Array(items) => {
            out.push('[');
            for (index, item) in items.iter().enumerate() {
                if index > 0 {
                    out.push(',');
                }
                write(item, out);
            }
            out.push(']');
        }
        Value::Object(members) => {
            let mut sorted: Vec<_> = members.iter().collect();
            sorted.sort_by(|a, b| a.0.encode_utf16().cmp(b.0.encode_utf16()));
            out.push('{');
            for (index, (name, item)) in sorted.into_iter().enumerate() {
                if index > 0 {
                    out.push(',');
                }
                out.push_str(&Value::from(name.as_str()).to_string());
                out.push(':');
                write(item, out);
            }
            out.push('}');
        }
        Value::Number(number) => out.push_str(&number_text(number)),
        other => out.push_str(&other.to_string()),
    }
}

/// Integers keep all their digits (RFC 8785 leaves those beyond 2^53 to the
/// application); everything else is printed as ECMAScript would.
fn number_text(number: &serde_json::Number) -> String {
    match number.as_f64() {
        Some(float) if number.is_f64() && float.is_finite() => {
            ryu_js::Buffer::new().format_finite(float).to_owned()
        }
        _ => number.to_string(),
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
}
