//! `saferun audit ship`.

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use serde_json::json;

use super::Context;
use super::audit::{log, unreadable};
use crate::audit::ship::{
    Destination, FileDestination, ObjectLock, S3Credentials, S3Destination, ShipError, Shipper,
    WebhookDestination,
};
use crate::config::{env, paths};
use crate::term::{Exit, Failure, Outcome};

#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  saferun audit ship --backend file --path /mnt/audit/here.jsonl\n  saferun audit ship --backend webhook --url https://log.example.com/in --follow\n  saferun audit ship --backend s3 --bucket audit --prefix here/ --lock-mode compliance --lock-days 365"
)]
pub(super) struct ShipArgs {
    /// The log; this repository's without one
    log: Option<PathBuf>,
    /// Where it is taken
    #[arg(long, value_enum)]
    backend: Backend,
    /// The file, for `file`
    #[arg(long, required_if_eq("backend", "file"))]
    path: Option<PathBuf>,
    /// The URL, for `webhook`; `SAFERUN_AUDIT_WEBHOOK_SECRET` signs
    #[arg(long, required_if_eq("backend", "webhook"))]
    url: Option<String>,
    /// The bucket, for `s3`; the usual `AWS_…` variables say who writes
    #[arg(long, required_if_eq("backend", "s3"))]
    bucket: Option<String>,
    /// What the keys of objects begin with
    #[arg(long, default_value = "")]
    prefix: String,
    /// Another S3 than Amazon's
    #[arg(long, value_name = "URL")]
    endpoint: Option<String>,
    /// Lock the objects, so that they can't be removed
    #[arg(long, value_enum, requires = "lock_days")]
    lock_mode: Option<LockMode>,
    /// For how many days
    #[arg(long, requires = "lock_mode")]
    lock_days: Option<u32>,
    /// Go on with what is recorded from now on
    #[arg(long)]
    follow: bool,
    /// Failures in a row after which to give up; with `--follow` never
    #[arg(long, default_value_t = 8)]
    retries: u32,
    /// One JSON document
    #[arg(long, conflicts_with = "follow")]
    json: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Backend {
    #[value(alias = "filesystem")]
    File,
    Webhook,
    S3,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum LockMode {
    Governance,
    Compliance,
}

/// Ships the log.
pub(super) fn ship(arguments: &ShipArgs, context: &Context) -> Outcome {
    let log = log(arguments.log.as_deref())?;
    if !log.path().exists() {
        return Err(unreadable(log.path(), &std::io::ErrorKind::NotFound.into()));
    }
    let state = paths::state_dir()
        .ok_or_else(|| Failure::environment("there is no home directory; set `HOME`"))?;
    let destination = arguments.destination()?;
    let place = destination.place();
    let retries = if arguments.follow { u32::MAX } else { arguments.retries };
    let mut shipper = Shipper::new(&log, destination, state, retries);
    let shipped = if arguments.follow { shipper.follow(|| false) } else { shipper.catch_up() };
    let shipped = shipped.map_err(|error| failure(&error))?;
    if arguments.json {
        let document = json!({"shipped": shipped, "destination": place});
        context.printer.result(&format!("{document:#}\n"));
    } else {
        context.printer.result(&format!("{shipped} events arrived at {place}\n"));
    }
    Ok(Exit::Done)
}

fn failure(error: &ShipError) -> Failure {
    match error {
        ShipError::Rewritten(_) => Failure::new(Exit::Blocked, error.to_string())
            .hint("`saferun audit verify` says more; what was shipped before is still there"),
        ShipError::Later { .. } => Failure::environment(error.to_string())
            .hint("what has arrived is noted: the next run goes on behind it"),
        ShipError::Refused { .. } | ShipError::Io(_) => Failure::environment(error.to_string()),
    }
}

impl ShipArgs {
    fn destination(&self) -> Result<Box<dyn Destination>, Failure> {
        match self.backend {
            Backend::File => {
                Ok(Box::new(FileDestination::new(self.path.clone().unwrap_or_default())))
            }
            Backend::Webhook => {
                let secret = needed(env::SAFERUN_AUDIT_WEBHOOK_SECRET)?;
                let made = WebhookDestination::new(self.url.as_deref().unwrap_or_default(), secret);
                Ok(Box::new(made.map_err(|error| Failure::usage(error.to_string()))?))
            }
            Backend::S3 => {
                let credentials = S3Credentials {
                    access_key_id: needed("AWS_ACCESS_KEY_ID")?,
                    secret_access_key: needed("AWS_SECRET_ACCESS_KEY")?,
                    session_token: env::var("AWS_SESSION_TOKEN"),
                    region: env::var("AWS_REGION").unwrap_or_else(|| "us-east-1".to_owned()),
                };
                let bucket = self.bucket.as_deref().unwrap_or_default();
                let endpoint = self.endpoint.as_deref();
                let made =
                    S3Destination::new(endpoint, bucket, &self.prefix, credentials, self.lock());
                Ok(Box::new(made.map_err(|error| Failure::usage(error.to_string()))?))
            }
        }
    }

    fn lock(&self) -> Option<ObjectLock> {
        let mode = match self.lock_mode? {
            LockMode::Governance => "GOVERNANCE",
            LockMode::Compliance => "COMPLIANCE",
        };
        Some(ObjectLock { mode: mode.to_owned(), days: self.lock_days? })
    }
}

fn needed(name: &str) -> Result<String, Failure> {
    env::var(name).ok_or_else(|| Failure::usage(format!("the variable `{name}` is not set")))
}
