//! Which tickets were used.

use std::collections::{BTreeMap, HashMap};
use std::io;
use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};

use jiff::{SignedDuration, Timestamp};

use crate::action::Digest;
use crate::config::{SharedState, paths};

/// How long a nonce is kept after its ticket has ended, for clocks that differ.
const KEPT_AFTER: SignedDuration = SignedDuration::from_mins(30);
/// The file, in the state directory.
const FILE: &str = "used-tickets.json";

/// Remembers used nonces, for one process or many.
pub trait NonceStore: Send + Sync {
    /// Uses a nonce up; whether it was unused. What this says stays so after
    /// any crash.
    ///
    /// # Errors
    /// Where that can't be found out or kept; then the nonce counts as used.
    fn take(&self, nonce: &str, expires_at: Timestamp, now: Timestamp) -> io::Result<bool>;
}

/// For one process: a restart forgets.
#[derive(Debug, Default)]
pub struct MemoryNonces(Mutex<HashMap<Digest, Timestamp>>);

impl NonceStore for MemoryNonces {
    fn take(&self, nonce: &str, expires_at: Timestamp, now: Timestamp) -> io::Result<bool> {
        let mut used = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        used.retain(|_, ends| kept(*ends, now));
        Ok(used.insert(Digest::of(nonce.as_bytes()), expires_at).is_none())
    }
}

/// In a file that processes change one after the other, each time as a whole:
/// a process that is killed leaves the state before or the state after.
#[derive(Debug, Clone)]
pub struct NonceFile(SharedState);

impl NonceFile {
    /// The nonces in `path`.
    #[must_use]
    pub fn at(path: PathBuf) -> Self {
        Self(SharedState::at(path))
    }

    /// Those of this account; none without a home directory.
    #[must_use]
    pub fn of_account() -> Option<Self> {
        paths::state_dir().map(|dir| Self::at(dir.join(FILE)))
    }
}

impl NonceStore for NonceFile {
    fn take(&self, nonce: &str, expires_at: Timestamp, now: Timestamp) -> io::Result<bool> {
        let name = Digest::of(nonce.as_bytes()).to_string();
        self.0.change(|used: &mut BTreeMap<String, Timestamp>| {
            used.retain(|_, ends| kept(*ends, now));
            used.insert(name, expires_at).is_none()
        })
    }
}

fn kept(ends: Timestamp, now: Timestamp) -> bool {
    ends.checked_add(KEPT_AFTER).is_ok_and(|until| until >= now)
}
