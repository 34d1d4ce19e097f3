//! `saferun rules … --kind commands`: the command packs.

use std::path::Path;

use serde_json::{Value, json};

use super::Context;
use crate::action::visible_line;
use crate::command::{CommandRule, OwnPacks, command_rules, wrong_examples};
use crate::term::{Exit, Failure, Outcome};

/// What is asked about the rules.
#[derive(Debug, Clone, Copy)]
pub enum Asked<'a> {
    /// One line a rule.
    List,
    /// Everything about the rule of this id.
    Show(&'a str),
    /// Whether each finds its examples.
    Test,
}

/// Answers about the built-in packs, or about the pack in `file`.
///
/// # Errors
/// Usage (2) for an unknown rule or an invalid file.
pub fn run(asked: &Asked, file: Option<&Path>, as_json: bool, context: &Context) -> Outcome {
    let own = file.map_or(Ok(OwnPacks::default()), load)?;
    let rules = if file.is_some() { own.rules().to_vec() } else { command_rules() };
    match asked {
        Asked::List if as_json => {
            let all: Vec<Value> = rules.iter().map(value).collect();
            context.printer.result(&format!("{:#}\n", Value::from(all)));
        }
        Asked::List => context.printer.result(&list(&rules)),
        Asked::Show(id) => {
            let rule = rules.iter().find(|rule| rule.id == *id).ok_or_else(|| {
                Failure::usage(format!("no rule is called `{}`", visible_line(id)))
                    .hint("run `saferun rules list --kind commands`")
            })?;
            context.printer.result(&if as_json {
                format!("{:#}\n", value(rule))
            } else {
                show(rule)
            });
        }
        Asked::Test => return Ok(test(&rules, &own, context)),
    }
    Ok(Exit::Done)
}

fn load(path: &Path) -> Result<OwnPacks, Failure> {
    let name = path.display().to_string();
    let text = std::fs::read_to_string(path)
        .map_err(|error| Failure::usage(format!("cannot read `{name}`")).because(&error))?;
    OwnPacks::of_file(&text, &format!("`{name}`"))
        .map_err(|error| Failure::usage(error.to_string()))
}

fn list(rules: &[CommandRule]) -> String {
    let width = rules.iter().map(|rule| rule.id.len()).max().unwrap_or(0);
    let line = |rule: &CommandRule| {
        format!("{:width$}  {:<16}  {:<26}  {}\n", rule.id, rule.pack, rule.operation, rule.message)
    };
    rules.iter().map(line).collect()
}

/// What a rule asks for and says, without what is empty.
fn fields(rule: &CommandRule) -> Vec<(&'static str, &str)> {
    let all = [
        ("pack", &rule.pack),
        ("programs", &rule.programs),
        ("command", &rule.command),
        ("flags", &rule.flags),
        ("unless", &rule.unless),
        ("operands", &rule.operands),
        ("except", &rule.except),
        ("words", &rule.words),
        ("effect", &rule.effect),
        ("at", &rule.at),
        ("paths", &rule.paths),
        ("safe", &rule.safe),
        ("env", &rule.env),
        ("input", &rule.input),
        ("sql", &rule.sql),
        ("url", &rule.url),
        ("method", &rule.method),
        ("text", &rule.text),
        ("operation", &rule.operation),
        ("instead", &rule.instead),
    ];
    all.into_iter()
        .map(|(name, text)| (name, text.as_ref()))
        .filter(|(_, text)| !text.is_empty())
        .collect()
}

fn show(rule: &CommandRule) -> String {
    let mut out = format!("{}\n  {}\n", rule.id, rule.message);
    for (name, text) in fields(rule) {
        out.push_str(&format!("  {name}: {text}\n"));
    }
    for (name, lines) in [("finds", &rule.examples), ("passes", &rule.counterexamples)] {
        for line in lines.iter() {
            out.push_str(&format!("  {name}: {line}\n"));
        }
    }
    out
}

fn value(rule: &CommandRule) -> Value {
    let mut value = json!({
        "id": rule.id, "message": rule.message,
        "examples": rule.examples, "counterexamples": rule.counterexamples,
    });
    for (name, text) in fields(rule) {
        value[name] = json!(text);
    }
    value
}

fn test(rules: &[CommandRule], own: &OwnPacks, context: &Context) -> Exit {
    let wrong = wrong_examples(rules, own);
    wrong.iter().for_each(|line| context.printer.alert(&visible_line(line)));
    let samples: usize =
        rules.iter().map(|rule| rule.examples.len() + rule.counterexamples.len()).sum();
    context.printer.say(&format!(
        "{} rules, {samples} samples, {} wrong",
        rules.len(),
        wrong.len()
    ));
    if wrong.is_empty() { Exit::Done } else { Exit::Blocked }
}
