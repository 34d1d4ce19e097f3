//! MEMORY: what was decided, answered and done.
//!
//! In: judged actions, answers, outcomes. Out: a hash-chained log of JSON
//! lines, and proof that nobody changed it. Never here: deciding. There is no
//! way to execution around [`Log::record`].

mod event;
mod log;
mod verify;

pub use event::{Event, EventType, GENESIS_HASH};
pub use log::{AuditError, Log, Recorded};
pub use verify::{Fault, Verification, verify};
