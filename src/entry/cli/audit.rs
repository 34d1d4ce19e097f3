//! `saferun audit`.

use std::fs::File;
use std::io::BufReader;
use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};
use serde_json::{Value, json};

use super::Context;
use crate::action::visible_line;
use crate::audit::{Event, EventType, Verification, verify};
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
    Verify {
        /// The log; this repository's without one
        log: Option<PathBuf>,
        /// One JSON document
        #[arg(long)]
        json: bool,
    },
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
        AuditCommand::Verify { log, json } => {
            let path = path(log.as_deref())?;
            let file = File::open(&path).map_err(|error| unreadable(&path, &error))?;
            let found = verify(BufReader::with_capacity(1 << 20, file))
                .map_err(|error| unreadable(&path, &error))?;
            Ok(report(&found, &path, *json, context))
        }
    }
}

fn report(found: &Verification, path: &Path, json: bool, context: &Context) -> Exit {
    if json {
        let document = json!({
            "valid": found.fault.is_none(), "events": found.events, "head": found.head,
            "fault": found.fault.as_ref().map(ToString::to_string), "log": path,
        });
        context.printer.result(&format!("{document:#}\n"));
    } else if let Some(fault) = &found.fault {
        context.printer.failure(
            &Failure::new(Exit::Blocked, format!("`{}` does not verify: {fault}", path.display()))
                .hint("keep the file as evidence, and look for who could write to it"),
        );
    } else {
        let span = found
            .span
            .as_ref()
            .map_or_else(String::new, |(first, last)| format!(", from {first} to {last}"));
        context
            .printer
            .result(&format!("valid: {} events{span}\nhead:  {}\n", found.events, found.head));
    }
    if found.fault.is_some() { Exit::Blocked } else { Exit::Done }
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
    let path = path(selection.log.as_deref())?;
    let text = match std::fs::read(&path) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound && selection.log.is_none() => {
            Vec::new()
        }
        other => other.map_err(|error| unreadable(&path, &error))?,
    };
    Ok(text
        .split(|&byte| byte == b'\n')
        .filter_map(|line| serde_json::from_slice(line).ok())
        .collect())
}

fn path(given: Option<&Path>) -> Result<PathBuf, Failure> {
    match given {
        Some(path) => Ok(path.to_owned()),
        None => Ok(Site::open(&super::here()?)?.log.path().to_owned()),
    }
}

fn unreadable(path: &Path, error: &std::io::Error) -> Failure {
    Failure::environment(format!("cannot read the audit log `{}`", path.display())).because(error)
}
