//! `saferun agent-hook`.

use clap::Args;

use crate::entry::agent;
use crate::term::Outcome;

/// Answer one tool call of a coding agent, read from standard input
#[derive(Debug, Args)]
#[command(
    after_help = "Agents run this from their own hooks, which `saferun init --agents auto` sets up.\n\
    Example:\n  echo '{\"tool\":\"shell\",\"command\":\"git push --force\"}' | saferun agent-hook plain"
)]
pub struct AgentHookArgs {
    /// The agent, or `plain`
    name: String,
}

/// Runs the command.
///
/// # Errors
/// Where no agent has this name.
pub fn run(arguments: &AgentHookArgs) -> Outcome {
    agent::run(&arguments.name)
}
