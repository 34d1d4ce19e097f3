//! `saferun check-plan`: may all of this be done, one after the other?

use std::path::PathBuf;

use clap::Args;
use serde_json::Value;

use super::Context;
use super::check::print;
use super::policy_flags::{CheckFlags, document, exit};
use crate::action::{Decision, DecisionResult};
use crate::guard::{Request, Site, sources};
use crate::policy::{PolicyError, read_plan};
use crate::term::{Exit, Outcome};

/// Decide every step of a plan, each after the ones before it
#[derive(Debug, Args)]
pub(super) struct CheckPlanArgs {
    /// Steps (JSON, YAML or TOML): a list of `action`, `target`, `caller`, `params`, `ticket_id`
    file: PathBuf,
    /// Who wants it, where a step doesn't say
    #[arg(long, short)]
    caller: Option<String>,
    /// Change ticket, where a step doesn't say
    #[arg(long, value_name = "ID")]
    ticket_id: Option<String>,
    #[command(flatten)]
    flags: CheckFlags,
}

/// Runs `saferun check-plan`. The exit code is that of the strictest decision.
pub(super) fn run(args: &CheckPlanArgs, context: &Context) -> Outcome {
    let plan = sources(&args.file).and_then(|files| read_plan(&files)).map_err(PolicyError)?;
    let site = Site::open(&super::here()?)?;
    let point = args.flags.builder(&site, &context.printer)?.build()?;
    let mut documents: Vec<Value> = Vec::new();
    let mut strictest: Option<Decision> = None;
    let plan = plan.into_iter().map(|step| filled(step, args)).collect();
    for checked in point.check_plan(plan)? {
        let decision = checked.decision();
        if args.flags.json {
            let ticket = point.ticket(&checked, &decision)?;
            documents.push(document(&checked, &decision, ticket.as_ref()));
        } else {
            print(&checked, &decision, &context.printer);
        }
        let so_far = strictest.as_ref().map_or(DecisionResult::Allow, |worst| worst.result);
        if strictest.is_none() || decision.result > so_far {
            strictest = Some(decision);
        }
    }
    if args.flags.json {
        context.printer.result(&format!("{:#}\n", Value::Array(documents)));
    }
    Ok(strictest.as_ref().map_or(Exit::Done, exit))
}

/// A step with what the flags say where it doesn't.
fn filled(step: Request, args: &CheckPlanArgs) -> Request {
    Request {
        caller: step.caller.or_else(|| args.caller.clone()),
        ticket_id: step.ticket_id.or_else(|| args.ticket_id.clone()),
        at: step.at.or(args.flags.at),
        ..step
    }
}
