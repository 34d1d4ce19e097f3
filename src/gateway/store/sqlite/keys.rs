//! API keys and sessions of the page.

use rusqlite::{Connection, OptionalExtension, Result, params};
use serde_json::json;

use super::super::StoreError;
use super::super::model::{Actor, Key, KeyScope, NewKey, NewSession, StoredKey};
use super::super::rules::Refusal;
use super::audit;
use super::rows::{self, KEY};
use super::unavailable;
use super::writer::Tx;
use crate::gateway::secret::SecretHash;

pub(super) fn create(tx: &mut Tx<'_>, new: &NewKey) -> Result<Key, StoreError> {
    if new.bootstrap && any(tx.conn).map_err(unavailable)? {
        return Err(Refusal::Forbidden("this gateway has keys already").into());
    }
    let mut scopes = new.scopes.clone();
    scopes.sort();
    scopes.dedup();
    let names: Vec<_> = scopes.iter().map(|scope| scope.as_str()).collect();
    tx.conn
        .prepare_cached("INSERT INTO api_key VALUES (?, ?, ?, ?, ?, ?, ?, NULL)")
        .and_then(|mut insert| {
            insert.execute(params![
                new.id,
                new.name,
                new.hash,
                names.join(" "),
                new.bootstrap,
                new.actor.key,
                tx.now.as_millisecond(),
            ])
        })
        .map_err(unavailable)?;
    let details = json!({ "name": new.name, "scopes": scopes, "bootstrap": new.bootstrap });
    audit::append(tx, "key.created", &new.actor, &new.id, details)?;
    must_get(tx.conn, &new.id)
}

pub(super) fn revoke(tx: &mut Tx<'_>, id: &str, actor: &Actor) -> Result<Key, StoreError> {
    let key = must_get(tx.conn, id)?;
    if key.revoked_at.is_some() {
        return Ok(key);
    }
    if key.may(KeyScope::Admin) && live_admins(tx.conn).map_err(unavailable)? <= 1 {
        return Err(Refusal::Forbidden("the last administrator's key can not be revoked").into());
    }
    let statements = [
        ("UPDATE api_key SET revoked_at = ?2 WHERE id = ?1 AND revoked_at IS NULL"),
        ("DELETE FROM session WHERE key_id = ?1 AND ?2 IS NOT NULL"),
    ];
    for statement in statements {
        tx.conn
            .prepare_cached(statement)
            .and_then(|mut update| update.execute(params![id, tx.now.as_millisecond()]))
            .map_err(unavailable)?;
    }
    audit::append(tx, "key.revoked", actor, id, json!({ "name": key.name }))?;
    must_get(tx.conn, id)
}

/// A live key by its public identifier.
pub(super) fn live(conn: &Connection, id: &str) -> Result<Option<StoredKey>> {
    conn.prepare_cached(&format!("{KEY} WHERE k.id = ? AND k.revoked_at IS NULL"))?
        .query_row([id], rows::stored_key)
        .optional()
}

pub(super) fn list(conn: &Connection) -> Result<Vec<Key>> {
    conn.prepare_cached(&format!("{KEY} ORDER BY k.created_at, k.id"))?
        .query_map([], rows::key)?
        .collect()
}

/// Whether any key was ever made.
pub(super) fn any(conn: &Connection) -> Result<bool> {
    conn.query_row("SELECT EXISTS (SELECT 1 FROM api_key)", [], |row| row.get(0))
}

fn live_admins(conn: &Connection) -> Result<usize> {
    let keys = list(conn)?;
    Ok(keys.iter().filter(|key| key.revoked_at.is_none() && key.may(KeyScope::Admin)).count())
}

fn must_get(conn: &Connection, id: &str) -> Result<Key, StoreError> {
    conn.prepare_cached(&format!("{KEY} WHERE k.id = ?"))
        .and_then(|mut query| query.query_row([id], rows::key).optional())
        .map_err(unavailable)?
        .ok_or_else(|| Refusal::NotFound { what: "key" }.into())
}

pub(super) fn open_session(tx: &mut Tx<'_>, new: &NewSession) -> Result<(), StoreError> {
    let write = || -> Result<()> {
        tx.conn
            .prepare_cached("DELETE FROM session WHERE expires_at <= ?")?
            .execute([tx.now.as_millisecond()])?;
        tx.conn.prepare_cached("INSERT INTO session VALUES (?, ?, ?)")?.execute(params![
            new.token,
            new.key.id,
            new.expires_at.as_millisecond()
        ])?;
        Ok(())
    };
    write().map_err(unavailable)?;
    audit::append(tx, "session.opened", &new.key.actor(), &new.key.id, json!({}))
}

/// The live key behind a session that has not ended at `now` (milliseconds).
pub(super) fn session(conn: &Connection, token: &SecretHash, now: i64) -> Result<Option<Key>> {
    conn.prepare_cached(&format!(
        "{KEY} JOIN session s ON s.key_id = k.id
         WHERE s.token = ? AND s.expires_at > ? AND k.revoked_at IS NULL"
    ))?
    .query_row(params![token, now], rows::key)
    .optional()
}

pub(super) fn close_session(tx: &mut Tx<'_>, token: &SecretHash) -> Result<(), StoreError> {
    tx.conn
        .prepare_cached("DELETE FROM session WHERE token = ?")
        .and_then(|mut delete| delete.execute([token]))
        .map(|_| ())
        .map_err(unavailable)
}
