//! From what was recognised to the guard: cases, leave, and a snapshot of what
//! the command would lose.

use std::path::Path;

use serde_json::Value;

use super::cases::{case, typed, unknown};
use super::outside::{is_doubtful, start};
use crate::action::visible_line;
use crate::command::{Classification, Intent, Place};
use crate::entry::hook::{explain_stop, guard};
use crate::exec::{Checkout, GitError, Scope, prune, take};
use crate::git::Repo;
use crate::guard::Site;
use crate::install::{Manifest, is_shim};
use crate::policy::Catalogue;
use crate::term::{Exit, Failure, Printer};

/// Base risk from which what a local operation would lose is kept.
const SNAPSHOT_FROM: f64 = 3.0;

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
pub fn judge(seen: &Classification, place: &Place, printer: &Printer) -> Result<Leave, Failure> {
    let site = Site::open(&start(place))?;
    let hooked = !is_doubtful(place) && site.repo.as_ref().is_some_and(hooks_installed);
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
    keep(&site, place, &ours, printer)?;
    let redirected = ours.iter().any(|intent| intent.operation == "git.hooks-path");
    Ok(if redirected { Leave::AsTyped } else { Leave::KeepHooks })
}

/// Whether git runs saferun's hooks in this repository.
fn hooks_installed(repo: &Repo) -> bool {
    let configured = Manifest::load(repo.common_dir())
        .ok()
        .flatten()
        .is_some_and(|found| found.configured_hooks);
    configured || repo.hooks_dir().is_ok_and(|dir| is_shim(&dir.join("pre-push")))
}

/// Takes a snapshot where a local operation would lose something.
fn keep(site: &Site, place: &Place, intents: &[&Intent], printer: &Printer) -> Result<(), Failure> {
    let Some(scope) = intents.iter().filter_map(|intent| scope(intent)).reduce(wider) else {
        return Ok(());
    };
    let unkept = |error: GitError| {
        Failure::from(error)
            .hint("what the command would lose could not be kept, so it was not run")
    };
    let Some(here) = Checkout::of(place).map_err(unkept)? else { return Ok(()) };
    let Some(intent) = intents.iter().find(|intent| self::scope(intent).is_some()) else {
        return Ok(());
    };
    let removed = intent.params.get("operands").and_then(Value::as_str);
    let linked = match removed.filter(|_| intent.operation == "git.worktree.remove") {
        Some(name) => here.linked(&start(place), name).map_err(unkept)?,
        None => None,
    };
    let now = jiff::Timestamp::now();
    let lost = linked.as_ref().unwrap_or(&here);
    let snapshot = take(lost, &intent.operation, &typed(intent), &scope, now).map_err(unkept)?;
    printer.say(&format!(
        "saferun: kept what this may lose; `saferun undo apply {}` brings it back",
        snapshot.id
    ));
    clean_up(&here.git_dir, site, now);
    Ok(())
}

/// What a local operation may lose, if anything.
fn scope(intent: &Intent) -> Option<Scope> {
    let known = Catalogue::builtin(&intent.operation)?;
    let tagged = |name: &str| known.tags.iter().any(|tag| tag == name);
    let ignored = intent.params.get("ignored").is_some_and(|value| *value != Value::Bool(false));
    if !tagged("local") || known.risk < SNAPSHOT_FROM {
        None
    } else if tagged("refs") {
        Some(Scope::Refs)
    } else if ignored || intent.operation == "git.worktree.remove" {
        Some(Scope::Ignored)
    } else {
        Some(Scope::Untracked)
    }
}

fn wider(one: Scope, other: Scope) -> Scope {
    let rank = |scope: &Scope| match scope {
        Scope::Refs => 0,
        Scope::Untracked => 1,
        Scope::With(_) => 2,
        Scope::Ignored => 3,
    };
    if rank(&other) > rank(&one) { other } else { one }
}

/// Old snapshots go; one that can't be removed now goes next time.
fn clean_up(git_dir: &Path, site: &Site, now: jiff::Timestamp) {
    let _ = prune(git_dir, site.settings.undo_keep_days.value, now);
}
