//! `saferun redact`.

use std::fs::File;
use std::io;
use std::path::PathBuf;

use clap::Args;

use super::Context;
use crate::config::env;
use crate::redact::{BadPattern, Redactor};
use crate::term::{Exit, Failure, Outcome};

/// Copy a text without its secrets
#[derive(Debug, Args)]
pub struct RedactArgs {
    /// The text [default: standard input]
    file: Option<PathBuf>,
    /// Also hide the value of this environment variable
    #[arg(long = "env", value_name = "NAME")]
    variables: Vec<String>,
    /// Also hide what a regular expression matches
    #[arg(long = "pattern", value_name = "NAME=REGEX", value_parser = named_pattern)]
    patterns: Vec<(String, String)>,
}

/// Runs `saferun redact`.
///
/// # Errors
/// Usage (2) for a pattern that can't be used, environment (4) where reading
/// fails.
pub fn run(args: &RedactArgs, context: &Context) -> Outcome {
    let sink = Sink { context };
    let redactor = redactor(args).map_err(|error| Failure::usage(error.to_string()))?;
    let done = match &args.file {
        Some(path) => File::open(path).and_then(|file| redactor.redact_stream(file, sink)),
        None => redactor.redact_stream(io::stdin().lock(), sink),
    };
    done.map_err(|error| {
        let name =
            args.file.as_ref().map_or("standard input".into(), |path| path.display().to_string());
        Failure::environment(format!("cannot read `{name}`")).because(&error)
    })?;
    Ok(Exit::Done)
}

fn redactor(args: &RedactArgs) -> Result<Redactor, BadPattern> {
    let mut redactor = Redactor::default();
    for name in &args.variables {
        redactor = redactor.variable(name, env::var(name).as_deref())?;
    }
    for (name, pattern) in &args.patterns {
        redactor = redactor.pattern(name, pattern)?;
    }
    Ok(redactor)
}

fn named_pattern(text: &str) -> Result<(String, String), String> {
    let (name, pattern) = text.split_once('=').ok_or("write it as NAME=REGEX")?;
    let plain = |letter: char| letter.is_ascii_alphanumeric() || "_-".contains(letter);
    if name.is_empty() || !name.chars().all(plain) {
        return Err("a name has letters, digits, `_` and `-`".to_owned());
    }
    Ok((name.to_owned(), pattern.to_owned()))
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
