//! What a person reads when something was stopped.

use crate::action::visible_line;
use crate::approval::Refusal;
use crate::guard::{RefusedCase, Stopped};
use crate::term::{Exit, Failure, Printer};

/// Says what was stopped, why, and how to go on; returns the exit code.
pub fn explain_stop(stopped: &Stopped, thing: &str, printer: &Printer) -> Exit {
    let Stopped::Refused { cases, refusal } = stopped else {
        let failure = Failure::environment(format!("{thing} stopped: {stopped}"))
            .hint("what can't be written down doesn't happen; make the log writable and try again");
        printer.failure(&failure);
        return failure.exit;
    };
    printer.alert(&format!("saferun: {thing} stopped: {}", visible_line(&refusal.to_string())));
    cases.iter().for_each(|case| describe(case, printer));
    let (exit, advice) = advice(refusal);
    printer.alert(&format!("  {advice}"));
    exit
}

fn describe(RefusedCase { action, decision }: &RefusedCase, printer: &Printer) {
    printer.alert(&format!(
        "  {} on {}: risk {:.1} ({}), recorded as {}",
        action.operation,
        visible_line(&action.target),
        decision.risk,
        decision.risk_class.as_str(),
        decision.audit_id
    ));
    for reason in &decision.reasons {
        let points =
            if reason.score == 0.0 { String::new() } else { format!("{:+.1}", reason.score) };
        printer.alert(&format!("    {points:>5} {}", visible_line(&reason.message)));
    }
}

fn advice(refusal: &Refusal) -> (Exit, String) {
    match refusal {
        Refusal::Denied => (
            Exit::Blocked,
            "the policy denies this; change what is being done and try again".into(),
        ),
        Refusal::Declined => (Exit::Blocked, "nothing was changed".into()),
        Refusal::Rejected { .. } => {
            (Exit::Blocked, "a person refused; nothing was changed. Do something else instead".into())
        }
        Refusal::Ended(_) => (Exit::Blocked, "nothing was changed; ask again if it is still wanted".into()),
        Refusal::TimedOut { id, .. } => (
            Exit::ApprovalNeeded,
            format!("the request {id} stays open: once it is approved, run the same command again"),
        ),
        Refusal::LeftTo { agent } => {
            (Exit::ApprovalNeeded, format!("{agent} asks its own user; nothing was changed"))
        }
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
