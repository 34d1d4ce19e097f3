//! What goes into a store and comes out of it.

use std::fmt;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::action::{Action, ApprovalRequest, ApprovalState, ApprovalView, Digest, RiskClass};
use crate::gateway::secret::SecretHash;

/// What a key may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum KeyScope {
    /// Ask for approvals; see, cancel and use its own.
    Request,
    /// See every approval and answer those that others asked for.
    Approve,
    /// Everything, including keys and the audit log.
    Admin,
}

impl KeyScope {
    /// The name used in JSON.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Request => "request",
            Self::Approve => "approve",
            Self::Admin => "admin",
        }
    }

    /// Reads the name used in JSON.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Request, Self::Approve, Self::Admin].into_iter().find(|s| s.as_str() == text)
    }
}

impl fmt::Display for KeyScope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// An API key, without anything secret.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Key {
    /// Public identifier, the middle part of the key.
    pub id: String,
    /// What people call it.
    pub name: String,
    /// What it may do, sorted, without repetition.
    pub scopes: Vec<KeyScope>,
    /// The first key of this gateway, which may answer its own requests.
    pub bootstrap: bool,
    /// Identifier of the key that minted it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub minted_by: Option<String>,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it stopped being valid.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub revoked_at: Option<Timestamp>,
}

impl Key {
    /// Whether it may do what `scope` allows; `admin` may do everything.
    #[must_use]
    pub fn may(&self, scope: KeyScope) -> bool {
        self.scopes.contains(&scope) || self.scopes.contains(&KeyScope::Admin)
    }

    /// Whether it may see and answer what others asked for.
    #[must_use]
    pub fn sees_all(&self) -> bool {
        self.may(KeyScope::Approve)
    }

    /// This key as the one who acts.
    #[must_use]
    pub fn actor(&self) -> Actor {
        Actor { key: Some(self.id.clone()), name: self.name.clone() }
    }
}

/// A key with the hash that its secret is compared to.
#[derive(Debug, Clone)]
pub struct StoredKey {
    /// The key.
    pub key: Key,
    /// SHA-256 of its secret.
    pub hash: SecretHash,
}

/// A key to store.
#[derive(Debug, Clone)]
pub struct NewKey {
    /// Public identifier.
    pub id: String,
    /// SHA-256 of its secret.
    pub hash: SecretHash,
    /// What people call it.
    pub name: String,
    /// What it may do.
    pub scopes: Vec<KeyScope>,
    /// The first key; refused where a key was made before.
    pub bootstrap: bool,
    /// Who mints it.
    pub actor: Actor,
}

/// A session of the page.
#[derive(Debug, Clone)]
pub struct NewSession {
    /// SHA-256 of the cookie's value.
    pub token: SecretHash,
    /// The key that logged in.
    pub key: Key,
    /// When the session ends.
    pub expires_at: Timestamp,
}

/// Who does something: a key, or the gateway itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Actor {
    /// Identifier of the key; none for the gateway and its command line.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
    /// Name of the key, or `gateway`, or `command line`.
    pub name: String,
}

impl Actor {
    /// The gateway itself, such as when time is up.
    #[must_use]
    pub fn gateway() -> Self {
        Self { key: None, name: "gateway".to_owned() }
    }

    /// A person with access to the database file.
    #[must_use]
    pub fn command_line() -> Self {
        Self { key: None, name: "command line".to_owned() }
    }
}

/// Way by which an answer came.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Channel {
    /// The HTTP interface, with a key.
    Api,
    /// The page, with a session.
    Page,
}

/// An answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// Let it through once.
    Approve,
    /// Do not let it through.
    Reject,
}

/// An answer to one approval, bound to the action that was shown.
#[derive(Debug, Clone)]
pub struct Vote {
    /// Identifier of the approval.
    pub id: String,
    /// The answer.
    pub verdict: Verdict,
    /// Why; required to reject.
    pub reason: Option<String>,
    /// Digest of the action that the voter saw.
    pub digest: Digest,
    /// Version that the voter saw, where known.
    pub version: Option<u64>,
    /// The voter's key.
    pub voter: Key,
    /// How the answer came.
    pub channel: Channel,
}

/// An approval to write down.
#[derive(Debug, Clone)]
pub struct NewApproval {
    /// Identifier, should it be new.
    pub id: String,
    /// What is asked; its digest is recomputed from the action.
    pub request: ApprovalRequest,
    /// The requester's key.
    pub requester: Key,
    /// The `Idempotency-Key` header.
    pub idempotency: Option<String>,
}

/// What became of a request for approval.
#[derive(Debug, Clone)]
pub struct Created {
    /// The approval.
    pub record: Record,
    /// Whether it is new; otherwise the one that was there.
    pub new: bool,
}

/// Which approvals to list.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// Only in this state.
    pub state: Option<ApprovalState>,
    /// Only those that this key asked for.
    pub requester: Option<String>,
    /// Only identifiers that begin so.
    pub prefix: Option<String>,
    /// At most so many; 0 means the store's default.
    pub limit: u32,
}

/// An approval with what only the gateway needs to know.
#[derive(Debug, Clone)]
pub struct Record {
    /// What a caller may see.
    pub view: ApprovalView,
    /// Identifier of the key that asked.
    pub requester: String,
    /// Name of the key that asked.
    pub requester_name: String,
    /// Identifier of the key that minted the requester's.
    pub requester_minted_by: Option<String>,
    /// The action.
    pub action: Action,
    /// How long the request may stay pending, in seconds.
    pub ttl_seconds: u32,
}

impl Record {
    /// Class of the risk.
    #[must_use]
    pub fn risk_class(&self) -> RiskClass {
        RiskClass::of_risk(self.view.risk)
    }
}

/// A change of one approval.
#[derive(Debug, Clone)]
pub struct Change {
    /// Identifier of the approval.
    pub id: String,
}
