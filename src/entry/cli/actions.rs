//! `saferun actions`: what can be asked for.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};
use serde_json::json;

use super::Context;
use crate::action::{RiskClass, visible_line};
use crate::guard::sources;
use crate::policy::{Operation, PolicyError, Registry};
use crate::term::{Exit, Outcome};

/// See the operation catalogue
#[derive(Debug, Args)]
pub(super) struct ActionsArgs {
    #[command(subcommand)]
    command: ActionsCommand,
}

#[derive(Debug, Subcommand)]
enum ActionsCommand {
    /// List operations by name
    List {
        /// Only those with this tag
        #[arg(long)]
        tag: Option<String>,
        /// Only those of this class of risk
        #[arg(long)]
        risk: Option<Class>,
        /// Action definitions (YAML or TOML), a directory or a file [default: built in]
        #[arg(long, value_name = "DIR")]
        registry: Option<PathBuf>,
        /// Print one JSON document, with everything that is known about each
        #[arg(long)]
        json: bool,
    },
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Class {
    Low,
    Medium,
    High,
    Critical,
}

impl From<Class> for RiskClass {
    fn from(class: Class) -> Self {
        match class {
            Class::Low => Self::Low,
            Class::Medium => Self::Medium,
            Class::High => Self::High,
            Class::Critical => Self::Critical,
        }
    }
}

/// Runs `saferun actions`.
pub(super) fn run(args: &ActionsArgs, context: &Context) -> Outcome {
    let ActionsCommand::List { tag, risk, registry, json } = &args.command;
    let registry = match registry {
        Some(path) => {
            sources(path).and_then(|files| Registry::load(&files)).map_err(PolicyError)?
        }
        None => Registry::builtin(),
    };
    let mut operations = registry.all();
    operations.retain(|one| {
        tag.as_ref().is_none_or(|tag| one.tags.contains(tag))
            && risk.is_none_or(|risk| one.risk_class() == risk.into())
    });
    if *json {
        let documents: Vec<_> = operations.iter().map(document).collect();
        context.printer.result(&format!("{:#}\n", json!(documents)));
    } else if operations.is_empty() {
        context.printer.say("no such actions");
    } else {
        context.printer.result(&table(&operations));
    }
    Ok(Exit::Done)
}

fn document(operation: &Operation) -> serde_json::Value {
    let mut document = json!(operation);
    document["risk_class"] = json!(operation.risk_class());
    document["rollback_params"] = operation
        .rollback_params
        .iter()
        .map(|(name, source)| (name.clone(), json!({"source": source})))
        .collect();
    document
}

fn table(operations: &[Operation]) -> String {
    let width = operations.iter().map(|one| one.id.len()).max().unwrap_or(0);
    operations
        .iter()
        .map(|one| {
            let class = one.risk_class().as_str();
            let title = visible_line(&one.title);
            format!("{:<width$}  {:>4.1} {class:<8}  {title}\n", one.id, one.risk)
        })
        .collect()
}
