//! Checks a log from the first line to the last.

use std::io::{self, BufRead};

use serde_json::Value;

use super::event::{GENESIS_HASH, hash_of};
use crate::action::to_canonical_json;

/// What is wrong with a log, and where.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// A line is not a JSON object.
    #[error("line {0} is not an event")]
    NotAnEvent(usize),
    /// The content doesn't match its own hash.
    #[error("line {0} was changed: its hash does not match its content")]
    Changed(usize),
    /// The line doesn't follow the one before.
    #[error("line {0} does not follow line {before}: an event was removed, inserted or moved", before = .0 - 1)]
    Broken(usize),
    /// The last line was cut off in the middle.
    #[error(
        "line {0} is cut off, as by a crash; the next event recorded will say what was dropped"
    )]
    Torn(usize),
}

/// What a check found.
#[derive(Debug, Clone)]
pub struct Verification {
    /// Events that are in order.
    pub events: usize,
    /// Hash of the last of them.
    pub head: String,
    /// Timestamps of the first and the last event.
    pub span: Option<(String, String)>,
    /// The first thing that is wrong.
    pub fault: Option<Fault>,
}

/// Checks every hash, every link and every sequence number, and stops at the
/// first fault.
///
/// # Errors
/// Where the log can't be read.
pub fn verify(mut log: impl BufRead) -> io::Result<Verification> {
    let mut found =
        Verification { events: 0, head: GENESIS_HASH.to_owned(), span: None, fault: None };
    let mut line = Vec::new();
    loop {
        line.clear();
        if log.read_until(b'\n', &mut line)? == 0 {
            return Ok(found);
        }
        if let Some(fault) = check(&line, &mut found) {
            found.fault = Some(fault);
            return Ok(found);
        }
    }
}

fn check(line: &[u8], found: &mut Verification) -> Option<Fault> {
    let number = found.events + 1;
    let Some(text) = line.strip_suffix(b"\n") else { return Some(Fault::Torn(number)) };
    let Ok(event) = serde_json::from_slice::<Value>(text) else {
        return Some(Fault::NotAnEvent(number));
    };
    let hash = hash_of(&event);
    // Canonical to the byte: a key that stands twice would hide a change.
    if to_canonical_json(&event).as_bytes() != text {
        return Some(Fault::Changed(number));
    }
    if event["entry_hash"].as_str() != Some(&hash) {
        return Some(Fault::Changed(number));
    }
    if event["prev_hash"].as_str() != Some(&found.head)
        || event["seq"].as_u64() != Some(number as u64)
    {
        return Some(Fault::Broken(number));
    }
    let at = event["timestamp"].as_str().unwrap_or_default().to_owned();
    let first = found.span.take().map_or_else(|| at.clone(), |(first, _)| first);
    found.span = Some((first, at));
    found.events = number;
    found.head = hash;
    None
}
