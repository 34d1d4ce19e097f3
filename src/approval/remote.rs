//! What a gateway can do for somebody who waits.

use std::time::Duration;

use crate::action::{ApprovalRequest, ApprovalView, Digest};

/// A gateway that answers approval requests.
pub trait Remote: Send + Sync {
    /// Where people find it, such as `http://127.0.0.1:8500`.
    fn url(&self) -> &str;

    /// Whether it answers and knows the key.
    ///
    /// # Errors
    /// Where the gateway can't be reached or refuses.
    fn ping(&self) -> Result<(), RemoteError>;

    /// Files a request, or finds the one that is open for the same action.
    ///
    /// # Errors
    /// Where the gateway can't be reached or refuses.
    fn create(&self, request: &ApprovalRequest) -> Result<ApprovalView, RemoteError>;

    /// Waits until the approval's version differs from `version`, or `patience`
    /// is over, and returns it as it then is.
    ///
    /// # Errors
    /// Where the gateway can't be reached or refuses.
    fn wait(&self, id: &str, version: u64, patience: Duration)
    -> Result<ApprovalView, RemoteError>;

    /// Withdraws a request.
    ///
    /// # Errors
    /// Where the gateway can't be reached or refuses.
    fn cancel(&self, id: &str) -> Result<(), RemoteError>;

    /// Uses an approval up.
    ///
    /// # Errors
    /// Where the gateway can't be reached, or the approval was used before.
    fn redeem(&self, id: &str, digest: &Digest) -> Result<ApprovalView, RemoteError>;
}

/// Why a gateway did not help.
#[derive(Debug, Clone, thiserror::Error)]
pub enum RemoteError {
    /// It can't be reached.
    #[error("the gateway at `{url}` does not answer: {reason}")]
    Unreachable {
        /// Its URL.
        url: String,
        /// Why.
        reason: String,
    },
    /// The key is not known there or may not do this.
    #[error("the gateway at `{url}` does not accept the API key: {reason}")]
    Unauthorized {
        /// Its URL.
        url: String,
        /// Why.
        reason: String,
    },
    /// It understood and said no.
    #[error("the gateway refuses: {reason}")]
    Refused {
        /// HTTP status.
        status: u16,
        /// Why.
        reason: String,
    },
    /// The file that takes a gateway's place said no, or can't be used.
    #[error("{reason}")]
    Local {
        /// Why.
        reason: String,
    },
}
