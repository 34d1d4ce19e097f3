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
