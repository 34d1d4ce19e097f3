//! `saferun identity`: tokens that say who a caller is, and the keys behind them.

use clap::{Args, Subcommand};
use jiff::Timestamp;
use serde_json::{Value, json};

use super::Context;
use super::trust_flags::{TokenFlags, own_store};
use crate::action::visible_line;
use crate::entry::cli::delegation;
use crate::identity::{
    CallerToken, CallerTokenError, GREATEST_DEPTH, Key, KeySet, KeyStore, StoredKey, TokenError,
    USUAL_LIFE,
};
use crate::term::{Exit, Failure, Outcome, Printer};

/// Make signed tokens for callers, and keep the keys behind them
#[derive(Debug, Args)]
pub(super) struct IdentityArgs {
    #[command(subcommand)]
    command: IdentityCommand,
}

#[derive(Debug, Subcommand)]
enum IdentityCommand {
    /// Make a token for a caller, and the account's first key where there is none
    Create(CreateArgs),
    /// Verify a token and print who it speaks for
    Verify(delegation::VerifyArgs),
    /// List the account's keys; with --json, their public halves as a JSON Web Key Set
    Keys {
        /// Print one JSON document, good as another machine's `--signing-key @FILE`
        #[arg(long)]
        json: bool,
    },
    /// Print a new Ed25519 key, for a file that `--signing-key @FILE` names
    NewKey,
    /// Make a new key for the account; the old one goes on verifying for 30 days
    Rotate {
        /// The old keys are lost: they verify nothing any more
        #[arg(long)]
        revoke: bool,
    },
}

#[derive(Debug, Args)]
struct CreateArgs {
    /// Id of the caller, such as `deploy-agent-01`
    id: String,
    /// Name for people
    #[arg(long, default_value = "")]
    name: String,
    #[command(flatten)]
    token: TokenFlags,
}

/// Runs `saferun identity`.
pub(super) fn run(args: &IdentityArgs, context: &Context) -> Outcome {
    match &args.command {
        IdentityCommand::Create(args) => create(args, &context.printer),
        IdentityCommand::Verify(args) => delegation::verify(args, &context.printer),
        IdentityCommand::Keys { json } => keys(*json, &context.printer),
        IdentityCommand::NewKey => new_key(&context.printer),
        IdentityCommand::Rotate { revoke } => rotate(*revoke, &context.printer),
    }
}

fn create(args: &CreateArgs, printer: &Printer) -> Outcome {
    let flags = &args.token;
    if flags.max_depth.is_some_and(|depth| depth > GREATEST_DEPTH) {
        return Err(Failure::usage(format!("`--max-depth` is at most {GREATEST_DEPTH}")));
    }
    let authority = flags.trust.founding_authority(printer)?;
    let profile = flags.profile(&args.id, &args.name);
    let now = Timestamp::now();
    let life = flags.ttl.unwrap_or(USUAL_LIFE);
    let token = CallerToken::create(&authority, &profile, life, flags.max_depth, now)?;
    if flags.json {
        let made = CallerToken::verify(&authority, &token, now)?;
        let mut document = json!(made);
        document["token"] = json!(token);
        document["key_id"] = json!(authority.keys().signer().id());
        document["algorithm"] = json!(authority.keys().signer().algorithm().as_str());
        printer.result(&format!("{document:#}\n"));
    } else {
        printer.result(&format!("{token}\n"));
    }
    Ok(Exit::Done)
}

fn keys(as_json: bool, printer: &Printer) -> Outcome {
    let store = KeyStore::of_account();
    let keys = store.map(|store| store.keys(Timestamp::now())).transpose()?.unwrap_or_default();
    if as_json {
        printer.result(&format!("{:#}\n", public(&keys)));
    } else if keys.is_empty() {
        printer.say("no keys; `saferun identity create` makes the first one");
    } else {
        printer.result(&keys.iter().map(line).collect::<String>());
    }
    Ok(Exit::Done)
}

fn public(keys: &[StoredKey]) -> Value {
    let set = KeySet::new(keys.iter().map(|stored| stored.key.clone()).collect());
    set.map_or_else(|_| json!({"keys": []}), |set| set.public_jwks())
}

fn line(stored: &StoredKey) -> String {
    let id = visible_line(stored.key.id().unwrap_or_default());
    let since = stored.created_at.strftime("%Y-%m-%d");
    let state = match stored.verifies_until {
        None => "signs".to_owned(),
        Some(until) => format!("verifies until {}", until.strftime("%Y-%m-%d")),
    };
    format!("{id}  {}  since {since}  {state}\n", stored.key.algorithm().as_str())
}

fn new_key(printer: &Printer) -> Outcome {
    let key = Key::generate().map_err(|error| Failure::environment(error.to_string()))?;
    printer.result(&format!("{}\n", key.to_jwk()));
    Ok(Exit::Done)
}

fn rotate(revoke: bool, printer: &Printer) -> Outcome {
    let store = own_store()?;
    store.rotate(revoke, Timestamp::now())?;
    let fate = if revoke {
        "the keys before it verify nothing any more"
    } else {
        "the key before it goes on verifying for 30 days"
    };
    printer.say(&format!("a new key signs from now on; {fate}"));
    Ok(Exit::Done)
}

impl From<CallerTokenError> for Failure {
    fn from(error: CallerTokenError) -> Self {
        if error == CallerTokenError::Token(TokenError::CannotSign) {
            return Self::usage("the signing key is a public half and can't sign")
                .hint("give the key that it is a half of");
        }
        Self::usage(error.to_string())
    }
}
