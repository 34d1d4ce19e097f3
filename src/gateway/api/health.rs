//! Whether the gateway is there, and whether it can work.

use axum::Json;
use axum::extract::State;
use serde_json::{Value, json};

use crate::gateway::app::App;
use crate::gateway::problem::Problem;

/// `GET /healthz`: the process answers.
pub(in crate::gateway) async fn alive() -> Json<Value> {
    let version = env!("CARGO_PKG_VERSION");
    Json(json!({ "status": "ok", "service": "saferun", "version": version }))
}

/// `GET /readyz`: the store takes a transaction.
pub(in crate::gateway) async fn ready(State(app): State<App>) -> Result<Json<Value>, Problem> {
    app.store.expire().await?;
    Ok(Json(json!({ "status": "ok", "checks": { "storage": { "status": "ok" } } })))
}
