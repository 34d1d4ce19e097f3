//! `saferun explain`: what a command line would do. Runs nothing.

use std::ffi::OsString;

use serde_json::{Value, json};

use super::Context;
use crate::action::visible_line;
use crate::command::{self, Classification, Intent};
use crate::entry::shim::Outside;
use crate::exec::real_program;
use crate::term::{Exit, Outcome, Printer};

/// Say what a command would do, without running it
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Print one JSON document
    #[arg(long)]
    json: bool,
    /// The command, as words or as one line of shell
    #[arg(required = true, last = true, value_name = "COMMAND")]
    command: Vec<OsString>,
}

/// Runs the command.
///
/// # Errors
/// None of its own.
pub fn run(args: &Args, context: &Context) -> Outcome {
    let outside = Outside::new(&real_program("git").unwrap_or_else(|| "git".into()));
    let seen = match args.command.as_slice() {
        [line] if line.to_string_lossy().contains(' ') => {
            command::classify_line(&line.to_string_lossy(), &outside)
        }
        words => command::classify(words, &outside),
    };
    if args.json {
        context.printer.result(&format!("{:#}\n", document(&seen)));
    } else {
        print(&seen, &context.printer);
    }
    Ok(Exit::Done)
}

fn document(seen: &Classification) -> Value {
    json!({
        "harmless": seen.is_harmless(),
        "unknown": seen.unknown,
        "hooks_redirected": seen.hooks_redirected,
        "commands": seen.intents.iter().map(command_value).collect::<Vec<_>>(),
    })
}

fn command_value(intent: &Intent) -> Value {
    let mut reasons = vec![json!({"code": intent.operation, "message": intent.message})];
    reasons.extend(
        intent.signals.iter().map(|signal| json!({"code": signal.code, "message": signal.message})),
    );
    json!({
        "argv": intent.argv,
        "operation": intent.operation,
        "target_ref": intent.target_ref,
        "remote": intent.remote,
        "repo": intent.repo,
        "params": intent.params,
        "reasons": reasons,
        "redirect": intent.redirect,
        "hook_sees": intent.hook_sees,
        "span": [intent.span.0, intent.span.1],
    })
}

fn print(seen: &Classification, printer: &Printer) {
    let mut text = String::new();
    for intent in &seen.intents {
        text.push_str(&format!("{}\n", printer.literal(&intent.operation)));
        let line = |name: &str, value: &str| format!("  {name:<9}{}\n", visible_line(value));
        text.push_str(&line("command", &intent.argv.join(" ")));
        for (name, value) in
            [("ref", &intent.target_ref), ("remote", &intent.remote), ("repo", &intent.repo)]
        {
            text.extend(value.as_deref().map(|value| line(name, value)));
        }
        text.push_str(&line("why", &intent.message));
        for signal in &intent.signals {
            text.push_str(&line("", &format!("{}: {}", signal.code, signal.message)));
        }
        text.extend(intent.redirect.as_deref().map(|redirect| line("instead", redirect)));
    }
    for what in &seen.unknown {
        text.push_str(&format!("unknown\n  why      {}\n", visible_line(what)));
    }
    if seen.is_harmless() {
        text.push_str("harmless\n");
    }
    printer.result(&text);
}
