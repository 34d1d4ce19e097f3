//! What was last written to a log: size, last hash and Merkle frontier, signed.
//! It lets the tree grow without the log being read again, and shows when
//! events vanish from the log's end or appear there.

use std::fs;
use std::io::{self, ErrorKind, Write};
use std::path::Path;

use ed25519_dalek::{SigningKey, VerifyingKey};
use serde::{Deserialize, Serialize};

use super::files::private;
use super::merkle::Frontier;
use super::note::Checkpoint;
use crate::action::Digest;

/// The state as it is written.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct State {
    /// Number of events.
    pub(super) size: u64,
    /// Hash of the last.
    pub(super) head: Digest,
    /// Number of the first event in the log's newest file.
    pub(super) first: u64,
    /// Length of that file, in bytes.
    pub(super) offset: u64,
    /// Frontier of the tree.
    pub(super) peaks: Vec<Digest>,
    /// The newest signed checkpoint; of this very size, unless somebody without
    /// the log's key wrote last.
    pub(super) checkpoint: Option<String>,
    /// What comes after the write that was announced and not seen to end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) next: Option<Box<State>>,
}

impl State {
    /// The state in `path`; none where there is none.
    pub(super) fn read(path: &Path) -> io::Result<Option<Self>> {
        match fs::read(path) {
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            other => Ok(Some(serde_json::from_slice(&other?)?)),
        }
    }

    /// Replaces the state in one step. It is not synced: an older one on the
    /// disk is made good from the log.
    pub(super) fn write(&self, path: &Path) -> io::Result<()> {
        let mut draft = path.as_os_str().to_owned();
        draft.push(".new");
        let mut file = private().create(true).truncate(true).open(&draft)?;
        file.write_all(serde_json::to_string(self)?.as_bytes())?;
        fs::rename(&draft, path)
    }

    /// The state that a log of `size` events with this last hash is in: the
    /// announced one, where the write that was to lead to it did.
    pub(super) fn of_log(self, size: u64, head: Digest) -> Self {
        match self.next {
            Some(next) if next.size == size && next.head == head => *next,
            _ => self,
        }
    }

    /// The tree, where the parts fit each other and the signature, if there is
    /// one by `key`, fits them.
    pub(super) fn frontier(&self, key: Option<&VerifyingKey>) -> Option<Frontier> {
        let frontier = Frontier::of(self.size, self.peaks.clone())?;
        let note = self.checkpoint.as_deref();
        let signed = note.zip(key).and_then(|(note, key)| Checkpoint::open(note, &[*key]).ok());
        let fits = |signed: &Checkpoint| {
            signed.size < self.size || (signed.size == self.size && signed.root == frontier.root())
        };
        signed.as_ref().is_none_or(fits).then_some(frontier)
    }
}

/// Signs checkpoints of one log. Who started the log signs it; others only
/// append.
pub(super) struct Signer<'a> {
    key: &'a SigningKey,
    origin: String,
}

impl<'a> Signer<'a> {
    /// The signer of a log whose last checkpoint is `last`; none where another
    /// key made that.
    pub(super) fn of(key: &'a SigningKey, last: Option<&str>) -> Option<Self> {
        let Some(last) = last else {
            let mut bytes = [0; 8];
            getrandom::fill(&mut bytes).ok()?;
            let id = u64::from_le_bytes(bytes);
            return Some(Self { key, origin: format!("saferun/audit/{id:016x}") });
        };
        let checkpoint = Checkpoint::open(last, &[key.verifying_key()]).ok()?;
        Some(Self { key, origin: checkpoint.origin })
    }

    pub(super) fn sign(&self, frontier: &Frontier) -> String {
        let origin = self.origin.clone();
        Checkpoint { origin, size: frontier.size(), root: frontier.root() }.sign(self.key)
    }
}
