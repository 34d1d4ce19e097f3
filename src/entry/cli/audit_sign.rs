//! `saferun audit checkpoint` and `saferun audit prove`.

use std::path::{Path, PathBuf};

use clap::Args;
use serde_json::json;

use super::Context;
use super::audit::{log, unreadable};
use crate::audit::{Checkpoint, Log, ProofError, keys, verifier_key};
use crate::term::{Exit, Failure, Outcome};

#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  saferun audit checkpoint > last-week.checkpoint\n  saferun audit checkpoint --json --signing-key /media/usb/audit.pem"
)]
pub(super) struct CheckpointArgs {
    /// The log; this repository's without one
    log: Option<PathBuf>,
    #[command(flatten)]
    key: KeyArgs,
    /// One JSON document, with the key that verifies the note
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Args)]
pub(super) struct ProveArgs {
    /// Id of the event, or its number in the log, from 1
    event: String,
    /// The log; this repository's without one
    log: Option<PathBuf>,
    #[command(flatten)]
    key: KeyArgs,
}

#[derive(Debug, Args)]
struct KeyArgs {
    /// Key that signs (PKCS#8 PEM, or 64 hexadecimal characters); the account's without one
    #[arg(long, value_name = "FILE")]
    signing_key: Option<PathBuf>,
}

impl KeyArgs {
    fn open(&self, given: Option<&Path>) -> Result<(Log, ed25519_dalek::VerifyingKey), Failure> {
        let log = log(given)?;
        if !log.path().exists() {
            return Err(unreadable(log.path(), &std::io::ErrorKind::NotFound.into()));
        }
        let key = match &self.signing_key {
            Some(path) => keys::load(path),
            None => keys::account_file().and_then(|path| keys::load_or_create(&path)),
        };
        let key = key.map_err(|error| Failure::environment(error.to_string()))?;
        let public = key.verifying_key();
        Ok((log.signed_by(Some(key)), public))
    }
}

/// Signs the log and prints the note.
pub(super) fn checkpoint(arguments: &CheckpointArgs, context: &Context) -> Outcome {
    let (log, public) = arguments.key.open(arguments.log.as_deref())?;
    let note = log.checkpoint()?;
    if arguments.json {
        let said = Checkpoint::unverified(&note);
        let document = json!({
            "checkpoint": note,
            "origin": said.as_ref().map(|said| &said.origin),
            "size": said.as_ref().map(|said| said.size),
            "root": said.as_ref().map(|said| said.root),
            "verifier_key": said.as_ref().map(|said| verifier_key(&said.origin, &public)),
        });
        context.printer.result(&format!("{document:#}\n"));
    } else {
        context.printer.result(&note);
    }
    Ok(Exit::Done)
}

/// Prints an inclusion proof.
pub(super) fn prove(arguments: &ProveArgs, context: &Context) -> Outcome {
    let (log, _) = arguments.key.open(arguments.log.as_deref())?;
    let proof = log.prove(&arguments.event).map_err(|error| match error {
        ProofError::Audit(error) => error.into(),
        ProofError::Io(error) => unreadable(log.path(), &error),
        ProofError::NoSuchEvent(_) => {
            Failure::usage(error.to_string()).hint("`saferun audit show` shows numbers and ids")
        }
        ProofError::Fault(_) => {
            Failure::new(Exit::Blocked, error.to_string()).hint("`saferun audit verify` says where")
        }
    })?;
    let document = json!(proof);
    context.printer.result(&format!("{document:#}\n"));
    Ok(Exit::Done)
}
