//! `saferun history`: what was tried, and what was decided.

use clap::Args;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use super::Context;
use super::audit::{Selection, read, show};
use crate::action::visible_line;
use crate::audit::{Event, EventType};
use crate::term::{Exit, Failure, Outcome};

/// Longest reason and command that a line shows, in characters.
const SHOWN: usize = 100;

/// What was decided here, newest last
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  saferun history --last 50\n  saferun history --agent --since 2h\n  saferun history --agent=codex --json"
)]
pub struct HistoryArgs {
    #[command(flatten)]
    selection: Selection,
    /// Only what agents tried, or one agent
    #[arg(long, value_name = "NAME", num_args = 0..=1, require_equals = true, default_missing_value = "")]
    agent: Option<String>,
    /// Only what is younger: a time such as `2h` or `3d`, or a date
    #[arg(long, value_name = "WHEN")]
    since: Option<String>,
}

/// Runs `saferun history`.
///
/// # Errors
/// Where the log can't be read, or the time makes no sense.
pub fn run(arguments: &HistoryArgs, context: &Context) -> Outcome {
    let since = arguments.since.as_deref().map(since).transpose()?;
    let mut events = read(&arguments.selection)?;
    events.retain(|event| {
        let agent = event["caller"]["agent"].as_str().unwrap_or_default();
        let wanted = match arguments.agent.as_deref() {
            None => true,
            Some("") => event["caller"]["kind"] == "agent",
            Some(name) => agent == name || agent.starts_with(&format!("{name}-")),
        };
        let at = event["timestamp"].as_str().and_then(|text| text.parse::<Timestamp>().ok());
        event["operation"] != "" && wanted && since.is_none_or(|since| at >= Some(since))
    });
    if arguments.agent.is_some() {
        events = attempts(events);
        show(&events, &arguments.selection, context, attempt_line);
    } else {
        show(&events, &arguments.selection, context, |event| super::audit::line(event, false));
    }
    Ok(Exit::Done)
}

fn since(text: &str) -> Result<Timestamp, Failure> {
    let days = text.strip_suffix('d').and_then(|number| number.parse::<i64>().ok());
    let ago = days
        .and_then(|days| days.checked_mul(24))
        .map(SignedDuration::from_hours)
        .or_else(|| text.parse::<SignedDuration>().ok());
    let date = || format!("{text}T00:00:00Z").parse::<Timestamp>().ok();
    ago.and_then(|ago| Timestamp::now().checked_sub(ago).ok())
        .or_else(|| text.parse::<Timestamp>().ok())
        .or_else(date)
        .ok_or_else(|| {
            Failure::usage(format!("`{}` is no time", visible_line(text)))
                .hint("`--since 2h`, `--since 3d`, `--since 2026-11-21`")
        })
}

/// One object for each decision: when, who, in which session, what, the
/// decision and its reason, and what a person answered.
fn attempts(events: Vec<Value>) -> Vec<Value> {
    let parsed: Vec<Event> =
        events.into_iter().filter_map(|event| serde_json::from_value(event).ok()).collect();
    let answer = |id: &str| {
        let answers = parsed.iter().filter(|event| event.event_type == EventType::Approval);
        let mut of_it = answers.filter(|event| event.correlation_id.as_deref() == Some(id));
        of_it.next_back().and_then(|event| event.context.get("answer").cloned())
    };
    let decisions = parsed.iter().filter(|event| event.event_type == EventType::Decision);
    decisions
        .map(|event| {
            let what = ["command", "path", "tool", "unresolved"]
                .iter()
                .find_map(|name| event.params.get(*name)?.as_str());
            json!({
                "time": event.timestamp,
                "agent": event.caller.as_ref().and_then(|caller| caller.agent.clone()),
                "caller": event.caller.as_ref().map(|caller| caller.id.clone()),
                "session": event.context.get("agent_session"),
                "tool": event.context.get("tool"),
                "command": what,
                "operation": event.operation,
                "target": event.target,
                "decision": event.decision,
                "risk": event.risk,
                "reason": event.reasons.last().map(|reason| reason.message.clone()),
                "rule": event.rule,
                "answer": answer(&event.event_id),
                "audit_id": event.event_id,
            })
        })
        .collect()
}

fn attempt_line(attempt: &Value) -> String {
    let text = |name: &str| attempt[name].as_str().unwrap_or_default();
    let short = |text: &str| -> String {
        let cut: String = text.chars().take(SHOWN).collect();
        if cut.len() < text.len() { format!("{cut}…") } else { cut }
    };
    let time = text("time").get(..19).unwrap_or_default().replace('T', " ");
    let session: String = text("session").chars().take(8).collect();
    let answer = match text("answer") {
        "" => String::new(),
        answer => format!(" ({answer})"),
    };
    let what = if text("command").is_empty() { text("target") } else { text("command") };
    visible_line(&format!(
        "{time}  {}  {session:<8}  {}{answer} {:.1}  {}  {}  {}",
        text("agent"),
        text("decision"),
        attempt["risk"].as_f64().unwrap_or_default(),
        text("operation"),
        short(what),
        short(text("reason")),
    ))
}
