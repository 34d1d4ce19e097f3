//! Checks a log: the chain from the first line to the last, then everything
//! that was signed about it.

use std::collections::BTreeMap;
use std::io;
use std::path::PathBuf;

use ed25519_dalek::VerifyingKey;

use super::files::Files;
use super::line::Format;
use super::merkle::{consistency, is_consistent};
use super::note::{Checkpoint, NoteError};
use super::state::State;
use super::walk::{Walked, Wanted, walk};
use super::{Log, checkpoints, keys};
use crate::action::Digest;

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
    /// There is no event at all.
    #[error("it is empty: its events were removed, or none was ever written")]
    Empty,
    /// A first file of the log is missing.
    #[error("its first {0} events are in files that are not here")]
    Missing(u64),
    /// There are less events than were signed.
    #[error("events were removed from its end: {recorded} were recorded, {found} are here")]
    Truncated {
        /// Size of the tree that was signed.
        recorded: u64,
        /// Events that are here.
        found: u64,
    },
    /// The events are not those that were signed.
    #[error("it was rewritten: its first {0} events are not those that were signed")]
    Rewritten(u64),
    /// Events that no head knows.
    #[error(
        "its last {count} events are not signed: they were not written by saferun, stand behind such, or a crash cut their writing short; what a crash left, the next event recorded mends"
    )]
    Unrecorded {
        /// How many.
        count: u64,
    },
    /// The head is gone.
    #[error("its state file, which signs the head, is missing or damaged")]
    NoState,
    /// A checkpoint isn't one.
    #[error("checkpoint {number} does not hold: {reason}")]
    Checkpoint {
        /// Which, from 1.
        number: usize,
        /// Why.
        reason: NoteError,
    },
}

/// What a log is checked against besides itself.
#[derive(Debug, Clone, Default)]
pub struct Trust {
    /// Keys whose signatures count.
    pub keys: Vec<VerifyingKey>,
    /// Checkpoints that were kept elsewhere.
    pub against: Vec<String>,
}

impl Trust {
    /// Trust in the account's own key, where it has one.
    #[must_use]
    pub fn own() -> Self {
        let key = keys::account_file().and_then(|path| keys::load(&path));
        let keys = key.iter().map(ed25519_dalek::SigningKey::verifying_key).collect();
        Self { keys, against: Vec::new() }
    }
}

/// A proof that the log begins with the events that a checkpoint signed.
#[derive(Debug, Clone)]
pub struct Consistency {
    /// Size of the earlier tree.
    pub old_size: u64,
    /// Its root.
    pub old_root: Digest,
    /// The proof (RFC 6962, 2.1.2).
    pub path: Vec<Digest>,
}

/// What a check found.
#[derive(Debug, Clone)]
pub struct Verification {
    /// Whose format it is.
    pub format: Format,
    /// Events that are in order.
    pub events: u64,
    /// Hash of the last of them.
    pub head: Digest,
    /// Root of the tree over them.
    pub root: Digest,
    /// Timestamps of the first and the last event.
    pub span: Option<(String, String)>,
    /// How many of the first events a believed signature covers.
    pub signed: u64,
    /// Checkpoints that hold.
    pub checkpoints: usize,
    /// Numbers of the events that say what a crash did.
    pub recoveries: Vec<u64>,
    /// One proof for every checkpoint that was kept elsewhere.
    pub consistency: Vec<Consistency>,
    /// The first thing that is wrong.
    pub fault: Option<Fault>,
    /// The file in which it is.
    pub file: PathBuf,
}

/// A checkpoint with what to say where it doesn't fit.
struct Claim {
    checkpoint: Checkpoint,
    kept_elsewhere: bool,
}

/// Everything that was written about a log, taken at one moment.
struct Evidence {
    claims: Vec<Claim>,
    state: Option<State>,
    kept: usize,
    fault: Option<Fault>,
}

impl Log {
    /// Checks every hash, every link, every number and every signature, and
    /// stops at the first fault.
    ///
    /// # Errors
    /// Where the log can't be read.
    pub fn verify(&self, trust: &Trust) -> io::Result<Verification> {
        let files = &self.manner.files;
        let lock = files.lock_to_read();
        let evidence = Evidence::gather(files, trust)?;
        let parts = files.open_all()?;
        drop(lock);
        if parts.is_empty() && evidence.claims.is_empty() && evidence.fault.is_none() {
            return Err(io::ErrorKind::NotFound.into());
        }
        let mut roots: BTreeMap<u64, Option<Digest>> =
            evidence.claims.iter().map(|claim| (claim.checkpoint.size, None)).collect();
        let states = evidence.state.iter().flat_map(|state| {
            [Some(state), state.next.as_deref()].into_iter().flatten().map(|one| (one.size, None))
        });
        roots.extend(states);
        let leaves = !trust.against.is_empty();
        let walked = walk(parts, Wanted { roots, leaves, ..Wanted::default() })?;
        Ok(self.conclude(walked, &evidence))
    }

    fn conclude(&self, walked: Walked, evidence: &Evidence) -> Verification {
        let root = walked.frontier.root();
        let broken = walked.fault.clone();
        let file = broken.as_ref().map_or_else(|| self.path().to_owned(), |(file, _)| file.clone());
        let fault = broken
            .map(|(_, fault)| fault)
            .or_else(|| evidence.fault.clone())
            .or_else(|| evidence.judge(&walked));
        let signed = evidence.claims.iter().map(|claim| claim.checkpoint.size).max();
        let consistency = if fault.is_none() { evidence.consistency(&walked) } else { Vec::new() };
        Verification {
            format: walked.format,
            events: walked.events,
            head: walked.head,
            root,
            span: walked.span,
            signed: signed.filter(|_| fault.is_none()).unwrap_or(0),
            checkpoints: evidence.kept,
            recoveries: walked.recoveries,
            consistency,
            fault,
            file,
        }
    }
}

impl Evidence {
    fn gather(files: &Files, trust: &Trust) -> io::Result<Self> {
        let mut evidence = Self { claims: Vec::new(), state: None, kept: 0, fault: None };
        let damaged = |number| Fault::Checkpoint { number, reason: NoteError::Malformed };
        let notes = checkpoints::read(&files.checkpoints())?.unwrap_or_else(|number| {
            evidence.fault = Some(damaged(number));
            Vec::new()
        });
        evidence.kept = notes.len();
        let state = State::read(&files.state());
        if state.is_err() {
            evidence.fault.get_or_insert(Fault::NoState);
        }
        evidence.state = state.ok().flatten();
        let of_state = evidence.state.as_ref().and_then(|state| state.checkpoint.clone());
        let local = notes.into_iter().chain(of_state).map(|note| (note, false));
        let elsewhere = trust.against.iter().map(|note| (note.clone(), true));
        for (index, (note, kept_elsewhere)) in local.chain(elsewhere).enumerate() {
            match Checkpoint::open(&note, &trust.keys) {
                Ok(checkpoint) => evidence.claims.push(Claim { checkpoint, kept_elsewhere }),
                Err(reason) => {
                    let fault = Fault::Checkpoint { number: index + 1, reason };
                    evidence.fault.get_or_insert(fault);
                }
            }
        }
        Ok(evidence)
    }

    /// What the signatures say against the events.
    fn judge(&self, walked: &Walked) -> Option<Fault> {
        let found = walked.frontier.size();
        let before = found - walked.events;
        if let Some(recorded) = self.largest().filter(|recorded| *recorded > found) {
            return Some(Fault::Truncated { recorded, found });
        }
        if found == 0 {
            return Some(Fault::Empty);
        }
        if before > 0 && (self.kept > 0 || self.state.is_some()) {
            return Some(Fault::Missing(before));
        }
        for Claim { checkpoint, .. } in &self.claims {
            let root = walked.roots.get(&checkpoint.size).copied().flatten();
            if checkpoint.size > before && root != Some(checkpoint.root) {
                return Some(Fault::Rewritten(checkpoint.size));
            }
        }
        let state = match self.state.clone() {
            Some(state) => state.of_log(found, walked.head),
            None if self.kept > 0 && walked.format == Format::Saferun => {
                return Some(Fault::NoState);
            }
            None => return None,
        };
        let rewritten = match state.frontier(None) {
            None => return Some(Fault::NoState),
            Some(tree) => walked.roots.get(&state.size).copied().flatten() != Some(tree.root()),
        };
        if rewritten || (state.size == found && state.head != walked.head) {
            return Some(Fault::Rewritten(state.size));
        }
        (found > state.size).then(|| Fault::Unrecorded { count: found - state.size })
    }

    /// Most events that anything here vouches for.
    fn largest(&self) -> Option<u64> {
        let signed = self.claims.iter().map(|claim| claim.checkpoint.size);
        signed.chain(self.state.as_ref().map(|state| state.size)).max()
    }

    /// The proofs for the checkpoints that were kept elsewhere, each checked as
    /// somebody else would.
    fn consistency(&self, walked: &Walked) -> Vec<Consistency> {
        let new = (walked.frontier.size(), walked.frontier.root());
        let elsewhere = self.claims.iter().filter(|claim| claim.kept_elsewhere);
        let proofs = elsewhere.map(|Claim { checkpoint, .. }| {
            let (old_size, old_root) = (checkpoint.size, checkpoint.root);
            let old = usize::try_from(old_size).unwrap_or(usize::MAX);
            Consistency { old_size, old_root, path: consistency(&walked.leaves, old) }
        });
        proofs
            .filter(|proof| is_consistent((proof.old_size, proof.old_root), new, &proof.path))
            .collect()
    }
}
