//! `saferun uninstall`.

use clap::Args;

use super::Context;
use super::plan_view::{show_plan, tell_plan};
use crate::action::{CallerKind, Facts};
use crate::config::caller;
use crate::entry::hook::{explain_stop, guard};
use crate::exec::RealGit;
use crate::git::Repo;
use crate::guard::{Case, Site, repository_log};
use crate::install::plan_removal;
use crate::term::{Exit, Failure, Outcome};

/// Take saferun's hooks out of this repository; earlier hooks come back byte for byte
#[derive(Debug, Args)]
pub struct UninstallArgs {
    /// Show what would change, and change nothing
    #[arg(long)]
    dry_run: bool,
}

/// Runs the command.
///
/// # Errors
/// Where there is no repository, or something can't be written.
pub fn run(arguments: &UninstallArgs, context: &Context) -> Outcome {
    let repo = Repo::discover(&super::here()?)?;
    let git = RealGit::at(repo.work_tree().unwrap_or(repo.git_dir()))?;
    let plan = plan_removal(&repo)?;
    if arguments.dry_run {
        show_plan(&plan, &context.printer);
        return Ok(Exit::Done);
    }
    if plan.steps.is_empty() {
        context.printer.say("saferun is not installed in this repository; nothing to do.");
        return Ok(Exit::Done);
    }
    if caller::detect().kind == CallerKind::Agent
        && let Some(exit) = stopped(&repo, context)?
    {
        return Ok(exit);
    }
    plan.apply(&git)?;
    tell_plan(&plan, &context.printer);
    context.printer.say(&format!(
        "\nThe audit log stays in {}, and .saferun.toml where it is.\nBack:  saferun init",
        repository_log(repo.common_dir()).display()
    ));
    Ok(Exit::Done)
}

/// An agent that takes its own guard away needs leave. People don't: with a
/// broken configuration this is their way out.
fn stopped(repo: &Repo, context: &Context) -> Result<Option<Exit>, Failure> {
    let site = Site::open(repo.work_tree().unwrap_or(repo.git_dir()))?;
    let action = site.action("saferun.uninstall", repo.target());
    let leave = guard(&site, &context.printer).pass(vec![Case { action, facts: Facts::default() }]);
    Ok(leave.err().map(|stopped| explain_stop(&stopped, "uninstall", &context.printer)))
}
