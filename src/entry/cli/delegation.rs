//! `saferun delegation`: a caller's token, narrowed for another one.

use clap::{Args, Subcommand};
use jiff::Timestamp;
use serde_json::json;

use super::Context;
use super::trust_flags::{TokenFlags, TrustFlags};
use crate::action::visible_line;
use crate::identity::{CallerToken, Child, DelegationError, delegate};
use crate::term::{Exit, Failure, Outcome, Printer};

/// Delegate to another caller what a token allows, or less
#[derive(Debug, Args)]
pub(super) struct DelegationArgs {
    #[command(subcommand)]
    command: DelegationCommand,
}

#[derive(Debug, Subcommand)]
enum DelegationCommand {
    /// Make a token for a caller that this one delegates to
    Create(CreateArgs),
    /// Verify a token with everyone who delegated
    Verify(VerifyArgs),
}

#[derive(Debug, Args)]
struct CreateArgs {
    /// Token of whoever delegates
    parent_token: String,
    /// Id of the caller that it delegates to
    #[arg(long, value_name = "ID")]
    child_id: String,
    /// Its name for people
    #[arg(long, value_name = "NAME", default_value = "")]
    child_name: String,
    #[command(flatten)]
    token: TokenFlags,
}

/// What `verify` takes.
#[derive(Debug, Args)]
pub(super) struct VerifyArgs {
    /// The token
    token: String,
    #[command(flatten)]
    trust: TrustFlags,
    /// Print one JSON document
    #[arg(long, alias = "json-output")]
    json: bool,
}

/// Runs `saferun delegation`.
pub(super) fn run(args: &DelegationArgs, context: &Context) -> Outcome {
    match &args.command {
        DelegationCommand::Create(args) => create(args, &context.printer),
        DelegationCommand::Verify(args) => verify(args, &context.printer),
    }
}

fn create(args: &CreateArgs, printer: &Printer) -> Outcome {
    let flags = &args.token;
    let authority = flags.trust.some_authority(printer)?;
    let profile = flags.profile(&args.child_id, &args.child_name);
    let child = Child { profile, life: flags.ttl, max_depth: flags.max_depth };
    let now = Timestamp::now();
    let token = delegate(&authority, &args.parent_token, &child, now)?;
    if flags.json {
        let mut document = json!(CallerToken::verify(&authority, &token, now)?);
        document["token"] = json!(token);
        document["child_agent_id"] = json!(args.child_id);
        printer.result(&format!("{document:#}\n"));
    } else {
        printer.result(&format!("{token}\n"));
    }
    Ok(Exit::Done)
}

/// Runs `saferun delegation verify`, and `identity verify`, which is the same.
pub(super) fn verify(args: &VerifyArgs, printer: &Printer) -> Outcome {
    let authority = args.trust.some_authority(printer)?;
    let verified = CallerToken::verify(&authority, &args.token, Timestamp::now());
    if args.json {
        let document = match &verified {
            Ok(token) => {
                let mut document = json!(token);
                document["valid"] = json!(true);
                document
            }
            Err(error) => json!({"valid": false, "reason": error.to_string()}),
        };
        printer.result(&format!("{document:#}\n"));
    } else {
        match &verified {
            Ok(token) => printer.result(&shown(token)),
            Err(error) => {
                printer.result(&format!("invalid: {}\n", visible_line(&error.to_string())))
            }
        }
    }
    Ok(if verified.is_ok() { Exit::Done } else { Exit::Blocked })
}

/// A token for people.
fn shown(token: &CallerToken) -> String {
    let kind = if token.delegation_chain.is_empty() { "direct" } else { "delegated" };
    let mut text = format!("{kind}: {}\n", visible_line(&token.agent_id));
    let mut line = |name: &str, value: &str| {
        if !value.is_empty() {
            text.push_str(&format!("  {name:<7} {}\n", visible_line(value)));
        }
    };
    line("name", &token.agent_name);
    line("roles", &token.roles.join(", "));
    line("groups", &token.groups.join(", "));
    line("depth", &format!("{} of {}", token.delegation_depth, token.depth_limit()));
    for link in &token.delegation_chain {
        line("from", &format!("{} ({})", link.agent_id, link.roles.join(", ")));
    }
    line("expires", &token.expires_at.to_string());
    text
}

impl From<DelegationError> for Failure {
    fn from(error: DelegationError) -> Self {
        let hint = match &error {
            DelegationError::NotHeld { .. } => "leave out what the parent doesn't have",
            DelegationError::TooDeep { .. } => {
                "let a caller delegate that stands nearer to the first one, or make that one's token with a greater `--max-depth`"
            }
            DelegationError::Parent(_) => "`saferun delegation verify TOKEN` tells about it",
            DelegationError::NoLife | DelegationError::Child(_) => {
                "see `saferun delegation create --help`"
            }
        };
        Self::new(Exit::Blocked, error.to_string()).hint(hint)
    }
}
