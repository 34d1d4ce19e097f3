//! DOORS: every way into saferun from outside.
//!
//! In: arguments, standard input, the environment. Out: an exit code. Never
//! here: judging or recording; each door calls the guard.

mod checks;
pub mod cli;
mod failure;
pub mod hook;

use std::process::ExitCode;

use crate::guard::Site;
use crate::scan::Scanner;
use crate::term::Failure;

/// Runs the command line and returns the process's exit code.
#[must_use]
pub fn main() -> ExitCode {
    ExitCode::from(cli::run().code())
}

/// The scanner that a place's settings describe.
///
/// # Errors
/// Where the rule file that they name can't be used.
fn scanner(_site: &Site) -> Result<Scanner, Failure> {
    Ok(Scanner)
}
