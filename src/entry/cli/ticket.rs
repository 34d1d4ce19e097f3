//! `saferun ticket`: is this a ticket for that?

use clap::{Args, Subcommand};
use jiff::Timestamp;
use serde_json::json;

use super::Context;
use super::trust_flags::TrustFlags;
use crate::action::{Digest, visible_line};
use crate::identity::{Expected, NonceFile, Ticket, TicketError};
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
    let verified = Ticket::verify(&authority, &args.token, &expected, now)
        .and_then(|ticket| if args.consume { consume(ticket, now) } else { Ok(ticket) });
    if let Err(TicketError::Unknown(_)) = &verified {
        return verified.map(|_| Exit::Done).map_err(Failure::from);
    }
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

fn consume(ticket: Ticket, now: Timestamp) -> Result<Ticket, TicketError> {
    let store = NonceFile::of_account().ok_or_else(|| {
        TicketError::Unknown(std::io::Error::other("there is no home directory; set `HOME`"))
    })?;
    ticket.consume(&store, now)?;
    Ok(ticket)
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
