//! `saferun check`: may this be done?

use clap::Args;

use super::Context;
use super::pending::{Leave, leave};
use super::policy_flags::{CheckFlags, document, exit, params, reason};
use crate::action::{Decision, visible_line};
use crate::guard::{Checked, Request, Site};
use crate::term::{Outcome, Printer};

/// Say whether an action may be done
#[derive(Debug, Args)]
pub(super) struct CheckArgs {
    /// Operation, such as `restart-deployment`
    operation: String,
    /// What it is done to, such as `prod/api-server`
    #[arg(long, short)]
    target: Option<String>,
    /// Who wants it: a name or a signed token [default: anonymous]
    #[arg(long, short)]
    caller: Option<String>,
    /// Parameters, a JSON object
    #[arg(long, short, value_name = "JSON")]
    params: Option<String>,
    /// Change ticket, such as `JIRA-1234`
    #[arg(long, value_name = "ID")]
    ticket_id: Option<String>,
    #[command(flatten)]
    flags: CheckFlags,
}

/// Runs `saferun check`.
pub(super) fn run(args: &CheckArgs, context: &Context) -> Outcome {
    let flags = &args.flags;
    let request = Request {
        operation: args.operation.clone(),
        target: args.target.clone(),
        caller: args.caller.clone(),
        identity: None,
        params: args.params.as_deref().map(params).transpose()?.unwrap_or_default(),
        ticket_id: args.ticket_id.clone(),
        at: flags.at,
    };
    let site = Site::open(&super::here()?)?;
    let point = flags.builder(&site, &context.printer)?.build()?;
    let checked = point.check(request)?;
    let Leave { decision, approval } = if flags.at.is_some() {
        Leave { decision: checked.decision(), approval: None }
    } else {
        leave(&checked, &point, &site, &context.printer)?
    };
    let ticket = point.ticket(&checked, &decision)?;
    if flags.json {
        let mut document = document(&checked, &decision, ticket.as_ref());
        document["approval_id"] = serde_json::json!(approval);
        context.printer.result(&format!("{document:#}\n"));
    } else {
        print(&checked, &decision, &context.printer);
        if let Some(ticket) = &ticket {
            context.printer.result(&format!("  token     {}\n", ticket.token));
        }
    }
    if let Some(id) = approval {
        context.printer.say(&format!(
            "waits for a person: saferun approvals approve {id}, then run this again"
        ));
    }
    Ok(exit(&decision))
}

/// The decision for people.
pub(super) fn print(checked: &Checked, decision: &Decision, printer: &Printer) {
    let action = checked.action();
    let mut text = format!("{}: {}\n", decision.result, visible_line(reason(decision)));
    let mut line = |name: &str, value: &str| {
        text.push_str(&format!("  {name:<9} {}\n", visible_line(value)));
    };
    line("operation", &action.operation);
    line("target", checked.target());
    line("caller", &action.caller.id);
    line("risk", &format!("{:.1} ({})", decision.risk, decision.risk_class.as_str()));
    if let Some(rule) = &decision.rule {
        line("rule", rule);
    }
    if let Some(ticket) = &action.ticket_id {
        line("ticket", ticket);
    }
    if let Some(cumulative) = decision.cumulative {
        let class = cumulative.class.as_str();
        line("of late", &format!("{} points of risk ({class})", cumulative.score));
    }
    line("audit", &decision.audit_id);
    printer.result(&text);
}
