//! The audit log, for administrators.

use axum::Json;
use axum::extract::State;
use serde::Deserialize;

use super::Asked;
use crate::gateway::app::App;
use crate::gateway::auth::Bearer;
use crate::gateway::problem::Problem;
use crate::gateway::store::{AuditEvent, KeyScope, Verification};

/// Most events in one answer.
const LONGEST_PAGE: u32 = 1_000;

/// Query of `GET /v1/audit`.
#[derive(Debug, Deserialize)]
pub(in crate::gateway) struct Paging {
    #[serde(default)]
    after: u64,
    limit: Option<u32>,
}

/// `GET /v1/audit?after=SEQ&limit=N`: events, oldest first.
pub(in crate::gateway) async fn list(
    State(app): State<App>,
    bearer: Bearer,
    Asked(paging): Asked<Paging>,
) -> Result<Json<Vec<AuditEvent>>, Problem> {
    bearer.with(KeyScope::Admin)?;
    let limit = paging.limit.unwrap_or(LONGEST_PAGE).min(LONGEST_PAGE);
    let after = i64::try_from(paging.after).unwrap_or(i64::MAX).unsigned_abs();
    Ok(Json(app.store.audit(after, limit).await?))
}

/// `GET /v1/audit/verify`: recomputes the chain.
pub(in crate::gateway) async fn verify(
    State(app): State<App>,
    bearer: Bearer,
) -> Result<Json<Verification>, Problem> {
    bearer.with(KeyScope::Admin)?;
    Ok(Json(app.store.verify_audit().await?))
}
