//! Long polls: a caller waits for a change and is woken by the store's
//! broadcast after the commit, never by polling.

use std::time::Duration;

use tokio::sync::broadcast::error::RecvError;
use tokio::time::{Instant, timeout_at};

use super::app::App;
use super::problem::Problem;
use super::store::Record;

/// The longest wait that is granted.
pub(super) const LONGEST: Duration = Duration::from_secs(60);

/// Reads a wait such as `30s`, `500ms` or `30`; longer ones are cut.
pub(super) fn parse(text: &str) -> Result<Duration, Problem> {
    let (number, unit) = match text.strip_suffix("ms") {
        Some(number) => (number, 1),
        None => (text.strip_suffix('s').unwrap_or(text), 1_000),
    };
    let count: u64 = number
        .parse()
        .map_err(|_| Problem::bad_request("`wait` is a duration such as `30s` or `500ms`"))?;
    Ok(Duration::from_millis(count.saturating_mul(unit)).min(LONGEST))
}

/// One approval, as soon as its version differs from `version`, and at the
/// latest after `wait`.
pub(super) async fn for_change(
    app: &App,
    id: &str,
    version: u64,
    wait: Duration,
) -> Result<Option<Record>, Problem> {
    let until = Instant::now() + wait;
    let mut changes = app.store.changes();
    let mut stopping = app.stopping.clone();
    loop {
        let record = fresh(app, id).await?;
        if record.as_ref().is_none_or(|record| record.view.version != version) {
            return Ok(record);
        }
        let ours = async {
            loop {
                match changes.recv().await {
                    Ok(change) if change.id == id => return,
                    Ok(_) => {}
                    Err(RecvError::Lagged(_) | RecvError::Closed) => return,
                }
            }
        };
        let stop = async { stopping.wait_for(|stopping| *stopping).await.is_ok() };
        tokio::select! {
            woken = timeout_at(until, ours) => if woken.is_err() { return Ok(record) },
            _ = stop => return Ok(record),
        }
    }
}

/// Waits until the store's version differs from `version`, and at the latest
/// for `wait`; returns the version.
pub(super) async fn for_any_change(
    app: &App,
    version: u64,
    wait: Duration,
) -> Result<u64, Problem> {
    let until = Instant::now() + wait;
    let mut changes = app.store.changes();
    let mut stopping = app.stopping.clone();
    loop {
        let current = app.store.version().await?;
        if current != version {
            return Ok(current);
        }
        let stop = async { stopping.wait_for(|stopping| *stopping).await.is_ok() };
        tokio::select! {
            woken = timeout_at(until, changes.recv()) => if woken.is_err() { return Ok(current) },
            _ = stop => return Ok(current),
        }
    }
}

/// One approval as it stands now: what is due is marked first.
pub(super) async fn fresh(app: &App, id: &str) -> Result<Option<Record>, Problem> {
    let record = app.store.get(id.to_owned()).await?;
    if record.as_ref().is_some_and(is_due) {
        app.store.expire().await?;
        return Ok(app.store.get(id.to_owned()).await?);
    }
    Ok(record)
}

fn is_due(record: &Record) -> bool {
    use crate::action::ApprovalState::{Approved, Pending};
    matches!(record.view.state, Pending | Approved)
        && record.view.expires_at <= jiff::Timestamp::now()
}
