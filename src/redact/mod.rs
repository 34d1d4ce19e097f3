//! EYES as a filter: the one way from any secret to any byte that leaves.
//!
//! In: text. Out: the same text with every secret, and everything that could
//! be one, as `[REDACTED:NAME]`. Never here: reporting what was found.

mod json;
mod redactor;
mod stream;

use std::borrow::Cow;
use std::sync::OnceLock;

use crate::scan::{Hit, Scanner};

pub use json::redact_json;
pub use redactor::{BadPattern, Redactor};

fn scanner() -> &'static Scanner {
    static SCANNER: OnceLock<Scanner> = OnceLock::new();
    SCANNER.get_or_init(Scanner::for_redaction)
}

/// The text without its secrets.
#[must_use]
pub fn redact(text: &str) -> Cow<'_, str> {
    match redact_bytes(text.as_bytes()) {
        Cow::Borrowed(_) => Cow::Borrowed(text),
        Cow::Owned(bytes) => Cow::Owned(String::from_utf8_lossy(&bytes).into_owned()),
    }
}

/// [`redact`] for bytes of any encoding.
#[must_use]
pub fn redact_bytes(text: &[u8]) -> Cow<'_, [u8]> {
    hide(text, &scanner().hits(text, b""))
}

/// The text with the name of its rule in place of each hit.
fn hide<'a>(text: &'a [u8], hits: &[Hit]) -> Cow<'a, [u8]> {
    if hits.is_empty() {
        return Cow::Borrowed(text);
    }
    let mut out = Vec::with_capacity(text.len());
    let mut at = 0;
    for hit in hits {
        out.extend_from_slice(text.get(at..hit.start).unwrap_or_default());
        if let Some(rule) = scanner().rule(hit) {
            out.extend_from_slice(format!("[REDACTED:{}]", rule.redaction_name()).as_bytes());
        }
        at = hit.end;
    }
    out.extend_from_slice(text.get(at..).unwrap_or_default());
    Cow::Owned(out)
}

#[cfg(test)]
mod tests;
