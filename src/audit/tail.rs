//! The end of a log: what the next event is chained to.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};

use serde_json::Value;

use super::event::{Event, GENESIS_HASH};
use super::files::Files;

/// How much of the end of a file is read first to find the last event.
const BLOCK: u64 = 8 * 1024;

/// The last event, and where it ends.
#[derive(Debug, Clone)]
pub(super) struct Tail {
    /// Number of the last event, or 0.
    pub(super) seq: u64,
    /// Its hash, or [`GENESIS_HASH`].
    pub(super) hash: String,
    /// Offset behind the last whole line of the newest file.
    pub(super) end: u64,
    /// Bytes of a line that was cut off.
    pub(super) torn: u64,
}

impl Tail {
    /// The end of the log whose newest file is `file`. Where that is empty, a
    /// crash came between two files.
    pub(super) fn of(files: &Files, file: &mut File) -> io::Result<Self> {
        Self::before(files, file, u64::MAX)
    }

    /// The end that the log had when its newest file ended at `limit`; what
    /// stands behind that counts as cut off.
    pub(super) fn before(files: &Files, file: &mut File, limit: u64) -> io::Result<Self> {
        let length = file.metadata()?.len();
        let mut tail = Self::read(file, length.min(limit))?;
        tail.torn = length - tail.end;
        if tail.seq > 0 {
            return Ok(tail);
        }
        let Some(last) = files.parts()?.pop() else { return Ok(tail) };
        let mut last = File::open(last)?;
        let length = last.metadata()?.len();
        Ok(Self { end: tail.end, torn: tail.torn, ..Self::read(&mut last, length)? })
    }

    fn read(file: &mut File, length: u64) -> io::Result<Self> {
        let mut block = BLOCK;
        loop {
            let start = length.saturating_sub(block);
            let mut bytes = Vec::new();
            file.seek(SeekFrom::Start(start))?;
            file.take(length - start).read_to_end(&mut bytes)?;
            let whole = memchr::memrchr(b'\n', &bytes).map_or(0, |at| at + 1);
            let line_start = memchr::memrchr(b'\n', &bytes[..whole.saturating_sub(1)]);
            if start > 0 && line_start.is_none() {
                block *= 4;
                continue;
            }
            let end = start + whole as u64;
            let torn = length - end;
            if whole == 0 {
                return Ok(Self { seq: 0, hash: GENESIS_HASH.to_owned(), end, torn });
            }
            let line = &bytes[line_start.map_or(0, |at| at + 1)..whole];
            let event: Value = serde_json::from_slice(line)?;
            let seq = event["seq"].as_u64().filter(|seq| *seq < u64::MAX);
            let (Some(seq), Some(hash)) = (seq, event["entry_hash"].as_str()) else {
                return Err(io::ErrorKind::InvalidData.into());
            };
            return Ok(Self { seq, hash: hash.to_owned(), end, torn });
        }
    }

    /// Gives `event` its id and place, and adds its line.
    pub(super) fn chain(&mut self, event: &mut Event, ids: &mut Ids, lines: &mut String) {
        self.seq = self.seq.saturating_add(1);
        event.event_id = ids.draw();
        event.seq = self.seq;
        event.prev_hash.clone_from(&self.hash);
        event.seal_into(lines);
        lines.push('\n');
        self.hash.clone_from(&event.entry_hash);
    }
}

/// Bytes of an event's id.
const ID: usize = 6;
/// Ids that are drawn at once.
const IDS: usize = 16;

/// Random ids for events.
#[derive(Default)]
pub(super) struct Ids {
    random: Vec<u8>,
}

impl Ids {
    fn draw(&mut self) -> String {
        if self.random.is_empty() {
            self.random.resize(ID * IDS, 0);
            // Without randomness the id is not unique; the chain doesn't need it to be.
            let _ = getrandom::fill(&mut self.random);
        }
        let mut bytes = [0; 8];
        if let Some((rest, drawn)) = self.random.split_last_chunk::<ID>() {
            bytes[8 - ID..].copy_from_slice(drawn);
            self.random.truncate(rest.len());
        }
        format!("evt-{:012x}", u64::from_be_bytes(bytes))
    }
}
