//! API keys: who am I, list, mint, revoke.

use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use serde::Deserialize;
use serde_json::{Value, json};

use super::Body;
use crate::gateway::app::App;
use crate::gateway::auth::Bearer;
use crate::gateway::problem::Problem;
use crate::gateway::secret::FreshKey;
use crate::gateway::store::{Key, KeyScope, NewKey};

/// Longest name of a key, in characters.
const LONGEST_NAME: usize = 100;

/// Body of `POST /v1/keys`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::gateway) struct Minting {
    name: String,
    scopes: Vec<KeyScope>,
}

/// `GET /v1/auth/status`: the key that asks.
pub(in crate::gateway) async fn status(Bearer(key): Bearer) -> Json<Key> {
    Json(key)
}

/// `GET /v1/keys`, for administrators.
pub(in crate::gateway) async fn list(
    State(app): State<App>,
    bearer: Bearer,
) -> Result<Json<Vec<Key>>, Problem> {
    bearer.with(KeyScope::Admin)?;
    Ok(Json(app.store.keys().await?))
}

/// `POST /v1/keys`: administrators mint any key; who may both request and
/// approve may mint keys that only request (which then count as their own).
/// The key is in this answer only.
pub(in crate::gateway) async fn create(
    State(app): State<App>,
    Bearer(minter): Bearer,
    Body(minting): Body<Minting>,
) -> Result<(StatusCode, Json<Value>), Problem> {
    let narrow = minting.scopes.iter().all(|scope| *scope == KeyScope::Request);
    let both = minter.may(KeyScope::Request) && minter.may(KeyScope::Approve);
    let allowed = minter.may(KeyScope::Admin) || (narrow && both);
    if !allowed {
        return Err(Problem::forbidden("only an administrator's key mints keys with that scope"));
    }
    let name = minting.name.trim();
    if minting.scopes.is_empty() || name.is_empty() || name.chars().count() > LONGEST_NAME {
        return Err(Problem::invalid("a key has a name of 1 to 100 characters and a scope"));
    }
    let fresh = FreshKey::draw()?;
    let new = NewKey {
        id: fresh.id,
        hash: fresh.hash,
        name: name.to_owned(),
        scopes: minting.scopes,
        bootstrap: false,
        actor: minter.actor(),
    };
    let key = app.store.create_key(new).await?;
    let mut body = json!(key);
    if let Some(object) = body.as_object_mut() {
        object.insert("key".to_owned(), fresh.text.into());
    }
    Ok((StatusCode::CREATED, Json(body)))
}

/// `DELETE /v1/keys/{id}`: by an administrator, or a key ends itself or one
/// that it minted.
pub(in crate::gateway) async fn revoke(
    State(app): State<App>,
    Bearer(key): Bearer,
    Path(id): Path<String>,
) -> Result<Json<Key>, Problem> {
    if !key.may(KeyScope::Admin) && key.id != id {
        let target = app.store.key(id.clone()).await?.ok_or_else(Problem::not_found)?;
        if target.key.minted_by.as_deref() != Some(key.id.as_str()) {
            return Err(Problem::not_found());
        }
    }
    Ok(Json(app.store.revoke_key(id, key.actor()).await?))
}
