//! `saferun gateway`: serves approvals, and manages its keys.

use std::net::{Ipv4Addr, SocketAddr, ToSocketAddrs};
use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};

use super::Context;
use crate::action::visible_line;
use crate::config::{env, paths};
use crate::gateway::store::{Key, KeyScope};
use crate::gateway::{Hosts, LocalError, LocalKeys, Options, Ready, ServeError, serve, start_log};
use crate::term::{Exit, Failure, Outcome};

/// Port where nothing else was asked for.
const PORT: u16 = 8500;

/// Serve approvals over HTTP, with a page to answer them on
#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true)]
pub(super) struct GatewayArgs {
    #[command(subcommand)]
    command: Option<GatewayCommand>,
    #[command(flatten)]
    serve: ServeArgs,
}

#[derive(Debug, Subcommand)]
enum GatewayCommand {
    /// Serve until interrupted (what `saferun gateway` alone does)
    Serve(ServeArgs),
    /// List, create and revoke API keys in the database
    Keys(KeysArgs),
}

#[derive(Debug, Args)]
struct ServeArgs {
    /// Address and port to listen on; port 0 takes a free one [default: 127.0.0.1:8500]
    #[arg(long, value_name = "ADDR")]
    listen: Option<String>,
    /// A name that this gateway is reached by, besides loopback and IP addresses
    #[arg(long = "host", value_name = "NAME")]
    hosts: Vec<String>,
    #[command(flatten)]
    database: DatabaseArgs,
}

#[derive(Debug, Args)]
struct DatabaseArgs {
    /// Database file [default: gateway.db in the user's state directory]
    #[arg(long, value_name = "PATH")]
    database: Option<PathBuf>,
}

#[derive(Debug, Args)]
struct KeysArgs {
    #[command(subcommand)]
    command: KeysCommand,
}

#[derive(Debug, Subcommand)]
enum KeysCommand {
    /// List keys
    List {
        /// Print one JSON document
        #[arg(long)]
        json: bool,
        #[command(flatten)]
        database: DatabaseArgs,
    },
    /// Make a key and print it, this once
    Create {
        /// What people call it
        #[arg(long)]
        name: String,
        /// What it may do; can be given several times
        #[arg(long = "scope", required = true)]
        scopes: Vec<Scope>,
        #[command(flatten)]
        database: DatabaseArgs,
    },
    /// Revoke a key by its identifier
    Revoke {
        /// Identifier, as `keys list` shows it
        id: String,
        #[command(flatten)]
        database: DatabaseArgs,
    },
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Scope {
    /// Ask for approvals, and use its own
    Request,
    /// Answer what others ask for
    Approve,
    /// Everything
    Admin,
}

/// Runs `saferun gateway`.
pub(super) fn run(args: &GatewayArgs, context: &Context) -> Outcome {
    match &args.command {
        None => start(&args.serve, context),
        Some(GatewayCommand::Serve(serve)) => start(serve, context),
        Some(GatewayCommand::Keys(keys)) => manage(&keys.command, context),
    }
}

fn start(args: &ServeArgs, context: &Context) -> Outcome {
    start_log();
    let options = Options {
        listen: address(args.listen.as_deref())?,
        database: args.database.path()?,
        hosts: Hosts::new(&args.hosts),
    };
    serve(&options, |ready| announce(ready, context)).map_err(failure)?;
    Ok(Exit::Done)
}

/// The URL is the first line of standard output, whoever reads it.
fn announce(ready: &Ready, context: &Context) {
    let printer = &context.printer;
    let mut text = format!("{}\n", ready.url);
    if let Some(key) = &ready.first_key {
        text.push_str(&format!(
            "\nadmin key, shown this once: {key}\n\nsaferun login {} --key {key}\n",
            ready.url
        ));
    }
    printer.result(&text);
    printer.say(&format!("open {} to answer approvals; Ctrl-C stops", ready.url));
}

fn address(listen: Option<&str>) -> Result<SocketAddr, Failure> {
    if let Some(text) = listen {
        let found = text.to_socket_addrs().ok().and_then(|mut addresses| addresses.next());
        return found.ok_or_else(|| {
            Failure::usage(format!("`{}` is not an address to listen on", visible_line(text)))
                .hint("write address and port, such as `--listen 127.0.0.1:8500`")
        });
    }
    let port = match env::var(env::PORT) {
        Some(text) => text.parse().map_err(|_| {
            Failure::usage(format!("`PORT` is `{}`, not a port", visible_line(&text)))
                .hint("a port is a number from 0 to 65535")
        })?,
        None => PORT,
    };
    Ok((Ipv4Addr::LOCALHOST, port).into())
}

impl DatabaseArgs {
    fn path(&self) -> Result<PathBuf, Failure> {
        self.database
            .clone()
            .or_else(|| env::var_os(env::SR_SQLITE_PATH).map(PathBuf::from))
            .or_else(|| paths::state_dir().map(|directory| directory.join("gateway.db")))
            .ok_or_else(|| {
                Failure::usage("there is no home directory to keep the database in")
                    .hint("name a file with `--database PATH`")
            })
    }
}

fn failure(error: ServeError) -> Failure {
    match &error {
        ServeError::Listen { address, source } => {
            let failure =
                Failure::environment(format!("can not listen on `{address}`")).because(source);
            failure.hint(format!(
                "`saferun gateway --listen {}:0` takes a free port; a gateway that runs already \
                 is reached with `saferun login http://{address}`",
                address.ip()
            ))
        }
        error => Failure::environment("the gateway does not start").because(error),
    }
}

fn manage(command: &KeysCommand, context: &Context) -> Outcome {
    let printer = &context.printer;
    match command {
        KeysCommand::List { json, database } => {
            let keys = open(database)?.list().map_err(|error| local_failure(&error))?;
            let text = if *json {
                serde_json::to_string_pretty(&keys).unwrap_or_default() + "\n"
            } else {
                keys.iter().map(line).collect()
            };
            printer.result(&text);
        }
        KeysCommand::Create { name, scopes, database } => {
            let scopes: Vec<_> = scopes.iter().map(|scope| scope.key_scope()).collect();
            let made = open(database)?.create(name, &scopes);
            let (key, text) = made.map_err(|error| local_failure(&error))?;
            printer.say(&format!("key {} for {}, shown this once:", key.id, visible_line(name)));
            printer.result(&format!("{text}\n"));
        }
        KeysCommand::Revoke { id, database } => {
            let key = open(database)?.revoke(id).map_err(|error| local_failure(&error))?;
            printer.say(&format!("revoked key {} of {}", key.id, visible_line(&key.name)));
        }
    }
    Ok(Exit::Done)
}

fn open(database: &DatabaseArgs) -> Result<LocalKeys, Failure> {
    LocalKeys::open(&database.path()?).map_err(|error| local_failure(&error))
}

fn local_failure(error: &LocalError) -> Failure {
    match error {
        LocalError::Store(crate::gateway::store::StoreError::Refused(refusal)) => {
            Failure::usage(refusal.to_string())
                .hint("`saferun gateway keys list` shows the keys there are")
        }
        error => Failure::environment("the keys can not be managed").because(error),
    }
}

impl Scope {
    fn key_scope(self) -> KeyScope {
        match self {
            Self::Request => KeyScope::Request,
            Self::Approve => KeyScope::Approve,
            Self::Admin => KeyScope::Admin,
        }
    }
}

fn line(key: &Key) -> String {
    let scopes: Vec<_> = key.scopes.iter().map(|scope| scope.as_str()).collect();
    let state = if key.revoked_at.is_some() { "  revoked" } else { "" };
    let name = visible_line(&key.name);
    format!("{}  {:<16}  {}{state}\n", key.id, scopes.join(","), name)
}
