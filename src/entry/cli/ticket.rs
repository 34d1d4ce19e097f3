//! `saferun ticket`: is this a ticket for that?

use std::path::PathBuf;

use clap::{Args, Subcommand};
use jiff::Timestamp;
use serde_json::json;

use super::Context;
use super::audit::log;
use super::trust_flags::TrustFlags;
use crate::action::{Caller, CallerKind, Digest, visible_line};
use crate::audit::{Event, EventType, Log};
#[cfg(feature = "client")]
use crate::config::caller;
use crate::identity::{Expected, NonceFile, NonceStore, Ticket, TicketError};
use crate::term::{Exit, Failure, Outcome};

/// Verify the tickets that `saferun check` gives for what is allowed
#[derive(Debug, Args)]
pub(super) struct TicketArgs {
    #[command(subcommand)]
    command: TicketCommand,
}

#[derive(Debug, Subcommand)]
enum TicketCommand {
    /// Verify a ticket; with --consume, use it up
    Verify(VerifyArgs),
}

#[derive(Debug, Args)]
struct VerifyArgs {
    /// The ticket
    token: String,
    /// Operation that it must be for
    #[arg(long)]
    action: Option<String>,
    /// Target that it must be for
    #[arg(long)]
    target: Option<String>,
    /// Id of the caller that it must be for
    #[arg(long)]
    caller: Option<String>,
    /// Digest of the action that it must be for, as `check --json` prints it
    #[arg(long, value_name = "HEX", value_parser = digest)]
    digest: Option<Digest>,
    /// Use it up: of all who try, one succeeds
    #[arg(long)]
    consume: bool,
    /// File to record that in [default: the log of the repository, or of the user]
    #[arg(long, value_name = "FILE", requires = "consume")]
    audit_log: Option<PathBuf>,
    #[command(flatten)]
    trust: TrustFlags,
    /// Print one JSON document
    #[arg(long, alias = "json-output")]
    json: bool,
}

fn digest(text: &str) -> Result<Digest, String> {
    Digest::from_hex(text).ok_or_else(|| "a digest has 64 hexadecimal characters".to_owned())
}

/// Runs `saferun ticket`.
pub(super) fn run(args: &TicketArgs, context: &Context) -> Outcome {
    let TicketCommand::Verify(args) = &args.command;
    let printer = &context.printer;
    let authority = args.trust.some_authority(printer)?;
    let expected = Expected {
        action: args.action.clone(),
        target: args.target.clone(),
        caller: args.caller.clone(),
        action_digest: args.digest,
    };
    let now = Timestamp::now();
    let verified = match Ticket::verify(&authority, &args.token, &expected, now) {
        Ok(ticket) if args.consume => consume(ticket, &log(args.audit_log.as_deref())?, now)?,
        verified => verified,
    };
    let reason =
        verified.as_ref().map_or_else(ToString::to_string, |_| "Ticket is valid".to_owned());
    if args.json {
        let document = json!({
            "valid": verified.is_ok(),
            "reason": reason,
            "consumed": args.consume && verified.is_ok(),
            "ticket": verified.as_ref().ok(),
        });
        printer.result(&format!("{document:#}\n"));
    } else {
        let state = if verified.is_ok() { "valid" } else { "invalid" };
        let mut text = format!("{state}: {}\n", visible_line(&reason));
        if let Ok(ticket) = &verified {
            text.push_str(&shown(ticket));
        }
        printer.result(&text);
    }
    Ok(if verified.is_ok() { Exit::Done } else { Exit::Blocked })
}

/// Uses a ticket up, and records who came of all who tried.
fn consume(
    ticket: Ticket,
    log: &Log,
    now: Timestamp,
) -> Result<Result<Ticket, TicketError>, Failure> {
    let used = ticket.consume(&*store()?, now);
    if let Err(error @ TicketError::Unknown(_)) = used {
        return Err(error.into());
    }
    log.append(vec![event(&ticket, &used, now)], true)?;
    Ok(used.map(|()| ticket))
}

/// The gateway's memory of used tickets, or else the account's own.
fn store() -> Result<Box<dyn NonceStore>, Failure> {
    #[cfg(feature = "client")]
    if let Some(gateway) = super::remote::keeper(caller::detect().kind)? {
        return Ok(Box::new(gateway));
    }
    let own = NonceFile::of_account();
    Ok(Box::new(own.ok_or_else(|| Failure::environment("there is no home directory; set `HOME`"))?))
}

fn event(ticket: &Ticket, used: &Result<(), TicketError>, now: Timestamp) -> Event {
    let outcome = if used.is_ok() { "ticket used" } else { "ticket refused" };
    Event {
        operation: ticket.action.clone(),
        target: ticket.target.clone(),
        caller: Some(Caller::named(ticket.caller.as_str(), CallerKind::Service)),
        action_digest: ticket.action_digest,
        correlation_id: Some(ticket.audit_id.clone()),
        context: json!({"outcome": outcome, "nonce": Digest::of(ticket.nonce.as_bytes())}),
        ..Event::new(EventType::Outcome, now)
    }
}

/// A ticket for people.
fn shown(ticket: &Ticket) -> String {
    let lines = [
        ("action", ticket.action.clone()),
        ("target", ticket.target.clone()),
        ("caller", ticket.caller.clone()),
        ("audit", ticket.audit_id.clone()),
        ("expires", ticket.expires_at.to_string()),
    ];
    lines.iter().map(|(name, value)| format!("  {name:<7} {}\n", visible_line(value))).collect()
}
