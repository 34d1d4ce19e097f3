//! How an installation plan looks.

use crate::action::{visible, visible_line};
use crate::inspect::unified_diff;
use crate::install::{Plan, Step};
use crate::term::Printer;

/// Shows every step with its diff, as a dry run does.
pub fn show_plan(plan: &Plan, printer: &Printer) {
    if plan.steps.is_empty() {
        printer.result("nothing to change\n");
    }
    for step in &plan.steps {
        printer.result(&format!("{}\n", visible_line(&would(step))));
        if let Step::Write { path, before, after, .. } = step {
            let name = path.display().to_string();
            let name = name.trim_start_matches('/');
            printer.result(&visible(&unified_diff(name, before.as_deref().unwrap_or(""), after)));
        }
    }
}

/// Tells what was done, a line a step.
pub fn tell_plan(plan: &Plan, printer: &Printer) {
    for step in &plan.steps {
        printer.say(&visible_line(&did(step)));
    }
}

fn would(step: &Step) -> String {
    match step {
        Step::Write { path, before: None, .. } => format!("would write {}", path.display()),
        Step::Write { path, .. } => format!("would change {}", path.display()),
        Step::Move { from, to } => format!("would move {} to {}", from.display(), to.display()),
        Step::Remove { path } => format!("would remove {}", path.display()),
        Step::Link { path, to } => format!("would link {} to {}", path.display(), to.display()),
        Step::GitConfig { key, before, after } => format!(
            "would set git's `{key}` from {} to {}",
            before.as_deref().unwrap_or("(unset)"),
            after.as_deref().unwrap_or("(unset)")
        ),
    }
}

fn did(step: &Step) -> String {
    match step {
        Step::Write { path, before: None, .. } => format!("wrote    {}", path.display()),
        Step::Write { path, .. } => format!("changed  {}", path.display()),
        Step::Move { from, to } => format!("moved    {} to {}", from.display(), to.display()),
        Step::Remove { path } => format!("removed  {}", path.display()),
        Step::Link { path, to } => format!("linked   {} to {}", path.display(), to.display()),
        Step::GitConfig { key, after, .. } => {
            format!("set      git's {key} to {}", after.as_deref().unwrap_or("(unset)"))
        }
    }
}
