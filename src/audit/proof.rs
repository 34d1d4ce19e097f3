//! Proofs that one event is in a log, for people who don't have the log.

use std::io;

use serde::{Deserialize, Serialize};

use super::Log;
use super::merkle::{inclusion, leaf_hash, root_of_inclusion};
use super::note::Checkpoint;
use super::walk::{Wanted, walk};
use crate::action::Digest;

/// An inclusion proof (RFC 6962, 2.1.1) for one event.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Proof {
    /// Index of the leaf, from 0.
    pub leaf_index: u64,
    /// Data of the leaf: the event's `entry_hash`.
    pub entry_hash: Digest,
    /// Number of leaves.
    pub tree_size: u64,
    /// Root of the tree.
    pub root: Digest,
    /// Siblings from the leaf to the root.
    pub path: Vec<Digest>,
    /// The signed note over exactly this tree.
    pub checkpoint: String,
    /// The event.
    pub event: serde_json::Value,
}

/// Why there is no proof.
#[derive(Debug, thiserror::Error)]
pub enum ProofError {
    /// The log can't be read.
    #[error(transparent)]
    Io(#[from] io::Error),
    /// The log can't be signed.
    #[error(transparent)]
    Audit(#[from] super::AuditError),
    /// The log doesn't hold.
    #[error("the log does not verify: {0}")]
    Fault(super::Fault),
    /// There is no such event.
    #[error("there is no event `{0}`")]
    NoSuchEvent(String),
}

impl Proof {
    /// Whether the path leads from the event to the root that the checkpoint
    /// names.
    #[must_use]
    pub fn holds_under(&self, checkpoint: &Checkpoint) -> bool {
        let leaf = leaf_hash(self.entry_hash.as_bytes());
        let root = root_of_inclusion(leaf, self.leaf_index, self.tree_size, &self.path);
        checkpoint.size == self.tree_size && root == Some(checkpoint.root)
    }
}

impl Log {
    /// Proves that the event with this id, or with this number (from 1), is in
    /// the log; the log is signed as it stands for that.
    ///
    /// # Errors
    /// Where the log can't be read or signed, doesn't hold, or has no such event.
    pub fn prove(&self, event: &str) -> Result<Proof, ProofError> {
        let note = self.checkpoint()?;
        let missing = || ProofError::NoSuchEvent(event.to_owned());
        let checkpoint = Checkpoint::unverified(&note).ok_or_else(missing)?;
        let parts = self.manner.files.open_all()?;
        let event_id = Some(event.to_owned());
        let mut walked = walk(parts, Wanted { leaves: true, event_id, ..Wanted::default() })?;
        if let Some((_, fault)) = walked.fault {
            return Err(ProofError::Fault(fault));
        }
        let number = event.parse::<u64>().ok().and_then(|number| number.checked_sub(1));
        let leaf_index = walked.found.or(number).filter(|index| *index < checkpoint.size);
        let leaf_index = leaf_index.ok_or_else(missing)?;
        let index = usize::try_from(leaf_index).map_err(|_| missing())?;
        // What was appended since the checkpoint is no part of its tree.
        walked.leaves.truncate(usize::try_from(checkpoint.size).map_err(|_| missing())?);
        let event = self.event_at(leaf_index)?.ok_or_else(missing)?;
        let hash = event.get("entry_hash").and_then(|hash| Digest::from_hex(hash.as_str()?));
        Ok(Proof {
            leaf_index,
            entry_hash: hash.ok_or_else(missing)?,
            tree_size: checkpoint.size,
            root: checkpoint.root,
            path: inclusion(&walked.leaves, index),
            checkpoint: note,
            event,
        })
    }

    fn event_at(&self, index: u64) -> io::Result<Option<serde_json::Value>> {
        let (mut at, mut event) = (0, None);
        self.each_line(|line| {
            if line.trim_ascii().is_empty() {
                return true;
            }
            if at == index {
                event = serde_json::from_slice(line).ok();
            }
            at += 1;
            at <= index
        })?;
        Ok(event)
    }
}
