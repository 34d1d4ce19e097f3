//! Around every request: an identifier, the `Host` check, a time limit, the
//! security headers, and the log of what failed.

use std::time::Duration;

use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use super::app::App;
use super::problem::{InternalCause, Problem};
use super::secret;
use super::wait;

/// How long a request may take beside the wait that it asked for.
const TIME_LIMIT: Duration = Duration::from_secs(20);

/// What a page may load and do: its own style sheet, its own forms, nothing else.
const CONTENT_POLICY: &str = "default-src 'none'; style-src 'self'; form-action 'self'; \
                              base-uri 'none'; frame-ancestors 'none'";

const HEADERS: [(HeaderName, &str); 5] = [
    (header::CONTENT_SECURITY_POLICY, CONTENT_POLICY),
    (header::REFERRER_POLICY, "no-referrer"),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::X_FRAME_OPTIONS, "DENY"),
    (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
];

/// The middleware around the whole router.
pub(super) async fn shell(State(app): State<App>, request: Request, next: Next) -> Response {
    let id = secret::request_id();
    let (method, path) = (request.method().clone(), request.uri().path().to_owned());
    // Only what reads can be asked to wait.
    let limit = if method.is_safe() { TIME_LIMIT + wait::LONGEST } else { TIME_LIMIT };
    let mut response = if knows_host(&app, &request) {
        match tokio::time::timeout(limit, next.run(request)).await {
            Ok(response) => response,
            Err(_) => timed_out().into_response(),
        }
    } else {
        let detail = "this gateway does not answer to that `Host`; start it with `--host NAME`";
        Problem::new(StatusCode::MISDIRECTED_REQUEST, "wrong-host", detail).into_response()
    };
    let status = response.status().as_u16();
    if let Some(InternalCause(cause)) = response.extensions().get() {
        tracing::error!(%id, %method, path, status, cause, "request failed");
    } else {
        tracing::info!(%id, %method, path, status, "request");
    }
    add_headers(response.headers_mut(), &id);
    response
}

fn timed_out() -> Problem {
    Problem::new(StatusCode::REQUEST_TIMEOUT, "timeout", "the request took too long")
}

fn knows_host(app: &App, request: &Request) -> bool {
    let mut values = request.headers().get_all(header::HOST).iter();
    let header = values.next().and_then(|host| host.to_str().ok());
    let target = request.uri().host();
    values.next().is_none()
        && header.is_some_and(|host| app.hosts.accepts(host))
        && target.is_none_or(|host| app.hosts.accepts(host))
}

fn add_headers(headers: &mut HeaderMap, id: &str) {
    for (name, value) in HEADERS {
        headers.insert(name, HeaderValue::from_static(value));
    }
    headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    if let Ok(value) = HeaderValue::from_str(id) {
        headers.insert("x-request-id", value);
    }
}
