//! `saferun undo`.

use clap::{Args, Subcommand};
use serde_json::json;

use super::Context;
use crate::action::{Facts, visible_line};
use crate::entry::hook::{explain_stop, guard};
use crate::exec::{Snapshot, SnapshotKind, apply, find, list};
use crate::git::Repo;
use crate::guard::{Case, Site};
use crate::term::{Exit, Failure, Outcome};

/// Bring back what a destructive command lost
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  saferun undo list\n  saferun undo apply            the newest snapshot\n  saferun undo apply 20261121-1"
)]
pub struct UndoArgs {
    #[command(subcommand)]
    command: UndoCommand,
}

#[derive(Debug, Subcommand)]
enum UndoCommand {
    /// List the snapshots, newest first
    List {
        /// One JSON array
        #[arg(long)]
        json: bool,
    },
    /// Bring a snapshot back; what is there now is kept in a snapshot of its own
    Apply {
        /// Its id, or the start of it; the newest without one
        id: Option<String>,
    },
}

/// Runs the command.
///
/// # Errors
/// Where there is no repository or no such snapshot, or git fails.
pub fn run(arguments: &UndoArgs, context: &Context) -> Outcome {
    let repo = Repo::discover(&super::here()?)?;
    let place = repo.work_tree().unwrap_or(repo.git_dir());
    match &arguments.command {
        UndoCommand::List { json } => {
            let snapshots = list(place)?;
            if *json {
                context.printer.result(&format!("{:#}\n", json!(snapshots)));
            } else if snapshots.is_empty() {
                context.printer.say("there is nothing to undo");
            }
            for snapshot in snapshots.iter().filter(|_| !json) {
                context.printer.result(&format!("{}\n", line(snapshot)));
            }
        }
        UndoCommand::Apply { id } => {
            let Some(snapshot) = find(place, id.as_deref())? else {
                return Err(Failure::usage(match id {
                    Some(id) => {
                        format!("no snapshot, or more than one, has an id that starts with `{id}`")
                    }
                    None => "there is nothing to undo".to_owned(),
                })
                .hint("`saferun undo list` shows what there is"));
            };
            let site = Site::open(place)?;
            let guard = guard(&site, &context.printer);
            let warrants = match guard.pass(vec![case(&site, repo.target(), &snapshot)]) {
                Ok(warrants) => warrants,
                Err(stopped) => return Ok(explain_stop(&stopped, "undo", &context.printer)),
            };
            let done = apply(place, &snapshot, jiff::Timestamp::now())?;
            for warrant in warrants {
                guard.release(warrant, Some(&snapshot.id))?;
            }
            context.printer.result(&format!("{}\n", line(&snapshot)));
            for what in done {
                context.printer.result(&format!("  restored {}\n", visible_line(&what)));
            }
        }
    }
    Ok(Exit::Done)
}

fn case(site: &Site, target: String, snapshot: &Snapshot) -> Case {
    let mut action = site.action("git.undo", target);
    action.params.insert("snapshot".into(), json!(snapshot.id));
    action.params.insert("before".into(), json!(snapshot.operation));
    Case { action, facts: Facts::default() }
}

fn line(snapshot: &Snapshot) -> String {
    let what = match &snapshot.kind {
        SnapshotKind::Local { .. } => snapshot.command.clone(),
        SnapshotKind::Remote { remote, reference, old, .. } => {
            format!("{reference} of {remote} was {}", old.get(..10).unwrap_or(old))
        }
    };
    visible_line(&format!("{}  before {}  {what}", snapshot.id, snapshot.operation))
}
