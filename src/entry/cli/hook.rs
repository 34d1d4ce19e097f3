//! `saferun hook`: what the installed hooks run.

use clap::Args;

use super::Context;
use crate::entry::hook;
use crate::term::Outcome;

/// What the installed git hooks run
#[derive(Debug, Args)]
pub struct HookArgs {
    /// Name of the git hook, such as pre-commit
    name: String,
    /// What git passes to it
    #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
    arguments: Vec<String>,
}

/// Runs the command.
///
/// # Errors
/// What keeps git from going on and is not a decision.
pub fn run(arguments: &HookArgs, context: &Context) -> Outcome {
    hook::run(&arguments.name, &arguments.arguments, &context.printer)
}
