//! `saferun init` and what it says.

use std::path::{Path, PathBuf};

use clap::Args;

use super::Context;
use super::plan_view::{show_plan, tell_plan};
use crate::action::visible_line;
use crate::config::{Preset, REPOSITORY_FILE};
use crate::exec::RealGit;
use crate::git::Repo;
use crate::install::agents::{AGENTS, Agent, Scope, Told, plan_agents};
use crate::install::{Plan, config_template, plan_hooks, plan_shims, shim_dir};
use crate::term::{Exit, Failure, Outcome};

/// Guard this repository: write .saferun.toml and install the git hooks
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  saferun init                      guard this repository\n  \
    saferun init --dry-run            show what would be written\n  \
    saferun init --preset strict      ask for everything that destroys\n  \
    saferun init --shims              also guard `git` and `gh` as typed or run by agents\n  \
    saferun init --agents auto        also judge the tool calls of the coding agents in use")]
pub struct InitArgs {
    /// Gateway that answers approvals when nobody sits at the terminal
    #[arg(long, value_name = "URL")]
    gateway: Option<String>,
    /// Coding agents whose own hooks call saferun: those in use, none, or names with commas
    #[arg(long, value_name = "auto|none|LIST", default_value = "none")]
    agents: String,
    /// Where agents' hooks go: this repository, or this user; without it the
    /// repository, where the agent's file there is not shared
    #[arg(long, value_enum)]
    scope: Option<Scope>,
    /// Also install the git and gh shims
    #[arg(long)]
    shims: bool,
    /// Policy to start from
    #[arg(long, value_enum, default_value_t = Preset::Standard)]
    preset: Preset,
    /// Show what would change, and change nothing
    #[arg(long)]
    dry_run: bool,
    /// Answer every question with yes
    #[arg(long, short)]
    yes: bool,
}

/// Runs the command.
///
/// # Errors
/// Where there is no repository, or something can't be written.
pub fn run(arguments: &InitArgs, context: &Context) -> Outcome {
    let repo = Repo::discover(&super::here()?)?;
    let program = own_program()?;
    let mut plan = Plan::default();
    let root = repo.work_tree().unwrap_or(repo.git_dir()).to_owned();
    let agents = agents(&arguments.agents, &root)?;
    let mut told = Vec::new();
    let manifest = plan_hooks(&repo, &program, &mut plan, |manifest, plan| {
        told = plan_agents(&root, &agents, arguments.scope, &program, manifest, plan)?;
        Ok(())
    })?;
    let Some(root) = repo.work_tree() else {
        return Err(Failure::usage("this repository has no work tree"));
    };
    let settings_file = root.join(REPOSITORY_FILE);
    if !settings_file.exists() {
        let text = config_template(arguments.preset, arguments.gateway.as_deref());
        plan.write(settings_file.clone(), text, 0o644);
    } else if arguments.gateway.is_some() {
        context.printer.warn(&format!("`{REPOSITORY_FILE}` is there already and stays as it is; put the gateway's URL into its [gateway] section"));
    }
    let shims = if arguments.shims { Some(shim_dir().ok_or_else(no_home)?) } else { None };
    if let Some(dir) = &shims {
        plan_shims(dir, &program, &mut plan);
    }
    if arguments.dry_run {
        show_plan(&plan, &context.printer);
        tell_agents(&told, context);
        return Ok(Exit::Done);
    }
    plan.apply(&RealGit::at(root)?)?;
    tell_plan(&plan, &context.printer);
    if plan.steps.is_empty() {
        context.printer.say("This repository is guarded already; nothing to do.");
    }
    if let Some(chained) = &manifest.chained_hooks_dir {
        context.printer.say(&format!("The hooks in {} keep running first.", chained.display()));
    }
    tell_agents(&told, context);
    if arguments.agents == "none" {
        offer_agents(root, context);
    }
    tell_next(shims.as_deref(), context);
    Ok(Exit::Done)
}

/// The agents that `--agents` names.
fn agents(list: &str, root: &Path) -> Result<Vec<&'static Agent>, Failure> {
    match list {
        "none" => Ok(Vec::new()),
        "auto" => Ok(Agent::in_use(root)),
        names => names
            .split(',')
            .map(str::trim)
            .map(|name| {
                Agent::named(name).ok_or_else(|| {
                    let all: Vec<&str> = AGENTS.iter().map(|agent| agent.name).collect();
                    let message = format!("no agent is called `{}`", visible_line(name));
                    Failure::usage(message).hint(format!("there are: {}", all.join(", ")))
                })
            })
            .collect(),
    }
}

fn tell_agents(told: &[Told], context: &Context) {
    for Told { title, text, failed } in told {
        let line = visible_line(&format!("{title}: {text}"));
        if *failed { context.printer.warn(&line) } else { context.printer.say(&line) }
    }
}

fn offer_agents(root: &Path, context: &Context) {
    let titles: Vec<&str> = Agent::in_use(root).iter().map(|agent| agent.title).collect();
    if !titles.is_empty() {
        context.printer.say(&format!(
            "In use here: {}. Let saferun judge their tool calls too: saferun init --agents auto",
            titles.join(", ")
        ));
    }
}

fn tell_next(shims: Option<&Path>, context: &Context) {
    let printer = &context.printer;
    printer.say("");
    if let Some(dir) = shims {
        printer.say(&format!("Put the shims in front of PATH, in your shell's profile and your agent's:\n  export PATH=\"{}:$PATH\"", dir.display()));
    }
    printer.say(&format!("Next:  commit {REPOSITORY_FILE}, so that it guards its own changes"));
    printer.say("       saferun doctor      check that everything is in place");
    printer.say(
        "       saferun gateway     approve from a browser what nobody at a terminal can answer",
    );
    printer.say("Undo:  saferun uninstall");
}

fn no_home() -> Failure {
    Failure::environment("there is no home directory to put the shims in").hint("set `HOME`")
}

/// The program that hooks run: this one, by its absolute path.
fn own_program() -> Result<PathBuf, Failure> {
    std::env::current_exe().map_err(|error| {
        Failure::environment("cannot tell where saferun itself is").because(&error)
    })
}
