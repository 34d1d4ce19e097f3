//! `saferun completions` and `saferun man`.

use clap::{Args, CommandFactory};

use super::{Cli, Context};
use crate::term::{Exit, Failure, Outcome};

/// Print a completion script for a shell
#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  saferun completions bash > ~/.local/share/bash-completion/completions/saferun"
)]
pub struct CompletionsArgs {
    /// The shell
    shell: clap_complete::Shell,
}

/// Prints the completion script.
///
/// # Errors
/// None.
pub fn completions(arguments: &CompletionsArgs, context: &Context) -> Outcome {
    let mut script = Vec::new();
    clap_complete::generate(arguments.shell, &mut Cli::command(), "saferun", &mut script);
    context.printer.result_bytes(&script);
    Ok(Exit::Done)
}

/// Prints the manual page.
///
/// # Errors
/// Where it can't be made.
pub fn man(context: &Context) -> Outcome {
    let mut page = Vec::new();
    clap_mangen::Man::new(Cli::command())
        .render(&mut page)
        .map_err(|error| Failure::environment("cannot make the manual page").because(&error))?;
    context.printer.result_bytes(&page);
    Ok(Exit::Done)
}
