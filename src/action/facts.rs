//! What the eyes saw about an action: signals that move the risk, and evidence
//! that helps a person judge.

use serde::{Deserialize, Serialize};

/// Everything known about an action when it is judged.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Facts {
    /// Observations that the catalogue may weigh and policies may match.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub signals: Vec<Signal>,
    /// Shown to whoever approves; not part of the action's digest.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub evidence: Vec<Evidence>,
    /// What the caller's clock is ahead of UTC, in seconds: time windows go by
    /// the hour and the day there.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub utc_offset_seconds: i32,
    /// What is known about the caller being who it says.
    #[serde(default, skip_serializing_if = "Identity::is_claimed")]
    pub identity: Identity,
    /// What the caller did lately, where anything depends on that.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub usage: Option<Usage>,
}

fn is_zero(value: &i32) -> bool {
    *value == 0
}

/// What is known about a caller being who it says.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Identity {
    /// Nothing but its word.
    #[default]
    Claimed,
    /// A signature.
    Verified,
    /// It showed something that proves nothing, and why: nothing is allowed.
    Refused(String),
}

impl Identity {
    /// Whether there is nothing but its word.
    #[must_use]
    pub fn is_claimed(&self) -> bool {
        *self == Self::Claimed
    }

    /// Whether a signature proves it.
    #[must_use]
    pub fn is_verified(&self) -> bool {
        *self == Self::Verified
    }
}

/// What a caller did lately.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Usage {
    /// Its requests in the window.
    pub requests: u64,
    /// Requests of all callers with claimed identity in the window; 0 for a
    /// verified one.
    pub unverified_requests: u64,
    /// Milliseconds until its circuit breaker closes, where it is open.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub breaker_resumes_in_ms: Option<i64>,
    /// Points of risk that it added up in the window.
    pub risk: u64,
}

impl Facts {
    /// Adds a signal; the message may name a file and line.
    pub fn signal(&mut self, code: &str, message: impl Into<String>) {
        self.signals.push(Signal { code: code.to_owned(), message: message.into() });
    }

    /// Whether a signal with this code was seen.
    #[must_use]
    pub fn has(&self, code: &str) -> bool {
        self.signals.iter().any(|signal| signal.code == code)
    }
}

/// One observation, such as `protected_branch` or `workflow.pull_request_target`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Signal {
    /// Stable code; its weight is in `rules/actions/`.
    pub code: String,
    /// What was seen and where, for people.
    pub message: String,
}

/// Something to show the person who approves. All text is redacted before it
/// is put here, and may still hold anything a hostile repository chose: every
/// renderer escapes it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Evidence {
    /// Commits, such as those that a force push would lose.
    Commits {
        /// Heading, such as `commits that would be lost`.
        title: String,
        /// The commits, newest first, at most 50.
        commits: Vec<CommitLine>,
        /// How many there are in all.
        total: usize,
    },
    /// Unified diff of one file.
    Diff {
        /// Path in the repository.
        path: String,
        /// Unified diff text.
        text: String,
    },
    /// Any other text, such as the command line.
    Text {
        /// Heading.
        title: String,
        /// Body.
        text: String,
    },
}

/// One commit in a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CommitLine {
    /// Full object id in hexadecimal.
    pub id: String,
    /// Author's name and address.
    pub author: String,
    /// Author date, RFC 3339.
    pub date: String,
    /// First line of the message.
    pub subject: String,
}
