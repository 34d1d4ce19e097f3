//! What callers did lately, for all who decide: rate limits, circuit breakers
//! and cumulative risk that no restart resets and that replicas share.

use axum::Json;
use axum::extract::State;

use super::Body;
use crate::action::Usage;
use crate::gateway::app::App;
use crate::gateway::auth::Bearer;
use crate::gateway::problem::Problem;
use crate::gateway::store::KeyScope;
use crate::policy::Question;

/// Longest id of a caller, in bytes.
const LONGEST_CALLER: usize = 1_024;

/// `POST /v1/windows`: what counts for a demand; unless it is about another
/// time, the demand then counts, too.
pub(in crate::gateway) async fn count(
    State(app): State<App>,
    bearer: Bearer,
    Body(question): Body<Question>,
) -> Result<Json<Usage>, Problem> {
    bearer.with(KeyScope::Request)?;
    if question.demand.caller.len() > LONGEST_CALLER {
        return Err(Problem::invalid("the id of a caller has at most 1024 bytes"));
    }
    Ok(Json(app.store.count(question).await?))
}
