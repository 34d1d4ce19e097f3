//! `gh api`: which method, which endpoint, which body.
//!
//! The method is GET unless the call has fields or an input, then POST;
//! `-X` in any case of letters, or an overriding header, says otherwise.

use super::body::Body;
use super::{graphql, masked, rest};
use crate::command::Classification;
use crate::command::line::Scope;
use crate::command::options::Parsed;

/// Classifies a `gh api`.
pub(super) fn classify(
    words: &[String],
    parsed: &Parsed,
    scope: &Scope,
    seen: &mut Classification,
) {
    let Some(endpoint) = parsed.operands.first() else { return };
    let body = Body::read(parsed, scope);
    let method = method(parsed, &body);
    if matches!(method.as_str(), "GET" | "HEAD" | "OPTIONS") {
        return;
    }
    if method.contains('$') || endpoint.starts_with('$') {
        seen.hidden("`gh api` with a method or endpoint known only when it runs");
    }
    let path = rest::path(endpoint, scope.env("GH_REPO").as_deref());
    let found = if path.eq_ignore_ascii_case("/graphql") {
        graphql::operations(&body)
    } else {
        rest::operations(&method, &path, &body)
    };
    for intent in found {
        scope.report(seen, intent, &masked(words));
    }
}

fn method(parsed: &Parsed, body: &Body) -> String {
    let header = parsed.values("header").find_map(|header| {
        let (name, value) = header.split_once(':')?;
        name.trim().eq_ignore_ascii_case("x-http-method-override").then(|| value.trim())
    });
    let implied = if body.present { "POST" } else { "GET" };
    header.or_else(|| parsed.value("method")).unwrap_or(implied).to_ascii_uppercase()
}
