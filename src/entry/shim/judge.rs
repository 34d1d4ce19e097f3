//! From what was recognised to the guard: cases, leave, and a snapshot of what
//! the command would lose.

use std::path::Path;

use serde_json::Value;

use super::cases::{case, typed, unknown};
use crate::action::visible_line;
use crate::command::{Classification, Intent};
use crate::entry::hook::{explain_stop, guard};
use crate::exec::{Scope, prune, take};
use crate::git::Repo;
use crate::guard::Site;
use crate::install::hooks_run;
use crate::policy::Catalogue;
use crate::term::{Exit, Failure, Printer};

/// Base risk from which what a local operation would lose is kept.
const SNAPSHOT_FROM: f64 = 5.0;

/// How the real program may start.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Leave {
    /// With the repository's hooks in force.
    KeepHooks,
    /// Exactly as typed, other hooks included: a person agreed to that.
    AsTyped,
    /// Not at all; what is to be said was said.
    Stop(Exit),
}

/// Gets leave for everything that is not harmless, and keeps what it would
/// lose. What saferun's own hook judges with the objects at hand goes on to it,
/// where it is installed.
///
/// # Errors
/// Where the repository, the configuration or the log can't be read.
pub fn judge(seen: &Classification, start: &Path, printer: &Printer) -> Result<Leave, Failure> {
    let site = Site::open(start)?;
    let hooked = site.repo.as_ref().is_some_and(hooks_run);
    let ours: Vec<&Intent> =
        seen.intents.iter().filter(|intent| !(hooked && intent.hook_sees)).collect();
    let mut cases: Vec<_> = ours.iter().map(|intent| case(&site, intent)).collect();
    cases.extend(seen.unknown.iter().map(|what| unknown(&site, what, false)));
    cases.extend(seen.opaque.iter().map(|what| unknown(&site, what, true)));
    if cases.is_empty() {
        return Ok(Leave::KeepHooks);
    }
    let redirect = ours.iter().find_map(|intent| intent.redirect.as_deref());
    if let Err(stopped) = guard(&site, printer).pass(cases) {
        let exit = explain_stop(&stopped, "command", printer);
        if let Some(redirect) = redirect {
            printer.alert(&format!("  safer: {}", visible_line(redirect)));
        }
        return Ok(Leave::Stop(exit));
    }
    keep(&site, &ours, printer)?;
    let redirected = ours.iter().any(|intent| intent.operation == "git.hooks-path");
    Ok(if redirected { Leave::AsTyped } else { Leave::KeepHooks })
}

/// Takes a snapshot where a local operation would lose something.
fn keep(site: &Site, intents: &[&Intent], printer: &Printer) -> Result<(), Failure> {
    let Some(work_tree) = site.repo.as_ref().and_then(Repo::work_tree) else { return Ok(()) };
    let Some(intent) = intents.iter().find(|intent| loses(&intent.operation)) else {
        return Ok(());
    };
    let ignored = intent.params.get("ignored").is_some_and(|value| *value != Value::Bool(false));
    let scope = if ignored { Scope::Ignored } else { Scope::Untracked };
    let now = jiff::Timestamp::now();
    let snapshot =
        take(work_tree, &intent.operation, &typed(intent), scope, now).map_err(|error| {
            Failure::from(error)
                .hint("what the command would lose could not be kept, so it was not run")
        })?;
    printer.say(&format!(
        "saferun: kept what this may lose; `saferun undo apply {}` brings it back",
        snapshot.id
    ));
    clean_up(work_tree, site, now);
    Ok(())
}

fn loses(operation: &str) -> bool {
    Catalogue::builtin(operation).is_some_and(|known| {
        known.risk >= SNAPSHOT_FROM && known.tags.iter().any(|tag| tag == "local")
    })
}

/// Old snapshots go; one that can't be removed now goes next time.
fn clean_up(work_tree: &Path, site: &Site, now: jiff::Timestamp) {
    let _ = prune(work_tree, site.settings.undo_keep_days.value, now);
}
