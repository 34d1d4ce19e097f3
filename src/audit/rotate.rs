//! A log over several files. Each file but the first begins with an event that
//! says what came before: the chain simply goes on, and the header is part of
//! it.

use std::fs;
use std::io;

use jiff::Timestamp;
use serde::Deserialize;
use serde_json::json;

use super::event::{Event, EventType};
use super::files::Files;
use super::line::lower_hex;
use super::merkle::Frontier;
use crate::action::Digest;

/// The header of a file that goes on where `previous` ended. With the frontier
/// of the tree, later files can be checked without the earlier ones.
pub(super) fn header(previous: &str, frontier: Option<&Frontier>, at: Timestamp) -> Event {
    let mut event = Event::new(EventType::Rotation, at);
    event.context = json!({
        "continues": previous, "peaks": frontier.map(Frontier::peaks).unwrap_or_default(),
    });
    event
}

/// What the header of a later file says came before: tree and last hash.
pub(super) fn continued(first: &[u8]) -> Option<(Frontier, Digest)> {
    #[derive(Deserialize)]
    struct Header {
        seq: u64,
        event_type: EventType,
        prev_hash: String,
        context: Context,
    }
    #[derive(Deserialize)]
    struct Context {
        peaks: Vec<Digest>,
    }
    let header: Header = serde_json::from_slice(first).ok()?;
    if header.event_type != EventType::Rotation {
        return None;
    }
    let before = Frontier::of(header.seq.checked_sub(1)?, header.context.peaks)?;
    Some((before, lower_hex(&header.prev_hash)?))
}

/// Moves the log's file, which begins with event `first`, out of the way.
/// Returns its new name.
pub(super) fn set_aside(files: &Files, first: u64) -> io::Result<String> {
    let part = files.part(first);
    if part.try_exists()? {
        return Err(io::Error::new(io::ErrorKind::AlreadyExists, part.display().to_string()));
    }
    fs::rename(files.log(), &part)?;
    Ok(part.file_name().unwrap_or_default().to_string_lossy().into_owned())
}
