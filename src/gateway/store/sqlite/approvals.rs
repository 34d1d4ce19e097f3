//! Approvals: each change of state is one guarded `UPDATE`, with its audit
//! event in the same transaction.

use jiff::{SignedDuration, Timestamp};
use rusqlite::{Connection, OptionalExtension, Result, ToSql, params};
use serde_json::{Value, json};

use super::super::StoreError;
use super::super::model::{Actor, Created, Filter, NewApproval, Record, Verdict, Vote};
use super::super::rules::{self, Refusal};
use super::audit;
use super::rows::{self, APPROVAL, APPROVAL_BRIEF};
use super::unavailable;
use super::writer::Tx;
use crate::action::{ApprovalState, Digest};

/// Most approvals in one list.
const LONGEST_LIST: u32 = 500;

/// A change of state and what is written with it.
struct Move<'m> {
    to: ApprovalState,
    kind: &'m str,
    actor: &'m Actor,
    reason: Option<&'m str>,
    expires_at: Timestamp,
    details: Value,
}

pub(super) fn create(tx: &mut Tx<'_>, new: &NewApproval) -> Result<Created, StoreError> {
    let digest = new.request.action.digest();
    if let Some(record) = existing(tx.conn, new, &digest)? {
        return Ok(Created { record, new: false });
    }
    let ttl = SignedDuration::from_secs(i64::from(new.request.ttl_seconds));
    let expires_at = tx.now.checked_add(ttl).unwrap_or(tx.now);
    insert(tx, new, &digest, expires_at).map_err(unavailable)?;
    if let Some(value) = &new.idempotency {
        tx.conn
            .prepare_cached("INSERT INTO idempotency VALUES (?, ?, ?, ?)")
            .and_then(|mut insert| {
                insert.execute(params![new.requester.id, value, digest.to_string(), new.id])
            })
            .map_err(unavailable)?;
    }
    let details = json!({
        "operation": new.request.action.operation,
        "target": new.request.action.target,
        "caller": new.request.action.caller,
        "risk": new.request.decision.risk,
        "action_digest": digest,
        "expires_at": expires_at,
    });
    audit::append(tx, "approval.requested", &new.requester.actor(), &new.id, details)?;
    tx.changed(&new.id);
    Ok(Created { record: must_get(tx.conn, &new.id)?, new: true })
}

/// The approval that a repeated request means: the one with the same
/// idempotency key, or the same action still pending or granted and unused.
fn existing(
    conn: &Connection,
    new: &NewApproval,
    digest: &Digest,
) -> Result<Option<Record>, StoreError> {
    if let Some(value) = &new.idempotency {
        let known: Option<(String, String)> = conn
            .prepare_cached(
                "SELECT digest, approval_id FROM idempotency WHERE key_id = ? AND value = ?",
            )
            .and_then(|mut query| {
                let row = query
                    .query_row([&new.requester.id, value], |row| Ok((row.get(0)?, row.get(1)?)));
                row.optional()
            })
            .map_err(unavailable)?;
        match known {
            Some((same, id)) if same == digest.to_string() => return must_get(conn, &id).map(Some),
            Some(_) => {
                return Err(
                    Refusal::Invalid("this `Idempotency-Key` was used for another action").into()
                );
            }
            None => {}
        }
    }
    conn.prepare_cached(&format!(
        "{APPROVAL} WHERE a.requester = ? AND a.digest = ? AND a.state IN ('pending', 'approved')"
    ))
    .and_then(|mut query| {
        query.query_row([&new.requester.id, &digest.to_string()], rows::record).optional()
    })
    .map_err(unavailable)
}

fn insert(tx: &Tx<'_>, new: &NewApproval, digest: &Digest, expires_at: Timestamp) -> Result<()> {
    let text = |value: serde_json::Result<String>| {
        value.map_err(|error| rusqlite::Error::ToSqlConversionFailure(error.into()))
    };
    tx.conn
        .prepare_cached(
            "INSERT INTO approval (id, state, version, requester, digest, risk, action, reasons,
                evidence, ttl_seconds, created_at, expires_at)
             VALUES (?, 'pending', 1, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        )?
        .execute(params![
            new.id,
            new.requester.id,
            digest.to_string(),
            new.request.decision.risk,
            text(serde_json::to_string(&new.request.action))?,
            text(serde_json::to_string(&new.request.decision.reasons))?,
            text(serde_json::to_string(&new.request.evidence))?,
            new.request.ttl_seconds,
            tx.now.as_millisecond(),
            expires_at.as_millisecond(),
        ])?;
    Ok(())
}

pub(super) fn vote(tx: &mut Tx<'_>, vote: &Vote) -> Result<Record, StoreError> {
    let record = must_get(tx.conn, &vote.id)?;
    rules::check_vote(&record, vote)?;
    let reason = vote.reason.as_deref().map(str::trim).filter(|reason| !reason.is_empty());
    tx.conn
        .prepare_cached("INSERT INTO vote VALUES (?, ?, ?, ?, ?, ?)")
        .and_then(|mut insert| {
            insert.execute(params![
                vote.id,
                vote.voter.id,
                text_of(vote.verdict),
                reason,
                text_of(vote.channel),
                tx.now.as_millisecond(),
            ])
        })
        .map_err(unavailable)?;
    let (to, kind, expires_at) = match vote.verdict {
        Verdict::Approve => (
            ApprovalState::Approved,
            "approval.approved",
            rules::grant_until(tx.now, record.ttl_seconds),
        ),
        Verdict::Reject => (ApprovalState::Rejected, "approval.rejected", record.view.expires_at),
    };
    let details = json!({
        "channel": vote.channel,
        "reason": reason,
        "action_digest": vote.digest,
        "self_approved": record.requester == vote.voter.id,
    });
    let actor = vote.voter.actor();
    advance(tx, &record, Move { to, kind, actor: &actor, reason, expires_at, details })
}

pub(super) fn cancel(tx: &mut Tx<'_>, id: &str, actor: &Actor) -> Result<Record, StoreError> {
    let record = must_get(tx.conn, id)?;
    let admin = actor.key.as_deref().map_or(Ok(false), |key| is_admin(tx.conn, key));
    rules::check_cancel(&record, actor, admin.map_err(unavailable)?)?;
    let expires_at = record.view.expires_at;
    let details = json!({});
    let kind = "approval.cancelled";
    let to = ApprovalState::Cancelled;
    advance(tx, &record, Move { to, kind, actor, reason: None, expires_at, details })
}

pub(super) fn redeem(
    tx: &mut Tx<'_>,
    id: &str,
    actor: &Actor,
    digest: &Digest,
) -> Result<Record, StoreError> {
    let record = must_get(tx.conn, id)?;
    rules::check_redeem(&record, actor, digest)?;
    let expires_at = record.view.expires_at;
    let details = json!({ "action_digest": digest });
    let to = ApprovalState::Used;
    advance(
        tx,
        &record,
        Move { to, kind: "approval.used", actor, reason: None, expires_at, details },
    )
}

/// Marks everything whose time is up.
pub(super) fn expire_due(tx: &mut Tx<'_>) -> Result<(), StoreError> {
    let due: Vec<Record> = tx
        .conn
        .prepare_cached(&format!(
            "{APPROVAL_BRIEF} WHERE a.state IN ('pending', 'approved') AND a.expires_at <= ?"
        ))
        .and_then(|mut query| query.query_map([tx.now.as_millisecond()], rows::record)?.collect())
        .map_err(unavailable)?;
    for record in due {
        let (to, kind, actor) = (ApprovalState::Expired, "approval.expired", &Actor::gateway());
        let expires_at = record.view.expires_at;
        let details = json!({ "was": record.view.state });
        advance(tx, &record, Move { to, kind, actor, reason: None, expires_at, details })?;
    }
    Ok(())
}

/// The one statement that changes a state: of two that start from the same
/// version only one finds its row.
fn advance(tx: &mut Tx<'_>, from: &Record, change: Move<'_>) -> Result<Record, StoreError> {
    let answered = matches!(change.to, ApprovalState::Approved | ApprovalState::Rejected);
    let answerer = answered.then_some(change.actor.name.as_str());
    let answered_at = answered.then_some(tx.now.as_millisecond());
    let moved = tx
        .conn
        .prepare_cached(
            "UPDATE approval SET state = ?, version = version + 1, expires_at = ?,
                resolved_by = coalesce(?, resolved_by), resolved_at = coalesce(?, resolved_at),
                resolution_reason = coalesce(?, resolution_reason)
             WHERE id = ? AND state = ? AND version = ?",
        )
        .and_then(|mut update| {
            update.execute(params![
                change.to.as_str(),
                change.expires_at.as_millisecond(),
                answerer,
                answered_at,
                change.reason,
                from.view.id,
                from.view.state.as_str(),
                from.view.version,
            ])
        })
        .map_err(unavailable)?;
    if moved != 1 {
        return Err(rules::settled(&must_get(tx.conn, &from.view.id)?).into());
    }
    audit::append(tx, change.kind, change.actor, &from.view.id, change.details)?;
    tx.changed(&from.view.id);
    must_get(tx.conn, &from.view.id)
}

pub(super) fn get(conn: &Connection, id: &str) -> Result<Option<Record>> {
    conn.prepare_cached(&format!("{APPROVAL} WHERE a.id = ?"))?
        .query_row([id], rows::record)
        .optional()
}

fn must_get(conn: &Connection, id: &str) -> Result<Record, StoreError> {
    let found = get(conn, id).map_err(unavailable)?;
    found.ok_or_else(|| Refusal::NotFound { what: "approval" }.into())
}

pub(super) fn list(conn: &Connection, filter: &Filter) -> Result<Vec<Record>> {
    let state = filter.state.map(ApprovalState::as_str);
    let prefix = filter.prefix.as_deref().map(|prefix| format!("{prefix}%"));
    let limit = if filter.limit == 0 { LONGEST_LIST } else { filter.limit.min(LONGEST_LIST) };
    let parameters: [&dyn ToSql; 4] = [&state, &filter.requester, &prefix, &limit];
    conn.prepare_cached(&format!(
        "{APPROVAL_BRIEF}
         WHERE (?1 IS NULL OR a.state = ?1) AND (?2 IS NULL OR a.requester = ?2)
             AND (?3 IS NULL OR a.id LIKE ?3)
         ORDER BY a.state = 'pending' DESC, iif(a.state = 'pending', a.risk, 0) DESC,
             a.created_at DESC
         LIMIT ?4"
    ))?
    .query_map(parameters, rows::record)?
    .collect()
}

fn is_admin(conn: &Connection, key: &str) -> Result<bool> {
    let query = format!("{} WHERE k.id = ?", rows::KEY);
    let key = conn.prepare_cached(&query)?.query_row([key], rows::key).optional()?;
    Ok(key.is_some_and(|key| key.may(super::super::KeyScope::Admin)))
}

/// The name that a plain enum has in JSON.
fn text_of(value: impl serde::Serialize) -> Option<String> {
    serde_json::to_value(value).ok()?.as_str().map(str::to_owned)
}
