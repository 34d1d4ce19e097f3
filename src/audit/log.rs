//! The log file: appended under a lock by any number of processes.

use std::collections::HashMap;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use super::event::{Event, EventType, GENESIS_HASH};
use crate::action::{Action, Decision, DecisionResult};
use crate::policy::Judged;
use crate::redact;

/// How much of the end of the log is read at once to find the last event.
const TAIL_BLOCK: u64 = 64 * 1024;

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
}

/// An append-only, hash-chained log of JSON lines.
#[derive(Debug, Clone)]
pub struct Log {
    path: PathBuf,
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
        Self { path }
    }

    /// Where the log is.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
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
        let audit_id = self.append(event, durable)?;
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
        self.append(event, true)
    }

    /// Parameters of the recorded actions whose operation is `wanted` and that
    /// were allowed or approved.
    ///
    /// # Errors
    /// Where the log is there and can't be read.
    pub fn let_through(&self, wanted: impl Fn(&str) -> bool) -> Result<Vec<Value>, AuditError> {
        let bytes = match fs::read(&self.path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            other => other.map_err(|source| AuditError::Io { path: self.path.clone(), source })?,
        };
        let events = bytes
            .split(|&byte| byte == b'\n')
            .filter_map(|line| serde_json::from_slice::<Event>(line).ok());
        let mut waiting = HashMap::new();
        let mut passed = Vec::new();
        for event in events.filter(|event| wanted(&event.operation)) {
            match (event.event_type, event.decision, event.correlation_id) {
                (EventType::Decision, Some(DecisionResult::Allow), _) => passed.push(event.params),
                (EventType::Decision, _, _) => drop(waiting.insert(event.event_id, event.params)),
                (EventType::Approval, _, Some(decision))
                    if event.context["answer"] == "approved" =>
                {
                    passed.extend(waiting.remove(&decision));
                }
                _ => {}
            }
        }
        Ok(passed)
    }

    fn append(&self, event: Event, durable: bool) -> Result<String, AuditError> {
        self.append_line(event, durable).map_err(|error| match error.kind() {
            io::ErrorKind::InvalidData | io::ErrorKind::UnexpectedEof => {
                AuditError::Damaged { path: self.path.clone() }
            }
            _ => AuditError::Io { path: self.path.clone(), source: error },
        })
    }

    fn append_line(&self, mut event: Event, durable: bool) -> io::Result<String> {
        let mut file = self.open()?;
        file.lock()?;
        let mut tail = read_tail(&mut file)?;
        let mut lines = String::new();
        if tail.torn > 0 {
            file.set_len(tail.end)?;
            let mut recovery = Event::new(EventType::Recovery, event.timestamp);
            recovery.context = json!({"dropped_bytes": tail.torn});
            tail.chain(&mut recovery, &mut lines);
        }
        redact_event(&mut event);
        tail.chain(&mut event, &mut lines);
        file.seek(SeekFrom::End(0))?;
        file.write_all(lines.as_bytes())?;
        if durable {
            file.sync_data()?;
        }
        Ok(event.event_id)
    }

    fn open(&self) -> io::Result<File> {
        let options = || {
            let mut options = OpenOptions::new();
            options.read(true).append(true).create(true).mode(0o600);
            options
        };
        options().open(&self.path).or_else(|error| {
            let Some(dir) = self.path.parent() else { return Err(error) };
            fs::DirBuilder::new().recursive(true).mode(0o700).create(dir)?;
            options().open(&self.path)
        })
    }
}

/// The end of a log: what the next event is chained to.
struct Tail {
    seq: u64,
    hash: String,
    /// Offset behind the last whole line.
    end: u64,
    /// Bytes of a line that a crash cut off.
    torn: u64,
}

impl Tail {
    /// Gives `event` its id and place, and adds its line.
    fn chain(&mut self, event: &mut Event, lines: &mut String) {
        self.seq = self.seq.saturating_add(1);
        event.event_id = new_event_id();
        event.seq = self.seq;
        event.prev_hash.clone_from(&self.hash);
        lines.push_str(&event.seal());
        lines.push('\n');
        self.hash.clone_from(&event.entry_hash);
    }
}

fn read_tail(file: &mut File) -> io::Result<Tail> {
    let length = file.metadata()?.len();
    let mut block = TAIL_BLOCK;
    loop {
        let start = length.saturating_sub(block);
        let mut bytes = Vec::new();
        file.seek(SeekFrom::Start(start))?;
        file.take(length - start).read_to_end(&mut bytes)?;
        let whole = bytes.iter().rposition(|&byte| byte == b'\n').map_or(0, |at| at + 1);
        let line_start = bytes[..whole.saturating_sub(1)].iter().rposition(|&byte| byte == b'\n');
        if start > 0 && line_start.is_none() {
            block *= 2;
            continue;
        }
        let end = start + whole as u64;
        let torn = length - end;
        let line = &bytes[line_start.map_or(0, |at| at + 1)..whole];
        if whole == 0 {
            return Ok(Tail { seq: 0, hash: GENESIS_HASH.to_owned(), end, torn });
        }
        let event: Value = serde_json::from_slice(line)?;
        let seq = event["seq"].as_u64().filter(|seq| *seq < u64::MAX);
        let (Some(seq), Some(hash)) = (seq, event["entry_hash"].as_str()) else {
            return Err(io::ErrorKind::InvalidData.into());
        };
        return Ok(Tail { seq, hash: hash.to_owned(), end, torn });
    }
}

fn redact_event(event: &mut Event) {
    event.params = redact::redact_json(std::mem::take(&mut event.params));
    event.context = redact::redact_json(std::mem::take(&mut event.context));
    for reason in &mut event.reasons {
        reason.message = redact::redact(&reason.message).into_owned();
    }
    event.target = redact::redact(&event.target).into_owned();
}

fn new_event_id() -> String {
    let mut bytes = [0u8; 6];
    // Without randomness the id is not unique; the chain doesn't need it to be.
    let _ = getrandom::fill(&mut bytes);
    bytes.iter().fold(String::from("evt-"), |id, byte| format!("{id}{byte:02x}"))
}
