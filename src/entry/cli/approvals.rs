//! `saferun approvals`: what waits at the gateway, or without one on this
//! machine, and answering it.

use std::collections::HashMap;
use std::time::Duration;

use clap::{Args, Subcommand};

use super::Context;
use super::allow_once::{self, AllowOnceArgs};
use super::remote::{desk, failure};
use crate::action::{
    ApprovalState, ApprovalView, CallerKind, Evidence, RiskClass, visible, visible_line,
};
use crate::approval::Desk;
use crate::config::caller;
use crate::term::{Exit, Failure, Outcome, Printer, time_ago, time_left};

/// Characters of an identifier after `apr-`.
const ID_LENGTH: usize = 26;
/// Characters of an identifier that a list shows.
const SHORT_ID: usize = 12;
/// How long one request waits for news.
const PATIENCE: Duration = Duration::from_secs(50);

/// See and answer approvals at the gateway, or without one on this machine
#[derive(Debug, Args)]
pub(super) struct ApprovalsArgs {
    #[command(subcommand)]
    command: ApprovalsCommand,
}

#[derive(Debug, Subcommand)]
enum ApprovalsCommand {
    /// List approvals, pending and riskiest first
    List {
        /// Only those in this state
        #[arg(long)]
        state: Option<ApprovalState>,
        /// Print one JSON document
        #[arg(long)]
        json: bool,
    },
    /// Show one approval with its evidence
    Show {
        /// Identifier, or an unambiguous beginning of it
        id: String,
        /// Print one JSON document
        #[arg(long)]
        json: bool,
    },
    /// Let one request through, once
    Approve {
        /// Identifier, or an unambiguous beginning of it
        id: String,
        /// Why
        #[arg(long, value_name = "TEXT")]
        reason: Option<String>,
    },
    /// Refuse one request
    Deny {
        /// Identifier, or an unambiguous beginning of it
        id: String,
        /// Why; the requester sees it
        #[arg(long, value_name = "TEXT")]
        reason: String,
    },
    AllowOnce(AllowOnceArgs),
    /// Show requests as they come, and what becomes of them
    Watch,
}

/// Runs `saferun approvals`.
pub(super) fn run(args: &ApprovalsArgs, context: &Context) -> Outcome {
    let printer = &context.printer;
    match &args.command {
        ApprovalsCommand::List { state, json } => list(*state, *json, printer),
        ApprovalsCommand::Show { id, json } => show(id, *json, printer),
        ApprovalsCommand::Approve { id, reason } => answer(id, true, reason.as_deref(), printer),
        ApprovalsCommand::Deny { id, reason } => answer(id, false, Some(reason), printer),
        ApprovalsCommand::AllowOnce(args) => allow_once::run(args, context),
        ApprovalsCommand::Watch => watch(printer),
    }
}

fn list(state: Option<ApprovalState>, json: bool, printer: &Printer) -> Outcome {
    let views = desk()?.list(state, None).map_err(failure)?;
    if json {
        print_json(printer, &views);
    } else if views.is_empty() {
        printer.say("no approvals");
    } else {
        printer.result(&views.iter().map(line).collect::<String>());
    }
    Ok(Exit::Done)
}

fn show(id: &str, json: bool, printer: &Printer) -> Outcome {
    let view = find(&*desk()?, id)?;
    if json {
        print_json(printer, &view);
    } else {
        printer.result(&detail(&view));
    }
    Ok(Exit::Done)
}

fn answer(id: &str, approve: bool, reason: Option<&str>, printer: &Printer) -> Outcome {
    let caller = caller::detect();
    if caller.kind == CallerKind::Agent {
        let agent = caller.agent.unwrap_or_default();
        let message = format!("an agent ({}) does not answer approvals", visible_line(&agent));
        return Err(Failure::new(Exit::Blocked, message)
            .hint("a person answers, on the gateway's page or in a terminal of their own"));
    }
    let client = desk()?;
    let view = find(&*client, id)?;
    let voted = client.vote(&view.id, approve, reason, &view.action_digest, caller.kind);
    let view = voted.map_err(failure)?;
    let target = visible_line(&view.target);
    let operation = visible_line(&view.operation);
    printer.say(&format!(
        "{} {operation} on {target} ({})",
        view.state,
        view.action_digest.short()
    ));
    Ok(Exit::Done)
}

fn watch(printer: &Printer) -> Outcome {
    let client = desk()?;
    let mut seen: HashMap<String, u64> = HashMap::new();
    // No log has that many events, so the first answer comes at once.
    let mut version = u64::MAX;
    printer.say(&format!("watching {}; Ctrl-C stops", client.place()));
    loop {
        let first = version == u64::MAX;
        let (views, now) = client.changes(version, PATIENCE).map_err(failure)?;
        version = now;
        for view in views.iter().rev() {
            let known = seen.insert(view.id.clone(), view.version);
            let news = known != Some(view.version);
            if news && (!first || view.state == ApprovalState::Pending) {
                printer.result(&line(view));
            }
        }
    }
}

/// The approval with this identifier, or with the only one that begins so.
fn find(client: &dyn Desk, text: &str) -> Result<ApprovalView, Failure> {
    let text = text.trim().to_ascii_lowercase();
    let random = text.strip_prefix("apr-").unwrap_or(&text);
    if random.is_empty() || !random.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
        return Err(Failure::usage(format!("`{}` is not an approval", visible_line(&text)))
            .hint("`saferun approvals list` shows what there is"));
    }
    let id = format!("apr-{random}");
    if random.len() == ID_LENGTH {
        return client.get(&id).map_err(failure);
    }
    let found = client.list(None, Some(&id)).map_err(failure)?;
    match found.as_slice() {
        [one] => client.get(&one.id).map_err(failure),
        [] => Err(Failure::usage(format!("no approval begins with `{id}`"))
            .hint("`saferun approvals list` shows what there is")),
        several => Err(Failure::usage(format!("{} approvals begin with `{id}`", several.len()))
            .hint("write more of the identifier")),
    }
}

fn print_json(printer: &Printer, value: &impl serde::Serialize) {
    let text = serde_json::to_string_pretty(value).unwrap_or_default();
    printer.result(&format!("{text}\n"));
}

fn line(view: &ApprovalView) -> String {
    let id: String = view.id.chars().take(SHORT_ID).collect();
    let risk = format!("{:.1} {}", view.risk, RiskClass::of_risk(view.risk).as_str());
    format!(
        "{id}  {:<9}  {risk:<13}  {}  {}  {}  {}\n",
        view.state.as_str(),
        visible_line(&view.operation),
        visible_line(&view.target),
        visible_line(&view.caller.display()),
        time(view),
    )
}

fn time(view: &ApprovalView) -> String {
    let now = jiff::Timestamp::now().as_second();
    match view.state {
        ApprovalState::Pending => time_left(view.expires_at.as_second().saturating_sub(now)),
        _ => time_ago(now.saturating_sub(view.created_at.as_second())),
    }
}

fn detail(view: &ApprovalView) -> String {
    let mut out = format!(
        "{}  {}  {}\n\noperation  {}\ntarget     {}\ncaller     {} ({})\nrisk       {:.1} {}\ncode       {}\n",
        view.id,
        view.state,
        time(view),
        visible_line(&view.operation),
        visible_line(&view.target),
        visible_line(&view.caller.display()),
        view.caller.kind.as_str(),
        view.risk,
        RiskClass::of_risk(view.risk).as_str(),
        view.action_digest.short(),
    );
    for (name, value) in &view.params {
        let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        out.push_str(&format!("{:<10} {}\n", visible_line(name), visible_line(&text)));
    }
    for reason in &view.reasons {
        out.push_str(&format!("  {:+.1}  {}\n", reason.score, visible_line(&reason.message)));
    }
    if let Some(by) = &view.resolved_by {
        let reason = view.resolution_reason.as_deref().map(visible_line).unwrap_or_default();
        out.push_str(&format!("answered   by {} {reason}\n", visible_line(by)));
    }
    view.evidence.iter().for_each(|evidence| out.push_str(&shown(evidence)));
    out
}

fn shown(evidence: &Evidence) -> String {
    match evidence {
        Evidence::Commits { title, commits, total } => {
            let mut out = format!("\n{} ({total})\n", visible_line(title));
            for commit in commits {
                let id: String = visible_line(&commit.id).chars().take(10).collect();
                let (subject, author) =
                    (visible_line(&commit.subject), visible_line(&commit.author));
                out.push_str(&format!("  {id}  {subject}  {author}\n"));
            }
            out
        }
        Evidence::Diff { path, text } => {
            format!("\n{}\n{}\n", visible_line(path), visible(text).trim_end())
        }
        Evidence::Text { title, text } => {
            format!("\n{}\n{}\n", visible_line(title), visible(text).trim_end())
        }
    }
}
