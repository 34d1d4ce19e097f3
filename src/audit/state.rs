//! What was last written to a log: size, last hash and Merkle frontier, signed.
//! It lets the tree grow without the log being read again, and shows when
//! events vanish from the log's end or appear there.

use std::fs;
use std::io::{self, ErrorKind, Write};
use std::path::Path;

use ed25519_dalek::SigningKey;
use serde::{Deserialize, Serialize};

use super::files::private;
use super::merkle::Frontier;
use super::note::{Checkpoint, Kept};
use crate::action::Digest;

/// The state's length is a multiple of this, in bytes.
const BLOCK: usize = 4096;

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

    /// Overwrites the state. A new file in its place would have the file system
    /// write at once; within one block, what a crash leaves is the old state or
    /// the new. It is not synced: an older one on the disk, and one that can't
    /// be read, is made good from the log.
    pub(super) fn write(&self, path: &Path) -> io::Result<()> {
        let mut text = serde_json::to_vec(self)?;
        text.resize(text.len().next_multiple_of(BLOCK), b' ');
        let mut file = private().create(true).truncate(false).open(path)?;
        file.write_all(&text)?;
        let length = text.len() as u64;
        if file.metadata()?.len() > length { file.set_len(length) } else { Ok(()) }
    }

    /// The state that a log of `size` events with this last hash is in: the
    /// announced one, where the write that was to lead to it did.
    pub(super) fn of_log(self, size: u64, head: Digest) -> Self {
        match self.next {
            Some(next) if next.size == size && next.head == head => *next,
            _ => self,
        }
    }

    /// The tree, where the parts fit each other and the checkpoint, if it is
    /// `signed`, fits them.
    pub(super) fn frontier(&self, signed: Option<&Checkpoint>) -> Option<Frontier> {
        let frontier = Frontier::of(self.size, self.peaks.clone())?;
        let fits = |signed: &Checkpoint| {
            signed.size < self.size || (signed.size == self.size && signed.root == frontier.root())
        };
        signed.is_none_or(fits).then_some(frontier)
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
    pub(super) fn of(key: &'a SigningKey, last: Option<&Kept>) -> Option<Self> {
        if let Some(last) = last {
            let origin = last.signed.as_ref()?.origin.clone();
            return Some(Self { key, origin });
        }
        let mut bytes = [0; 8];
        getrandom::fill(&mut bytes).ok()?;
        let id = u64::from_le_bytes(bytes);
        Some(Self { key, origin: format!("saferun/audit/{id:016x}") })
    }

    pub(super) fn sign(&self, frontier: &Frontier) -> String {
        let origin = self.origin.clone();
        Checkpoint { origin, size: frontier.size(), root: frontier.root() }.sign(self.key)
    }
}
