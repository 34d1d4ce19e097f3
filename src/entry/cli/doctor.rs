//! `saferun doctor` and `saferun status`.

use clap::Args;
use colored::Colorize;
use serde_json::json;

use super::Context;
use crate::action::visible_line;
use crate::entry::checks::{self, Check, Status};
use crate::guard::Site;
use crate::install::Manifest;
use crate::term::{Exit, Outcome};

/// Check everything that can be wrong; each failure comes with its fix
#[derive(Debug, Args)]
pub struct DoctorArgs {
    /// One JSON array
    #[arg(long)]
    json: bool,
}

/// Runs `saferun doctor`.
///
/// # Errors
/// Where the current directory can't be read.
pub fn run(arguments: &DoctorArgs, context: &Context) -> Outcome {
    let checks = checks::run(&super::here()?);
    if arguments.json {
        context.printer.result(&format!("{:#}\n", json!(checks)));
    } else {
        checks.iter().for_each(|check| context.printer.result(&line(check)));
    }
    let failed = checks.iter().any(|check| check.status == Status::Fail);
    Ok(if failed { Exit::Blocked } else { Exit::Done })
}

fn line(check: &Check) -> String {
    let mark = match check.status {
        Status::Ok => "ok  ".green(),
        Status::Warn => "warn".yellow(),
        Status::Fail => "FAIL".red(),
    };
    let fix = check
        .fix
        .as_ref()
        .map_or_else(String::new, |fix| format!("      fix: {}\n", visible_line(fix)));
    format!("{mark}  {:<14} {}\n{fix}", check.name, visible_line(&check.message))
}

/// What is guarded here, on one screen
#[derive(Debug, Args)]
pub struct StatusArgs {
    /// One JSON document
    #[arg(long)]
    json: bool,
}

/// Runs `saferun status`.
///
/// # Errors
/// Where there is no repository, or the configuration can't be read.
pub fn status(arguments: &StatusArgs, context: &Context) -> Outcome {
    let site = Site::open(&super::here()?)?;
    let Some(repo) = &site.repo else {
        let error = crate::git::Error::NotARepository { path: super::here()? };
        return Err(error.into());
    };
    let manifest = Manifest::load(repo.common_dir())?;
    let hooks = manifest
        .as_ref()
        .map_or_else(Vec::new, |found| found.hooks.iter().map(|hook| hook.name.clone()).collect());
    let settings = &site.settings;
    let snapshots = crate::exec::list(repo.work_tree().unwrap_or(repo.git_dir()))?.len();
    let document = json!({
        "repository": repo.target(),
        "guarded": manifest.is_some(),
        "hooks": hooks,
        "preset": settings.preset.value,
        "protected_branches": settings.protected_branches.value,
        "protected_tags": settings.protected_tags.value,
        "gateway": settings.gateway_url.value,
        "caller": site.caller,
        "audit_log": site.log.path(),
        "snapshots": snapshots,
    });
    if arguments.json {
        context.printer.result(&format!("{document:#}\n"));
        return Ok(Exit::Done);
    }
    let rows = [
        ("repository", repo.target()),
        (
            "guarded",
            if manifest.is_some() { "yes".into() } else { "no; run `saferun init`".into() },
        ),
        ("hooks", hooks.join(", ")),
        ("preset", format!("{} ({})", settings.preset.value, settings.preset.origin)),
        (
            "protected",
            settings.protected_branches.value.join(", ") + " and the remote's HEAD branch",
        ),
        ("gateway", settings.gateway_url.value.clone().unwrap_or_else(|| "none".into())),
        ("you are", format!("{} ({})", site.caller.display(), site.caller.kind.as_str())),
        ("audit log", site.log.path().display().to_string()),
        ("snapshots", snapshots.to_string()),
    ];
    for (label, value) in rows {
        context.printer.result(&format!("{label:<11} {}\n", visible_line(&value)));
    }
    Ok(Exit::Done)
}
