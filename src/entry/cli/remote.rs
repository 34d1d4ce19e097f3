//! What the commands that talk to a gateway share.

use super::login::credentials_failure;
use crate::approval::{GatewayClient, RemoteError};
use crate::config::credentials::Credentials;
use crate::term::{Exit, Failure};

/// A client with the key that answers, or else the one that requests.
pub(super) fn person() -> Result<GatewayClient, Failure> {
    let stored = Credentials::load().map_err(|error| credentials_failure(&error))?;
    let (Some(url), Some(key)) = (stored.gateway_url, stored.approve_key.or(stored.request_key))
    else {
        return Err(Failure::usage("there is no gateway to talk to, or no key for it")
            .hint("start one with `saferun gateway`, then run `saferun login URL`"));
    };
    GatewayClient::new(&url, &key).map_err(failure)
}

/// A gateway's failure on its way to a person.
#[expect(clippy::needless_pass_by_value, reason = "it is what `map_err` gives")]
pub(super) fn failure(error: RemoteError) -> Failure {
    let (exit, hint) = match &error {
        RemoteError::Unreachable { .. } => {
            (Exit::Environment, "is it running? `saferun gateway` starts one")
        }
        RemoteError::Unauthorized { .. } => (Exit::Usage, "`saferun login URL` stores a valid key"),
        RemoteError::Refused { .. } => {
            (Exit::Blocked, "`saferun approvals list` shows how things stand")
        }
    };
    Failure::new(exit, error.to_string()).hint(hint)
}
