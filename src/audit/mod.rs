//! MEMORY: what was decided, answered and done.
//!
//! In: judged actions, answers, outcomes. Out: a hash-chained log of JSON
//! lines whose head is signed, and proof that nobody changed it. Never here:
//! deciding. There is no way to execution around [`Log::record`].
//!
//! `log` is the door; `append` writes (under a lock, through `group`), `walk`
//! reads, `verify` and `proof` say what was found. `merkle` and `note` are the
//! formats of RFC 6962 and of signed notes.

mod adopt;
mod append;
mod blocks;
mod checkpoints;
mod event;
mod files;
mod foreign;
mod group;
pub mod keys;
mod line;
mod log;
mod merkle;
mod note;
mod proof;
mod rotate;
#[cfg(feature = "client")]
pub mod ship;
mod standing;
mod state;
mod tail;
mod verify;
mod walk;

pub use event::{Event, EventType, GENESIS_HASH};
pub use line::Format;
pub use log::{AuditError, DEFAULT_CHECKPOINT_EVERY, Log, Recorded};
pub use note::{Checkpoint, NoteError, parse_verifier_key, verifier_key};
pub use proof::{Proof, ProofError};
pub use verify::{Consistency, Fault, Trust, Verification};
