//! DOORS: every way into saferun from outside.
//!
//! In: arguments, standard input, the environment. Out: an exit code. Never
//! here: judging or recording; each door calls the guard.

mod checks;
pub mod cli;
#[cfg(feature = "gateway")]
pub mod demo;
mod failure;
pub mod hook;
pub mod shim;

use std::process::ExitCode;

use crate::guard::Site;
use crate::scan::Scanner;
use crate::term::Failure;

/// Runs the shim (called as `git` or `gh`, or `saferun git …`) or the command
/// line, and returns the process's exit code.
#[must_use]
pub fn main() -> ExitCode {
    let exit = match shim::requested(crate::config::env::args()) {
        Some((tool, arguments)) => shim::main(tool, &arguments),
        None => cli::run(),
    };
    ExitCode::from(exit.code())
}

/// The scanner that a place's settings describe.
///
/// # Errors
/// Where the rule file that they name can't be used.
fn scanner(_site: &Site) -> Result<Scanner, Failure> {
    Ok(Scanner)
}
