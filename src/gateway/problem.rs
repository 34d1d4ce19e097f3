//! Errors as RFC 9457 problem details. An internal cause is logged, with the
//! identifier that the answer carries, and never sent.

use axum::Json;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::{Map, Value, json};

use super::secret::NoRandomness;
use super::store::{Refusal, StoreError};

/// An error on its way to a client.
#[derive(Debug)]
pub(super) struct Problem {
    pub(super) status: StatusCode,
    kind: &'static str,
    pub(super) detail: String,
    more: Vec<(&'static str, Value)>,
    internal: Option<String>,
}

/// An internal cause, for the log; travels in the answer's extensions.
#[derive(Debug, Clone)]
pub(super) struct InternalCause(pub(super) String);

impl Problem {
    pub(super) fn new(status: StatusCode, kind: &'static str, detail: impl Into<String>) -> Self {
        Self { status, kind, detail: detail.into(), more: Vec::new(), internal: None }
    }

    pub(super) fn unauthorised() -> Self {
        let detail = "a valid key is needed, in `X-API-Key` or `Authorization: Bearer`";
        Self::new(StatusCode::UNAUTHORIZED, "unauthorised", detail)
    }

    pub(super) fn forbidden(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::FORBIDDEN, "forbidden", detail)
    }

    pub(super) fn not_found() -> Self {
        Self::new(StatusCode::NOT_FOUND, "not-found", "there is nothing here for this key")
    }

    pub(super) fn bad_request(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "bad-request", detail)
    }

    pub(super) fn invalid(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::UNPROCESSABLE_ENTITY, "invalid", detail)
    }

    fn internal(status: StatusCode, cause: String) -> Self {
        let detail = "the gateway failed; its log has the cause under this answer's `X-Request-Id`";
        Self { internal: Some(cause), ..Self::new(status, "failed", detail) }
    }

    fn with(mut self, name: &'static str, value: Value) -> Self {
        self.more.push((name, value));
        self
    }
}

impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Refused(refusal) => refusal.into(),
            StoreError::Unavailable(cause) => {
                Self::internal(StatusCode::SERVICE_UNAVAILABLE, cause)
            }
        }
    }
}

impl From<Refusal> for Problem {
    fn from(refusal: Refusal) -> Self {
        let detail = refusal.to_string();
        match refusal {
            Refusal::NotFound { .. } => Self::not_found(),
            Refusal::Forbidden(_) => Self::forbidden(detail),
            Refusal::Invalid(_) => Self::invalid(detail),
            Refusal::OtherAction => Self::new(StatusCode::CONFLICT, "other-action", detail),
            Refusal::NotApproved { state } => {
                Self::new(StatusCode::CONFLICT, "not-approved", detail).with("state", json!(state))
            }
            Refusal::Settled { state, by, at } => {
                let told = match &by {
                    Some(by) => format!("{detail}, by `{by}`"),
                    None => detail,
                };
                Self::new(StatusCode::CONFLICT, "settled", told)
                    .with("state", json!(state))
                    .with("resolved_by", json!(by))
                    .with("resolved_at", json!(at))
            }
        }
    }
}

impl From<NoRandomness> for Problem {
    fn from(error: NoRandomness) -> Self {
        Self::internal(StatusCode::SERVICE_UNAVAILABLE, error.to_string())
    }
}

impl From<askama::Error> for Problem {
    fn from(error: askama::Error) -> Self {
        Self::internal(StatusCode::INTERNAL_SERVER_ERROR, error.to_string())
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let mut body = Map::new();
        body.insert("type".into(), format!("urn:saferun:problem:{}", self.kind).into());
        body.insert("title".into(), self.status.canonical_reason().unwrap_or("Error").into());
        body.insert("status".into(), self.status.as_u16().into());
        body.insert("detail".into(), self.detail.into());
        body.extend(self.more.into_iter().map(|(name, value)| (name.to_owned(), value)));
        let mut response = (self.status, Json(Value::Object(body))).into_response();
        let media = HeaderValue::from_static("application/problem+json");
        response.headers_mut().insert(header::CONTENT_TYPE, media);
        if self.status == StatusCode::UNAUTHORIZED {
            let scheme = HeaderValue::from_static("Bearer realm=\"saferun\"");
            response.headers_mut().insert(header::WWW_AUTHENTICATE, scheme);
        }
        if let Some(cause) = self.internal {
            response.extensions_mut().insert(InternalCause(cause));
        }
        response
    }
}
