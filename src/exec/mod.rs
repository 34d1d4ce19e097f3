//! HANDS: doing what there is a warrant for, and keeping what it would lose.
//!
//! In: a warrant. Out: an outcome in the audit log. Never here: deciding.

mod answer;
mod checkout;
mod child;
mod git;
mod hook;
mod interrupt;
mod program;
mod scratch;
mod snapshot;
mod undo;

pub use answer::{Answer, answer_of};
pub use checkout::Checkout;
pub use child::{Finished, Job, Running};
pub use git::{GitError, RealGit, remote_objects};
pub use hook::run_hook;
pub use interrupt::{interrupted, watch_interrupts};
pub use program::{find_program, real_program};
pub use snapshot::{Scope, Snapshot, SnapshotKind, keep_remote, take};
pub use undo::{apply, find, list, prune};
