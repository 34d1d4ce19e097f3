//! DOORS: every way into saferun from outside.
//!
//! In: arguments, standard input, the environment. Out: an exit code. Never
//! here: judging or recording; each door calls the guard.

mod checks;
pub mod cli;
mod failure;
pub mod hook;

use std::process::ExitCode;

/// Runs the command line and returns the process's exit code.
#[must_use]
pub fn main() -> ExitCode {
    ExitCode::from(cli::run().code())
}
