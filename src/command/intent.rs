//! What was recognised in a command line.

use std::collections::HashMap;

use serde_json::{Map, Value};

use super::invocation::Invocation;
use crate::action::Signal;

/// How often the same operation counts as repeated.
const REPEATED: usize = 3;

/// One operation that a command line would carry out.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Intent {
    /// Dotted name from `rules/actions/`, such as `git.force-push`.
    pub operation: String,
    /// Why it was recognised: one sentence without a full stop.
    pub message: String,
    /// Full name of the reference it is about, such as `refs/heads/main`;
    /// may hold a pattern such as `refs/heads/*`.
    pub target_ref: Option<String>,
    /// Remote name or URL as typed, or the one git would take.
    pub remote: Option<String>,
    /// `OWNER/REPO` (or `OWNER` for an organisation) for gh.
    pub repo: Option<String>,
    /// What makes this operation differ from another of its kind. Never a secret.
    pub params: Map<String, Value>,
    /// Observations that the catalogue may weigh.
    pub signals: Vec<Signal>,
    /// A safer command to use instead.
    pub redirect: Option<String>,
    /// True where saferun's own git hook judges the same operation with the
    /// objects at hand, and nothing on this command line switches it off.
    pub hook_sees: bool,
    /// The simple command it was found in, secrets masked.
    pub argv: Vec<String>,
    /// Byte range of that command in the line that was classified; the whole
    /// line for an argument vector.
    pub span: (usize, usize),
}

impl Intent {
    /// An operation and why it was recognised.
    #[must_use]
    pub fn new(operation: &str, message: &str) -> Self {
        Self { operation: operation.to_owned(), message: message.to_owned(), ..Self::default() }
    }

    /// With the reference it is about.
    #[must_use]
    pub fn on(mut self, target_ref: impl Into<String>) -> Self {
        self.target_ref = Some(target_ref.into());
        self
    }

    /// With the repository it is about.
    #[must_use]
    pub fn in_repo(mut self, repo: Option<String>) -> Self {
        self.repo = repo;
        self
    }

    /// With an observation.
    #[must_use]
    pub fn signal(mut self, code: &str, message: &str) -> Self {
        self.signals.push(Signal { code: code.to_owned(), message: message.to_owned() });
        self
    }

    /// With a parameter; empty values are left out.
    #[must_use]
    pub fn param(mut self, name: &str, value: impl Into<Value>) -> Self {
        let value = value.into();
        if !matches!(&value, Value::Null) && value.as_str() != Some("") {
            self.params.insert(name.to_owned(), value);
        }
        self
    }

    /// With a safer command.
    #[must_use]
    pub fn instead(mut self, redirect: &str) -> Self {
        self.redirect = (!redirect.is_empty()).then(|| redirect.to_owned());
        self
    }
}

/// Everything recognised in a command line.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Classification {
    /// Operations, in the order in which they were found.
    pub intents: Vec<Intent>,
    /// Programs of others, such as an extension, that may do anything, in words.
    pub unknown: Vec<String>,
    /// What is known only when it runs and may therefore hide a push or a
    /// shell, in words.
    pub opaque: Vec<String>,
    /// The command line or its environment points git at other hooks than the
    /// repository's, or may do so through a file it names.
    pub hooks_redirected: bool,
    /// There is a command that runs hooks.
    pub runs_hooks: bool,
    /// Every simple command that was found, in the order in which they run.
    pub commands: Vec<Invocation>,
}

impl Classification {
    /// Nothing recognised and nothing left open.
    #[must_use]
    pub fn is_harmless(&self) -> bool {
        self.intents.is_empty() && self.unknown.is_empty() && self.opaque.is_empty()
    }

    /// Whether an operation with this name was recognised.
    #[must_use]
    pub fn has(&self, operation: &str) -> bool {
        self.intents.iter().any(|intent| intent.operation == operation)
    }

    pub(super) fn push(&mut self, intent: Intent) {
        if !self.intents.contains(&intent) {
            self.intents.push(intent);
        }
    }

    pub(super) fn unresolved(&mut self, what: impl Into<String>) {
        self.unknown.push(what.into());
    }

    /// Tells of each operation that is carried out several times.
    pub(super) fn note_repetition(&mut self) {
        let mut times: HashMap<String, usize> = HashMap::new();
        for intent in &self.intents {
            *times.entry(intent.operation.clone()).or_default() += 1;
        }
        for intent in &mut self.intents {
            if times.get(&intent.operation).is_some_and(|times| *times >= REPEATED) {
                let (code, message) = ("repeated", "the same several times over".to_owned());
                intent.signals.push(Signal { code: code.to_owned(), message });
            }
        }
    }

    /// How much was recognised or left open.
    pub(super) fn count(&self) -> usize {
        self.intents.len() + self.unknown.len() + self.opaque.len()
    }

    /// Notes a limit that was reached, the first time.
    pub(super) fn hidden_once(&mut self, what: &str) {
        if !self.opaque.iter().any(|known| known == what) {
            self.hidden(what);
        }
    }

    pub(super) fn hidden(&mut self, what: impl Into<String>) {
        self.opaque.push(what.into());
    }
}
