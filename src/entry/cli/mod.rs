//! The command line: one file a subcommand, each with its arguments (whose doc
//! comments are the help) and one function.

mod actions;
mod agent_hook;
mod allow_once;
mod approvals;
mod audit;
#[cfg(feature = "client")]
mod audit_ship;
mod audit_sign;
mod check;
mod check_plan;
mod command_rules;
mod config;
mod delegation;
#[cfg(feature = "gateway")]
mod demo;
mod doctor;
pub(in crate::entry) mod explain;
#[cfg(feature = "gateway")]
mod gateway;
mod history;
mod hook;
mod identity;
mod init;
#[cfg(feature = "client")]
mod login;
mod mcp;
mod pending;
mod plan_view;
mod policy;
mod policy_flags;
mod redact;
mod remote;
mod rules;
mod scan;
mod shell;
mod ticket;
mod trust_flags;
mod undo;
mod uninstall;

use std::path::PathBuf;

use clap::{Parser, Subcommand};

use super::shim::Tool;
use crate::config::env;
use crate::entry::failure::visible_failure;
use crate::term::{Exit, Failure, Level, Outcome, Printer};

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
    Init(init::InitArgs),
    Uninstall(uninstall::UninstallArgs),
    Doctor(doctor::DoctorArgs),
    Status(doctor::StatusArgs),
    Config(config::ConfigArgs),
    Scan(scan::ScanArgs),
    Rules(rules::RulesArgs),
    Redact(redact::RedactArgs),
    Explain(explain::Args),
    Check(check::CheckArgs),
    CheckPlan(check_plan::CheckPlanArgs),
    Policy(policy::PolicyArgs),
    Actions(actions::ActionsArgs),
    Identity(identity::IdentityArgs),
    Delegation(delegation::DelegationArgs),
    Ticket(ticket::TicketArgs),
    Git(super::shim::Args),
    Gh(super::shim::Args),
    Hook(hook::HookArgs),
    AgentHook(agent_hook::AgentHookArgs),
    Mcp(mcp::McpArgs),
    Undo(undo::UndoArgs),
    Audit(audit::AuditArgs),
    History(history::HistoryArgs),
    Completions(shell::CompletionsArgs),
    /// Print the manual page
    Man,
    Approvals(approvals::ApprovalsArgs),
    #[cfg(feature = "gateway")]
    Demo(demo::DemoArgs),
    #[cfg(feature = "gateway")]
    Gateway(gateway::GatewayArgs),
    #[cfg(feature = "client")]
    Login(login::LoginArgs),
}

/// What every subcommand gets besides its arguments.
#[derive(Debug)]
pub struct Context {
    /// The way to the terminal.
    pub printer: Printer,
}

/// Parses the arguments, runs the command, prints its failure.
pub fn run() -> Exit {
    let parsed = match hook::plain(&env::args()) {
        Some(hook) => Ok(Cli { quiet: false, verbose: false, command: Command::Hook(hook) }),
        None => Cli::try_parse(),
    };
    let cli = match parsed {
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
        let failure = visible_failure(failure);
        context.printer.failure(&failure);
        failure.exit
    })
}

fn dispatch(command: Command, context: &Context) -> Outcome {
    match command {
        Command::Init(arguments) => init::run(&arguments, context),
        Command::Uninstall(arguments) => uninstall::run(&arguments, context),
        Command::Doctor(arguments) => doctor::run(&arguments, context),
        Command::Status(arguments) => doctor::status(&arguments, context),
        Command::Config(arguments) => config::run(&arguments, context),
        Command::Scan(args) => scan::run(&args, context),
        Command::Rules(args) => rules::run(&args, context),
        Command::Redact(args) => redact::run(&args, context),
        Command::Explain(arguments) => explain::run(&arguments, context),
        Command::Check(arguments) => check::run(&arguments, context),
        Command::CheckPlan(arguments) => check_plan::run(&arguments, context),
        Command::Policy(arguments) => policy::run(&arguments, context),
        Command::Actions(arguments) => actions::run(&arguments, context),
        Command::Identity(arguments) => identity::run(&arguments, context),
        Command::Delegation(arguments) => delegation::run(&arguments, context),
        Command::Ticket(arguments) => ticket::run(&arguments, context),
        Command::Git(args) => super::shim::run(Tool::Git, &args.arguments, &context.printer),
        Command::Gh(args) => super::shim::run(Tool::Gh, &args.arguments, &context.printer),
        Command::Hook(arguments) => hook::run(&arguments, context),
        Command::AgentHook(arguments) => agent_hook::run(&arguments),
        Command::Mcp(_) => mcp::run(context),
        Command::Undo(arguments) => undo::run(&arguments, context),
        Command::Audit(arguments) => audit::run(&arguments, context),
        Command::History(arguments) => history::run(&arguments, context),
        Command::Completions(arguments) => shell::completions(&arguments, context),
        Command::Man => shell::man(context),
        Command::Approvals(args) => approvals::run(&args, context),
        #[cfg(feature = "gateway")]
        Command::Demo(args) => demo::run(&args, context),
        #[cfg(feature = "gateway")]
        Command::Gateway(args) => gateway::run(&args, context),
        #[cfg(feature = "client")]
        Command::Login(args) => login::run(&args, context),
    }
}

/// The directory that a command works in.
fn here() -> Result<PathBuf, Failure> {
    std::env::current_dir()
        .map_err(|error| Failure::environment("cannot read the current directory").because(&error))
}
