//! Tickets that were used, for all who execute: each is good once.

use axum::Json;
use axum::extract::{Path, State};
use jiff::Timestamp;
use serde::Deserialize;
use serde_json::{Value, json};

use super::Body;
use crate::action::Digest;
use crate::gateway::app::App;
use crate::gateway::auth::Bearer;
use crate::gateway::problem::Problem;
use crate::gateway::store::KeyScope;

/// Body of `POST /v1/tickets/{nonce}/use`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::gateway) struct Taking {
    expires_at: Timestamp,
}

/// `POST /v1/tickets/{nonce}/use`: the SHA-256 of a ticket's nonce. Of all who
/// try, one gets `{"first": true}`.
pub(in crate::gateway) async fn take(
    State(app): State<App>,
    bearer: Bearer,
    Path(nonce): Path<String>,
    Body(taking): Body<Taking>,
) -> Result<Json<Value>, Problem> {
    let key = bearer.with(KeyScope::Request)?;
    let nonce = Digest::from_hex(&nonce)
        .ok_or_else(|| Problem::invalid("a nonce is given as 64 hexadecimal characters"))?;
    let first = app.store.use_ticket(nonce, taking.expires_at, key.actor()).await?;
    Ok(Json(json!({ "first": first })))
}
