//! What a person reads when something was stopped.

use crate::action::{Action, Decision, DecisionResult, visible_line};
use crate::approval::Refusal;
use crate::guard::Stopped;
use crate::term::{Exit, Failure, Printer};

/// Says what was stopped, why, and how to go on; returns the exit code.
pub fn explain_stop(stopped: &Stopped, thing: &str, printer: &Printer) -> Exit {
    let Stopped::Refused { action, decision, refusal } = stopped else {
        let failure = Failure::environment(format!("{thing} stopped: {stopped}"))
            .hint("what can't be written down doesn't happen; make the log writable and try again");
        printer.failure(&failure);
        return failure.exit;
    };
    printer.alert(&format!("saferun: {thing} stopped: {}", visible_line(&refusal.to_string())));
    describe(action, decision, printer);
    let (exit, advice) = advice(refusal, decision);
    printer.alert(&format!("  {advice}"));
    printer.alert(&format!("  recorded as {}", decision.audit_id));
    exit
}

fn describe(action: &Action, decision: &Decision, printer: &Printer) {
    printer.alert(&format!(
        "  {} on {}: risk {:.1} ({})",
        action.operation,
        visible_line(&action.target),
        decision.risk,
        decision.risk_class.as_str()
    ));
    for reason in &decision.reasons {
        let points =
            if reason.score == 0.0 { "    ".to_owned() } else { format!("{:+.1}", reason.score) };
        printer.alert(&format!("    {points} {}", visible_line(&reason.message)));
    }
}

fn advice(refusal: &Refusal, decision: &Decision) -> (Exit, String) {
    match refusal {
        Refusal::Denied if decision.result == DecisionResult::Deny => {
            (Exit::Blocked, "the policy denies this; change what is being done and try again".into())
        }
        Refusal::Denied | Refusal::Declined => (Exit::Blocked, "nothing was changed".into()),
        Refusal::Rejected { .. } => {
            (Exit::Blocked, "a person refused; nothing was changed. Do something else instead".into())
        }
        Refusal::Ended(_) => (Exit::Blocked, "nothing was changed; ask again if it is still wanted".into()),
        Refusal::TimedOut { id, .. } => (
            Exit::ApprovalNeeded,
            format!("the request {id} stays open: once it is approved, run the same command again"),
        ),
        Refusal::NobodyToAsk => (
            Exit::ApprovalNeeded,
            "run the command in a terminal of your own, or start `saferun gateway` and `saferun login`, \
             then run it again"
                .into(),
        ),
        Refusal::Gateway(_) => (
            Exit::ApprovalNeeded,
            "start the gateway (`saferun gateway`) or log in (`saferun login`), then run the command again; \
             a person may set SAFERUN_BREAK_GLASS='the reason' to go on without, which is recorded"
                .into(),
        ),
        Refusal::Interrupted => (Exit::Interrupted, "the request was cancelled; nothing was changed".into()),
    }
}
