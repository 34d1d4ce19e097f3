//! The log file: appended under a lock by any number of processes.

use std::collections::HashMap;
use std::io::{self, BufRead, BufReader, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use ed25519_dalek::SigningKey;
use serde_json::Value;

use super::append::{KeySource, Manner};
use super::event::{Event, EventType};
use super::files::Files;
use super::group::Group;
use crate::action::{Action, Decision, DecisionResult};
use crate::policy::Judged;

/// Events between two checkpoints that are kept, unless said otherwise.
pub const DEFAULT_CHECKPOINT_EVERY: u64 = 256;

/// The log can't be written, so nothing that must be recorded may happen.
#[derive(Debug, thiserror::Error)]
pub enum AuditError {
    /// Reading or writing failed.
    #[error("cannot write the audit log `{}`: {source}", path.display())]
    Io {
        /// The log.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The last line is not an event, so nothing can be chained to it.
    #[error("the last line of the audit log `{}` is not an event", path.display())]
    Damaged {
        /// The log.
        path: PathBuf,
    },
    /// The head can't be signed.
    #[error("`{}` is not signed: it does not verify, or there is no key, or another key signs it", path.display())]
    Unsigned {
        /// The log.
        path: PathBuf,
    },
}

/// An append-only, hash-chained log of JSON lines.
/// Clones share their writes: events that threads append at once go to the disk
/// together.
#[derive(Debug, Clone)]
pub struct Log {
    pub(super) manner: Manner,
    group: Arc<Group>,
}

/// A judged action that stands in the log. Only [`Log::record`] makes one.
#[derive(Debug, Clone)]
pub struct Recorded {
    judged: Judged,
    audit_id: String,
}

impl Recorded {
    /// What was judged.
    #[must_use]
    pub fn action(&self) -> &Action {
        self.judged.action()
    }

    /// The judgment itself, with facts.
    #[must_use]
    pub fn judged(&self) -> &Judged {
        &self.judged
    }

    /// What was decided, with the id of the event that recorded it.
    #[must_use]
    pub fn decision(&self) -> Decision {
        Decision { audit_id: self.audit_id.clone(), ..self.judged.decision().clone() }
    }

    /// Id of the event.
    #[must_use]
    pub fn audit_id(&self) -> &str {
        &self.audit_id
    }
}

impl Log {
    /// The log at `path`; nothing is created until something is recorded.
    #[must_use]
    pub fn at(path: PathBuf) -> Self {
        let manner = Manner {
            files: Files::of(path),
            key: KeySource::Account,
            every: DEFAULT_CHECKPOINT_EVERY,
            rotate_at: 0,
        };
        Self { manner, group: Arc::default() }
    }

    /// Signs with `key` instead of the account's; with none, not at all.
    #[must_use]
    pub fn signed_by(mut self, key: Option<SigningKey>) -> Self {
        self.manner.key = key.map_or(KeySource::Nowhere, |key| KeySource::Given(Arc::new(key)));
        self
    }

    /// Keeps a checkpoint after every so many events.
    #[must_use]
    pub fn checkpoint_every(mut self, events: u64) -> Self {
        self.manner.every = events;
        self
    }

    /// Begins a new file when the log is longer than this, in bytes; 0 is never.
    #[must_use]
    pub fn rotate_at(mut self, bytes: u64) -> Self {
        self.manner.rotate_at = bytes;
        self
    }

    /// Where the log is.
    #[must_use]
    pub fn path(&self) -> &Path {
        self.manner.files.log()
    }

    /// Appends events in their order, redacted, with one write and one head.
    /// With `durable` they are on the disk when this returns. Returns their ids.
    ///
    /// # Errors
    /// Where the log can't be written.
    pub fn append(&self, events: Vec<Event>, durable: bool) -> Result<Vec<String>, AuditError> {
        self.group.write(&self.manner, events, durable).map_err(|error| self.failed(error))
    }

    /// Signs the log as it stands. The checkpoint, a signed note, is kept
    /// beside the log and returned, to be kept elsewhere.
    ///
    /// # Errors
    /// Where the log can't be read, doesn't hold, or can't be signed.
    pub fn checkpoint(&self) -> Result<String, AuditError> {
        let foreign = self.manner.is_foreign().map_err(|error| self.failed(error))?;
        let note = if foreign { self.manner.adopt() } else { self.manner.checkpoint() };
        let note = note.map_err(|error| self.failed(error))?;
        note.ok_or_else(|| AuditError::Unsigned { path: self.path().to_owned() })
    }

    /// Gives every line of every file to `each`, in order, until that says no.
    ///
    /// # Errors
    /// Where a file is there and can't be read.
    pub fn each_line(&self, each: impl FnMut(&[u8]) -> bool) -> io::Result<()> {
        self.each_line_from(0, each)
    }

    /// [`Log::each_line`] from an offset on, counted in bytes over all files.
    ///
    /// # Errors
    /// Where a file is there and can't be read.
    pub fn each_line_from(
        &self,
        mut offset: u64,
        mut each: impl FnMut(&[u8]) -> bool,
    ) -> io::Result<()> {
        let lock = self.manner.files.lock_to_read();
        let parts = self.manner.files.open_all()?;
        drop(lock);
        let mut line = Vec::new();
        for mut part in parts {
            let skipped = offset.min(part.length);
            offset -= skipped;
            part.file.seek(SeekFrom::Start(skipped))?;
            let rest = part.file.take(part.length - skipped);
            let mut reader = BufReader::with_capacity(1 << 18, rest);
            while reader.read_until(b'\n', &mut line)? > 0 {
                if !each(line.strip_suffix(b"\n").unwrap_or(&line)) {
                    return Ok(());
                }
                line.clear();
            }
        }
        Ok(())
    }

    /// Records a decision, and in `occasion` what is known about the occasion
    /// and is no part of the action. What does not simply go on is synced to
    /// the disk before this returns.
    ///
    /// # Errors
    /// Where the log can't be written.
    pub fn record(&self, judged: Judged, context: Value) -> Result<Recorded, AuditError> {
        let event = Event::of_decision(judged.action(), judged.decision(), judged.facts());
        let event = event.with_context(context);
        let durable = judged.decision().result != DecisionResult::Allow;
        let audit_id = self.append_one(event, durable)?;
        Ok(Recorded { judged, audit_id })
    }

    /// Records what followed a decision: an answer or an outcome.
    ///
    /// # Errors
    /// Where the log can't be written.
    pub fn follow(
        &self,
        event_type: EventType,
        of: &Recorded,
        context: Value,
    ) -> Result<String, AuditError> {
        let event = Event {
            correlation_id: Some(of.audit_id.clone()),
            timestamp: jiff::Timestamp::now(),
            context,
            ..Event::about(event_type, of.action())
        };
        self.append_one(event, true)
    }

    /// Parameters of the recorded actions whose operation is `wanted` and that
    /// were allowed or approved.
    ///
    /// # Errors
    /// Where the log is there and can't be read.
    pub fn let_through(&self, wanted: impl Fn(&str) -> bool) -> Result<Vec<Value>, AuditError> {
        let mut waiting = HashMap::new();
        let mut passed = Vec::new();
        let mut look = |event: Event| match (event.event_type, event.decision, event.correlation_id)
        {
            (EventType::Decision, Some(DecisionResult::Allow), _) => passed.push(event.params),
            (EventType::Decision, _, _) => drop(waiting.insert(event.event_id, event.params)),
            (EventType::Approval, _, Some(decision)) if event.context["answer"] == "approved" => {
                passed.extend(waiting.remove(&decision));
            }
            _ => {}
        };
        self.each_line(|line| {
            let event = serde_json::from_slice::<Event>(line);
            event.into_iter().filter(|event| wanted(&event.operation)).for_each(&mut look);
            true
        })
        .map_err(|source| AuditError::Io { path: self.path().to_owned(), source })?;
        Ok(passed)
    }

    fn append_one(&self, event: Event, durable: bool) -> Result<String, AuditError> {
        let mut ids = self.append(vec![event], durable)?;
        ids.pop().ok_or_else(|| AuditError::Damaged { path: self.path().to_owned() })
    }

    fn failed(&self, error: io::Error) -> AuditError {
        let path = self.path().to_owned();
        match error.kind() {
            io::ErrorKind::InvalidData | io::ErrorKind::UnexpectedEof => {
                AuditError::Damaged { path }
            }
            _ => AuditError::Io { path, source: error },
        }
    }
}
