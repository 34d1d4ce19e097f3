//! `saferun config`.

use std::fmt::Debug;

use clap::{Args, Subcommand};
use serde_json::{Value, json};

use super::Context;
use crate::config::Setting;
use crate::guard::Site;
use crate::term::{Exit, Outcome};

/// Show the settings that count here, and where each comes from
#[derive(Debug, Args)]
pub struct ConfigArgs {
    #[command(subcommand)]
    command: ConfigCommand,
}

#[derive(Debug, Subcommand)]
enum ConfigCommand {
    /// Show the settings
    Show {
        /// One JSON document
        #[arg(long)]
        json: bool,
    },
    /// Show the settings, and where each comes from
    Explain,
}

/// Runs the command.
///
/// # Errors
/// Where the configuration can't be read.
pub fn run(arguments: &ConfigArgs, context: &Context) -> Outcome {
    let site = Site::open(&super::here()?)?;
    let settings = &site.settings;
    let rows = [
        row("preset", &settings.preset, json!(settings.preset.value)),
        row(
            "git.protected_branches",
            &settings.protected_branches,
            json!(settings.protected_branches.value),
        ),
        row("git.protected_tags", &settings.protected_tags, json!(settings.protected_tags.value)),
        row("scan.confidence", &settings.scan_confidence, json!(settings.scan_confidence.value)),
        row("scan.config", &settings.scan_config, json!(settings.scan_config.value)),
        row(
            "approval.timeout",
            &settings.approval_timeout,
            json!(format!("{}s", settings.approval_timeout.value.as_secs())),
        ),
        row("gateway.url", &settings.gateway_url, json!(settings.gateway_url.value)),
        row("undo.keep_days", &settings.undo_keep_days, json!(settings.undo_keep_days.value)),
        row(
            "identity.require_signed",
            &settings.require_signed,
            json!(settings.require_signed.value),
        ),
    ];
    match &arguments.command {
        ConfigCommand::Show { json: true } => {
            let values = rows.iter().map(|row| (row.key.to_owned(), row.value.clone()));
            let document = Value::Object(values.collect());
            context.printer.result(&format!("{document:#}\n"));
        }
        ConfigCommand::Show { json: false } => {
            for row in &rows {
                context.printer.result(&format!("{} = {}\n", row.key, row.value));
            }
        }
        ConfigCommand::Explain => {
            for row in &rows {
                context
                    .printer
                    .result(&format!("{} = {}\n    {}\n", row.key, row.value, row.origin));
            }
            counted("commands.disable", &settings.commands_off, context);
            counted("commands.rules", &settings.command_rules, context);
            counted("policy.rules", &settings.rules, context);
        }
    }
    Ok(Exit::Done)
}

/// How many entries of a list each layer has.
fn counted<T>(key: &str, layers: &[Setting<Vec<T>>], context: &Context) {
    for layer in layers {
        context.printer.result(&format!("{key}: {} of {}\n", layer.value.len(), layer.origin));
    }
}

struct Row {
    key: &'static str,
    value: Value,
    origin: String,
}

fn row<T: Debug>(key: &'static str, setting: &Setting<T>, value: Value) -> Row {
    Row { key, value, origin: setting.origin.to_string() }
}
