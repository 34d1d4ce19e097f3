//! One request, and the two forms that answer it.

use askama::Template;
use axum::Form;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Redirect, Response};
use jiff::Timestamp;
use serde::Deserialize;

use super::session::{Visitor, check_origin};
use super::view::{Detail, Shown};
use super::{PageProblem, page};
use crate::action::{ApprovalState, Digest};
use crate::gateway::app::App;
use crate::gateway::problem::Problem;
use crate::gateway::store::{Channel, Record, Refusal, StoreError, Verdict, Vote};
use crate::gateway::wait;

#[derive(Template)]
#[template(path = "approval.html")]
struct ApprovalPage {
    key: String,
    csrf_logout: String,
    csrf: String,
    open: bool,
    notice: Option<String>,
    it: Detail,
}

/// Either form.
#[derive(Debug, Deserialize)]
pub(in crate::gateway) struct Answer {
    csrf: String,
    version: u64,
    digest: String,
    #[serde(default)]
    reason: String,
}

/// `GET /approvals/{id}`.
pub(in crate::gateway) async fn show(
    State(app): State<App>,
    visitor: Visitor,
    Path(id): Path<String>,
) -> Response {
    let shown = async {
        let record = wait::fresh(&app, &id).await?.ok_or_else(Problem::not_found)?;
        render(&visitor, &record, None)
    };
    shown.await.unwrap_or_else(IntoResponse::into_response)
}

/// `POST /approvals/{id}/approve`.
pub(in crate::gateway) async fn approve(
    State(app): State<App>,
    visitor: Visitor,
    headers: HeaderMap,
    Path(id): Path<String>,
    Form(form): Form<Answer>,
) -> Response {
    let answered = answer(&app, &visitor, &headers, id, Verdict::Approve, form).await;
    answered.unwrap_or_else(IntoResponse::into_response)
}

/// `POST /approvals/{id}/reject`.
pub(in crate::gateway) async fn reject(
    State(app): State<App>,
    visitor: Visitor,
    headers: HeaderMap,
    Path(id): Path<String>,
    Form(form): Form<Answer>,
) -> Response {
    let answered = answer(&app, &visitor, &headers, id, Verdict::Reject, form).await;
    answered.unwrap_or_else(IntoResponse::into_response)
}

async fn answer(
    app: &App,
    visitor: &Visitor,
    headers: &HeaderMap,
    id: String,
    verdict: Verdict,
    form: Answer,
) -> Result<Response, PageProblem> {
    check_origin(headers)?;
    visitor.check_form(&purpose(&id, form.version), &form.csrf)?;
    let digest = Digest::from_hex(&form.digest)
        .ok_or_else(|| Problem::bad_request("the form carries no digest"))?;
    let vote = Vote {
        id: id.clone(),
        verdict,
        reason: Some(form.reason),
        digest,
        version: Some(form.version),
        voter: visitor.key.clone(),
        channel: Channel::Page,
    };
    match app.store.vote(vote).await {
        Ok(_) => Ok(Redirect::to(&format!("/approvals/{id}")).into_response()),
        Err(StoreError::Refused(refusal @ (Refusal::Settled { .. } | Refusal::Invalid(_)))) => {
            let record = wait::fresh(app, &id).await?.ok_or_else(Problem::not_found)?;
            let problem = Problem::from(refusal);
            let status: StatusCode = problem.status;
            Ok((status, render(visitor, &record, Some(problem.detail))?).into_response())
        }
        Err(error) => Err(error.into()),
    }
}

fn render(
    visitor: &Visitor,
    record: &Record,
    notice: Option<String>,
) -> Result<Response, PageProblem> {
    page(&ApprovalPage {
        key: crate::action::visible_line(&visitor.key.name),
        csrf_logout: visitor.form_token("logout"),
        csrf: visitor.form_token(&purpose(&record.view.id, record.view.version)),
        open: record.view.state == ApprovalState::Pending,
        notice: notice.map(|text| crate::action::visible_line(&text)),
        it: Detail::new(record, Timestamp::now()),
    })
}

/// What the forms of one version of one approval are for.
fn purpose(id: &str, version: u64) -> String {
    format!("answer {id} {version}")
}
