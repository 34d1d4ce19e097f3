//! `saferun rules`.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::Context;
use super::command_rules::{self, Asked};
use crate::scan::rule::builtin;
use crate::scan::sample::expand;
use crate::scan::{Confidence, Rule, Scanner, config};
use crate::term::{Exit, Failure, Outcome};

/// List, show and test the rules for secrets and commands
#[derive(Debug, Args)]
pub struct RulesArgs {
    #[command(subcommand)]
    command: RulesCommand,
}

#[derive(Debug, Subcommand)]
enum RulesCommand {
    /// One line a rule
    List(Which),
    /// Everything about one rule
    Show {
        /// The rule's id
        id: String,
        #[command(flatten)]
        which: Which,
    },
    /// Try every rule on its examples and counterexamples
    Test(Which),
}

#[derive(Debug, Args)]
struct Which {
    /// A rules file, instead of the built-in rules: gitleaks' format, or a command pack
    file: Option<PathBuf>,
    /// Which rules
    #[arg(long, value_name = "KIND", default_value = "secrets")]
    kind: Kind,
    /// One JSON document
    #[arg(long)]
    json: bool,
}

/// Kind of rules.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Kind {
    /// What secrets look like
    Secrets,
    /// What commands do
    Commands,
}

impl Which {
    fn rules(&self) -> Result<Vec<Rule>, Failure> {
        match &self.file {
            Some(path) => Ok(config::load(path)?.rules().cloned().collect()),
            None => Ok(builtin::RULES.iter().cloned().collect()),
        }
    }
}

/// Runs `saferun rules`.
///
/// # Errors
/// Usage (2) for an unknown rule or an invalid file.
pub fn run(args: &RulesArgs, context: &Context) -> Outcome {
    let (RulesCommand::List(which) | RulesCommand::Test(which) | RulesCommand::Show { which, .. }) =
        &args.command;
    if which.kind == Kind::Commands {
        let asked = match &args.command {
            RulesCommand::List(_) => Asked::List,
            RulesCommand::Show { id, .. } => Asked::Show(id),
            RulesCommand::Test(_) => Asked::Test,
        };
        return command_rules::run(&asked, which.file.as_deref(), which.json, context);
    }
    match &args.command {
        RulesCommand::List(which) => {
            let rules = which.rules()?;
            let text =
                if which.json { json(&rules.iter().map(value).collect()) } else { list(&rules) };
            context.printer.result(&text);
            Ok(Exit::Done)
        }
        RulesCommand::Show { id, which } => {
            let rules = which.rules()?;
            let rule = rules.iter().find(|rule| rule.id == *id).ok_or_else(|| {
                Failure::usage(format!("no rule is called `{}`", crate::action::visible_line(id)))
                    .hint("run `saferun rules list`")
            })?;
            context.printer.result(&if which.json { json(&value(rule)) } else { show(rule) });
            Ok(Exit::Done)
        }
        RulesCommand::Test(which) => test(which, context),
    }
}

fn list(rules: &[Rule]) -> String {
    let width = rules.iter().map(|rule| rule.id.len()).max().unwrap_or(0);
    rules
        .iter()
        .map(|rule| {
            let kind =
                if rule.redact_only { "redact".to_owned() } else { rule.confidence.to_string() };
            format!("{:width$}  {kind:6}  {}\n", rule.id, rule.description)
        })
        .collect()
}

fn show(rule: &Rule) -> String {
    let mut out = format!("{}\n  {}\n", rule.id, rule.description);
    let path = rule.path.as_deref().unwrap_or("any");
    let named = rule.named.as_ref().map(|named| named.by.to_vec()).unwrap_or_default();
    for (name, value) in [
        ("regex", rule.regex.as_ref()),
        ("named by", &named.join(", ")),
        ("path", path),
        ("keywords", &rule.keywords.join(", ")),
        ("entropy", &rule.entropy.to_string()),
        ("confidence", &rule.confidence.to_string()),
        ("tags", &rule.tags.join(", ")),
        ("redacted as", &rule.redaction_name()),
        ("rotate", rule.rotate.as_ref()),
    ] {
        if !value.is_empty() {
            out.push_str(&format!("  {name}: {value}\n"));
        }
    }
    out
}

fn value(rule: &Rule) -> serde_json::Value {
    serde_json::json!({
        "id": rule.id, "description": rule.description, "regex": rule.regex,
        "named_by": rule.named.as_ref().map(|named| &named.by), "path": rule.path,
        "keywords": rule.keywords, "entropy": rule.entropy, "confidence": rule.confidence,
        "tags": rule.tags, "redact_as": rule.redaction_name(), "redact_only": rule.redact_only,
        "rotate": rule.rotate,
    })
}

fn json(value: &serde_json::Value) -> String {
    format!("{value:#}\n")
}

fn test(which: &Which, context: &Context) -> Outcome {
    let rules = which.rules()?;
    let (mut samples, mut wrong) = (0, Vec::new());
    for rule in &rules {
        let mut alone = rule.clone();
        alone.redact_only = false;
        let scanner = Scanner::new(vec![alone], config::Gate::default());
        let scanner = scanner.with_confidence(Confidence::Low);
        let found = |sample: &str| {
            let text = expand(sample);
            let (path, text) = rule.placed(&text);
            !scanner.scan(text.as_bytes(), path.as_bytes()).is_empty()
        };
        samples += rule.examples.len() + rule.counterexamples.len();
        let missed = rule.examples.iter().filter(|sample| !rule.redact_only && !found(sample));
        wrong.extend(missed.map(|sample| format!("{}: does not find `{sample}`", rule.id)));
        let hit = rule.counterexamples.iter().filter(|sample| found(sample));
        wrong.extend(hit.map(|sample| format!("{}: finds `{sample}`", rule.id)));
    }
    wrong.iter().for_each(|line| context.printer.alert(line));
    context.printer.say(&format!(
        "{} rules, {samples} samples, {} wrong",
        rules.len(),
        wrong.len()
    ));
    Ok(if wrong.is_empty() { Exit::Done } else { Exit::Blocked })
}
