//! Approvals without a gateway: a file in the user's state directory, with the
//! same states and the same rules. Whoever answers is a person at a terminal of
//! their own; the file is as safe as the account that owns it.

use std::io;
use std::path::PathBuf;
use std::thread;
use std::time::{Duration, Instant};

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::{Desk, Remote, RemoteError};
use crate::action::{ApprovalRequest, ApprovalState, ApprovalView, CallerKind, Digest};
use crate::config::SharedState;

/// The shortest time that a granted approval stays usable.
const SHORTEST_GRANT: SignedDuration = SignedDuration::from_mins(15);
/// How long an approval that is over is kept.
const KEPT: SignedDuration = SignedDuration::from_hours(24 * 30);
/// How often the file is looked at while somebody waits.
const POLL: Duration = Duration::from_millis(200);

/// Approvals in a file.
#[derive(Debug, Clone)]
pub struct LocalApprovals {
    file: SharedState,
}

/// What is in the file.
#[derive(Debug, Default, Serialize, Deserialize)]
struct Shelf {
    /// Counts every change.
    version: u64,
    /// Oldest first.
    approvals: Vec<ApprovalView>,
}

impl LocalApprovals {
    /// The approvals in `path`.
    #[must_use]
    pub fn at(path: PathBuf) -> Self {
        Self { file: SharedState::at(path) }
    }

    /// Those in the user's state directory, where there is one.
    #[must_use]
    pub fn of_user() -> Option<Self> {
        crate::config::paths::state_dir().map(|dir| Self::at(dir.join("approvals.json")))
    }

    fn failed(&self, error: &io::Error) -> RemoteError {
        let path = self.file.path().display();
        RemoteError::Local { reason: format!("the approvals in `{path}` can't be used: {error}") }
    }

    fn read(&self) -> Result<Shelf, RemoteError> {
        let mut shelf: Shelf = self.file.read().map_err(|error| self.failed(&error))?;
        shelf.expire(Timestamp::now());
        Ok(shelf)
    }

    fn change<R>(
        &self,
        act: impl FnOnce(&mut Shelf, Timestamp) -> Result<R, RemoteError>,
    ) -> Result<R, RemoteError> {
        let changed = self.file.change(|shelf: &mut Shelf| {
            let now = Timestamp::now();
            shelf.expire(now);
            act(shelf, now)
        });
        changed.map_err(|error| self.failed(&error))?
    }
}

impl Shelf {
    fn expire(&mut self, now: Timestamp) {
        for view in &mut self.approvals {
            let open = matches!(view.state, ApprovalState::Pending | ApprovalState::Approved);
            if open && view.expires_at <= now {
                view.state = ApprovalState::Expired;
                view.version += 1;
                self.version += 1;
            }
        }
        let oldest = now.checked_sub(KEPT).unwrap_or(now);
        self.approvals.retain(|view| view.created_at >= oldest);
    }

    fn find(&mut self, id: &str) -> Result<&mut ApprovalView, RemoteError> {
        let found = self.approvals.iter_mut().find(|view| view.id == id);
        found.ok_or_else(|| refused(format!("Request not found: {id}")))
    }

    /// Moves an approval on from `from`, and only from there.
    fn advance(
        &mut self,
        id: &str,
        from: &[ApprovalState],
        to: ApprovalState,
    ) -> Result<&mut ApprovalView, RemoteError> {
        let view = self.find(id)?;
        if !from.contains(&view.state) {
            return Err(refused(format!("the approval is already {}", view.state)));
        }
        view.state = to;
        view.version += 1;
        self.version += 1;
        self.find(id)
    }
}

fn refused(reason: impl Into<String>) -> RemoteError {
    RemoteError::Local { reason: reason.into() }
}

impl Remote for LocalApprovals {
    fn url(&self) -> &str {
        "this machine"
    }

    fn ping(&self) -> Result<(), RemoteError> {
        self.read().map(drop)
    }

    fn create(&self, request: &ApprovalRequest) -> Result<ApprovalView, RemoteError> {
        let digest = request.action.digest();
        let mut random = [0u8; 13];
        getrandom::fill(&mut random).map_err(|error| refused(error.to_string()))?;
        let id = random.iter().fold(String::from("apr-"), |id, byte| format!("{id}{byte:02x}"));
        self.change(|shelf, now| {
            let open = shelf.approvals.iter().find(|view| {
                view.action_digest == digest
                    && matches!(view.state, ApprovalState::Pending | ApprovalState::Approved)
            });
            if let Some(view) = open {
                return Ok(view.clone());
            }
            let life = SignedDuration::from_secs(i64::from(request.ttl_seconds));
            let view = ApprovalView {
                id,
                state: ApprovalState::Pending,
                operation: request.action.operation.clone(),
                target: request.action.target.clone(),
                caller: request.action.caller.clone(),
                risk: request.decision.risk,
                reasons: request.decision.reasons.clone(),
                action_digest: digest,
                created_at: now,
                expires_at: now.checked_add(life).unwrap_or(now),
                version: 1,
                params: shown_params(request),
                evidence: request.evidence.clone(),
                resolved_by: None,
                resolved_at: None,
                resolution_reason: None,
            };
            shelf.version += 1;
            shelf.approvals.push(view.clone());
            Ok(view)
        })
    }

    fn wait(
        &self,
        id: &str,
        version: u64,
        patience: Duration,
    ) -> Result<ApprovalView, RemoteError> {
        let deadline = Instant::now() + patience;
        loop {
            let view = self.read()?.find(id)?.clone();
            if view.version != version || Instant::now() >= deadline {
                return Ok(view);
            }
            thread::sleep(POLL);
        }
    }

    fn cancel(&self, id: &str) -> Result<(), RemoteError> {
        let open = [ApprovalState::Pending, ApprovalState::Approved];
        self.change(|shelf, _| shelf.advance(id, &open, ApprovalState::Cancelled).map(drop))
    }

    fn redeem(&self, id: &str, digest: &Digest) -> Result<ApprovalView, RemoteError> {
        self.change(|shelf, _| {
            if shelf.find(id)?.action_digest != *digest {
                return Err(refused("the approval is for another action"));
            }
            shelf.advance(id, &[ApprovalState::Approved], ApprovalState::Used).cloned()
        })
    }
}

/// Parameters as people see them; secrets stay out of the file.
fn shown_params(request: &ApprovalRequest) -> serde_json::Map<String, serde_json::Value> {
    match crate::redact::redact_json(serde_json::Value::Object(request.action.params.clone())) {
        serde_json::Value::Object(params) => params,
        _ => serde_json::Map::new(),
    }
}

impl Desk for LocalApprovals {
    fn place(&self) -> String {
        self.file.path().display().to_string()
    }

    fn get(&self, id: &str) -> Result<ApprovalView, RemoteError> {
        self.read()?.find(id).cloned()
    }

    fn list(
        &self,
        state: Option<ApprovalState>,
        prefix: Option<&str>,
    ) -> Result<Vec<ApprovalView>, RemoteError> {
        let mut views = self.read()?.approvals;
        views.retain(|view| {
            state.is_none_or(|state| view.state == state)
                && prefix.is_none_or(|prefix| view.id.starts_with(prefix))
        });
        let rank = |view: &ApprovalView| (view.state != ApprovalState::Pending, -view.risk);
        views.sort_by(|a, b| rank(a).partial_cmp(&rank(b)).unwrap_or(std::cmp::Ordering::Equal));
        Ok(views)
    }

    fn vote(
        &self,
        id: &str,
        approve: bool,
        reason: Option<&str>,
        digest: &Digest,
        kind: CallerKind,
    ) -> Result<ApprovalView, RemoteError> {
        if kind == CallerKind::Agent {
            return Err(refused("an agent does not answer approvals"));
        }
        let by = crate::config::caller::detect().id;
        let to = if approve { ApprovalState::Approved } else { ApprovalState::Rejected };
        self.change(|shelf, now| {
            if shelf.find(id)?.action_digest != *digest {
                return Err(refused("the approval is for another action"));
            }
            let view = shelf.advance(id, &[ApprovalState::Pending], to)?;
            view.resolved_by = Some(by);
            view.resolved_at = Some(now);
            view.resolution_reason = reason.map(str::to_owned);
            if approve {
                let least = now.checked_add(SHORTEST_GRANT).unwrap_or(now);
                view.expires_at = view.expires_at.max(least);
            }
            Ok(view.clone())
        })
    }

    fn changes(
        &self,
        version: u64,
        patience: Duration,
    ) -> Result<(Vec<ApprovalView>, u64), RemoteError> {
        let deadline = Instant::now() + patience;
        loop {
            let now = self.read()?.version;
            if now != version || Instant::now() >= deadline {
                return Ok((self.list(None, None)?, now));
            }
            thread::sleep(POLL);
        }
    }
}
