//! The audit chain in its table.

use rusqlite::{Connection, OptionalExtension, Result, Row, params};
use serde_json::Value;

use super::super::StoreError;
use super::super::chain::{AuditEvent, GENESIS, Verification, Walk};
use super::super::model::Actor;
use super::rows;
use super::unavailable;
use super::writer::Tx;

const COLUMNS: &str =
    "SELECT seq, at, kind, actor, subject, details, prev_hash, entry_hash FROM audit_event";

/// Appends an event to the chain within the transaction of what it tells.
pub(super) fn append(
    tx: &Tx<'_>,
    kind: &str,
    actor: &Actor,
    subject: &str,
    details: Value,
) -> Result<(), StoreError> {
    let (seq, prev_hash) = head(tx.conn).map_err(unavailable)?;
    let mut event = AuditEvent {
        seq: seq + 1,
        at: tx.now,
        kind: kind.to_owned(),
        actor: actor.clone(),
        subject: subject.to_owned(),
        details,
        prev_hash,
        entry_hash: String::new(),
    };
    event.entry_hash = event.computed_hash();
    insert(tx.conn, &event).map_err(unavailable)
}

fn insert(conn: &Connection, event: &AuditEvent) -> Result<()> {
    let actor = serde_json::to_string(&event.actor).unwrap_or_default();
    conn.prepare_cached(
        "INSERT INTO audit_event (seq, at, kind, actor, subject, details, prev_hash, entry_hash)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
    )?
    .execute(params![
        event.seq,
        event.at.as_millisecond(),
        event.kind,
        actor,
        event.subject,
        event.details.to_string(),
        event.prev_hash,
        event.entry_hash,
    ])?;
    Ok(())
}

/// Number and hash of the last event.
pub(super) fn head(conn: &Connection) -> Result<(u64, String)> {
    let last = conn
        .prepare_cached("SELECT seq, entry_hash FROM audit_event ORDER BY seq DESC LIMIT 1")?
        .query_row([], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    Ok(last.unwrap_or_else(|| (0, GENESIS.to_owned())))
}

/// Events after `after`, oldest first.
pub(super) fn list(conn: &Connection, after: u64, limit: u32) -> Result<Vec<AuditEvent>> {
    conn.prepare_cached(&format!("{COLUMNS} WHERE seq > ? ORDER BY seq LIMIT ?"))?
        .query_map(params![after, limit], event)?
        .collect()
}

/// Recomputes the chain.
pub(super) fn verify(conn: &Connection) -> Result<Verification> {
    let mut walk = Walk::new();
    let mut statement = conn.prepare(&format!("{COLUMNS} ORDER BY seq"))?;
    for event in statement.query_map([], event)? {
        walk.step(&event?);
    }
    Ok(walk.finish())
}

fn event(row: &Row<'_>) -> Result<AuditEvent> {
    Ok(AuditEvent {
        seq: row.get(0)?,
        at: rows::time(row, 1)?,
        kind: row.get(2)?,
        actor: rows::json(row, 3)?,
        subject: row.get(4)?,
        details: rows::json(row, 5)?,
        prev_hash: row.get(6)?,
        entry_hash: row.get(7)?,
    })
}
