//! Requests for approval: made, seen, waited for, given up, used.

use axum::Json;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use serde_json::Value;

use super::{Asked, Body};
use crate::action::{
    ApprovalRequest, ApprovalState, ApprovalView, DecisionResult, Digest, Evidence,
};
use crate::gateway::app::App;
use crate::gateway::auth::Bearer;
use crate::gateway::problem::Problem;
use crate::gateway::store::{Filter, Key, KeyScope, NewApproval, Record};
use crate::gateway::{secret, wait};
use crate::redact::{redact, redact_json};

/// Longest time that a request may stay pending, in seconds.
const LONGEST_TTL: u32 = 86_400;
/// Longest `Idempotency-Key`, in bytes.
const LONGEST_IDEMPOTENCY: usize = 255;
/// Longest operation and caller, in bytes.
const LONGEST_NAME: usize = 200;
/// Longest target, in bytes.
const LONGEST_TARGET: usize = 4_096;

/// Query of `GET /v1/approvals/{id}`.
#[derive(Debug, Deserialize)]
pub(in crate::gateway) struct Waiting {
    wait: Option<String>,
    version: Option<u64>,
}

/// Query of `GET /v1/approvals`.
#[derive(Debug, Deserialize)]
pub(in crate::gateway) struct Listing {
    state: Option<ApprovalState>,
    prefix: Option<String>,
    limit: Option<u32>,
    wait: Option<String>,
    version: Option<u64>,
}

/// Body of `POST …/redeem`.
#[derive(Debug, Deserialize)]
pub(in crate::gateway) struct Redeeming {
    digest: Digest,
}

/// `POST /v1/approvals`: 201 for a new one, 200 for the one that was there.
pub(in crate::gateway) async fn create(
    State(app): State<App>,
    bearer: Bearer,
    headers: HeaderMap,
    Body(mut request): Body<ApprovalRequest>,
) -> Result<Response, Problem> {
    let requester = bearer.with(KeyScope::Request)?;
    check(&request)?;
    without_secrets(&mut request)?;
    let idempotency = idempotency_key(&headers)?;
    let id = secret::approval_id()?;
    let new = NewApproval { id, request, requester, idempotency };
    let created = app.store.create(new).await?;
    let status = if created.new { StatusCode::CREATED } else { StatusCode::OK };
    let place = format!("/v1/approvals/{}", created.record.view.id);
    Ok((status, [("location", place)], Json(created.record.view)).into_response())
}

/// What is kept and shown holds no secret. The action itself is bound by its
/// digest and can't be changed, so one with a secret in it is refused.
fn without_secrets(request: &mut ApprovalRequest) -> Result<(), Problem> {
    let params = Value::Object(request.action.params.clone());
    if redact_json(params.clone()) != params {
        return Err(Problem::invalid("`action.params` holds a secret; parameters never do"));
    }
    let hide = |text: &mut String| *text = redact(text).into_owned();
    for reason in &mut request.decision.reasons {
        hide(&mut reason.message);
    }
    for evidence in &mut request.evidence {
        match evidence {
            Evidence::Diff { text, .. } | Evidence::Text { text, .. } => hide(text),
            Evidence::Commits { commits, .. } => {
                commits.iter_mut().for_each(|commit| hide(&mut commit.subject));
            }
        }
    }
    Ok(())
}

/// What a client says about risk and outcome is shown, so it must make sense;
/// what it says about the digest must be true.
fn check(request: &ApprovalRequest) -> Result<(), Problem> {
    let (action, decision) = (&request.action, &request.decision);
    let named = |text: &str, longest| !text.trim().is_empty() && text.len() <= longest;
    if !named(&action.operation, LONGEST_NAME) || !named(&action.caller.id, LONGEST_NAME) {
        return Err(Problem::invalid("`operation` and `caller.id` have 1 to 200 bytes"));
    }
    if !named(&action.target, LONGEST_TARGET) {
        return Err(Problem::invalid("`target` has 1 to 4,096 bytes"));
    }
    if !(1..=LONGEST_TTL).contains(&request.ttl_seconds) {
        return Err(Problem::invalid("`ttl_seconds` is between 1 and 86,400"));
    }
    if !(0.0..=10.0).contains(&decision.risk) {
        return Err(Problem::invalid("`decision.risk` is between 0.0 and 10.0"));
    }
    if decision.result != DecisionResult::RequireApproval {
        return Err(Problem::invalid(format!(
            "`decision.result` is `{}`, and only `require_approval` can be approved",
            decision.result
        )));
    }
    if decision.action_digest != action.digest() {
        return Err(Problem::invalid("`decision.action_digest` is not the digest of `action`"));
    }
    Ok(())
}

fn idempotency_key(headers: &HeaderMap) -> Result<Option<String>, Problem> {
    let Some(value) = headers.get("idempotency-key") else { return Ok(None) };
    match value.to_str() {
        Ok(text) if (1..=LONGEST_IDEMPOTENCY).contains(&text.len()) => Ok(Some(text.to_owned())),
        _ => Err(Problem::bad_request("`Idempotency-Key` has 1 to 255 visible ASCII characters")),
    }
}

/// `GET /v1/approvals`: an array, pending and riskiest first. The header
/// `X-Saferun-Version` goes into `?wait=30s&version=…` to wait for a change.
pub(in crate::gateway) async fn list(
    State(app): State<App>,
    Bearer(key): Bearer,
    Asked(asked): Asked<Listing>,
) -> Result<Response, Problem> {
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    if asked.prefix.as_deref().is_some_and(|prefix| !prefix.chars().all(plain)) {
        return Err(Problem::bad_request("`prefix` is the beginning of an approval's identifier"));
    }
    let version = match (&asked.wait, asked.version) {
        (Some(wait), Some(version)) => {
            wait::for_any_change(&app, version, wait::parse(wait)?).await?
        }
        _ => {
            app.store.expire().await?;
            app.store.version().await?
        }
    };
    let requester = (!key.sees_all()).then_some(key.id);
    let limit = asked.limit.unwrap_or(0);
    let filter = Filter { state: asked.state, requester, prefix: asked.prefix, limit };
    let records = app.store.list(filter).await?;
    let views: Vec<ApprovalView> = records.into_iter().map(|record| record.view).collect();
    let mut response = Json(views).into_response();
    response.headers_mut().insert("x-saferun-version", HeaderValue::from(version));
    Ok(response)
}

/// `GET /v1/approvals/{id}`, at once or after the next change.
pub(in crate::gateway) async fn show(
    State(app): State<App>,
    Bearer(key): Bearer,
    Path(id): Path<String>,
    Asked(asked): Asked<Waiting>,
) -> Result<Json<ApprovalView>, Problem> {
    let record = visible(&app, &key, &id).await?;
    let record = match (&asked.wait, asked.version) {
        (Some(wait), Some(version)) if record.view.version == version => {
            let changed = wait::for_change(&app, &id, version, wait::parse(wait)?).await?;
            changed.ok_or_else(Problem::not_found)?
        }
        _ => record,
    };
    Ok(Json(record.view))
}

/// `POST /v1/approvals/{id}/cancel`, by the requester or an administrator.
pub(in crate::gateway) async fn cancel(
    State(app): State<App>,
    Bearer(key): Bearer,
    Path(id): Path<String>,
) -> Result<Json<ApprovalView>, Problem> {
    visible(&app, &key, &id).await?;
    let record = app.store.cancel(id, key.actor()).await?;
    Ok(Json(record.view))
}

/// `POST /v1/approvals/{id}/redeem`: `approved` becomes `used`, exactly once
/// and only for the key that asked.
pub(in crate::gateway) async fn redeem(
    State(app): State<App>,
    bearer: Bearer,
    Path(id): Path<String>,
    Body(Redeeming { digest }): Body<Redeeming>,
) -> Result<Json<ApprovalView>, Problem> {
    let key = bearer.with(KeyScope::Request)?;
    let record = app.store.redeem(id, key.actor(), digest).await?;
    Ok(Json(record.view))
}

/// The approval, where `key` may see it; otherwise it does not exist.
pub(super) async fn visible(app: &App, key: &Key, id: &str) -> Result<Record, Problem> {
    let record = wait::fresh(app, id).await?;
    record
        .filter(|record| key.sees_all() || record.requester == key.id)
        .ok_or_else(Problem::not_found)
}
