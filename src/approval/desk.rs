//! Where a person sees and answers approvals.

use std::time::Duration;

use super::RemoteError;
use crate::action::{ApprovalState, ApprovalView, CallerKind, Digest};

/// A gateway, or the file that takes its place.
pub trait Desk {
    /// Where it is, for people.
    fn place(&self) -> String;

    /// One approval as it stands.
    ///
    /// # Errors
    /// Where there is none, or it can't be had.
    fn get(&self, id: &str) -> Result<ApprovalView, RemoteError>;

    /// Approvals, pending and riskiest first.
    ///
    /// # Errors
    /// Where they can't be had.
    fn list(
        &self,
        state: Option<ApprovalState>,
        prefix: Option<&str>,
    ) -> Result<Vec<ApprovalView>, RemoteError>;

    /// Answers; `approve` or not, for the action with `digest`. `kind` is who
    /// really answers: an agent's answer is refused.
    ///
    /// # Errors
    /// Where it was answered before, is another action's, or can't be had.
    fn vote(
        &self,
        id: &str,
        approve: bool,
        reason: Option<&str>,
        digest: &Digest,
        kind: CallerKind,
    ) -> Result<ApprovalView, RemoteError>;

    /// [`Desk::list`] as soon as anything changed since `version`, at the latest
    /// when `patience` is over; with the version that this is.
    ///
    /// # Errors
    /// Where they can't be had.
    fn changes(
        &self,
        version: u64,
        patience: Duration,
    ) -> Result<(Vec<ApprovalView>, u64), RemoteError>;
}
