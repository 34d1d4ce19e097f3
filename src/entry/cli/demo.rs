//! `saferun demo`.

use clap::Args;

use super::Context;
use crate::entry::demo;
use crate::term::Outcome;

/// See saferun at work, with real git, in a throw-away directory
#[derive(Debug, Args)]
#[command(
    after_help = "Nothing of yours is touched: the demo has a home, a repository, a remote and a gateway of \
    its own,\nand removes all of it at the end."
)]
pub(super) struct DemoArgs {
    /// Don't pause for reading
    #[arg(long)]
    fast: bool,
}

/// Runs the command.
pub(super) fn run(arguments: &DemoArgs, context: &Context) -> Outcome {
    let paced = !arguments.fast && context.printer.prints_to_terminal();
    demo::run(&context.printer, paced)
}
