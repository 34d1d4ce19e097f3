//! Rows to records and back.

use jiff::Timestamp;
use rusqlite::types::Type;
use rusqlite::{Error, Result, Row};
use serde::de::DeserializeOwned;

use super::super::model::{Key, KeyScope, Record, StoredKey};
use crate::action::{Action, ApprovalState, ApprovalView, Digest};

/// Columns that [`record`] reads.
pub(super) const APPROVAL: &str = "SELECT a.id, a.state, a.version, a.requester, a.digest, a.risk,
    a.action, a.reasons, a.evidence, a.ttl_seconds, a.created_at, a.expires_at, a.resolved_by,
    a.resolved_at, a.resolution_reason, k.name, k.minted_by
    FROM approval a JOIN api_key k ON k.id = a.requester";

/// [`APPROVAL`] without the evidence, for lists.
pub(super) const APPROVAL_BRIEF: &str = "SELECT a.id, a.state, a.version, a.requester, a.digest,
    a.risk, a.action, a.reasons, '[]', a.ttl_seconds, a.created_at, a.expires_at, a.resolved_by,
    a.resolved_at, a.resolution_reason, k.name, k.minted_by
    FROM approval a JOIN api_key k ON k.id = a.requester";

/// Columns that [`key`] reads.
pub(super) const KEY: &str = "SELECT k.id, k.name, k.scopes, k.bootstrap, k.minted_by,
    k.created_at, k.revoked_at, k.hash FROM api_key k";

pub(super) fn record(row: &Row<'_>) -> Result<Record> {
    let action: Action = json(row, 6)?;
    let view = ApprovalView {
        id: row.get(0)?,
        state: parsed(row, 1, ApprovalState::parse)?,
        operation: action.operation.clone(),
        target: action.target.clone(),
        caller: action.caller.clone(),
        risk: row.get(5)?,
        reasons: json(row, 7)?,
        action_digest: parsed(row, 4, Digest::from_hex)?,
        created_at: time(row, 10)?,
        expires_at: time(row, 11)?,
        version: row.get(2)?,
        params: action.params.clone(),
        evidence: json(row, 8)?,
        resolved_by: row.get(12)?,
        resolved_at: optional_time(row, 13)?,
        resolution_reason: row.get(14)?,
    };
    Ok(Record {
        view,
        requester: row.get(3)?,
        requester_name: row.get(15)?,
        requester_minted_by: row.get(16)?,
        action,
        ttl_seconds: row.get(9)?,
    })
}

pub(super) fn key(row: &Row<'_>) -> Result<Key> {
    Ok(Key {
        id: row.get(0)?,
        name: row.get(1)?,
        scopes: parsed(row, 2, |text| text.split(' ').map(KeyScope::parse).collect())?,
        bootstrap: row.get(3)?,
        minted_by: row.get(4)?,
        created_at: time(row, 5)?,
        revoked_at: optional_time(row, 6)?,
    })
}

pub(super) fn stored_key(row: &Row<'_>) -> Result<StoredKey> {
    Ok(StoredKey { key: key(row)?, hash: row.get(7)? })
}

/// JSON in a text column.
pub(super) fn json<T: DeserializeOwned>(row: &Row<'_>, column: usize) -> Result<T> {
    let text = row.get_ref(column)?.as_str()?;
    serde_json::from_str(text)
        .map_err(|error| Error::FromSqlConversionFailure(column, Type::Text, error.into()))
}

/// Milliseconds since 1970 in an integer column.
pub(super) fn time(row: &Row<'_>, column: usize) -> Result<Timestamp> {
    Timestamp::from_millisecond(row.get(column)?)
        .map_err(|error| Error::FromSqlConversionFailure(column, Type::Integer, error.into()))
}

fn optional_time(row: &Row<'_>, column: usize) -> Result<Option<Timestamp>> {
    match row.get::<_, Option<i64>>(column)? {
        Some(_) => time(row, column).map(Some),
        None => Ok(None),
    }
}

fn parsed<T>(row: &Row<'_>, column: usize, parse: impl Fn(&str) -> Option<T>) -> Result<T> {
    parse(row.get_ref(column)?.as_str()?)
        .ok_or_else(|| Error::InvalidColumnType(column, String::new(), Type::Text))
}
