//! One tool call through the guard.

use serde_json::json;

use super::cases::{self, Judgeable};
use super::dialect::Dialect;
use super::reason::{self, Told};
use super::request::{Request, Verdict};
use super::state::State;
use crate::action::{DecisionResult, RiskClass};
use crate::approval::{Channels, Grant, Once, Refusal};
use crate::config::caller;
use crate::entry::failure::visible_failure;
use crate::guard::{Guard, Site, Stopped};
use crate::policy::{Catalogue, judge};
use crate::term::{Failure, Level, Printer};

/// Judges a call and records it.
#[must_use]
pub fn verdict(request: &Request, dialect: &dyn Dialect) -> Verdict {
    decided(request, dialect).unwrap_or_else(|failure| {
        let failure = visible_failure(failure);
        let causes: String = failure.causes.iter().map(|cause| format!(": {cause}")).collect();
        let hint = failure.hint.map(|hint| format!(" ({hint})")).unwrap_or_default();
        Verdict::unjudged(&format!("it can't be judged here: {}{causes}{hint}", failure.message))
    })
}

fn decided(request: &Request, dialect: &dyn Dialect) -> Result<Verdict, Failure> {
    let directory = cases::directory(&request.directory);
    std::env::set_current_dir(&directory).map_err(|error| {
        Failure::environment("cannot change into the directory of the call").because(&error)
    })?;
    let agent = request.agent.as_deref().unwrap_or_else(|| dialect.agent());
    let site = Site::open_for(&directory, caller::agent(agent))?;
    let mut call = cases::of(&site, request, &directory)?;
    let state = State::of_account();
    let now = jiff::Timestamp::now().as_second();
    let session = |state: &State| state.session(agent, &request.session, now);
    session(&state).tell(&mut call.case.facts);
    let foreseen = judge(call.case.action.clone(), call.case.facts.clone(), &site.policy);
    let goes_on = foreseen.decision().result == DecisionResult::Allow;
    let answer = (!goes_on).then(|| state.answer(&cases::digest(request, &directory), now));
    let again = answer.as_ref().and_then(|answer| answer.again(dialect.name(), &request.call));
    if let Some(verdict) = again {
        return Ok(verdict);
    }
    let offers = call.redirect.is_some() && !state.is_asked_for(&call.case.action.digest());
    let unknown = is_unknown(&call.case.action.operation);
    let verdict = passed(&site, call, request, dialect, offers)?;
    if verdict.risk >= RiskClass::LOWEST_MEDIUM {
        session(&state).note(&verdict, unknown);
    }
    if let Some(answer) = answer {
        answer.keep(dialect.name(), &request.call, &verdict);
    }
    Ok(verdict)
}

/// Lets the hooks on a command's way have what a person allowed. Where that
/// can't be kept they ask again, which is safe.
fn carry_over(once: &Once, call: &Judgeable, by: &str) {
    for action in &call.all {
        let _ = once.carry_over(action, by);
    }
}

/// Whether nothing is known about what an operation does.
fn is_unknown(operation: &str) -> bool {
    Catalogue::builtin(operation).is_none_or(|known| known.tags.iter().any(|tag| tag == "unknown"))
}

/// Through the guard. Where a safer command is offered (`offers`), nobody is
/// asked for the dangerous one.
fn passed(
    site: &Site,
    call: Judgeable,
    request: &Request,
    dialect: &dyn Dialect,
    offers: bool,
) -> Result<Verdict, Failure> {
    let printer = Printer::new(Level::Silent, false);
    let prompts = dialect.asks() && !request.unattended && !offers;
    let remote = (!prompts && !offers)
        .then(|| crate::approval::gateway(&site.settings, site.caller.kind))
        .flatten();
    let gateway = remote.as_ref().map(|remote| remote.url().to_owned());
    let guard = Guard {
        policy: &site.policy,
        log: &site.log,
        channels: Channels {
            terminal: None,
            remote,
            timeout: std::time::Duration::ZERO,
            break_glass: None,
            once: Once::of_account(),
            prompt_of: prompts.then(|| site.caller.display()),
            printer: &printer,
        },
    };
    let occasion = json!({
        "agent_session": request.session, "tool": request.tool, "tool_call": request.call,
    });
    match guard.pass_on(vec![call.case.clone()], &occasion) {
        Ok(warrants) => {
            let mut verdict = Verdict::neutral();
            for warrant in warrants {
                let decision = warrant.recorded().decision();
                (verdict.risk, verdict.audit_id) = (decision.risk, decision.audit_id);
                if *warrant.grant() != Grant::Policy {
                    verdict.reason = "saferun: a person allowed this".to_owned();
                }
                if let (Grant::Once { by }, Some(once)) = (warrant.grant(), &guard.channels.once) {
                    carry_over(once, &call, by);
                }
                guard.release(warrant, None)?;
            }
            Ok(verdict)
        }
        Err(Stopped::Audit(error)) => Err(error.into()),
        Err(Stopped::Refused { cases, refusal }) => {
            let decision = cases.into_iter().next().map(|case| case.decision);
            let Some(decision) = decision else {
                return Ok(Verdict::unjudged("nothing was decided"));
            };
            // What no prompt is left to is denied where the agent could ask.
            let waits = decision.result == DecisionResult::RequireApproval
                && !offers
                && match &refusal {
                    Refusal::LeftTo { .. } => true,
                    Refusal::TimedOut { .. } | Refusal::NobodyToAsk | Refusal::Gateway(_) => {
                        !dialect.asks()
                    }
                    _ => false,
                };
            let redirect = call.redirect.clone().filter(|_| offers);
            let told =
                Told { call: &call, decision: &decision, refusal: &refusal, gateway, redirect };
            Ok(Verdict {
                result: if waits { DecisionResult::RequireApproval } else { DecisionResult::Deny },
                reason: reason::text(&told),
                redirect: told.redirect,
                risk: decision.risk,
                audit_id: decision.audit_id,
            })
        }
    }
}
