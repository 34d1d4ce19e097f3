//! DOOR: coding agents' hooks. Reads one tool call from standard input, judges
//! it through the guard, and answers in exactly the agent's form.
//!
//! Agents let a command run when their hook crashes, is late or says something
//! they don't expect. So everything that can fail ends in the agent's own form
//! of *no*: input that can't be read, a place that can't be judged, a worker that
//! panics or isn't done in time.

mod bounded;
mod cases;
mod dialect;
mod files;
mod judge;
mod patch;
mod paths;
mod reason;
mod request;
mod shape;
mod state;
mod tools;

use std::ffi::OsString;
use std::io::{self, Read};
use std::time::Duration;

use serde_json::Value;

pub use cases::{Judgeable, asked_by_agent, directory, of as case_of};
pub use dialect::{Dialect, named, names};
pub use request::{Reply, Request, Verdict};
pub use state::State;

use crate::term::{Exit, Failure, Level, Outcome, Printer};

/// Largest tool call that is read, in bytes.
const LARGEST: u64 = 8 << 20;
/// How long an answer may take: less than the least limit of any agent (30 s).
const DEADLINE: Duration = Duration::from_secs(8);
/// The tool that `saferun doctor` sends: always denied, never recorded.
pub const CANARY: &str = "SaferunCanary";

/// The protocol's name where the process was called `saferun agent-hook NAME`:
/// the agent waits, so the command line is not looked at any further.
#[must_use]
pub fn requested(arguments: &[OsString]) -> Option<&'static dyn Dialect> {
    let [_, command, name] = arguments else { return None };
    if command != "agent-hook" {
        return None;
    }
    named(name.to_str()?)
}

/// Reads, judges, answers.
#[must_use]
pub fn main(installed: &'static dyn Dialect) -> Exit {
    let reply = bounded::run(DEADLINE, move || answer(read().as_deref(), installed))
        .unwrap_or_else(|late| installed.answer(&Verdict::unjudged(late.why()), &Value::Null));
    let printer = Printer::new(Level::Normal, false);
    printer.result(&reply.out);
    if !reply.err.is_empty() {
        printer.alert(reply.err.trim_end());
    }
    Exit::Passed(reply.code)
}

/// [`main`] by name.
///
/// # Errors
/// Where no agent has this name.
pub fn run(name: &str) -> Outcome {
    let dialect = named(name).ok_or_else(|| {
        Failure::usage(format!("no protocol is called `{name}`"))
            .hint(format!("there are: {}", names().join(", ")))
    })?;
    Ok(main(dialect))
}

fn read() -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    io::stdin().lock().take(LARGEST + 1).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// The answer to what came in.
#[must_use]
pub fn answer(input: Result<&[u8], &io::Error>, installed: &'static dyn Dialect) -> Reply {
    let unread = |why: &str| installed.answer(&Verdict::unjudged(why), &Value::Null);
    let bytes = match input {
        Ok([]) => return unread("nothing came in on standard input"),
        Ok(bytes) if bytes.len() as u64 > LARGEST => return unread("it is larger than 8 MiB"),
        Ok(bytes) => bytes,
        Err(error) => return unread(&format!("it can't be read: {error}")),
    };
    let Ok(payload) = serde_json::from_slice::<Value>(bytes) else {
        return unread("it is not JSON that can be read");
    };
    let dialect = dialect::spoken(&payload, installed);
    let verdict = match dialect.read(&payload) {
        None => Verdict::unjudged(&format!(
            "it is not in the form that {} is known to use",
            dialect.agent()
        )),
        Some(request) if !request.gates => Verdict::neutral(),
        Some(request) if request.tool.ends_with(CANARY) => Verdict::unjudged("it is only a test"),
        Some(request) => judge::verdict(&request, dialect),
    };
    dialect.answer(&verdict, &payload)
}
