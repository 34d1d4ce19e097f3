//! From a recorded decision to a warrant.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self, RecvTimeoutError, Sender};
use std::thread;
use std::time::{Duration, Instant};

use super::{Grant, Once, Question, Remote, RemoteError, Terminal, Warrant};
use crate::action::{ApprovalRequest, ApprovalState, ApprovalView, CallerKind, DecisionResult};
use crate::audit::Recorded;
use crate::term::{Printer, Progress};

/// How long a request can still be answered after nobody waits any more: the
/// same command then goes through without asking again.
const STAYS_OPEN: Duration = Duration::from_secs(60 * 60);
/// Longest single wait at the gateway.
const LONG_POLL: Duration = Duration::from_secs(25);
/// How often the time left is shown and an interrupt is looked for.
const TICK: Duration = Duration::from_millis(100);
/// How long to wait before a gateway that went away is asked again.
const RETRY_AFTER: Duration = Duration::from_millis(500);

static INTERRUPTED: AtomicBool = AtomicBool::new(false);

/// The ways to a person.
pub struct Channels<'a> {
    /// The controlling terminal, unless prompts are switched off.
    pub terminal: Option<Terminal>,
    /// The gateway, where one is configured.
    pub remote: Option<Arc<dyn Remote>>,
    /// How long to wait for an answer.
    pub timeout: Duration,
    /// A person's reason to go on where no answer can be had.
    pub break_glass: Option<String>,
    /// What people allowed once, for doors that honour it.
    pub once: Option<Once>,
    /// The agent that asks its own user whatever needs approval, where the
    /// caller is one that does.
    pub prompt_of: Option<String>,
    /// For talk and progress.
    pub printer: &'a Printer,
}

/// Why there is no warrant.
#[derive(Debug, Clone, thiserror::Error)]
pub enum Refusal {
    /// The policy denies it.
    #[error("denied by policy")]
    Denied,
    /// The person at the terminal did not confirm.
    #[error("not confirmed at the terminal")]
    Declined,
    /// Somebody refused at the gateway.
    #[error("rejected by {by}{}", reason.as_ref().map(|reason| format!(": {reason}")).unwrap_or_default())]
    Rejected {
        /// Who.
        by: String,
        /// Why.
        reason: Option<String>,
    },
    /// The request ended without an answer.
    #[error("the approval request is {0}")]
    Ended(ApprovalState),
    /// No answer in time; the request stays open.
    #[error("nobody answered within {} seconds", .waited.as_secs())]
    TimedOut {
        /// Id of the request.
        id: String,
        /// How long.
        waited: Duration,
    },
    /// The agent asks its own user.
    #[error("left to the prompt of {agent}")]
    LeftTo {
        /// The agent.
        agent: String,
    },
    /// There is nobody to ask.
    #[error("there is no terminal to ask at and no gateway to ask")]
    NobodyToAsk,
    /// The gateway did not help.
    #[error(transparent)]
    Gateway(#[from] RemoteError),
    /// Interrupted while waiting; the request was cancelled.
    #[error("interrupted while waiting for approval")]
    Interrupted,
}

/// Gets leave for a recorded action: at once where the policy allows it, else
/// from a person.
///
/// # Errors
/// The refusal, where nobody gave leave.
pub fn seek(recorded: Recorded, channels: &Channels<'_>) -> Result<Warrant, Refusal> {
    let once = || channels.once.as_ref().and_then(|once| once.take(recorded.action()));
    let grant = match recorded.decision().result {
        DecisionResult::Allow => Grant::Policy,
        stopped => match (once(), stopped) {
            (Some(by), _) => Grant::Once { by },
            (None, DecisionResult::RequireApproval) => ask(&recorded, channels)?,
            (None, _) => return Err(Refusal::Denied),
        },
    };
    Ok(Warrant::new(recorded, grant))
}

fn ask(recorded: &Recorded, channels: &Channels<'_>) -> Result<Grant, Refusal> {
    let caller = &recorded.action().caller;
    let person = caller.kind == CallerKind::Human;
    if person && let Some(terminal) = &channels.terminal {
        let agreed = terminal.ask(&Question::about(recorded)).unwrap_or(false);
        return if agreed {
            Ok(Grant::Terminal { by: caller.id.clone() })
        } else {
            Err(Refusal::Declined)
        };
    }
    if let Some(agent) = &channels.prompt_of {
        return Err(Refusal::LeftTo { agent: agent.clone() });
    }
    let refusal = match &channels.remote {
        Some(remote) => match ask_gateway(recorded, remote, channels) {
            Ok(grant) => return Ok(grant),
            Err(refusal) => refusal,
        },
        None => Refusal::NobodyToAsk,
    };
    let unanswered = matches!(refusal, Refusal::NobodyToAsk | Refusal::Gateway(_));
    match &channels.break_glass {
        Some(reason) if person && unanswered => Ok(Grant::BreakGlass { reason: reason.clone() }),
        _ => Err(refusal),
    }
}

fn ask_gateway(
    recorded: &Recorded,
    remote: &Arc<dyn Remote>,
    channels: &Channels<'_>,
) -> Result<Grant, Refusal> {
    let digest = recorded.action().digest();
    let view = remote.create(&ApprovalRequest {
        action: recorded.action().clone(),
        decision: recorded.decision(),
        evidence: recorded.judged().facts().evidence.clone(),
        ttl_seconds: u32::try_from((channels.timeout + STAYS_OPEN).as_secs())
            .unwrap_or(u32::MAX)
            .min(86_400),
    })?;
    let id = view.id.clone();
    channels.printer.alert(&format!(
        "saferun: approval needed for {} (code {})\n  open {}/approvals/{id}\n  or run `saferun approvals approve {id}` in a terminal of your own",
        view.operation,
        digest.short(),
        remote.url(),
    ));
    let view = wait(remote, view, channels)?;
    match view.state {
        ApprovalState::Approved => {
            let used = remote.redeem(&id, &digest)?;
            Ok(Grant::Gateway { id, by: used.resolved_by.unwrap_or_default() })
        }
        ApprovalState::Rejected => Err(Refusal::Rejected {
            by: view.resolved_by.unwrap_or_default(),
            reason: view.resolution_reason,
        }),
        state => Err(Refusal::Ended(state)),
    }
}

/// Waits for the answer, showing the time left; Ctrl-C cancels the request.
fn wait(
    remote: &Arc<dyn Remote>,
    view: ApprovalView,
    channels: &Channels<'_>,
) -> Result<ApprovalView, Refusal> {
    if view.state != ApprovalState::Pending {
        return Ok(view);
    }
    listen_for_interrupts();
    let (sender, answers) = mpsc::channel();
    let started = Instant::now();
    let deadline = started + channels.timeout;
    let id = view.id.clone();
    let poller = Arc::clone(remote);
    thread::spawn(move || poll(&*poller, view, deadline, &sender));
    let spinner = Progress::spinner(channels.printer, String::new());
    loop {
        let left = deadline.saturating_duration_since(Instant::now());
        spinner.message(format!("waiting for approval, {} left", clock(left)));
        match answers.recv_timeout(left.min(TICK)) {
            Ok(answer) => return Ok(answer?),
            _ if INTERRUPTED.swap(false, Ordering::SeqCst) => {
                let _ = remote.cancel(&id);
                return Err(Refusal::Interrupted);
            }
            _ if left.is_zero() => return Err(Refusal::TimedOut { id, waited: started.elapsed() }),
            Err(RecvTimeoutError::Disconnected) => thread::sleep(left.min(TICK)),
            Err(RecvTimeoutError::Timeout) => {}
        }
    }
}

/// From now on Ctrl-C is noticed here instead of ending the process.
fn listen_for_interrupts() {
    static LISTENING: std::sync::Once = std::sync::Once::new();
    LISTENING.call_once(|| {
        // Where a handler can't be set, Ctrl-C ends the process as ever.
        let _ = ctrlc::set_handler(|| INTERRUPTED.store(true, Ordering::SeqCst));
    });
}

/// Asks until the request is answered or the deadline is over, and sends what
/// became of it. A gateway that restarts in between is asked again.
fn poll(
    remote: &dyn Remote,
    mut view: ApprovalView,
    deadline: Instant,
    answers: &Sender<Result<ApprovalView, RemoteError>>,
) {
    while view.state == ApprovalState::Pending {
        let left = deadline.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return;
        }
        match remote.wait(&view.id, view.version, left.min(LONG_POLL)) {
            Ok(next) => view = next,
            Err(RemoteError::Unreachable { .. }) => thread::sleep(RETRY_AFTER),
            Err(error) => {
                let _ = answers.send(Err(error));
                return;
            }
        }
    }
    let _ = answers.send(Ok(view));
}

fn clock(left: Duration) -> String {
    let seconds = left.as_secs();
    format!("{}:{:02}", seconds / 60, seconds % 60)
}
