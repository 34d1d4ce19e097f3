//! DOOR: the `git` and `gh` in front of the real ones.
//!
//! A symbolic link named `git` or `gh` to the saferun binary, in a directory
//! ahead on `PATH`, is a shim; so is `saferun git …`. A link costs no shell to
//! start, and one that dangles is passed over by `PATH` lookup.
//!
//! In: what was typed. Out: nothing, for this process becomes the real program
//! (same arguments, terminal, exit status, no process left between); or why it
//! did not. What is harmless goes on at once: no configuration is loaded, no
//! repository opened, no thread started.
//!
//! **Hooks stay in force.** A command line or environment may point git at
//! other hooks, by `-c core.hooksPath=…`, `--config-env`, `GIT_CONFIG_COUNT`,
//! `GIT_CONFIG_PARAMETERS` or a file it includes. Where the command runs hooks
//! this is an operation of its own, and is judged. Where it was not approved as
//! such, `-c core.hooksPath=<directory>` is put behind the user's own global
//! options: a later `-c` wins over all the others, and git hands it on to its
//! children. The directory is the one git would use without the redirection,
//! so that a repository's own configured hooks keep working. Without a
//! redirection the arguments are not touched.
//!
//! **`SAFERUN_ACTIVE` permits nothing.** Whatever it says, what was typed is
//! classified and judged: a variable is in the hands of whoever starts the
//! process. It only counts how often this very process (its number is part of
//! the value, and `exec` keeps it) became a shim again, to end a circle of two
//! saferun installations that take each other for the real program. Asking
//! twice is avoided elsewhere: an approval is for the digest of one action.

mod cases;
mod gh_config;
mod judge;
mod outside;
mod pin;

use std::ffi::{OsStr, OsString};
use std::os::unix::process::CommandExt;
use std::path::Path;

use crate::command::{self, Place};
use crate::config::env;
use crate::exec::real_program;
use crate::term::{Exit, Failure, Level, Outcome, Printer};

pub use cases::{case, unknown};
pub use judge::{Leave, judge};
pub use outside::Outside;

/// How often one process may become a shim.
const MAX_HOPS: u32 = 3;

/// A program that saferun stands in front of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tool {
    /// git.
    Git,
    /// GitHub's command line.
    Gh,
}

impl Tool {
    /// The program's name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Git => "git",
            Self::Gh => "gh",
        }
    }

    fn named(name: &OsStr) -> Option<Self> {
        [Self::Git, Self::Gh].into_iter().find(|tool| name == tool.name())
    }
}

/// Run the real program with these arguments, if they may pass
#[derive(Debug, clap::Args)]
#[command(disable_help_flag = true)]
pub struct Args {
    /// What the real program gets
    #[arg(trailing_var_arg = true, allow_hyphen_values = true, value_name = "ARG")]
    pub arguments: Vec<OsString>,
}

/// The tool this process stands in for, and the tool's arguments: by the name
/// it was called, or by its first argument.
#[must_use]
pub fn requested(arguments: Vec<OsString>) -> Option<(Tool, Vec<OsString>)> {
    let called = Path::new(arguments.first()?).file_name()?;
    if let Some(tool) = Tool::named(called) {
        return Some((tool, arguments.into_iter().skip(1).collect()));
    }
    let tool = Tool::named(arguments.get(1)?)?;
    Some((tool, arguments.into_iter().skip(2).collect()))
}

/// Runs the shim and says what kept the real program from starting.
#[must_use]
pub fn main(tool: Tool, arguments: &[OsString]) -> Exit {
    let printer = || Printer::new(Level::Normal, !env::is_on(env::NO_COLOR));
    pass(tool, arguments, printer).unwrap_or_else(|failure| {
        printer().failure(&failure);
        failure.exit
    })
}

/// [`main`] for a printer that is there already.
///
/// # Errors
/// What kept the real program from starting.
pub fn run(tool: Tool, arguments: &[OsString], printer: &Printer) -> Outcome {
    pass(tool, arguments, || printer.clone())
}

fn pass(tool: Tool, arguments: &[OsString], printer: impl FnOnce() -> Printer) -> Outcome {
    let real = real_program(tool.name()).ok_or_else(|| none(tool))?;
    let outside = Outside::new(&real);
    let mut argv = vec![OsString::from(tool.name())];
    argv.extend_from_slice(arguments);
    let seen = command::classify(&argv, &outside);
    let leave = if seen.is_harmless() {
        Leave::KeepHooks
    } else {
        judge(&seen, &place(tool, &argv), &printer())?
    };
    if let Leave::Stop(exit) = leave {
        return Ok(exit);
    }
    let doubtful = seen.hooks_redirected || seen.other_configuration;
    if doubtful && leave == Leave::KeepHooks {
        pin::hooks(&mut argv, &real, !seen.hooks_redirected)?;
    }
    become_real(tool, &real, argv.get(1..).unwrap_or_default())
}

/// Where the command works.
fn place(tool: Tool, argv: &[OsString]) -> Place {
    let words: Vec<String> =
        argv.iter().skip(1).map(|word| word.to_string_lossy().into_owned()).collect();
    match tool {
        Tool::Git => command::place(&words),
        Tool::Gh => Place::default(),
    }
}

fn none(tool: Tool) -> Failure {
    Failure::environment(format!("there is no `{}` on `PATH` behind saferun's shim", tool.name()))
        .hint(format!("install {0}, or put its directory on `PATH`", tool.name()))
}

/// Replaces this process; returns only where that fails.
#[expect(clippy::disallowed_methods, reason = "the shim becomes the real program")]
fn become_real(tool: Tool, real: &Path, arguments: &[OsString]) -> Outcome {
    let own = std::process::id();
    let hops = hops(own) + 1;
    if hops > MAX_HOPS {
        let message =
            format!("`{}` leads back to saferun and to no real {}", real.display(), tool.name());
        return Err(Failure::environment(message)
            .hint("take all but one of saferun's shim directories from `PATH`"));
    }
    let error = std::process::Command::new(real)
        .arg0(tool.name())
        .args(arguments)
        .env(env::SAFERUN_ACTIVE, format!("{own}:{hops}"))
        .exec();
    Err(Failure::environment(format!("cannot start `{}`", real.display())).because(&error))
}

fn hops(own: u32) -> u32 {
    let active = env::var(env::SAFERUN_ACTIVE);
    let counted = active.as_deref().and_then(|text| text.split_once(':'));
    match counted {
        Some((process, hops)) if process.parse() == Ok(own) => hops.parse().unwrap_or(MAX_HOPS),
        _ => 0,
    }
}
