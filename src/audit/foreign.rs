//! Lines of Agent-Safe's logs. Their hash is over what Python's `json.dumps`
//! makes of an event without its `entry_hash`: members sorted, `", "` and
//! `": "` between them, everything but ASCII escaped. How a line itself is
//! spelled doesn't count.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use serde_json::value::RawValue;

use super::line::{Checked, Flaw, lower_hex};
use super::merkle::leaf_hash;
use crate::action::Digest;

type Members<'a> = BTreeMap<String, &'a RawValue>;

/// Whether a line is such an event: it has hashes and an action, and no number.
pub(super) fn is_event(line: &[u8]) -> bool {
    members(line).is_some_and(|members| {
        let has = |name| members.contains_key(name);
        has("action") && (has("entry_hash") || has("prev_hash")) && !has("seq")
    })
}

pub(super) fn check(line: &[u8]) -> Result<Option<Checked<'_>>, Flaw> {
    if line.trim_ascii().is_empty() {
        return Ok(None);
    }
    let mut event = members(line).ok_or(Flaw::NotAnEvent)?;
    let hash = event.remove("entry_hash").and_then(text).ok_or(Flaw::Changed)?;
    let mut dumped = String::with_capacity(line.len());
    dump_members(&event, &mut dumped).ok_or(Flaw::NotAnEvent)?;
    let computed = Digest::of(dumped.as_bytes());
    let prev = event.get("prev_hash").copied().and_then(text).and_then(lower_hex);
    if lower_hex(hash) != Some(computed) {
        return Err(Flaw::Changed);
    }
    let said = |name: &str| event.get(name).copied().and_then(text).unwrap_or_default();
    Ok(Some(Checked {
        seq: None,
        id: said("event_id"),
        event_type: said("event_type"),
        at: said("timestamp"),
        prev: prev.ok_or(Flaw::Changed)?,
        hash: computed,
        leaf: leaf_hash(computed.as_bytes()),
    }))
}

/// Of a member that stands twice the last one counts, as in Python.
fn members(line: &[u8]) -> Option<Members<'_>> {
    serde_json::from_slice(line).ok()
}

fn text(value: &RawValue) -> Option<&str> {
    serde_json::from_str(value.get()).ok()
}

fn dump_members(members: &Members<'_>, out: &mut String) -> Option<()> {
    out.push('{');
    for (index, (name, value)) in members.iter().enumerate() {
        if index > 0 {
            out.push_str(", ");
        }
        dump_string(name, out);
        out.push_str(": ");
        dump(value.get(), out)?;
    }
    out.push('}');
    Some(())
}

fn dump(json: &str, out: &mut String) -> Option<()> {
    match json.as_bytes().first()? {
        b'{' => dump_members(&members(json.as_bytes())?, out)?,
        b'[' => {
            let items: Vec<&RawValue> = serde_json::from_str(json).ok()?;
            out.push('[');
            for (index, item) in items.into_iter().enumerate() {
                if index > 0 {
                    out.push_str(", ");
                }
                dump(item.get(), out)?;
            }
            out.push(']');
        }
        b'"' => dump_string(&serde_json::from_str::<String>(json).ok()?, out),
        b'-' | b'0'..=b'9' if json.contains(['.', 'e', 'E']) => {
            out.push_str(&float(json.parse().ok()?)?);
        }
        b'-' if json == "-0" => out.push('0'),
        _ => out.push_str(json),
    }
    Some(())
}

fn dump_string(text: &str, out: &mut String) {
    out.push('"');
    let mut units = [0; 2];
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '\u{8}' => out.push_str("\\b"),
            '\u{c}' => out.push_str("\\f"),
            ' '..='~' => out.push(c),
            _ => {
                for unit in c.encode_utf16(&mut units) {
                    let _ = write!(out, "\\u{unit:04x}");
                }
            }
        }
    }
    out.push('"');
}

/// A float as Python's `repr` writes it: the shortest digits that read back,
/// with an exponent below 1e-4 and from 1e16 on.
fn float(value: f64) -> Option<String> {
    if !value.is_finite() {
        return None;
    }
    let scientific = format!("{value:e}");
    let (digits, exponent) = scientific.split_once('e')?;
    let exponent: i32 = exponent.parse().ok()?;
    if (-4..16).contains(&exponent) {
        let plain = value.to_string();
        return Some(if plain.contains('.') { plain } else { plain + ".0" });
    }
    let sign = if exponent < 0 { '-' } else { '+' };
    Some(format!("{digits}e{sign}{:02}", exponent.abs()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_written_as_python_writes_them() {
        let cases = [
            (
                r#"{"b":1,"a":[1.0,-0.0,1e16,1.5e-7,123456789012345678901234567890,-0]}"#,
                r#"{"a": [1.0, -0.0, 1e+16, 1.5e-07, 123456789012345678901234567890, 0], "b": 1}"#,
            ),
            (
                "{\"k\": \"\u{e9}\u{1f600}\\/\\u0001\u{7f}\"}",
                "{\"k\": \"\\u00e9\\ud83d\\ude00/\\u0001\\u007f\"}",
            ),
            (r#"{"a":1,"a":{"z":null,"y":[]}}"#, r#"{"a": {"y": [], "z": null}}"#),
            (
                "[0.0001, 0.00001, 999999999999999.9, 1e22, 2.5]",
                "[0.0001, 1e-05, 999999999999999.9, 1e+22, 2.5]",
            ),
        ];
        for (json, expected) in cases {
            let mut out = String::new();
            dump(json, &mut out).expect("JSON");
            assert_eq!(out, expected);
        }
    }
}
