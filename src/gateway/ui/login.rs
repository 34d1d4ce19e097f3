//! Logging in with a key, and out.

use askama::Template;
use axum::Form;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;

use super::session::{COOKIE, SECONDS, Visitor, check_origin};
use super::{PageProblem, page};
use crate::gateway::api::Asked;
use crate::gateway::app::App;
use crate::gateway::auth;
use crate::gateway::secret;
use crate::gateway::store::NewSession;

#[derive(Template)]
#[template(path = "login.html")]
struct LoginPage<'l> {
    next: &'l str,
    error: Option<&'l str>,
}

/// Query of `GET /login`.
#[derive(Debug, Deserialize)]
pub(in crate::gateway) struct Next {
    #[serde(default)]
    next: String,
}

/// The login form.
#[derive(Deserialize)]
pub(in crate::gateway) struct Login {
    key: String,
    #[serde(default)]
    next: String,
}

/// The logout form.
#[derive(Debug, Deserialize)]
pub(in crate::gateway) struct Logout {
    csrf: String,
}

/// `GET /login`.
pub(in crate::gateway) async fn form(Asked(asked): Asked<Next>) -> Response {
    let shown = page(&LoginPage { next: own_path(&asked.next), error: None });
    shown.unwrap_or_else(IntoResponse::into_response)
}

/// `POST /login`: opens a session for a key that may answer.
pub(in crate::gateway) async fn login(
    State(app): State<App>,
    headers: HeaderMap,
    Form(login): Form<Login>,
) -> Response {
    try_login(&app, &headers, &login).await.unwrap_or_else(IntoResponse::into_response)
}

async fn try_login(app: &App, headers: &HeaderMap, login: &Login) -> Result<Response, PageProblem> {
    check_origin(headers)?;
    let next = own_path(&login.next);
    let refuse = |error| -> Result<Response, PageProblem> {
        let shown = page(&LoginPage { next, error: Some(error) })?;
        Ok((StatusCode::UNAUTHORIZED, shown).into_response())
    };
    let Some(key) = auth::authenticate(app, login.key.trim()).await? else {
        return refuse("That is no key of this gateway, or it was revoked.");
    };
    if !key.sees_all() {
        return refuse("This key can only ask for approvals, not answer them.");
    }
    let token = secret::session_token()?;
    let now = Timestamp::now();
    let expires_at = now.checked_add(SignedDuration::from_secs(SECONDS)).unwrap_or(now);
    app.store.open_session(NewSession { token: secret::hash(&token), key, expires_at }).await?;
    let cookie = format!("{COOKIE}={token}; Path=/; HttpOnly; SameSite=Strict; Max-Age={SECONDS}");
    Ok(([(header::SET_COOKIE, cookie)], Redirect::to(next)).into_response())
}

/// `POST /logout`.
pub(in crate::gateway) async fn logout(
    State(app): State<App>,
    visitor: Visitor,
    headers: HeaderMap,
    Form(form): Form<Logout>,
) -> Response {
    let ended = async {
        check_origin(&headers)?;
        visitor.check_form("logout", &form.csrf)?;
        app.store.close_session(visitor.token_hash()).await?;
        let cookie = format!("{COOKIE}=; Path=/; HttpOnly; SameSite=Strict; Max-Age=0");
        Ok::<_, PageProblem>(
            ([(header::SET_COOKIE, cookie)], Redirect::to("/login")).into_response(),
        )
    };
    ended.await.unwrap_or_else(IntoResponse::into_response)
}

/// `next` where it is an approval's path, else the list; never another site.
fn own_path(next: &str) -> &str {
    let id = next.strip_prefix("/approvals/").unwrap_or_default();
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
    if !id.is_empty() && id.bytes().all(plain) { next } else { "/" }
}

#[cfg(test)]
mod tests {
    use super::own_path;

    #[test]
    fn the_way_on_never_leaves_the_gateway() {
        assert_eq!(own_path("/approvals/apr-1a"), "/approvals/apr-1a");
        for bad in [
            "",
            "//evil.example",
            "https://evil.example",
            "/approvals/",
            "/approvals/../x",
            "/approvals//e",
        ] {
            assert_eq!(own_path(bad), "/", "{bad}");
        }
    }
}
