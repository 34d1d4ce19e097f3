//! `saferun policy`: are the files right, do they decide as they should, and
//! what would another policy have decided?

use std::collections::BTreeMap;
use std::path::PathBuf;

use clap::{Args, Subcommand};
use serde_json::json;

use super::Context;
use super::policy_flags::PolicyFlags;
use crate::action::{Action, Caller, CallerKind, DecisionResult, Facts, visible_line};
use crate::guard::{Replay, Request, Site, When, anonymous, replay, sources};
use crate::policy::{self as judgment, Policy, PolicyError, PolicyTest, Verdict, lint, read_tests};
use crate::term::{Exit, Failure, Outcome, Printer};

/// Check, test and replay policies
#[derive(Debug, Args)]
pub(super) struct PolicyArgs {
    #[command(subcommand)]
    command: PolicyCommand,
}

#[derive(Debug, Subcommand)]
enum PolicyCommand {
    /// Say everything that is wrong with a policy's files, and which rules are useless
    Validate {
        #[command(flatten)]
        files: PolicyFlags,
        /// Print one JSON document
        #[arg(long)]
        json: bool,
    },
    /// Run policy tests (YAML or TOML), and say which rules they never reach
    Test {
        /// A file, or a directory of them
        path: PathBuf,
        #[command(flatten)]
        files: PolicyFlags,
        /// Print one JSON document
        #[arg(long)]
        json: bool,
    },
    /// Decide again what an audit log has, and say what would be decided otherwise
    Replay {
        /// An audit log [default: the log of the repository, or of the user]
        log: Option<PathBuf>,
        #[command(flatten)]
        files: PolicyFlags,
        /// Print one JSON document
        #[arg(long)]
        json: bool,
    },
}

/// Runs `saferun policy`.
pub(super) fn run(args: &PolicyArgs, context: &Context) -> Outcome {
    let site = Site::open(&super::here()?)?;
    let printer = &context.printer;
    match &args.command {
        PolicyCommand::Validate { files, json } => {
            let policy = files.builder(&site.settings)?.policy();
            // The preset's rules are not about somebody's own actions.
            let lints = files.policies.is_some() || files.registry.is_none();
            validate(policy, lints, *json, printer)
        }
        PolicyCommand::Test { path, files, json } => {
            test(path, &files.builder(&site.settings)?.policy()?, *json, printer)
        }
        PolicyCommand::Replay { log, files, json } => {
            let policy = files.builder(&site.settings)?.policy()?;
            let policy = Policy { closed: files.registry.is_some(), ..policy };
            let log = log.clone().unwrap_or_else(|| site.log.path().to_owned());
            print_replay(&replay(&log, &policy)?, *json, printer)
        }
    }
}

fn validate(
    policy: Result<Policy, PolicyError>,
    lints: bool,
    json: bool,
    printer: &Printer,
) -> Outcome {
    let (warnings, problems, counts) = match &policy {
        Ok(policy) => (
            if lints { lint(policy) } else { Vec::new() },
            &[][..],
            (policy.registry.all().len(), rules(policy)),
        ),
        Err(error) => (Vec::new(), error.0.as_slice(), (0, 0)),
    };
    if json {
        let document =
            json!({"valid": problems.is_empty(), "errors": problems, "warnings": warnings});
        printer.result(&format!("{document:#}\n"));
    } else {
        for warning in &warnings {
            printer.warn(&visible_line(&warning.to_string()));
        }
        for problem in problems {
            printer.alert(&format!("error: {}", visible_line(&problem.to_string())));
        }
        if problems.is_empty() {
            printer.result(&format!("valid: {} actions, {} rules\n", counts.0, counts.1));
        }
    }
    Ok(if problems.is_empty() { Exit::Done } else { Exit::Usage })
}

fn rules(policy: &Policy) -> usize {
    policy.layers.iter().map(|layer| layer.rules().len()).sum()
}

/// What became of one test.
struct Ran<'a> {
    test: &'a PolicyTest,
    result: DecisionResult,
    rule: Option<String>,
}

impl Ran<'_> {
    fn passed(&self) -> bool {
        self.result == self.test.expect
            && self.test.rule.as_ref().is_none_or(|rule| self.rule.as_ref() == Some(rule))
    }
}

fn test(path: &std::path::Path, policy: &Policy, json: bool, printer: &Printer) -> Outcome {
    let tests = sources(path).and_then(|files| read_tests(&files)).map_err(PolicyError)?;
    if tests.is_empty() {
        return Err(Failure::usage(format!("there are no tests in `{}`", path.display())));
    }
    let ran = tests.iter().map(|test| {
        let verdict = decide(&test.asked, policy);
        let rule = verdict.rule().map(|rule| rule.name.clone());
        Ran { test, result: verdict.result(), rule }
    });
    let ran: Vec<Ran<'_>> = ran.collect();
    let reached = |name: &str| ran.iter().any(|one| one.rule.as_deref() == Some(name));
    let all = policy.layers.iter().flat_map(|layer| layer.rules());
    let unreached: Vec<&str> =
        all.map(|rule| rule.name.as_str()).filter(|name| !reached(name)).collect();
    let failed = ran.iter().filter(|one| !one.passed()).count();
    if json {
        let tests: Vec<_> = ran
            .iter()
            .map(|one| {
                json!({"name": one.test.name, "file": one.test.file,
            "line": one.test.line, "passed": one.passed(), "expected": one.test.expect,
            "result": one.result, "rule": one.rule})
            })
            .collect();
        let document = json!({"passed": ran.len() - failed, "failed": failed, "tests": tests,
            "rules_never_reached": unreached});
        printer.result(&format!("{document:#}\n"));
    } else {
        print_tests(&ran, failed, &unreached, printer);
    }
    Ok(if failed == 0 { Exit::Done } else { Exit::Blocked })
}

fn print_tests(ran: &[Ran<'_>], failed: usize, unreached: &[&str], printer: &Printer) {
    for one in ran {
        let name = visible_line(&one.test.name);
        if one.passed() {
            printer.detail(&format!("passed  {name}"));
            continue;
        }
        let by = one.rule.as_deref().map_or_else(String::new, |rule| format!(" by rule `{rule}`"));
        let wanted =
            one.test.rule.as_ref().map_or_else(String::new, |rule| format!(" by rule `{rule}`"));
        printer.result(&format!(
            "failed  {name} ({}, line {}): expected {}{wanted}, got {}{by}\n",
            one.test.file, one.test.line, one.test.expect, one.result
        ));
    }
    printer.result(&format!("{} passed, {failed} failed\n", ran.len() - failed));
    for name in unreached {
        printer.warn(&format!("rule `{}` is never reached by a test", visible_line(name)));
    }
}

/// Decides a test without counting anything.
fn decide<'p>(asked: &Request, policy: &'p Policy) -> Verdict<'p> {
    let at = asked.at.unwrap_or_else(|| When { at: jiff::Timestamp::now(), utc_offset_seconds: 0 });
    let named = asked.caller.as_deref().map(|id| Caller::named(id, CallerKind::Service));
    let caller = asked.identity.clone().or(named).unwrap_or_else(anonymous);
    let action = Action {
        operation: asked.operation.clone(),
        target: asked.target.clone().unwrap_or_else(|| "unknown".to_owned()),
        caller,
        params: asked.params.clone(),
        ticket_id: asked.ticket_id.clone(),
        at: at.at,
    };
    let facts = Facts { utc_offset_seconds: at.utc_offset_seconds, ..Facts::default() };
    judgment::decide(&action, &facts, policy)
}

fn print_replay(told: &Replay, json: bool, printer: &Printer) -> Outcome {
    let mut callers: BTreeMap<&str, usize> = BTreeMap::new();
    for change in &told.changes {
        *callers.entry(&change.caller).or_default() += 1;
    }
    if json {
        let document =
            json!({"decisions": told.decisions, "changes": told.changes, "callers": callers});
        printer.result(&format!("{document:#}\n"));
        return Ok(Exit::Done);
    }
    for change in &told.changes {
        let by =
            change.rule.as_deref().map_or_else(String::new, |rule| format!(" by rule `{rule}`"));
        let line = format!(
            "{}  {}  {} on {}: {} → {}{by}",
            change.at, change.caller, change.operation, change.target, change.before, change.after
        );
        printer.result(&format!("{}\n", visible_line(&line)));
    }
    let count = told.changes.len();
    printer.result(&format!("{count} of {} decisions would change\n", told.decisions));
    for (caller, count) in callers {
        printer.result(&format!("  {count:>6}  {}\n", visible_line(caller)));
    }
    Ok(Exit::Done)
}
