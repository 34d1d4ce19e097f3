//! DOORS: every way into saferun from outside.
//!
//! In: arguments, standard input, the environment. Out: an exit code. Never
//! here: judging or recording; each door calls the guard.

pub mod agent;
mod agent_checks;
mod checks;
pub mod cli;
#[cfg(feature = "gateway")]
pub mod demo;
mod failure;
pub mod hook;
pub mod mcp;
pub mod shim;

use std::process::ExitCode;

use crate::git::Index;
use crate::guard::Site;
use crate::scan::report::{Format, render};
use crate::scan::{Confidence, Finding, Ignores, Scanner, config};
use crate::term::Failure;

/// Runs the agents' door, the shim (called as `git` or `gh`, or `saferun git …`)
/// or the command line, and returns the process's exit code.
#[must_use]
pub fn main() -> ExitCode {
    let arguments = crate::config::env::args();
    let exit = match (agent::requested(&arguments), shim::requested(arguments)) {
        (Some(dialect), _) => agent::main(dialect),
        (None, Some((tool, arguments))) => shim::main(tool, &arguments),
        (None, None) => cli::run(),
    };
    ExitCode::from(exit.code())
}

/// Findings to pass over: our own file by value, gitleaks' by place.
const IGNORE_FILES: [&str; 2] = [".saferunignore", ".gitleaksignore"];

/// Which version of a repository's scan settings counts. Either way a change
/// of them needs leave before it counts.
#[derive(Clone, Copy)]
enum Version<'a> {
    /// The one that would be committed with what is judged.
    Index(&'a Index),
    /// The one that is committed.
    Head,
}

/// The scanner that a place's settings describe, and the findings to pass over.
///
/// # Errors
/// Where the rule file that they name can't be used.
fn scanner(site: &Site, version: Version<'_>) -> Result<(Scanner, Ignores), Failure> {
    let settings = &site.settings;
    let read = |name: &str| match version {
        Version::Index(index) => site.staged_file(index, name),
        Version::Head => site.committed_file(name),
    };
    let named = settings.scan_config.value.as_deref();
    let text = named.map(read).transpose()?.flatten();
    let scanner = match (named, text) {
        (Some(name), Some(text)) => config::parse(&text, name)?,
        _ => Scanner::builtin(),
    };
    let mut ignores = Ignores::default();
    for name in IGNORE_FILES {
        if let Some(text) = read(name)? {
            ignores.add(&text, name);
        }
    }
    let least = match settings.scan_confidence.value.as_str() {
        "low" => Confidence::Low,
        "high" => Confidence::High,
        _ => Confidence::Medium,
    };
    Ok((scanner.with_confidence(least), ignores))
}

/// Findings for people, without the secrets.
fn shown(findings: &[Finding]) -> String {
    let hidden: Vec<Finding> = findings.iter().map(Finding::redacted).collect();
    render(Format::Text, &hidden, &[])
}
