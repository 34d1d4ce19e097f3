//! `saferun mcp`.

use clap::Args;

use super::Context;
use crate::entry::mcp;
use crate::term::Outcome;

/// Serve the Model Context Protocol on standard input and output
#[derive(Debug, Args)]
#[command(
    after_help = "Tools: check, explain, request_approval, scan. None of them can approve anything.\n\
    Example:\n  claude mcp add saferun -- saferun mcp"
)]
pub struct McpArgs {}

/// Runs the command.
///
/// # Errors
/// None of its own.
pub fn run(context: &Context) -> Outcome {
    mcp::serve(&context.printer)
}
