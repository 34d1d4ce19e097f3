//! MEMORY OF THE GATEWAY: approvals, keys, sessions, what callers did lately,
//! used tickets, and the audit chain.
//!
//! In: domain operations. Out: records, once they are durable. A change of
//! state, the vote behind it and its audit event are one transaction. Never
//! here: HTTP; and nothing of SQLite outside [`sqlite`].

mod chain;
mod model;
mod rules;
pub mod sqlite;

pub use chain::{AuditEvent, GENESIS, Verification};
pub use model::{
    Actor, Change, Channel, Created, Filter, Key, KeyScope, NewApproval, NewKey, NewSession,
    Record, StoredKey, Verdict, Vote,
};
pub use rules::Refusal;

use std::future::Future;
use std::pin::Pin;

use jiff::Timestamp;
use tokio::sync::broadcast;

use super::secret::SecretHash;
use crate::action::{Digest, Usage};
use crate::policy::Question;

/// What a store answers, later.
pub type Answer<'a, T> = Pin<Box<dyn Future<Output = Result<T, StoreError>> + Send + 'a>>;

/// Why a store did not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The operation is not allowed as things stand; nothing was written.
    #[error("{0}")]
    Refused(#[from] Refusal),
    /// The database failed; nothing was written.
    #[error("the database failed: {0}")]
    Unavailable(String),
}

/// The domain operations of a gateway's memory. Whatever was answered with
/// `Ok` survives a crash.
pub trait Store: Send + Sync {
    /// Writes a pending approval down, or finds the one that is already there.
    fn create(&self, new: NewApproval) -> Answer<'_, Created>;
    /// One approval with its evidence.
    fn get(&self, id: String) -> Answer<'_, Option<Record>>;
    /// Approvals without evidence: pending ones first, riskiest first, then
    /// the others, newest first.
    fn list(&self, filter: Filter) -> Answer<'_, Vec<Record>>;
    /// Answers a pending approval; of two answers exactly one wins.
    fn vote(&self, vote: Vote) -> Answer<'_, Record>;
    /// Gives a pending or approved one up.
    fn cancel(&self, id: String, actor: Actor) -> Answer<'_, Record>;
    /// Spends an approved one, exactly once.
    fn redeem(&self, id: String, actor: Actor, digest: Digest) -> Answer<'_, Record>;
    /// Marks everything whose time is up.
    fn expire(&self) -> Answer<'_, ()>;

    /// Counts a demand in the windows of its caller; says what counted before.
    fn count(&self, question: Question) -> Answer<'_, Usage>;
    /// Uses a ticket up, by the digest of its nonce; whether it was unused.
    fn use_ticket(&self, nonce: Digest, ends: Timestamp, actor: Actor) -> Answer<'_, bool>;

    /// Stores a key's hash.
    fn create_key(&self, new: NewKey) -> Answer<'_, Key>;
    /// Looks a live key up by its public identifier.
    fn key(&self, id: String) -> Answer<'_, Option<StoredKey>>;
    /// All keys, revoked ones too.
    fn keys(&self) -> Answer<'_, Vec<Key>>;
    /// Revokes a key and ends its sessions.
    fn revoke_key(&self, id: String, actor: Actor) -> Answer<'_, Key>;

    /// Opens a session of the page.
    fn open_session(&self, new: NewSession) -> Answer<'_, ()>;
    /// The live key behind a live session.
    fn session(&self, token: SecretHash) -> Answer<'_, Option<Key>>;
    /// Ends a session.
    fn close_session(&self, token: SecretHash) -> Answer<'_, ()>;

    /// Audit events after `after`, oldest first, at most `limit`.
    fn audit(&self, after: u64, limit: u32) -> Answer<'_, Vec<AuditEvent>>;
    /// Recomputes the whole audit chain.
    fn verify_audit(&self) -> Answer<'_, Verification>;
    /// Number of the last audit event; grows with every change.
    fn version(&self) -> Answer<'_, u64>;

    /// Changes of approvals, told after they are durable.
    fn changes(&self) -> broadcast::Receiver<Change>;
}
