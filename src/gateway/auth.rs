//! Who asks: a key in a header. Cookies are for the page only.

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderMap, header};

use super::app::App;
use super::problem::Problem;
use super::secret;
use super::store::{Key, KeyScope};

/// A hash that no secret has, compared to when there is no such key, so that
/// both refusals take the same time.
const NOBODY: secret::SecretHash = [0; 32];

/// A request's valid key.
pub(super) struct Bearer(pub(super) Key);

impl FromRequestParts<App> for Bearer {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        let text = key_in(&parts.headers).ok_or_else(Problem::unauthorised)?;
        authenticate(app, text).await?.map(Self).ok_or_else(Problem::unauthorised)
    }
}

impl Bearer {
    /// The key, where it may do what `scope` allows.
    pub(super) fn with(self, scope: KeyScope) -> Result<Key, Problem> {
        if self.0.may(scope) {
            Ok(self.0)
        } else {
            Err(Problem::forbidden(format!("this key lacks the scope `{scope}`")))
        }
    }
}

/// The live key that `text` is.
pub(super) async fn authenticate(app: &App, text: &str) -> Result<Option<Key>, Problem> {
    let Some((id, hash)) = secret::parse_key(text) else { return Ok(None) };
    let stored = app.store.key(id.to_owned()).await?;
    let expected = stored.as_ref().map_or(NOBODY, |stored| stored.hash);
    let matches = secret::same(&hash, &expected);
    Ok(stored.filter(|_| matches).map(|stored| stored.key))
}

fn key_in(headers: &HeaderMap) -> Option<&str> {
    if let Some(key) = headers.get("x-api-key") {
        return key.to_str().ok();
    }
    let value = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, key) = value.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| key.trim())
}
