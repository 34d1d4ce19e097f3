//! One line of a log, checked by itself: that it is whole, and that its hash
//! is its own.

use serde::Deserialize;
use sha2::{Digest as _, Sha256};

use super::foreign;
use super::merkle::leaf_hash;
use crate::action::Digest;

/// Before and after the value of `entry_hash`, whose member the hash leaves out.
const BEFORE: &[u8] = b"\"entry_hash\":\"";
const AFTER: &[u8] = b"\",";

/// Whose lines a log has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// Canonical JSON with sequence numbers.
    Saferun,
    /// Agent-Safe's.
    AgentSafe,
}

impl Format {
    /// The format of a log whose first line that is not blank is `line`.
    pub(super) fn of(line: &[u8]) -> Self {
        if foreign::is_event(line) { Self::AgentSafe } else { Self::Saferun }
    }
}

/// What is wrong with a line by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Flaw {
    NotAnEvent,
    Changed,
}

/// What a line says about itself, found true.
#[derive(Debug, Clone)]
pub(super) struct Checked<'a> {
    /// Its number; none where its format has none.
    pub(super) seq: Option<u64>,
    pub(super) id: &'a str,
    pub(super) event_type: &'a str,
    pub(super) at: &'a str,
    pub(super) prev: Digest,
    pub(super) hash: Digest,
    pub(super) leaf: Digest,
}

#[derive(Deserialize)]
struct Skimmed<'a> {
    seq: u64,
    event_id: &'a str,
    event_type: &'a str,
    timestamp: &'a str,
    prev_hash: &'a str,
    entry_hash: &'a str,
}

/// Checks a line without its line feed; none is a line that doesn't count.
pub(super) fn check(line: &[u8], format: Format) -> Result<Option<Checked<'_>>, Flaw> {
    match format {
        Format::AgentSafe => foreign::check(line),
        Format::Saferun => check_own(line).map(Some),
    }
}

/// The hash is over the bytes as they stand, so that any other spelling of the
/// same JSON is a change, too.
fn check_own(line: &[u8]) -> Result<Checked<'_>, Flaw> {
    let found: Skimmed = serde_json::from_slice(line)
        .map_err(|error| if error.is_data() { Flaw::Changed } else { Flaw::NotAnEvent })?;
    let start = found.entry_hash.as_ptr().addr() - line.as_ptr().addr();
    let (before, rest) = line.split_at(start);
    let (_, after) = rest.split_at(found.entry_hash.len());
    let (Some(before), Some(after)) = (before.strip_suffix(BEFORE), after.strip_prefix(AFTER))
    else {
        return Err(Flaw::Changed);
    };
    let hash = Sha256::new().chain_update(before).chain_update(after).finalize();
    let hash = Digest::from_bytes(hash.into());
    if lower_hex(found.entry_hash) != Some(hash)
        || line.first() != Some(&b'{')
        || line.last() != Some(&b'}')
    {
        return Err(Flaw::Changed);
    }
    Ok(Checked {
        seq: Some(found.seq),
        id: found.event_id,
        event_type: found.event_type,
        at: found.timestamp,
        prev: lower_hex(found.prev_hash).ok_or(Flaw::Changed)?,
        hash,
        leaf: leaf_hash(hash.as_bytes()),
    })
}

/// A digest as its one spelling.
pub(super) fn lower_hex(text: &str) -> Option<Digest> {
    let text: &[u8; 64] = text.as_bytes().try_into().ok()?;
    let mut bytes = [0; 32];
    let mut seen = 0;
    for (byte, pair) in bytes.iter_mut().zip(text.chunks_exact(2)) {
        let (high, low) = (VALUES[usize::from(pair[0])], VALUES[usize::from(pair[1])]);
        seen |= high | low;
        *byte = high << 4 | low;
    }
    (seen < 16).then_some(Digest::from_bytes(bytes))
}

/// What each byte stands for as a hexadecimal digit in lower case; 16 and more
/// for those that are none.
const VALUES: [u8; 256] = {
    let (mut values, mut digit) = ([u8::MAX; 256], 0);
    while digit < 16 {
        values[b"0123456789abcdef"[digit] as usize] = digit as u8;
        digit += 1;
    }
    values
};

#[cfg(test)]
mod tests {
    use super::*;
    use crate::audit::{Event, EventType, GENESIS_HASH};

    #[test]
    fn a_line_is_an_object_and_nothing_around_it() {
        let mut event = Event::new(EventType::Outcome, jiff::Timestamp::UNIX_EPOCH);
        event.prev_hash = GENESIS_HASH.to_owned();
        let line = event.seal();
        let bare = line.replace(&format!("\"entry_hash\":\"{}\",", event.entry_hash), "");
        for (before, after, whole) in [("", "", true), (" ", "", false), ("", " ", false)] {
            let hash = Digest::of(format!("{before}{bare}{after}").as_bytes()).to_string();
            let line = format!("{before}{line}{after}").replace(&event.entry_hash, &hash);
            assert_eq!(check(line.as_bytes(), Format::Saferun).is_ok(), whole, "{line}");
        }
    }
}
