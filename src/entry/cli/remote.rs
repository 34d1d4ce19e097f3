//! What the commands that see and answer approvals share.

#[cfg(feature = "client")]
use super::login::credentials_failure;
#[cfg(feature = "client")]
use crate::action::CallerKind;
#[cfg(feature = "client")]
use crate::approval::GatewayClient;
use crate::approval::{Desk, LocalApprovals, RemoteError};
#[cfg(feature = "client")]
use crate::config::credentials::Credentials;
use crate::term::{Exit, Failure};

/// The gateway that this user logged in to, or else the file on this machine.
pub(super) fn desk() -> Result<Box<dyn Desk>, Failure> {
    #[cfg(feature = "client")]
    if Credentials::load().map_err(|error| credentials_failure(&error))?.gateway_url.is_some() {
        return Ok(Box::new(person()?));
    }
    let local = LocalApprovals::of_user().ok_or_else(|| {
        Failure::environment("there is no home directory to keep approvals in")
            .hint("set `HOME`, or log in to a gateway with `saferun login URL`")
    })?;
    Ok(Box::new(local))
}

/// A client with the key that answers, or else the one that requests.
#[cfg(feature = "client")]
pub(super) fn person() -> Result<GatewayClient, Failure> {
    let stored = Credentials::load().map_err(|error| credentials_failure(&error))?;
    let (Some(url), Some(key)) = (stored.gateway_url, stored.approve_key.or(stored.request_key))
    else {
        return Err(Failure::usage("there is no gateway to talk to, or no key for it")
            .hint("start one with `saferun gateway`, then run `saferun login URL`"));
    };
    GatewayClient::new(&url, &key).map_err(failure)
}

/// The gateway that keeps what machines share: what callers did lately, and
/// which tickets were used. Only one that the user logged in to, or that the
/// environment names: a repository's file can't choose who counts.
#[cfg(feature = "client")]
pub(super) fn keeper(caller: CallerKind) -> Result<Option<GatewayClient>, Failure> {
    let stored = Credentials::of(caller).map_err(|error| credentials_failure(&error))?;
    let Some(url) = stored.gateway_url else { return Ok(None) };
    GatewayClient::new(&url, &stored.request_key.unwrap_or_default()).map(Some).map_err(failure)
}

/// A gateway's failure on its way to a person.
#[expect(clippy::needless_pass_by_value, reason = "it is what `map_err` gives")]
pub(super) fn failure(error: RemoteError) -> Failure {
    let (exit, hint) = match &error {
        RemoteError::Unreachable { .. } => {
            (Exit::Environment, "is it running? `saferun gateway` starts one")
        }
        RemoteError::Unauthorized { .. } => (Exit::Usage, "`saferun login URL` stores a valid key"),
        RemoteError::Refused { .. } | RemoteError::Local { .. } => {
            (Exit::Blocked, "`saferun approvals list` shows how things stand")
        }
    };
    Failure::new(exit, error.to_string()).hint(hint)
}
