//! `saferun scan`.

use std::io;
use std::path::{Path, PathBuf};

use clap::Args;

use super::Context;
use crate::action::visible_line;
use crate::entry::IGNORE_FILES;
use crate::entry::failure::visible_failure;
use crate::git::{Oid, Repo};
use crate::scan::report::{Format, render};
use crate::scan::source::{self, Scanned, Walk};
use crate::scan::{Confidence, Error, Finding, Ignores, Scanner, Verification, config};
use crate::term::{Exit, Failure, Outcome, Progress};
#[cfg(feature = "client")]
use crate::verify::verify;

/// File names looked for beside what is scanned.
const RULES: &str = ".gitleaks.toml";

/// Find secrets in files, in what is staged, in commits
#[derive(Debug, Args)]
pub struct ScanArgs {
    /// Files and directories [default: the current directory]
    paths: Vec<PathBuf>,
    /// Scan what `git commit` would add, read from the index
    #[arg(long, conflicts_with_all = ["range", "history", "stdin", "paths"])]
    staged: bool,
    /// Scan what the commits of a range add (`A..B`)
    #[arg(long, value_name = "A..B", conflicts_with_all = ["history", "stdin", "paths"])]
    range: Option<String>,
    /// Scan the history of every branch, tag and stash
    #[arg(long, conflicts_with_all = ["stdin", "paths"])]
    history: bool,
    /// With `--history`: also what nothing refers to any more
    #[arg(long, requires = "history")]
    all: bool,
    /// Scan standard input
    #[arg(long, conflicts_with = "paths")]
    stdin: bool,
    /// Format of the report
    #[arg(long, value_enum, default_value = "text")]
    format: Format,
    /// Write the report to a file instead of standard output
    #[arg(long, value_name = "FILE")]
    output: Option<PathBuf>,
    /// Rules and allowlists, in gitleaks' format [default: `.gitleaks.toml` if there is one]
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Leave out the findings of an earlier JSON report
    #[arg(long, value_name = "FILE")]
    baseline: Option<PathBuf>,
    /// Write the findings as a baseline, and exit 0
    #[arg(long, value_name = "FILE")]
    write_baseline: Option<PathBuf>,
    /// Print secrets as they are
    #[arg(long)]
    show_secrets: bool,
    /// Exit code when secrets were found
    #[arg(long, value_name = "N", default_value_t = 1)]
    exit_code: u8,
    /// Report findings at least this sure
    #[arg(long, value_enum, default_value = "medium")]
    confidence: Confidence,
    /// Also scan what `.gitignore` leaves out
    #[arg(long)]
    no_ignore: bool,
    /// Ask providers whether the secrets found still work: sends each to its
    /// provider, and to nobody else
    #[cfg(feature = "client")]
    #[arg(long)]
    verify: bool,
    /// With `--verify`: report only secrets that work
    #[cfg(feature = "client")]
    #[arg(long, requires = "verify")]
    only_verified: bool,
    /// Stands in for all providers, on this machine
    #[cfg(feature = "client")]
    #[arg(long, hide = true, value_name = "URL", requires = "verify")]
    verify_endpoint_base: Option<reqwest::Url>,
}

/// Runs `saferun scan`.
///
/// # Errors
/// Usage (2) for configuration, environment (4) for what can't be read.
pub fn run(args: &ScanArgs, context: &Context) -> Outcome {
    let base = args.base();
    let scanner = args.scanner(&base)?;
    let ignores = args.ignores(&base)?;
    let mut scanned = args.scan(&scanner, context)?;
    scanned.findings.retain(|finding| !ignores.has(finding));
    #[cfg(feature = "client")]
    args.verify(&mut scanned.findings, &scanner, context)?;
    for warning in scanned.warnings.iter().take(20) {
        context.printer.warn(&visible_line(warning));
    }
    let complete = args.complete(std::mem::take(&mut scanned.unread));
    let shown: Vec<Finding> = if args.show_secrets {
        scanned.findings.clone()
    } else {
        scanned.findings.iter().map(Finding::redacted).collect()
    };
    if let Some(path) = &args.write_baseline {
        let hidden: Vec<Finding> = scanned.findings.iter().map(Finding::redacted).collect();
        write(path, &render(Format::Json, &hidden, &[]))?;
        context.printer.say(&format!(
            "baseline of {} written to `{}`",
            count(shown.len(), "finding"),
            path.display()
        ));
        return complete.map(|()| Exit::Done);
    }
    let report = render(args.format, &shown, &scanner.rules_of(&shown));
    match &args.output {
        Some(path) => write(path, &report)?,
        None => context.printer.result(&report),
    }
    summary(&scanned, context);
    told(&scanned.findings, context);
    if args.is_whole() {
        stale(&ignores.unused(args.history), context);
    }
    if scanned.findings.is_empty() || args.exit_code == 0 {
        return complete.map(|()| Exit::Done);
    }
    if let Err(failure) = complete {
        context.printer.failure(&visible_failure(failure));
    }
    Ok(if args.exit_code == 1 { Exit::Blocked } else { Exit::Passed(args.exit_code) })
}

impl ScanArgs {
    /// Where configuration is looked for: the directory scanned.
    fn base(&self) -> PathBuf {
        match self.paths.as_slice() {
            [only] if only.is_dir() => only.clone(),
            _ => PathBuf::from("."),
        }
    }

    /// Whether the scan sees everything that an ignore file can speak of.
    fn is_whole(&self) -> bool {
        let one = matches!(self.paths.as_slice(), [] | [_]) && self.base().is_dir();
        one && !self.staged && !self.stdin && self.range.is_none()
    }

    #[cfg(feature = "client")]
    fn verify(
        &self,
        findings: &mut Vec<Finding>,
        scanner: &Scanner,
        context: &Context,
    ) -> Result<(), Failure> {
        if !self.verify {
            return Ok(());
        }
        let progress = Progress::counter(&context.printer, "asking providers".to_owned());
        let base = self.verify_endpoint_base.as_ref();
        verify(findings, scanner, base, &|| progress.advance(1))
            .map_err(|error| Failure::usage(error.to_string()))?;
        if self.only_verified {
            findings.retain(|finding| finding.verification == Some(Verification::Live));
        }
        Ok(())
    }

    /// An error where something was not scanned: no findings then don't mean
    /// that there are none.
    fn complete(&self, unread: Vec<String>) -> Result<(), Failure> {
        if unread.is_empty() {
            return Ok(());
        }
        let failure = Failure::from(Error::Unread(unread));
        Err(if self.staged || self.history || self.range.is_some() {
            failure
        } else {
            failure.hint("make it readable, or name it in `.gitignore` to leave it out")
        })
    }

    fn scanner(&self, base: &Path) -> Result<Scanner, Failure> {
        let beside = base.join(RULES);
        let scanner = match &self.config {
            Some(path) => config::load(path)?,
            None if beside.is_file() => config::load(&beside)?,
            None => Scanner::builtin(),
        };
        Ok(scanner.with_confidence(self.confidence).within(self.roots()))
    }

    /// Directories outside of the one we are in.
    fn roots(&self) -> Vec<Vec<u8>> {
        let outside = self
            .paths
            .iter()
            .filter(|path| (path.is_absolute() || path.starts_with("..")) && path.is_dir());
        outside.map(|path| path.as_os_str().as_encoded_bytes().to_vec()).collect()
    }

    fn ignores(&self, base: &Path) -> Result<Ignores, Failure> {
        let mut ignores = Ignores::default();
        for name in IGNORE_FILES {
            ignores.load(Path::new(name))?;
            if base != Path::new(".") {
                ignores.load(&base.join(name))?;
            }
        }
        if let Some(path) = &self.baseline {
            ignores.load_baseline(path)?;
        }
        Ok(ignores)
    }

    fn scan(&self, scanner: &Scanner, context: &Context) -> Result<Scanned, Failure> {
        if self.stdin {
            let (findings, bytes) = scanner.scan_reader(io::stdin().lock(), b"")?;
            return Ok(Scanned { findings, bytes, files: 1, ..Scanned::default() });
        }
        if self.staged {
            let repo = open()?;
            let report = source::staged(&repo, scanner)?;
            let (findings, bytes, files) = (report.findings, report.bytes, report.files_scanned);
            return Ok(Scanned { findings, bytes, files, ..Scanned::default() });
        }
        if let Some(range) = &self.range {
            let repo = open()?;
            let (hidden, tips) = ends(&repo, range)?;
            return Ok(source::commits(&repo, scanner, &tips, &hidden)?);
        }
        if self.history {
            let repo = open()?;
            let _progress = Progress::spinner(&context.printer, "reading history".to_owned());
            return Ok(source::history(&repo, scanner, self.all)?);
        }
        let here = vec![PathBuf::from(".")];
        let paths = if self.paths.is_empty() { &here } else { &self.paths };
        let progress = Progress::counter(&context.printer, "scanning files".to_owned());
        let seen = || progress.advance(1);
        Ok(source::tree(scanner, paths, Walk { ignored_too: self.no_ignore }, &seen)?)
    }
}

fn open() -> Result<Repo, Failure> {
    Ok(Repo::discover(Path::new("."))?)
}

/// The two ends of `A..B`; an empty end is `HEAD`, `B` alone is all of it, and
/// an `A` of zeros (as CI systems give it for a new branch) is nothing.
fn ends(repo: &Repo, range: &str) -> Result<(Vec<Oid>, Vec<Oid>), Failure> {
    let one = |name: &str| -> Result<Oid, Failure> {
        let name = if name.is_empty() { "HEAD" } else { name };
        repo.revision(name)?.ok_or_else(|| {
            Failure::usage(format!("no commit is called `{}`", visible_line(name)))
                .hint("a shallow clone may lack it: fetch more history, or scan with `--history`")
        })
    };
    let range = range.replace("...", "..");
    match range.split_once("..") {
        Some((from, to)) if !from.is_empty() && from.bytes().all(|byte| byte == b'0') => {
            Ok((Vec::new(), vec![one(to)?]))
        }
        Some((from, to)) => Ok((vec![one(from)?], vec![one(to)?])),
        None => Ok((Vec::new(), vec![one(&range)?])),
    }
}

fn summary(scanned: &Scanned, context: &Context) {
    let what = format!("{} and {} scanned", count(scanned.files, "file"), size(scanned.bytes));
    match scanned.findings.len() {
        0 => context.printer.say(&format!("no secrets found; {what}")),
        found => context.printer.say(&format!("{} found; {what}", count(found, "secret"))),
    }
}

/// Says how many secrets work, where providers were asked.
fn told(findings: &[Finding], context: &Context) {
    let number = |wanted: Verification| {
        findings.iter().filter(|finding| finding.verification == Some(wanted)).count()
    };
    if findings.iter().any(|finding| finding.verification.is_some()) {
        context.printer.say(&format!(
            "{} live, {} revoked, {} unknown",
            number(Verification::Live),
            number(Verification::Revoked),
            number(Verification::Unknown)
        ));
    }
}

/// Says which ignores let nothing through any more.
fn stale(unused: &[String], context: &Context) {
    for entry in unused.iter().take(10) {
        context.printer.warn(&format!("matches nothing any more: {}", visible_line(entry)));
    }
    if let Some(more) = unused.len().checked_sub(10).filter(|more| *more > 0) {
        context.printer.warn(&format!("{more} more ignores match nothing any more"));
    }
}

fn count(number: usize, what: &str) -> String {
    format!("{number} {what}{}", if number == 1 { "" } else { "s" })
}

fn size(bytes: u64) -> String {
    match bytes {
        0..=9_999 => format!("{bytes} bytes"),
        10_000..=9_999_999 => format!("{} KB", bytes / 1000),
        _ => format!("{} MB", bytes / 1_000_000),
    }
}

fn write(path: &Path, text: &str) -> Result<(), Failure> {
    std::fs::write(path, text).map_err(|error| {
        Failure::environment(format!("cannot write `{}`", path.display())).because(&error)
    })
}
