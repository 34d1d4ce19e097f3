//! What may become of an approval, and who may bring it about. Pure: every
//! store asks here, then makes the change with a guarded statement.

use jiff::{SignedDuration, Timestamp};

use super::model::{Actor, Key, KeyScope, Record, Verdict, Vote};
use crate::action::{ApprovalState, Digest};

/// The shortest time that a granted approval stays usable, counted from the
/// answer; so that a caller that went away can come back for it.
const SHORTEST_GRANT: SignedDuration = SignedDuration::from_mins(15);
/// Longest reason, in characters.
pub(super) const LONGEST_REASON: usize = 2_000;

/// Why an operation is not allowed as things stand.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum Refusal {
    /// There is none, or none that this key may see.
    #[error("there is no such {what}")]
    NotFound {
        /// Such as `approval`.
        what: &'static str,
    },
    /// Somebody was faster, or time is up.
    #[error("the approval is already {state}")]
    Settled {
        /// Where it stands.
        state: ApprovalState,
        /// Who brought that about.
        by: Option<String>,
        /// When.
        at: Option<Timestamp>,
    },
    /// Only an approved one can be used.
    #[error("the approval is {state}, only an approved one can be used")]
    NotApproved {
        /// Where it stands.
        state: ApprovalState,
    },
    /// It is not the action that was shown.
    #[error("the digest is not the one of this approval's action")]
    OtherAction,
    /// The one who acts may not.
    #[error("{0}")]
    Forbidden(&'static str),
    /// What was sent makes no sense.
    #[error("{0}")]
    Invalid(&'static str),
}

/// Whether `vote` may be counted.
pub(super) fn check_vote(record: &Record, vote: &Vote) -> Result<(), Refusal> {
    if !vote.voter.may(KeyScope::Approve) {
        return Err(Refusal::Forbidden("this key may not answer approvals"));
    }
    if is_own(record, &vote.voter) && !vote.voter.bootstrap {
        return Err(Refusal::Forbidden("nobody answers a request of their own"));
    }
    if record.view.action_digest != vote.digest {
        return Err(Refusal::OtherAction);
    }
    if record.view.state != ApprovalState::Pending {
        return Err(settled(record));
    }
    if vote.version.is_some_and(|version| version != record.view.version) {
        return Err(Refusal::Invalid("the approval changed since it was shown"));
    }
    let reason = vote.reason.as_deref().map_or("", str::trim);
    if vote.verdict == Verdict::Reject && reason.is_empty() {
        return Err(Refusal::Invalid("a rejection needs a reason"));
    }
    if reason.chars().count() > LONGEST_REASON {
        return Err(Refusal::Invalid("the reason has more than 2,000 characters"));
    }
    Ok(())
}

/// Whether the voter's own key, or one minted from it without being an
/// administrator, made the request.
fn is_own(record: &Record, voter: &Key) -> bool {
    record.requester == voter.id
        || (record.requester_minted_by.as_deref() == Some(voter.id.as_str())
            && !voter.may(KeyScope::Admin))
}

/// Whether `actor` may give the approval up.
pub(super) fn check_cancel(record: &Record, actor: &Actor, admin: bool) -> Result<(), Refusal> {
    if actor.key.as_deref() != Some(record.requester.as_str()) && !admin {
        return Err(Refusal::Forbidden("only the requester or an administrator cancels"));
    }
    match record.view.state {
        ApprovalState::Pending | ApprovalState::Approved => Ok(()),
        _ => Err(settled(record)),
    }
}

/// Whether `actor` may use the approval for the action with `digest`.
pub(super) fn check_redeem(record: &Record, actor: &Actor, digest: &Digest) -> Result<(), Refusal> {
    if actor.key.as_deref() != Some(record.requester.as_str()) {
        return Err(Refusal::NotFound { what: "approval" });
    }
    if record.view.action_digest != *digest {
        return Err(Refusal::OtherAction);
    }
    match record.view.state {
        ApprovalState::Approved => Ok(()),
        state => Err(Refusal::NotApproved { state }),
    }
}

/// The refusal that says who was faster.
pub(super) fn settled(record: &Record) -> Refusal {
    Refusal::Settled {
        state: record.view.state,
        by: record.view.resolved_by.clone(),
        at: record.view.resolved_at,
    }
}

/// Until when a grant given `now` may be used.
pub(super) fn grant_until(now: Timestamp, ttl_seconds: u32) -> Timestamp {
    let grant = SignedDuration::from_secs(i64::from(ttl_seconds)).max(SHORTEST_GRANT);
    now.checked_add(grant).unwrap_or(now)
}
