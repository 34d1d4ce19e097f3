//! DOOR: git's hooks. Reads what git hands over, gathers the facts, and lets
//! the guard decide whether git may go on.

mod chain;
mod guarded;
mod pre_commit;
mod pre_push;
mod push_plan;
mod span;
mod stop;

use serde_json::Value;

use crate::action::{CallerKind, Facts};
use crate::approval::{Channels, Once, Terminal};
use crate::config::env;
use crate::guard::{Case, Guard, Site};
use crate::term::{Exit, Failure, Outcome, Printer};

pub use stop::explain_stop;

/// Runs the hook that git calls `name` with `arguments`.
///
/// # Errors
/// What keeps git from going on and is not a decision.
pub fn run(name: &str, arguments: &[String], printer: &Printer) -> Outcome {
    let input = chain::read_input(name)?;
    let here = std::env::current_dir().map_err(|error| {
        Failure::environment("cannot read the current directory").because(&error)
    })?;
    let site = Site::open(&here)?;
    if let Some(status) = chain::run_previous(&site, name, arguments, &input)? {
        printer.detail(&format!(
            "the `{name}` hook that was here before ended with {}",
            status.code()
        ));
        return Ok(status);
    }
    match name {
        "pre-commit" => pre_commit::run(&site, printer),
        "pre-push" => pre_push::run(&site, arguments, &input, printer),
        _ => Ok(Exit::Done),
    }
}

/// The guard of a hook or shim: asks at the terminal only a person, and the
/// gateway everybody else.
#[must_use]
pub fn guard<'a>(site: &'a Site, printer: &'a Printer) -> Guard<'a> {
    let person = site.caller.kind == CallerKind::Human && !env::is_on(env::SAFERUN_NO_PROMPT);
    Guard {
        policy: &site.policy,
        log: &site.log,
        channels: Channels {
            terminal: if person { Terminal::open() } else { None },
            remote: crate::approval::gateway(&site.settings, site.caller.kind),
            timeout: site.settings.approval_timeout.value,
            break_glass: env::var(env::SAFERUN_BREAK_GLASS),
            once: Once::of_hooks(),
            prompt_of: None,
            printer,
        },
    }
}

/// A case of this site's caller, now.
fn case(site: &Site, operation: &str, target: &str, params: Value, facts: Facts) -> Case {
    let mut action = site.action(operation, target.to_owned());
    if let Value::Object(params) = params {
        action.params = params;
    }
    Case { action, facts }
}
