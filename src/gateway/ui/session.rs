//! Sessions of the page: a random cookie, of which the store keeps the hash;
//! and what a form must bring to be believed.

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse, Redirect, Response};
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use super::{Notice, PageProblem, page};
use crate::action::Digest;
use crate::gateway::app::App;
use crate::gateway::problem::Problem;
use crate::gateway::secret;
use crate::gateway::store::Key;

/// Name of the cookie.
pub(super) const COOKIE: &str = "saferun_session";
/// How long a session lasts, in seconds.
pub(super) const SECONDS: i64 = 12 * 3_600;

/// A browser that has logged in.
pub(in crate::gateway) struct Visitor {
    /// The key behind the session.
    pub(super) key: Key,
    token: String,
}

impl Visitor {
    /// Token that a form for `purpose` must bring back; another session or
    /// another purpose has another one.
    pub(super) fn form_token(&self, purpose: &str) -> String {
        let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(self.token.as_bytes()) else {
            return String::new();
        };
        mac.update(b"saferun form\n");
        mac.update(purpose.as_bytes());
        Digest::of(&mac.finalize().into_bytes()).to_string()
    }

    /// Refuses a form that does not come from a page of this session.
    pub(super) fn check_form(&self, purpose: &str, token: &str) -> Result<(), Problem> {
        let expected = self.form_token(purpose);
        if !expected.is_empty() && secret::same(expected.as_bytes(), token.as_bytes()) {
            return Ok(());
        }
        Err(Problem::forbidden(
            "the form is out of date; open the request again and look at it anew",
        ))
    }

    /// Hash of the cookie's value.
    pub(super) fn token_hash(&self) -> secret::SecretHash {
        secret::hash(&self.token)
    }
}

impl FromRequestParts<App> for Visitor {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Response> {
        let token = cookie(&parts.headers).map(str::to_owned);
        if let Some(token) = token {
            let found = app.store.session(secret::hash(&token)).await;
            if let Some(key) = found.map_err(|error| PageProblem::from(error).into_response())? {
                return Ok(Self { key, token });
            }
        }
        Err(ask_to_log_in(parts))
    }
}

/// Sends the browser to the login. A link followed from another site comes
/// without the strict cookie; the page that it gets then opens itself again.
fn ask_to_log_in(parts: &Parts) -> Response {
    let path = parts.uri.path();
    let site = parts.headers.get("sec-fetch-site");
    if parts.method.is_safe() && site.is_some_and(|site| site == "cross-site") {
        let notice =
            Notice { title: "One moment", text: "Opening the request.", refresh: Some(path) };
        return page(&notice).unwrap_or_else(IntoResponse::into_response);
    }
    if !parts.method.is_safe() {
        let problem = Problem::forbidden("you are not logged in any more; log in and answer again");
        return PageProblem(problem).into_response();
    }
    let next = if path == "/" { String::new() } else { format!("?next={path}") };
    Redirect::to(&format!("/login{next}")).into_response()
}

fn cookie(headers: &HeaderMap) -> Option<&str> {
    let pairs = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
    pairs
        .flat_map(|value| value.split(';'))
        .find_map(|pair| pair.trim().strip_prefix(COOKIE)?.strip_prefix('='))
}

/// Refuses a form sent from anywhere but a page of this gateway. Browsers say
/// where a form comes from in `Sec-Fetch-Site`, older ones in `Origin` only.
pub(super) fn check_origin(headers: &HeaderMap) -> Result<(), Problem> {
    let text = |name: &str| headers.get(name).map(|value| value.to_str().unwrap_or("?"));
    let site = text("sec-fetch-site");
    let host = text("host").unwrap_or_default();
    let origin_fits = match text("origin") {
        // What `Referrer-Policy: no-referrer` makes of every origin.
        Some("null") | None => site.is_some(),
        Some(origin) => origin.split_once("://").is_some_and(|(_, name)| name == host),
    };
    if origin_fits && site.is_none_or(|site| site == "same-origin") {
        return Ok(());
    }
    Err(Problem::forbidden("the form was not sent from a page of this gateway"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(headers: &[(&'static str, &'static str)]) -> bool {
        let mut map = HeaderMap::new();
        map.insert("host", "127.0.0.1:8500".parse().unwrap());
        for (name, value) in headers {
            map.insert(*name, value.parse().unwrap());
        }
        check_origin(&map).is_ok()
    }

    #[test]
    fn only_forms_of_the_same_origin_are_believed() {
        assert!(check(&[("origin", "http://127.0.0.1:8500")]));
        assert!(check(&[("origin", "null"), ("sec-fetch-site", "same-origin")]));
        assert!(!check(&[]));
        assert!(!check(&[("origin", "null")]));
        assert!(!check(&[("origin", "http://127.0.0.1:8501")]));
        assert!(!check(&[("origin", "http://evil.example"), ("sec-fetch-site", "same-origin")]));
        assert!(!check(&[("sec-fetch-site", "same-site")]));
        assert!(!check(&[("sec-fetch-site", "cross-site"), ("origin", "null")]));
    }
}
