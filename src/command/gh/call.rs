//! A call of GitHub's API by any other program than gh.

use super::body::Body;
use super::{graphql, rest};
use crate::command::intent::Intent;

/// What a call sends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::command) enum CallBody {
    /// Nothing.
    None,
    /// This text.
    Text(String),
    /// Something that can't be read before it runs.
    Unknown,
}

/// What the call would do.
pub(in crate::command) fn call(method: &str, url: &str, body: &CallBody) -> Vec<Intent> {
    let path = rest::path(url, None);
    let body = match body {
        CallBody::None => Body::default(),
        CallBody::Text(text) => Body::of_json(text),
        CallBody::Unknown => Body { present: true, opaque: true, ..Body::default() },
    };
    if path.eq_ignore_ascii_case("/graphql") {
        graphql::operations(&body)
    } else {
        rest::operations(method, &path, &body)
    }
}
