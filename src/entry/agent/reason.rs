//! What an agent and its user read when a call was stopped: why, what to do
//! instead, how a person can let it through. Nothing here lets anything through
//! by itself.

use super::cases::Judgeable;
use crate::action::{Decision, DecisionResult, visible_line};
use crate::approval::Refusal;
use crate::redact::redact;

/// Most reasons that are told.
const REASONS: usize = 4;

/// A call that was stopped.
pub struct Told<'a> {
    /// The call.
    pub call: &'a Judgeable,
    /// What was decided.
    pub decision: &'a Decision,
    /// Why it doesn't go on.
    pub refusal: &'a Refusal,
    /// The gateway that was asked.
    pub gateway: Option<String>,
    /// A safer command that is offered.
    pub redirect: Option<String>,
}

/// The text, on one line.
#[must_use]
pub fn text(told: &Told) -> String {
    let Told { call, decision, .. } = told;
    let action = &call.case.action;
    let what = match (&told.redirect, decision.result, told.refusal) {
        (Some(_), _, _) => "saferun stops this, there is a safer way",
        (None, DecisionResult::Deny, _) => "saferun denies this",
        (None, _, Refusal::Rejected { .. }) => "saferun stops this, a person refused it",
        _ => "saferun stops this until a person approves",
    };
    let mut why: Vec<&str> = Vec::new();
    let signals = decision.reasons.iter().map(|reason| reason.message.as_str());
    for reason in std::iter::once(call.why.as_str()).chain(signals).filter(|text| !text.is_empty())
    {
        if !why.contains(&reason) {
            why.push(reason);
        }
    }
    why.truncate(REASONS + 1);
    let class = decision.risk_class.as_str();
    let mut text = format!(
        "{what}: {}. {} on {}, risk {:.1} ({class}), recorded as {}.",
        why.join("; "),
        action.operation,
        action.target,
        decision.risk,
        decision.audit_id,
    );
    if let Some(redirect) = &told.redirect {
        text.push_str(&format!(" Use instead: {redirect}."));
    }
    if let Some(way) = way_on(told) {
        text.push(' ');
        text.push_str(&way);
    }
    visible_line(&redact(&text))
}

/// How a person can let it through.
fn way_on(told: &Told) -> Option<String> {
    let once = format!(
        "A person can allow it once, in a terminal of their own: saferun approvals allow-once {}. \
         Then run the same again.",
        told.decision.audit_id
    );
    match told.refusal {
        Refusal::LeftTo { .. } => None,
        Refusal::Denied | Refusal::NobodyToAsk => Some(once),
        Refusal::TimedOut { id, .. } => {
            let place = told.gateway.as_deref().unwrap_or("the gateway");
            Some(format!(
                "Approval requested, id {id}: a person answers at {place}. \
                 Run the same again once it is approved."
            ))
        }
        Refusal::Gateway(error) => Some(format!("{error}. {once}")),
        Refusal::Rejected { by, reason } => {
            let reason = reason.as_ref().map(|reason| format!(": {reason}")).unwrap_or_default();
            Some(format!("Refused by {by}{reason}. Do something else."))
        }
        other => Some(format!("The answer: {other}. {once}")),
    }
}
