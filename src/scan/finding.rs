//! A finding, as reports and the rest of saferun see it.

use std::fmt;

use serde::Serialize;

use super::Confidence;
use super::rule::Text;
use super::value_hash::ValueHash;

/// What a provider says of a secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Verification {
    /// It works.
    Live,
    /// It doesn't, or not any more.
    Revoked,
    /// That could not be told.
    Unknown,
}

impl fmt::Display for Verification {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Live => "live",
            Self::Revoked => "revoked",
            Self::Unknown => "unknown",
        })
    }
}

/// A secret and where it stands. Lines and columns (in characters) count from
/// 1; the last column is the secret's last character.
#[derive(Debug, Clone, Serialize)]
pub struct Finding {
    /// The rule that found it.
    pub rule_id: Text,
    /// What the rule finds.
    pub description: Text,
    /// The file, `/`-separated; bytes that are not UTF-8 as `\x…`.
    pub file: String,
    /// Line of the secret's first character.
    pub start_line: usize,
    /// Line of its last.
    pub end_line: usize,
    /// Column of its first character.
    pub start_column: usize,
    /// Column of its last.
    pub end_column: usize,
    /// What the rule's pattern matched.
    #[serde(rename = "match")]
    pub matched: String,
    /// The secret.
    pub secret: String,
    /// Shannon entropy of the secret, bits a byte.
    pub entropy: f64,
    /// How sure.
    pub confidence: Confidence,
    /// The commit, in histories and ranges.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub commit: Option<String>,
    /// Who wrote it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub author: Option<String>,
    /// Their address.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    /// When, RFC 3339.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub date: Option<String>,
    /// The commit's message.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
    /// Whether the commit checked out still has it; in histories only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub in_head: Option<bool>,
    /// The commit that took it away again, on the way to the one checked out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub removed_in: Option<String>,
    /// `file:rule:line`, or `commit:file:rule:line`.
    pub fingerprint: String,
    /// Names the secret where `secret` is redacted, so that a report can serve
    /// as a baseline.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub value_hash: Option<ValueHash>,
    /// What the provider says of the secret, where it was asked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub verification: Option<Verification>,
    /// How that is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub verification_reason: Option<String>,
    /// The rule's labels.
    pub tags: Vec<Text>,
    /// The line with every secret found on it masked, for people.
    #[serde(skip)]
    pub excerpt: String,
    /// Where the caret stands below `excerpt`, and how long it is.
    #[serde(skip)]
    pub caret: (usize, usize),
    /// The whole line, for allowlists.
    #[serde(skip)]
    pub line: String,
    /// Where or how to revoke it.
    #[serde(skip)]
    pub rotate: Text,
    /// Whether a comment in the text allows it, such as `saferun:allow`.
    #[serde(skip)]
    pub marked: bool,
    /// First byte of the match in the text scanned.
    #[serde(skip)]
    pub offset: usize,
}

impl Finding {
    /// The same finding without the secret.
    #[must_use]
    pub fn redacted(&self) -> Self {
        let mask = mask(&self.secret);
        let mut shown = self.clone();
        shown.matched = masked(&self.matched, &self.secret, &mask);
        shown.message = self.message.as_ref().map(|text| masked(text, &self.secret, &mask));
        shown.line.clear();
        shown.value_hash = Some(self.value_hash());
        shown.secret = mask;
        shown
    }

    /// The line for `.saferunignore` that lets this value of this rule through,
    /// wherever it stands; where it stands now is named for people.
    #[must_use]
    pub fn allow_line(&self) -> String {
        let place = crate::action::visible_line(&format!("{}:{}", self.file, self.start_line));
        format!("{} {} {place}", self.value_hash(), self.rule_id)
    }

    /// What the provider says, for people; nothing where it was not asked.
    #[must_use]
    pub fn verdict(&self) -> Option<String> {
        let reason = self.verification_reason.as_deref().unwrap_or_default();
        self.verification.map(|verification| format!("{verification} ({reason})"))
    }

    /// Names the secret without telling it; known after redaction, too.
    #[must_use]
    pub fn value_hash(&self) -> ValueHash {
        let made = || ValueHash::seeded(&self.fingerprint, &self.secret);
        self.value_hash.clone().unwrap_or_else(made)
    }
}

/// The secret's first characters where it is long enough to keep the rest
/// secret, then stars.
#[must_use]
pub fn mask(secret: &str) -> String {
    let shown = if secret.len() >= 24 { 4 } else { 0 };
    let head: String = secret.chars().take(shown).filter(|letter| !letter.is_control()).collect();
    head + "********"
}

fn masked(text: &str, secret: &str, mask: &str) -> String {
    if secret.is_empty() { text.to_owned() } else { text.replace(secret, mask) }
}
