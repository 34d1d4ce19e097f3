//! The command line: one file a subcommand, each with its arguments (whose doc
//! comments are the help) and one function.

mod redact;
mod rules;
mod scan;

use clap::{Parser, Subcommand};

use crate::config::env;
use crate::term::{Exit, Level, Outcome, Printer};

/// Stands between AI agents (and hurried people) and the operations nobody can take back.
#[derive(Debug, Parser)]
#[command(name = "saferun", version, max_term_width = 100, disable_help_subcommand = true)]
struct Cli {
    /// Say errors only
    #[arg(long, short, global = true)]
    quiet: bool,
    /// Say how it came about
    #[arg(long, short, global = true, conflicts_with = "quiet")]
    verbose: bool,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Scan(scan::ScanArgs),
    Rules(rules::RulesArgs),
    Redact(redact::RedactArgs),
}

/// What every subcommand gets besides its arguments.
#[derive(Debug)]
pub struct Context {
    /// The way to the terminal.
    pub printer: Printer,
}

/// Parses the arguments, runs the command, prints its failure.
pub fn run() -> Exit {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => {
            let _ = error.print();
            return if error.use_stderr() { Exit::Usage } else { Exit::Done };
        }
    };
    let level = match (cli.quiet, cli.verbose) {
        (true, _) => Level::Quiet,
        (_, true) => Level::Verbose,
        _ => Level::Normal,
    };
    let context = Context { printer: Printer::new(level, !env::is_on(env::NO_COLOR)) };
    dispatch(cli.command, &context).unwrap_or_else(|failure| {
        context.printer.failure(&failure);
        failure.exit
    })
}

fn dispatch(command: Command, context: &Context) -> Outcome {
    match command {
        Command::Scan(args) => scan::run(&args, context),
        Command::Rules(args) => rules::run(&args, context),
        Command::Redact(args) => redact::run(&args, context),
    }
}
