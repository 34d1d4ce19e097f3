//! `saferun login`: makes this machine known to a gateway.

use clap::Args;

use super::Context;
use super::remote::failure;
use crate::action::{CallerKind, visible_line};
use crate::approval::{GatewayClient, KeyInfo, Remote};
use crate::config::caller;
use crate::config::credentials::{Credentials, CredentialsError};
use crate::term::{Exit, Failure, Outcome, Printer, read_secret};

/// Where a gateway listens when nobody said otherwise.
const DEFAULT_URL: &str = "http://127.0.0.1:8500";

/// Store the keys for a gateway, or remove them
#[derive(Debug, Args)]
pub(super) struct LoginArgs {
    /// URL of the gateway [default: the one stored, else http://127.0.0.1:8500]
    url: Option<String>,
    /// API key; asked for at the terminal or read from standard input where absent
    #[arg(long)]
    key: Option<String>,
    /// Store a key that can only ask for approvals, none that answers them
    #[arg(long)]
    request_only: bool,
    /// Remove what is stored
    #[arg(long, conflicts_with_all = ["url", "key", "request_only"])]
    logout: bool,
}

/// Runs `saferun login`.
pub(super) fn run(args: &LoginArgs, context: &Context) -> Outcome {
    let printer = &context.printer;
    if caller::detect().kind == CallerKind::Agent {
        return Err(Failure::new(
            Exit::Blocked,
            "an agent can't choose the gateway that answers it",
        )
        .hint("log in from a terminal of your own"));
    }
    if args.logout {
        return logout(printer);
    }
    let stored = Credentials::path().and_then(|path| Credentials::read(&path));
    let stored = stored.map_err(|error| credentials_failure(&error))?;
    let url = args.url.clone().or_else(|| stored.gateway_url.clone());
    let url = url.unwrap_or_else(|| DEFAULT_URL.to_owned());
    let key = key(args, &url)?;

    let client = GatewayClient::new(&url, &key).map_err(failure)?;
    let info = client.status().map_err(failure)?;
    let request_key = request_key(&client, &info, &key, &stored)?;
    let approve_key = (info.may("approve") && !args.request_only).then_some(key);
    let fresh =
        Credentials { gateway_url: Some(client.url().to_owned()), request_key, approve_key };
    let path = fresh.store().map_err(|error| credentials_failure(&error))?;

    let path = path.display().to_string();
    printer.say(&format!("logged in at {} as {}", client.url(), visible_line(&info.name)));
    printer.say(&format!("stored in {}, for your eyes only:", printer.literal(&path)));
    if fresh.request_key.is_some() {
        printer.say("  a key that asks for approvals, for the hooks on this machine");
    } else {
        printer.warn("this key can not ask for approvals: the hooks on this machine have none");
    }
    if fresh.approve_key.is_some() {
        printer.say("  your key, for `saferun approvals approve` and `deny`");
    }
    printer.say(&format!("to undo this: {}", printer.command("saferun login --logout")));
    Ok(Exit::Done)
}

fn key(args: &LoginArgs, url: &str) -> Result<String, Failure> {
    let key = match &args.key {
        Some(key) => key.trim().to_owned(),
        None => read_secret(&format!("API key for {}: ", visible_line(url)))
            .map_err(|error| Failure::environment("no key could be read").because(&error))?,
    };
    if key.is_empty() {
        let hint = "the gateway printed one when it first started; more: \
                    `saferun gateway keys create --name NAME --scope approve`";
        return Err(Failure::usage("no key was given").hint(hint));
    }
    Ok(key)
}

/// A key that can do nothing but request: this one, the one that is stored and
/// still valid, or a new one.
fn request_key(
    client: &GatewayClient,
    info: &KeyInfo,
    key: &str,
    stored: &Credentials,
) -> Result<Option<String>, Failure> {
    if !info.may("request") {
        return Ok(None);
    }
    if !info.may("approve") {
        return Ok(Some(key.to_owned()));
    }
    if stored.gateway_url.as_deref() == Some(client.url())
        && let Some(old) = &stored.request_key
        && let Ok(old_client) = GatewayClient::new(client.url(), old)
        && old_client.status().is_ok_and(|old| old.may("request") && !old.may("approve"))
    {
        return Ok(Some(old.clone()));
    }
    let name = format!("hooks of {}", caller::detect().id);
    let name: String = name.chars().take(100).collect();
    Ok(client.mint(&name, &["request"]).map_err(failure)?.key)
}

fn logout(printer: &Printer) -> Outcome {
    let (was_there, path) = Credentials::forget().map_err(|error| credentials_failure(&error))?;
    let path = path.display().to_string();
    if was_there {
        printer.say(&format!("removed {}", printer.literal(&path)));
        printer.say("the keys stay valid at the gateway until `saferun gateway keys revoke ID`");
    } else {
        printer.say("nobody was logged in");
    }
    Ok(Exit::Done)
}

/// A failure of the credentials file on its way to a person.
pub(super) fn credentials_failure(error: &CredentialsError) -> Failure {
    Failure::usage("the stored credentials can not be used")
        .because(error)
        .hint("`saferun login --logout` removes them, `saferun login URL` stores new ones")
}
