//! The list: what is pending, riskiest first, and what was lately.

use askama::Template;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use jiff::Timestamp;

use super::session::Visitor;
use super::view::Card;
use super::{PageProblem, page};
use crate::action::ApprovalState;
use crate::gateway::app::App;
use crate::gateway::store::Filter;

/// How many settled ones are shown.
const RECENT: usize = 20;

#[derive(Template)]
#[template(path = "queue.html")]
struct QueuePage {
    key: String,
    csrf: String,
    pending: Vec<Card>,
    recent: Vec<Card>,
}

/// `GET /`.
pub(in crate::gateway) async fn show(State(app): State<App>, visitor: Visitor) -> Response {
    try_show(&app, &visitor).await.unwrap_or_else(IntoResponse::into_response)
}

async fn try_show(app: &App, visitor: &Visitor) -> Result<Response, PageProblem> {
    app.store.expire().await?;
    let now = Timestamp::now();
    let records = app.store.list(Filter::default()).await?;
    let (pending, settled): (Vec<_>, Vec<_>) =
        records.iter().partition(|record| record.view.state == ApprovalState::Pending);
    page(&QueuePage {
        key: crate::action::visible_line(&visitor.key.name),
        csrf: visitor.form_token("logout"),
        pending: pending.into_iter().map(|record| Card::new(record, now)).collect(),
        recent: settled.into_iter().take(RECENT).map(|record| Card::new(record, now)).collect(),
    })
}
