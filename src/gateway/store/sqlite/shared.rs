//! What those who decide and execute share: the windows of callers, and the
//! tickets that were used. Rows that nothing depends on any more are removed.

use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, Result, params};
use serde_json::json;

use super::super::StoreError;
use super::super::model::Actor;
use super::writer::Tx;
use super::{audit, rows, unavailable};
use crate::action::{Digest, Usage};
use crate::policy::{Demand, Question, Window, remembered};

/// How long a used ticket is kept after its end, for clocks that differ, in
/// milliseconds.
const KEPT_AFTER: i64 = 30 * 60 * 1000;

pub(super) fn count(tx: &mut Tx<'_>, question: &Question) -> Result<Usage, StoreError> {
    let (demand, limits) = (&question.demand, question.limits());
    let read = |name: &str| window(tx.conn, name).map_err(unavailable);
    let (mut own, mut shared) = (read(&demand.window())?, read(Demand::SHARED)?);
    let at = question.at.unwrap_or(tx.now);
    let usage = demand.count(&mut own, &mut shared, &limits, at, Usage::default());
    if question.at.is_none() {
        let now = tx.now.as_millisecond();
        forget(tx.conn, "DELETE FROM caller_window WHERE ends_at <= ?", now)?;
        for (name, window) in [(demand.window().as_str(), &own), (Demand::SHARED, &shared)] {
            keep(tx.conn, name, window, now + remembered(&limits)).map_err(unavailable)?;
        }
    }
    Ok(usage)
}

fn window(conn: &Connection, name: &str) -> Result<Window> {
    let found = conn
        .prepare_cached("SELECT state FROM caller_window WHERE name = ?")?
        .query_row([name], |row| rows::json(row, 0))
        .optional()?;
    Ok(found.unwrap_or_default())
}

fn keep(conn: &Connection, name: &str, window: &Window, ends_at: i64) -> Result<()> {
    let state = serde_json::to_string(window).unwrap_or_default();
    conn.prepare_cached(
        "INSERT INTO caller_window (name, state, ends_at) VALUES (?1, ?2, ?3)
         ON CONFLICT (name) DO UPDATE SET state = ?2, ends_at = max(ends_at, ?3)",
    )?
    .execute(params![name, state, ends_at])?;
    Ok(())
}

pub(super) fn use_ticket(
    tx: &mut Tx<'_>,
    nonce: &Digest,
    ends: Timestamp,
    actor: &Actor,
) -> Result<bool, StoreError> {
    let now = tx.now.as_millisecond();
    forget(tx.conn, "DELETE FROM used_ticket WHERE ends_at <= ?", now)?;
    let ends_at = ends.as_millisecond().max(now).saturating_add(KEPT_AFTER);
    let nonce = nonce.to_string();
    let taken = tx
        .conn
        .prepare_cached("INSERT INTO used_ticket VALUES (?, ?) ON CONFLICT DO NOTHING")
        .and_then(|mut insert| insert.execute(params![nonce, ends_at]))
        .map_err(unavailable)?;
    let kind = if taken == 1 { "ticket.used" } else { "ticket.refused" };
    audit::append(tx, kind, actor, &nonce, json!({}))?;
    Ok(taken == 1)
}

fn forget(conn: &Connection, statement: &str, now: i64) -> Result<(), StoreError> {
    conn.prepare_cached(statement)
        .and_then(|mut delete| delete.execute([now]))
        .map(drop)
        .map_err(unavailable)
}
