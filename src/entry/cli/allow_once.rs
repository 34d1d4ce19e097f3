//! `saferun approvals allow-once`: a person lets one stopped action through.

use std::fs;
use std::time::Duration;

use clap::Args;

use super::Context;
use crate::action::{CallerKind, DecisionResult, Digest, visible_line};
use crate::approval::{Once, Question, Terminal};
use crate::audit::{Event, EventType};
use crate::config::caller;
use crate::guard::Site;
use crate::term::{Exit, Failure, Outcome};

/// Longest time that a grant can last, in minutes.
const LONGEST: u64 = 120;

/// Let one action that was stopped through, once; only at a person's own terminal
#[derive(Debug, Args)]
pub struct AllowOnceArgs {
    /// The event that recorded it, such as `evt-0123456789ab`
    #[arg(required_unless_present = "last")]
    id: Option<String>,
    /// The last action of an agent that was stopped here
    #[arg(long, conflicts_with = "id")]
    last: bool,
    /// How long it stays allowed
    #[arg(long, value_name = "MINUTES", default_value_t = 10, value_parser = clap::value_parser!(u64).range(1..=LONGEST))]
    minutes: u64,
}

/// Runs the command.
///
/// # Errors
/// Where no person asks, no such action was stopped, or nothing can be written.
pub fn run(arguments: &AllowOnceArgs, context: &Context) -> Outcome {
    let caller = caller::detect();
    if caller.kind != CallerKind::Human {
        let who = visible_line(&caller.display());
        let message = format!("{who} ({}) allows nothing: a person does", caller.kind.as_str());
        return Err(Failure::new(Exit::Blocked, message)
            .hint("run it in a terminal that no agent and no script started"));
    }
    let (event, digest) = stopped(arguments)?;
    let terminal = Terminal::open().ok_or_else(|| {
        Failure::new(Exit::Blocked, "there is no terminal, so nobody can say yes")
            .hint("run it in a terminal of your own")
    })?;
    let question = question(&event, &digest, arguments.minutes);
    let agreed = terminal
        .ask(&question)
        .map_err(|error| Failure::environment("the terminal went away").because(&error))?;
    if !agreed {
        context.printer.say("nothing was allowed");
        return Ok(Exit::Blocked);
    }
    let once = Once::of_account()
        .ok_or_else(|| Failure::environment("there is no home directory").hint("set `HOME`"))?;
    let lasting = Duration::from_secs(arguments.minutes * 60);
    let until = once
        .allow(digest, &caller.id, lasting)
        .map_err(|error| Failure::environment("cannot write what you allowed").because(&error))?;
    context.printer.say(&format!(
        "{} may happen once until {}; tell the agent to try the same again",
        event.operation,
        until.strftime("%H:%M:%S UTC")
    ));
    Ok(Exit::Done)
}

/// The decision to set aside: in the log of this repository, or in the one for
/// everything outside of repositories.
fn stopped(arguments: &AllowOnceArgs) -> Result<(Event, Digest), Failure> {
    let site = Site::open(&super::here()?)?;
    let outside = Site::log_outside()?;
    let mut logs = vec![site.log.path().to_owned()];
    if outside.path() != site.log.path() && !arguments.last {
        logs.push(outside.path().to_owned());
    }
    let wanted = |event: &Event| match &arguments.id {
        Some(id) => event.event_id == *id,
        None => event.caller.as_ref().is_some_and(|caller| caller.kind == CallerKind::Agent),
    };
    for log in logs {
        let bytes = fs::read(&log).unwrap_or_default();
        let events = bytes.rsplit(|&byte| byte == b'\n');
        let found =
            events.filter_map(|line| serde_json::from_slice::<Event>(line).ok()).find(|event| {
                event.event_type == EventType::Decision
                    && event.decision.is_some_and(|result| result != DecisionResult::Allow)
                    && wanted(event)
            });
        if let Some(event) = found
            && let Some(digest) = event.action_digest
        {
            return Ok((event, digest));
        }
    }
    let message = match &arguments.id {
        Some(id) => format!("nothing that was stopped is recorded as `{}`", visible_line(id)),
        None => "nothing that an agent tried was stopped here".to_owned(),
    };
    Err(Failure::usage(message)
        .hint("`saferun history --agent` shows what was tried; run this where it was tried"))
}

fn question(event: &Event, digest: &Digest, minutes: u64) -> Question {
    let mut text = String::new();
    let mut line = |label: &str, value: &str| {
        text.push_str(&format!("  {label:<9} {}\n", visible_line(value)));
    };
    line("what", &event.operation);
    line("where", &event.target);
    for name in ["command", "path", "tool", "directory"] {
        if let Some(value) = event.params.get(name).and_then(|value| value.as_str()) {
            line(name, value);
        }
    }
    line("who", &event.caller.as_ref().map_or_else(String::new, |caller| caller.display()));
    line("when", &event.timestamp.strftime("%Y-%m-%d %H:%M:%S UTC").to_string());
    line("risk", &format!("{:.1} of 10", event.risk.unwrap_or_default()));
    for reason in &event.reasons {
        line("", &reason.message);
    }
    line("for", &format!("once, within {minutes} minutes"));
    Question { text, word: digest.short() }
}
