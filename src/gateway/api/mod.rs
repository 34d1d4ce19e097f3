//! The JSON interface: one resource a file.
//!
//! In: a key and a body. Out: JSON, or a problem. Never here: cookies.

pub(super) mod approvals;
pub(super) mod audit;
pub(super) mod health;
pub(super) mod keys;
pub(super) mod tickets;
pub(super) mod votes;
pub(super) mod windows;

use axum::extract::{FromRequest, Query, Request};
use axum::http::StatusCode;
use axum::{body::Bytes, extract::FromRequestParts, http::request::Parts};
use serde::de::DeserializeOwned;

use super::problem::Problem;

/// A JSON body, whatever its media type says: the key in a header, which no
/// form can send, is what guards these paths.
pub(super) struct Body<T>(pub(super) T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for Body<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        let bytes = Bytes::from_request(request, state).await.map_err(|rejection| {
            let detail = "the body could not be read; it may have at most 1 MiB";
            Problem::new(rejection.status(), "body", detail)
        })?;
        serde_json::from_slice(&bytes).map(Self).map_err(|error| match error.classify() {
            serde_json::error::Category::Data => Problem::invalid(error.to_string()),
            _ => Problem::new(StatusCode::BAD_REQUEST, "bad-request", error.to_string()),
        })
    }
}

/// The query string.
pub(super) struct Asked<T>(pub(super) T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequestParts<S> for Asked<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let query = Query::<T>::from_request_parts(parts, state).await;
        query
            .map(|Query(asked)| Self(asked))
            .map_err(|error| Problem::bad_request(error.body_text()))
    }
}
