//! What becomes of a decision that needs a person: an approval that was given
//! for exactly this action is used up, else one is asked for.

use std::sync::Arc;

use serde_json::json;

use crate::action::{
    ApprovalRequest, ApprovalState, Decision, DecisionResult, Reason, visible_line,
};
use crate::approval::{LocalApprovals, Remote, RemoteError, gateway};
use crate::guard::{Checked, DecisionPoint, Site};
use crate::term::{Failure, Printer};

/// How long a request waits for a person, in seconds.
const LIFE: u32 = 3600;

/// A decision, and the approval that it waits for.
pub(super) struct Leave {
    /// The decision, allowed where a person agreed.
    pub(super) decision: Decision,
    /// Id of the approval that is waited for.
    pub(super) approval: Option<String>,
}

/// Looks for a person's answer. A gateway that is away, or no place to keep
/// requests, leaves the decision as it is.
pub(super) fn leave(
    checked: &Checked,
    point: &DecisionPoint,
    site: &Site,
    printer: &Printer,
) -> Result<Leave, Failure> {
    let decision = checked.decision();
    if decision.result != DecisionResult::RequireApproval {
        return Ok(Leave { decision, approval: None });
    }
    let local = || LocalApprovals::of_user().map(|local| Arc::new(local) as Arc<dyn Remote>);
    let Some(desk) = gateway(&site.settings, site.caller.kind).or_else(local) else {
        return Ok(Leave { decision, approval: None });
    };
    let request = ApprovalRequest {
        action: checked.action().clone(),
        decision: decision.clone(),
        evidence: Vec::new(),
        ttl_seconds: LIFE,
    };
    match answer(&*desk, &request) {
        Ok((id, None)) => Ok(Leave { decision, approval: Some(id) }),
        Ok((id, Some(by))) => {
            point.record_answer(
                checked,
                json!({"answer": "approved", "channel": "approvals", "approval_id": id, "by": by}),
            )?;
            Ok(Leave { decision: allowed(decision, &by), approval: None })
        }
        Err(error) => {
            printer.warn(&format!(
                "no approval can be asked for: {}",
                visible_line(&error.to_string())
            ));
            Ok(Leave { decision, approval: None })
        }
    }
}

/// Id of the request for this action, and who agreed to it, if somebody did;
/// then it is used up.
fn answer(
    desk: &dyn Remote,
    request: &ApprovalRequest,
) -> Result<(String, Option<String>), RemoteError> {
    let view = desk.create(request)?;
    if view.state != ApprovalState::Approved {
        return Ok((view.id, None));
    }
    let used = desk.redeem(&view.id, &view.action_digest)?;
    Ok((view.id, Some(used.resolved_by.unwrap_or_default())))
}

fn allowed(decision: Decision, by: &str) -> Decision {
    let mut reasons = decision.reasons;
    let message = format!("approved by {by}");
    reasons.push(Reason { code: "approved".to_owned(), message, score: 0.0 });
    Decision { result: DecisionResult::Allow, reasons, ..decision }
}
