//! `saferun explain`: what a command line would do. Runs nothing.

use std::ffi::OsString;

use serde_json::{Value, json};

use super::Context;
use crate::action::{Caller, CallerKind, visible_line};
use crate::command::{self, Classification, Input, Intent, Invocation};
use crate::config::caller;
use crate::entry::agent::asked_by_agent;
use crate::entry::shim::{Outside, case, unknown};
use crate::exec::real_program;
use crate::guard::Site;
use crate::policy::{Judged, judge};
use crate::redact::redact;
use crate::term::{Exit, Outcome, Printer};

/// Say what a command would do, without running it
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Print one JSON document
    #[arg(long)]
    json: bool,
    /// Whose command it is; without it an agent's, unless a person at a terminal asks
    #[arg(long = "as", value_name = "KIND")]
    kind: Option<Kind>,
    /// The command, as words or as one line of shell
    #[arg(
        required = true,
        trailing_var_arg = true,
        allow_hyphen_values = true,
        value_name = "COMMAND"
    )]
    command: Vec<OsString>,
}

/// Who may ask.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Kind {
    /// A person
    Human,
    /// A coding agent
    Agent,
    /// A CI job
    Ci,
}

/// The caller to judge for.
fn caller(args: &Args, context: &Context) -> Caller {
    let own = caller::detect();
    let kind = match args.kind {
        Some(Kind::Human) => CallerKind::Human,
        Some(Kind::Agent) => CallerKind::Agent,
        Some(Kind::Ci) => CallerKind::Ci,
        None if own.kind == CallerKind::Human && !context.printer.prints_to_terminal() => {
            CallerKind::Agent
        }
        None => own.kind,
    };
    if kind == own.kind { own } else { Caller { kind, agent: None, ..own } }
}

/// Runs the command.
///
/// # Errors
/// None of its own.
pub fn run(args: &Args, context: &Context) -> Outcome {
    let site = Site::open_for(&super::here()?, caller(args, context))?;
    let outside = Outside::new(&real_program("git").unwrap_or_else(|| "git".into()));
    let outside = outside.with_packs(&site.packs);
    let seen = match args.command.as_slice() {
        [line] => command::classify_line(&line.to_string_lossy(), &outside),
        words => command::classify(words, &outside),
    };
    let told = tell(&seen, &site);
    if args.json {
        context.printer.result(&format!("{:#}\n", document(&seen, &told)));
    } else {
        print(&told, &seen, &context.printer);
    }
    Ok(Exit::Done)
}

/// One command that was found, and what would be decided about it.
pub(in crate::entry) struct Told<'a> {
    intent: Option<&'a Intent>,
    judged: Judged,
}

/// Judges everything that was recognised, the worst first.
pub(in crate::entry) fn tell<'a>(seen: &'a Classification, site: &Site) -> Vec<Told<'a>> {
    let known = seen.intents.iter().map(|intent| (Some(intent), case(site, intent)));
    let opaque = seen.opaque.iter().map(|what| (None, unknown(site, what, true)));
    let unknown = seen.unknown.iter().map(|what| (None, unknown(site, what, false))).chain(opaque);
    let mut told: Vec<Told> = known
        .chain(unknown)
        .map(|(intent, mut case)| {
            if case.action.caller.kind == CallerKind::Agent {
                asked_by_agent(&mut case.facts);
            }
            Told { intent, judged: judge(case.action, case.facts, &site.policy) }
        })
        .collect();
    let rank = |told: &Told| (told.judged.decision().result, told.judged.decision().risk);
    told.sort_by(|a, b| rank(b).partial_cmp(&rank(a)).unwrap_or(std::cmp::Ordering::Equal));
    told
}

/// The decision about the worst command, and all commands: those that a rule
/// is about first, the worst before the others, then the harmless.
pub(in crate::entry) fn document(seen: &Classification, told: &[Told]) -> Value {
    let mut document = match told.first() {
        Some(worst) => {
            let action = worst.judged.action();
            let mut value = json!(worst.judged.decision());
            value["operation"] = json!(action.operation);
            value["target"] = json!(action.target);
            value["caller"] = json!(action.caller);
            value["redirect"] = json!(worst.intent.and_then(|intent| intent.redirect.as_deref()));
            value
        }
        None => {
            json!({"result": "allow", "risk": 0.0, "risk_class": "low", "reasons": [], "rule": null})
        }
    };
    let mut commands: Vec<Value> = told.iter().map(|told| command_value(told, seen)).collect();
    let harmless = seen.commands.iter().filter(|command| !is_told(command, told));
    commands.extend(harmless.map(harmless_value));
    document["commands"] = json!(commands);
    let unresolved: Vec<&String> = seen.unknown.iter().chain(&seen.opaque).collect();
    document["unknown"] = json!(unresolved);
    document["harmless"] = json!(seen.is_harmless());
    document["parsed"] = seen.commands.iter().map(parsed_value).collect();
    document
}

/// Whether a decision about the command has been told.
fn is_told(command: &Invocation, told: &[Told]) -> bool {
    told.iter().filter_map(|told| told.intent).any(|intent| is_of(intent, command))
}

/// Whether an operation was found in this command.
fn is_of(intent: &Intent, command: &Invocation) -> bool {
    let words = command.words.iter().map(ToString::to_string);
    intent.span == command.span && words.eq(intent.argv.iter().cloned())
}

/// A command that no rule is about, in the form of those that one is about.
fn harmless_value(command: &Invocation) -> Value {
    let mut value = parsed_value(command);
    let decision = json!({
        "operation": null, "target": null, "result": "allow", "risk": 0.0, "reasons": [],
        "rule": null,
    });
    if let (Some(value), Some(decision)) = (value.as_object_mut(), decision.as_object()) {
        value.extend(decision.clone());
    }
    value
}

/// A simple command of the line, whether or not a rule is about it.
fn parsed_value(command: &Invocation) -> Value {
    let argv: Vec<String> =
        command.words.iter().map(|word| redact(&word.to_string()).into_owned()).collect();
    json!({
        "argv": argv,
        "through": command.through.iter().map(|wrapper| redact(wrapper)).collect::<Vec<_>>(),
        "directory": command.directory.as_ref().map(ToString::to_string),
        "reads": reads(command),
        "span": [command.span.0, command.span.1],
    })
}

/// What a command reads that is not the caller's own input.
fn reads(command: &Invocation) -> Option<&str> {
    match &command.input {
        Input::Inherited => None,
        Input::Text(_) => Some("text of this line"),
        Input::Unknown(what) => Some(what),
    }
}

/// The simple commands of a line, each with what it came through.
fn parsed(seen: &Classification) -> String {
    let mut text = String::new();
    for command in &seen.commands {
        let words: Vec<String> = command.words.iter().map(ToString::to_string).collect();
        let inside = "  ".repeat(command.through.len() + 1);
        text.push_str(&format!("{inside}{}", visible_line(&redact(&words.join(" ")))));
        if let Some(wrapper) = command.through.last() {
            text.push_str(&format!("   in {}", visible_line(&redact(wrapper))));
        }
        if let Some(directory) = &command.directory {
            text.push_str(&format!("   at {}", visible_line(&directory.to_string())));
        }
        if let Some(what) = reads(command) {
            text.push_str(&format!("   reads {}", visible_line(what)));
        }
        text.push('\n');
    }
    text
}

fn command_value(told: &Told, seen: &Classification) -> Value {
    let decision = told.judged.decision();
    let mut value = json!({
        "argv": told.intent.map(|intent| &intent.argv),
        "operation": told.judged.action().operation,
        "target": told.judged.action().target,
        "result": decision.result,
        "risk": decision.risk,
        "reasons": decision.reasons,
        "rule": decision.rule,
    });
    if let Some(intent) = told.intent {
        value["span"] = json!([intent.span.0, intent.span.1]);
        value["target_ref"] = json!(intent.target_ref);
        value["remote"] = json!(intent.remote);
        value["repo"] = json!(intent.repo);
        value["params"] = json!(intent.params);
        value["redirect"] = json!(intent.redirect);
        value["hook_sees"] = json!(intent.hook_sees);
        if let Some(command) = seen.commands.iter().find(|command| is_of(intent, command)) {
            let resolved = parsed_value(command);
            for key in ["through", "directory", "reads"] {
                value[key] = resolved[key].clone();
            }
        }
    }
    value
}

fn print(told: &[Told], seen: &Classification, printer: &Printer) {
    let line = |name: &str, value: &str| format!("  {name:<9}{}\n", visible_line(value));
    let mut text = format!("parsed\n{}", parsed(seen));
    for Told { intent, judged } in told {
        let (action, decision) = (judged.action(), judged.decision());
        text.push_str(&format!("{}\n", printer.literal(&action.operation)));
        if let Some(intent) = intent {
            text.push_str(&line("command", &intent.argv.join(" ")));
            text.push_str(&line("why", &intent.message));
        }
        text.push_str(&line("target", &action.target));
        let class = decision.risk_class.as_str();
        text.push_str(&line("risk", &format!("{:.1} ({class})", decision.risk)));
        for reason in &decision.reasons {
            let points =
                if reason.score == 0.0 { String::new() } else { format!("{:+.1} ", reason.score) };
            text.push_str(&line("", &format!("{points}{}", reason.message)));
        }
        let rule =
            decision.rule.as_deref().map_or_else(String::new, |rule| format!(", by rule `{rule}`"));
        text.push_str(&line("decision", &format!("{}{rule}", decision.result)));
        text.extend(
            intent
                .and_then(|intent| intent.redirect.as_deref())
                .map(|redirect| line("instead", redirect)),
        );
    }
    if seen.is_harmless() {
        text.push_str("harmless: goes on at once and is not recorded\n");
    }
    printer.result(&text);
}
