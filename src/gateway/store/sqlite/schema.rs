//! The tables, as migrations that only go forward. `PRAGMA user_version`
//! counts how many were applied.

use rusqlite::Connection;

const MIGRATIONS: &[&str] = &[FIRST, SHARED];

const FIRST: &str = "
CREATE TABLE api_key (
    id          TEXT PRIMARY KEY,
    name        TEXT NOT NULL,
    hash        BLOB NOT NULL,
    scopes      TEXT NOT NULL,
    bootstrap   INTEGER NOT NULL,
    minted_by   TEXT REFERENCES api_key(id),
    created_at  INTEGER NOT NULL,
    revoked_at  INTEGER
) STRICT, WITHOUT ROWID;

CREATE TABLE session (
    token       BLOB PRIMARY KEY,
    key_id      TEXT NOT NULL REFERENCES api_key(id),
    expires_at  INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE approval (
    id                TEXT PRIMARY KEY,
    state             TEXT NOT NULL,
    version           INTEGER NOT NULL,
    requester         TEXT NOT NULL REFERENCES api_key(id),
    digest            TEXT NOT NULL,
    risk              REAL NOT NULL,
    action            TEXT NOT NULL,
    reasons           TEXT NOT NULL,
    evidence          TEXT NOT NULL,
    ttl_seconds       INTEGER NOT NULL,
    created_at        INTEGER NOT NULL,
    expires_at        INTEGER NOT NULL,
    resolved_by       TEXT,
    resolved_at       INTEGER,
    resolution_reason TEXT
) STRICT;
CREATE UNIQUE INDEX approval_live ON approval(requester, digest)
    WHERE state IN ('pending', 'approved');
CREATE INDEX approval_due ON approval(expires_at) WHERE state IN ('pending', 'approved');
CREATE INDEX approval_recent ON approval(created_at);

CREATE TABLE vote (
    approval_id TEXT NOT NULL REFERENCES approval(id),
    key_id      TEXT NOT NULL REFERENCES api_key(id),
    verdict     TEXT NOT NULL,
    reason      TEXT,
    channel     TEXT NOT NULL,
    at          INTEGER NOT NULL,
    PRIMARY KEY (approval_id, key_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE idempotency (
    key_id      TEXT NOT NULL REFERENCES api_key(id),
    value       TEXT NOT NULL,
    digest      TEXT NOT NULL,
    approval_id TEXT NOT NULL REFERENCES approval(id),
    PRIMARY KEY (key_id, value)
) STRICT, WITHOUT ROWID;

CREATE TABLE audit_event (
    seq         INTEGER PRIMARY KEY,
    at          INTEGER NOT NULL,
    kind        TEXT NOT NULL,
    actor       TEXT NOT NULL,
    subject     TEXT NOT NULL,
    details     TEXT NOT NULL,
    prev_hash   TEXT NOT NULL,
    entry_hash  TEXT NOT NULL
) STRICT;
";

/// What those who decide and execute share.
const SHARED: &str = "
CREATE TABLE caller_window (
    name    TEXT PRIMARY KEY,
    state   TEXT NOT NULL,
    ends_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX caller_window_ends ON caller_window(ends_at);

CREATE TABLE used_ticket (
    nonce   TEXT PRIMARY KEY,
    ends_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX used_ticket_ends ON used_ticket(ends_at);
";

/// Brings the tables up to date; a database from a newer saferun is refused.
pub(super) fn migrate(conn: &mut Connection) -> Result<(), MigrateError> {
    let transaction = conn.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)?;
    let applied: usize = transaction.query_row("PRAGMA user_version", [], |row| row.get(0))?;
    let todo = MIGRATIONS.get(applied..).ok_or(MigrateError::Newer { applied })?;
    for migration in todo {
        transaction.execute_batch(migration)?;
    }
    transaction.pragma_update(None, "user_version", MIGRATIONS.len())?;
    Ok(transaction.commit()?)
}

/// Why the tables could not be brought up to date.
#[derive(Debug, thiserror::Error)]
pub enum MigrateError {
    /// Somebody ran a newer saferun on it.
    #[error("it was written by a newer saferun (schema {applied})")]
    Newer {
        /// How many migrations it has.
        applied: usize,
    },
    /// The database failed.
    #[error(transparent)]
    Sql(#[from] rusqlite::Error),
}
