//! VOICE: the only room that writes to the terminal.
//!
//! In: finished text and events. Out: standard output, standard error,
//! progress. Never here: deciding anything.

mod duration;
mod failure;
mod hidden;
mod printer;
mod progress;

pub use duration::{time_ago, time_left};
pub use failure::{Exit, Failure, Outcome};
pub use hidden::read_secret;
pub use printer::{Level, Printer};
pub use progress::Progress;
