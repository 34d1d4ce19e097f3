//! WORDS: the four words every dangerous thing is put into (operation, target,
//! caller, params), what is known about it (facts) and what was decided.
//!
//! In: nothing. Out: plain data that every other room speaks. Never here:
//! reading the clock, the environment, files or the network.

mod canonical;
mod decision;
mod digest;
mod facts;
mod glob;
mod nearest;
mod request;
mod visible;

pub use canonical::to_canonical_json;
pub(crate) use canonical::{write_canonical, write_text};
pub use decision::{Cumulative, Decision, DecisionResult, Reason, RiskClass};
pub use digest::Digest;
pub use facts::{CommitLine, Evidence, Facts, Identity, Signal, Usage};
pub use glob::glob_match;
pub use nearest::nearest;
pub use request::{ApprovalRequest, ApprovalState, ApprovalView};
pub use visible::{visible, visible_bytes, visible_line};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// One thing that somebody wants to do.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Action {
    /// Dotted operation name from the catalogue, such as `git.force-push`.
    pub operation: String,
    /// What it is done to, such as `github.com/acme/app#refs/heads/main`.
    pub target: String,
    /// Who wants it.
    pub caller: Caller,
    /// Everything that makes this action differ from another of its kind:
    /// object ids, paths, flags. Part of the digest, so never a secret.
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    pub params: Map<String, Value>,
    /// Change ticket, such as `JIRA-1234`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ticket_id: Option<String>,
    /// When it was asked for. Not part of the digest.
    pub at: Timestamp,
}

impl Action {
    /// SHA-256 of the canonical JSON (RFC 8785) of everything but `at`: two
    /// actions with one digest are the same action, and an approval of one is
    /// an approval of the other and of nothing else.
    #[must_use]
    pub fn digest(&self) -> Digest {
        let mut value = serde_json::to_value(self).unwrap_or_default();
        if let Some(object) = value.as_object_mut() {
            object.remove("at");
        }
        Digest::of(to_canonical_json(&value).as_bytes())
    }
}

/// Who asks.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Caller {
    /// Stable name, such as `ada@laptop`.
    pub id: String,
    /// What kind of caller it is.
    pub kind: CallerKind,
    /// Name of the coding agent where there is one, such as `claude-code`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub agent: Option<String>,
    /// Roles that policies may match.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub roles: Vec<String>,
    /// Groups that policies may match.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub groups: Vec<String>,
    /// Who delegated to whom until it came here, the first one first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub delegation: Vec<Delegator>,
}

/// One caller who delegated what it may do, or less.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Delegator {
    /// Its id.
    pub id: String,
    /// Its roles.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub roles: Vec<String>,
    /// Its groups.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub groups: Vec<String>,
    /// When it delegated.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<Timestamp>,
}

/// Id of a caller who did not say who it is.
pub const ANONYMOUS: &str = "anonymous";

impl Caller {
    /// A caller with this id and nothing else.
    #[must_use]
    pub fn named(id: impl Into<String>, kind: CallerKind) -> Self {
        Self {
            id: id.into(),
            kind,
            agent: None,
            roles: Vec::new(),
            groups: Vec::new(),
            delegation: Vec::new(),
        }
    }

    /// Whether it did not say who it is.
    #[must_use]
    pub fn is_anonymous(&self) -> bool {
        self.id == ANONYMOUS
    }

    /// `ada@laptop`, or `claude-code for ada@laptop`.
    #[must_use]
    pub fn display(&self) -> String {
        match &self.agent {
            Some(agent) => format!("{agent} for {}", self.id),
            None => self.id.clone(),
        }
    }
}

/// Kind of caller; an agent can never answer a terminal prompt.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CallerKind {
    /// A person.
    Human,
    /// A coding agent, or anything that runs below one.
    Agent,
    /// A CI job.
    Ci,
    /// Another program with a key of its own.
    Service,
}

impl CallerKind {
    /// The name used in JSON and policies.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Human => "human",
            Self::Agent => "agent",
            Self::Ci => "ci",
            Self::Service => "service",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn action(at: i64) -> Action {
        Action {
            operation: "git.force-push".into(),
            target: "github.com/acme/app#refs/heads/main".into(),
            caller: Caller::named("ada@laptop", CallerKind::Human),
            params: Map::from_iter([("new".to_owned(), Value::from("abc"))]),
            ticket_id: None,
            at: Timestamp::from_second(at).unwrap_or_default(),
        }
    }

    #[test]
    fn digest_ignores_time_and_nothing_else() {
        assert_eq!(action(1).digest(), action(2).digest());
        let mut other = action(1);
        other.params.insert("new".into(), Value::from("abd"));
        assert_ne!(action(1).digest(), other.digest());
    }
}
