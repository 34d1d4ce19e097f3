//! Answers to requests for approval.

use axum::Json;
use axum::extract::{Path, State};
use axum::http::HeaderMap;
use serde::Deserialize;

use super::{Body, approvals};
use crate::action::{ApprovalView, Digest};
use crate::gateway::app::App;
use crate::gateway::auth::Bearer;
use crate::gateway::problem::Problem;
use crate::gateway::store::{Channel, KeyScope, Verdict, Vote};

/// Body of `POST …/votes`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::gateway) struct Answer {
    decision: Verdict,
    #[serde(default)]
    reason: Option<String>,
    digest: Digest,
}

/// `POST /v1/approvals/{id}/votes`: the first answer counts, any other gets
/// 409 and who was faster.
pub(in crate::gateway) async fn vote(
    State(app): State<App>,
    bearer: Bearer,
    headers: HeaderMap,
    Path(id): Path<String>,
    Body(answer): Body<Answer>,
) -> Result<Json<ApprovalView>, Problem> {
    approvals::visible(&app, &bearer.0, &id).await?;
    let voter = bearer.with(KeyScope::Approve)?;
    let kind = headers.get("x-saferun-caller-kind");
    if kind.is_some_and(|kind| kind.as_bytes().eq_ignore_ascii_case(b"agent")) {
        return Err(Problem::forbidden("an agent does not answer approvals; a person has to"));
    }
    let vote = Vote {
        id,
        verdict: answer.decision,
        reason: answer.reason,
        digest: answer.digest,
        version: None,
        voter,
        channel: Channel::Api,
    };
    Ok(Json(app.store.vote(vote).await?.view))
}
