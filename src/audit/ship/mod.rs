//! Takes a log elsewhere: to a file, a webhook or an S3 bucket. In order and at
//! least once: how far it came is written down after each acknowledgement.

mod file;
mod s3;
mod webhook;

use std::fs;
use std::io;
use std::path::PathBuf;
use std::thread;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::Log;
use crate::action::Digest;
use crate::config::SharedState;

pub use file::FileDestination;
pub use s3::{ObjectLock, S3Credentials, S3Destination};
pub use webhook::WebhookDestination;

/// Most events of one delivery.
const MOST_EVENTS: u64 = 256;
/// Most bytes of one delivery, unless one event is larger.
const MOST_BYTES: usize = 1 << 20;
/// The first wait after a failure; each one after it is twice as long.
const FIRST_WAIT: Duration = Duration::from_millis(250);
/// The longest.
const LONGEST_WAIT: Duration = Duration::from_secs(60);
/// How often a log that is followed is looked at.
const POLL: Duration = Duration::from_millis(200);

/// Events on their way, as the lines that stand in the log.
#[derive(Debug, Clone)]
pub struct Delivery {
    /// Number of the first event, from 1.
    pub first: u64,
    /// Number of the last.
    pub last: u64,
    /// The lines, each with its line feed.
    pub lines: Vec<u8>,
}

/// Why a delivery didn't arrive.
#[derive(Debug, thiserror::Error)]
pub enum ShipError {
    /// It may arrive later.
    #[error("`{place}` did not take it: {reason}")]
    Later {
        /// The destination.
        place: String,
        /// Why.
        reason: String,
    },
    /// It won't arrive this way.
    #[error("`{place}` refuses it: {reason}")]
    Refused {
        /// The destination.
        place: String,
        /// Why.
        reason: String,
    },
    /// The log is not the one of which a part was taken there.
    #[error(
        "event {0} of the log is not the one that was shipped: the log was rewritten or cut short"
    )]
    Rewritten(u64),
    /// The log or the position can't be read or written.
    #[error(transparent)]
    Io(#[from] io::Error),
}

/// Where a log can be taken.
pub trait Destination {
    /// Its name, for people, and for finding its position again.
    fn place(&self) -> String;

    /// Returns once the delivery is safe there.
    ///
    /// # Errors
    /// Where it isn't.
    fn deliver(&mut self, delivery: &Delivery) -> Result<(), ShipError>;
}

/// How far a log came at one destination.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
struct Position {
    /// Events that arrived.
    shipped: u64,
    /// SHA-256 of the last line that did.
    last_line: Option<Digest>,
    /// Where that line begins, in bytes over all files of the log.
    #[serde(default)]
    begins: u64,
}

/// A log on its way to a destination.
pub struct Shipper<'a> {
    log: &'a Log,
    destination: Box<dyn Destination>,
    position: SharedState,
    /// Failures in a row after which it is given up.
    patience: u32,
}

impl<'a> Shipper<'a> {
    /// `state_dir` keeps the positions; `patience` is the number of failures in
    /// a row after which a run ends.
    #[must_use]
    pub fn new(
        log: &'a Log,
        destination: Box<dyn Destination>,
        state_dir: PathBuf,
        patience: u32,
    ) -> Self {
        let path = fs::canonicalize(log.path()).unwrap_or_else(|_| log.path().to_owned());
        let both = format!("{}\n{}", path.display(), destination.place());
        let name = Digest::of(both.as_bytes()).to_string();
        let position = SharedState::at(state_dir.join("shipped").join(format!("{name}.json")));
        Self { log, destination, position, patience }
    }

    /// Ships what has not arrived yet. Returns how many events did.
    ///
    /// # Errors
    /// Where the log isn't the one that was shipped, or a delivery doesn't arrive.
    pub fn catch_up(&mut self) -> Result<u64, ShipError> {
        let mut position: Position = self.position.read()?;
        let before = position.shipped;
        while let Some((delivery, arrives)) = self.next(&position)? {
            self.deliver(&delivery)?;
            position = arrives;
            let arrived = position.clone();
            self.position.change(|state| *state = arrived)?;
        }
        Ok(position.shipped - before)
    }

    /// Ships what is there and what comes, until `stop` says so.
    ///
    /// # Errors
    /// As [`Shipper::catch_up`].
    pub fn follow(&mut self, stop: impl Fn() -> bool) -> Result<u64, ShipError> {
        let mut shipped = 0;
        let mut length = None;
        while !stop() {
            // The length of the newest file tells cheaply whether there is more.
            let now = fs::metadata(self.log.path()).ok().map(|found| found.len());
            if now != length {
                shipped += self.catch_up()?;
                length = now;
            }
            thread::sleep(POLL);
        }
        Ok(shipped)
    }

    fn deliver(&mut self, delivery: &Delivery) -> Result<(), ShipError> {
        let mut wait = FIRST_WAIT;
        let mut failures = 0;
        loop {
            match self.destination.deliver(delivery) {
                Err(ShipError::Later { .. }) if failures < self.patience => {
                    failures += 1;
                    thread::sleep(wait);
                    wait = (wait * 2).min(LONGEST_WAIT);
                }
                other => return other,
            }
        }
    }

    /// The whole lines behind the position, and the position behind them.
    fn next(&self, position: &Position) -> Result<Option<(Delivery, Position)>, ShipError> {
        let (mut at, mut number) = (position.begins, position.shipped.saturating_sub(1));
        let mut lines = Vec::new();
        let mut last = None;
        let mut same = position.shipped == 0;
        self.log.each_line_from(position.begins, |line| {
            let begins = at;
            at += line.len() as u64 + 1;
            if line.trim_ascii().is_empty() {
                return true;
            }
            // A line that is still being written is not JSON yet.
            if number >= position.shipped && !line.trim_ascii_end().ends_with(b"}") {
                return false;
            }
            number += 1;
            if number == position.shipped {
                same = Some(Digest::of(line)) == position.last_line;
                return same;
            }
            lines.extend_from_slice(line);
            lines.push(b'\n');
            last = Some(Position { shipped: number, last_line: Some(Digest::of(line)), begins });
            number < position.shipped + MOST_EVENTS && lines.len() < MOST_BYTES
        })?;
        if !same {
            return Err(ShipError::Rewritten(position.shipped));
        }
        let first = position.shipped + 1;
        Ok(last.map(|arrives| (Delivery { first, last: arrives.shipped, lines }, arrives)))
    }
}
