//! `saferun redact`.

use std::fs::File;
use std::io;
use std::path::PathBuf;

use clap::Args;

use super::Context;
use crate::redact::redact_stream;
use crate::term::{Exit, Failure, Outcome};

/// Copy a text without its secrets
#[derive(Debug, Args)]
pub struct RedactArgs {
    /// The text [default: standard input]
    file: Option<PathBuf>,
}

/// Runs `saferun redact`.
///
/// # Errors
/// Environment (4) where reading fails.
pub fn run(args: &RedactArgs, context: &Context) -> Outcome {
    let sink = Sink { context };
    let done = match &args.file {
        Some(path) => File::open(path).and_then(|file| redact_stream(file, sink)),
        None => redact_stream(io::stdin().lock(), sink),
    };
    done.map_err(|error| {
        let name =
            args.file.as_ref().map_or("standard input".into(), |path| path.display().to_string());
        Failure::environment(format!("cannot read `{name}`")).because(&error)
    })?;
    Ok(Exit::Done)
}

struct Sink<'a> {
    context: &'a Context,
}

impl io::Write for Sink<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.context.printer.result_bytes(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
