//! The seam between what was recognised and the guard.

use super::Outside;
use crate::action::visible_line;
use crate::command::{Classification, Intent};
use crate::term::{Exit, Failure, Printer};

/// How the real program may start.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Leave {
    /// With the repository's hooks in force.
    KeepHooks,
    /// Exactly as typed, other hooks included: a person agreed to that.
    AsTyped,
}

/// Gets leave for everything that is not harmless. What saferun's own hook
/// will judge with the objects at hand goes on to it.
///
/// # Errors
/// Exit 3 with what was recognised.
pub fn judge(
    seen: &Classification,
    _outside: &Outside,
    _printer: &Printer,
) -> Result<Leave, Failure> {
    let ours: Vec<&Intent> = seen
        .intents
        .iter()
        .filter(|intent| !(intent.hook_sees && intent.operation == "git.push"))
        .collect();
    if ours.is_empty() && seen.unknown.is_empty() {
        return Ok(Leave::KeepHooks);
    }
    let mut failure = Failure::new(Exit::ApprovalNeeded, "this command needs approval");
    failure.causes = ours.iter().map(|intent| describe(intent)).collect();
    failure.causes.extend(seen.unknown.iter().map(|what| visible_line(what)));
    let redirect = ours.iter().find_map(|intent| intent.redirect.as_deref());
    Err(match redirect {
        Some(redirect) => failure.hint(format!("safer: `{}`", visible_line(redirect))),
        None => failure,
    })
}

fn describe(intent: &Intent) -> String {
    let target = intent.target_ref.as_deref().or(intent.repo.as_deref()).unwrap_or_default();
    let target =
        if target.is_empty() { String::new() } else { format!(" `{}`", visible_line(target)) };
    format!("`{}`{target}: {}", intent.operation, intent.message)
}
