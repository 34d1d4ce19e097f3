//! seam
use std::borrow::Cow;
pub fn redact(text: &str) -> Cow<'_, str> {
    Cow::Borrowed(text)
}
pub fn redact_json(_value: &mut serde_json::Value) {}
