//! `saferun audit`.

use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};
use serde_json::{Value, json};

use super::Context;
use super::audit_sign::{self, CheckpointArgs, ProveArgs};
use crate::action::visible_line;
use crate::audit::parse_verifier_key;
use crate::audit::{Checkpoint, Event, EventType, Format, Log, Proof, Trust, Verification};
use crate::guard::Site;
use crate::term::{Exit, Failure, Outcome};

/// Show and verify the audit log
#[derive(Debug, Args)]
pub struct AuditArgs {
    #[command(subcommand)]
    command: AuditCommand,
}

#[derive(Debug, Subcommand)]
enum AuditCommand {
    /// Show the events as they stand in the log
    Show(Selection),
    /// Check that no event was changed, removed, inserted or moved
    Verify(VerifyArgs),
    /// Sign the log as it stands, and print the signed note
    Checkpoint(CheckpointArgs),
    /// Prove that one event is in the log
    Prove(ProveArgs),
    /// Take the log elsewhere: a file, a webhook, an S3 bucket
    #[cfg(feature = "client")]
    Ship(super::audit_ship::ShipArgs),
}

#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  saferun audit verify\n  saferun audit verify --against last-week.checkpoint\n  saferun audit verify --proof proof.json --key VERIFIER_KEY"
)]
struct VerifyArgs {
    /// The log; this repository's without one
    log: Option<PathBuf>,
    /// A checkpoint that was kept elsewhere: the log has to begin with what it signed
    #[arg(long, value_name = "FILE")]
    against: Vec<PathBuf>,
    /// A key whose signatures count, besides the account's own: `NAME+ID+KEY`
    #[arg(long, value_name = "KEY")]
    key: Vec<String>,
    /// Check what `saferun audit prove` wrote, instead of a log
    #[arg(long, value_name = "FILE", conflicts_with_all = ["log", "against"])]
    proof: Option<PathBuf>,
    /// One JSON document
    #[arg(long)]
    json: bool,
}

/// Which events to show.
#[derive(Debug, Args)]
pub struct Selection {
    /// The log; this repository's without one
    log: Option<PathBuf>,
    /// How many events, counted from the end
    #[arg(long, short = 'n', default_value_t = 20)]
    last: usize,
    /// One JSON array
    #[arg(long)]
    json: bool,
}

/// Runs `saferun audit`.
///
/// # Errors
/// Where the log can't be read.
pub fn run(arguments: &AuditArgs, context: &Context) -> Outcome {
    match &arguments.command {
        AuditCommand::Show(selection) => {
            show(&read(selection)?, selection, context, |event| line(event, true));
            Ok(Exit::Done)
        }
        AuditCommand::Verify(arguments) => verify(arguments, context),
        AuditCommand::Checkpoint(arguments) => audit_sign::checkpoint(arguments, context),
        AuditCommand::Prove(arguments) => audit_sign::prove(arguments, context),
        #[cfg(feature = "client")]
        AuditCommand::Ship(arguments) => super::audit_ship::ship(arguments, context),
    }
}

fn verify(arguments: &VerifyArgs, context: &Context) -> Outcome {
    let mut trust = Trust::own();
    for key in &arguments.key {
        let parsed = parse_verifier_key(key).ok_or_else(|| {
            Failure::usage(format!("`{key}` is no key"))
                .hint("`saferun audit checkpoint --json` prints the key that verifies it")
        })?;
        trust.keys.push(parsed);
    }
    if let Some(path) = &arguments.proof {
        return verify_proof(path, &trust, arguments.json, context);
    }
    for path in &arguments.against {
        let text = std::fs::read_to_string(path);
        trust.against.push(text.map_err(|error| unreadable(path, &error))?);
    }
    let log = log(arguments.log.as_deref())?;
    let found = log.verify(&trust).map_err(|error| unreadable(log.path(), &error))?;
    Ok(report(&found, log.path(), arguments.json, context))
}

fn verify_proof(path: &Path, trust: &Trust, json: bool, context: &Context) -> Outcome {
    let text = std::fs::read(path).map_err(|error| unreadable(path, &error))?;
    let wrong = |error: &dyn std::error::Error| {
        Failure::new(Exit::Blocked, format!("`{}` does not hold", path.display())).because(error)
    };
    let proof: Proof = serde_json::from_slice(&text).map_err(|error| wrong(&error))?;
    let checkpoint =
        Checkpoint::open(&proof.checkpoint, &trust.keys).map_err(|error| wrong(&error))?;
    let holds = proof.holds_under(&checkpoint);
    if json {
        let document =
            json!({"valid": holds, "leaf_index": proof.leaf_index, "tree_size": proof.tree_size});
        context.printer.result(&format!("{document:#}\n"));
    } else if holds {
        let (number, size) = (proof.leaf_index + 1, proof.tree_size);
        context.printer.result(&format!("valid: event {number} of the {size} that were signed\n"));
    }
    if holds || json {
        return Ok(if holds { Exit::Done } else { Exit::Blocked });
    }
    Err(Failure::new(
        Exit::Blocked,
        format!("`{}` does not hold: the event is not in the tree that was signed", path.display()),
    ))
}

fn report(found: &Verification, path: &Path, json: bool, context: &Context) -> Exit {
    let printer = &context.printer;
    if json {
        printer.result(&format!("{:#}\n", document(found, path)));
    } else if let Some(fault) = &found.fault {
        let message = format!("`{}` does not verify: {fault}", found.file.display());
        printer.failure(
            &Failure::new(Exit::Blocked, message)
                .hint("keep the file as evidence, and look for who could write to it"),
        );
    } else {
        let span = found
            .span
            .as_ref()
            .map_or_else(String::new, |(first, last)| format!(", from {first} to {last}"));
        let signed = match found.signed {
            0 => "by nobody: what was cut off its end would not show".to_owned(),
            all if all >= found.events => "to the end".to_owned(),
            some => format!("up to event {some}"),
        };
        printer.result(&format!(
            "valid: {} events{span}\nhead:  {}\nsigned {signed}\n",
            found.events, found.head
        ));
        for number in &found.recoveries {
            printer.say(&format!(
                "event {number} tells what was mended; `saferun audit show` shows it"
            ));
        }
    }
    if found.fault.is_some() { Exit::Blocked } else { Exit::Done }
}

fn document(found: &Verification, path: &Path) -> Value {
    let consistency = found.consistency.iter().map(
        |proof| json!({"old_size": proof.old_size, "old_root": proof.old_root, "path": proof.path}),
    );
    json!({
        "valid": found.fault.is_none(),
        "events": found.events,
        "head": found.head,
        "root": found.root,
        "signed": found.signed,
        "checkpoints": found.checkpoints,
        "recoveries": found.recoveries,
        "consistency": consistency.collect::<Vec<_>>(),
        "format": match found.format { Format::Saferun => "saferun", Format::AgentSafe => "agent-safe" },
        "fault": found.fault.as_ref().map(ToString::to_string),
        "file": found.file,
        "log": path,
    })
}

/// Prints the last of the events, or all of those as JSON.
pub fn show(
    events: &[Value],
    selection: &Selection,
    context: &Context,
    line: impl Fn(&Value) -> String,
) {
    let events = &events[events.len().saturating_sub(selection.last)..];
    if selection.json {
        context.printer.result(&format!("{:#}\n", Value::from(events.to_vec())));
        return;
    }
    if events.is_empty() {
        context.printer.say("nothing is recorded yet");
    }
    for event in events {
        context.printer.result(&format!("{}\n", line(event)));
    }
}

/// One event on one line; every event with `raw`, else the essence.
pub fn line(event: &Value, raw: bool) -> String {
    let Ok(event) = serde_json::from_value::<Event>(event.clone()) else {
        return visible_line(&event.to_string());
    };
    let when = event.timestamp.strftime("%Y-%m-%d %H:%M:%S");
    let who = event.caller.as_ref().map_or_else(String::new, |caller| caller.display());
    let what = match event.event_type {
        EventType::Decision => {
            let result = event.decision.map_or("", |decision| decision.as_str());
            format!("{result:<16} {:>4.1}", event.risk.unwrap_or_default())
        }
        other => {
            let answer = event
                .context
                .get("answer")
                .or(event.context.get("outcome"))
                .and_then(Value::as_str);
            format!("{:<16}     ", answer.unwrap_or(other.as_str()))
        }
    };
    let id = if raw { format!("{:>5} {} ", event.seq, event.event_id) } else { String::new() };
    visible_line(&format!("{id}{when}  {what}  {}  {}  {who}", event.operation, event.target))
}

/// The events of the log.
///
/// # Errors
/// Where it can't be read.
pub fn read(selection: &Selection) -> Result<Vec<Value>, Failure> {
    let log = log(selection.log.as_deref())?;
    if selection.log.is_some() && !log.path().exists() {
        return Err(unreadable(log.path(), &std::io::ErrorKind::NotFound.into()));
    }
    let mut events = Vec::new();
    log.each_line(|line| {
        events.extend(serde_json::from_slice::<Value>(line));
        true
    })
    .map_err(|error| unreadable(log.path(), &error))?;
    Ok(events)
}

/// The log that was named, else that of the place where the user is.
pub(super) fn log(given: Option<&Path>) -> Result<Log, Failure> {
    match given {
        Some(path) => Ok(Log::at(path.to_owned())),
        None => Ok(Site::open(&super::here()?)?.log),
    }
}

pub(super) fn unreadable(path: &Path, error: &std::io::Error) -> Failure {
    let exit = match error.kind() {
        std::io::ErrorKind::NotFound => Exit::Blocked,
        _ => Exit::Environment,
    };
    Failure::new(exit, format!("cannot read `{}`", path.display())).because(error)
}
