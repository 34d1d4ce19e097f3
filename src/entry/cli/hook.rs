//! `saferun hook`: what the installed hooks run.

use std::ffi::OsString;

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

/// `saferun hook NAME …` as an installed hook says it: without options, so that
/// git doesn't wait for the description of every command to be made.
#[must_use]
pub fn plain(arguments: &[OsString]) -> Option<HookArgs> {
    let [_, command, given @ ..] = arguments else { return None };
    let texts = given.iter().map(|argument| argument.to_str().map(str::to_owned));
    let mut words = texts.collect::<Option<Vec<String>>>()?.into_iter();
    let name = words.next().filter(|name| command == "hook" && !name.starts_with('-'))?;
    let arguments: Vec<String> = words.collect();
    let plain = arguments.iter().all(|word| !word.starts_with('-'));
    plain.then_some(HookArgs { name, arguments })
}

/// Runs the command.
///
/// # Errors
/// What keeps git from going on and is not a decision.
pub fn run(arguments: &HookArgs, context: &Context) -> Outcome {
    hook::run(&arguments.name, &arguments.arguments, &context.printer)
}
