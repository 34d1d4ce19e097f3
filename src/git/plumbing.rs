//! The real git, for what is not read in process: reftable references, unknown
//! forms of the index, and objects a partial clone left at its remote. The only place of this room
//! that starts a program.

use std::io::{self, Read, Write as _};
use std::process::{Child, Command, Stdio};

use super::{Error, Head, Kind, Object, Oid, Ref, Repo, Result};

/// Set in the child, so that a shim in front of git steps aside.
const ACTIVE: &str = crate::config::env::SAFERUN_ACTIVE;

fn command(repo: &Repo, arguments: &[&str]) -> Command {
    #[expect(clippy::disallowed_methods, reason = "the one place that runs git to read")]
    let mut command = Command::new("git");
    command
        .args(["--no-pager", "-c", "core.fsmonitor=false"])
        .args(arguments)
        .current_dir(repo.work_tree().unwrap_or(repo.git_dir()))
        .env("GIT_DIR", repo.git_dir())
        .env("GIT_INDEX_FILE", repo.index_path())
        .env("GIT_OPTIONAL_LOCKS", "0")
        .env("GIT_TERMINAL_PROMPT", "0")
        .env("LC_ALL", "C")
        .env(ACTIVE, "1")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    if let Some(work_tree) = repo.work_tree() {
        command.env("GIT_WORK_TREE", work_tree);
    }
    command
}

/// Runs git and returns its status and standard output.
fn run(repo: &Repo, arguments: &[&str]) -> Result<(bool, Vec<u8>, String)> {
    let output = command(repo, arguments).output().map_err(|error| failed(arguments, &error))?;
    let message = String::from_utf8_lossy(&output.stderr);
    let message = message.lines().next().unwrap_or("no message").to_owned();
    Ok((output.status.success(), output.stdout, message))
}

fn checked(repo: &Repo, arguments: &[&str]) -> Result<Vec<u8>> {
    match run(repo, arguments)? {
        (true, output, _) => Ok(output),
        (false, _, message) => Err(failed(arguments, &message)),
    }
}

fn failed(arguments: &[&str], reason: &dyn std::fmt::Display) -> Error {
    Error::Plumbing { command: arguments.join(" "), reason: reason.to_string() }
}

/// What is checked out, by `git symbolic-ref` and `git rev-parse`.
pub fn head(repo: &Repo) -> Result<Head> {
    let oid = resolve(repo, "HEAD")?;
    match (symbolic_target(repo, "HEAD")?, oid) {
        (Some(name), oid) => Ok(Head::Branch { name, oid }),
        (None, Some(oid)) => Ok(Head::Detached(oid)),
        (None, None) => Err(Error::Reference { name: "HEAD".into(), reason: "unreadable".into() }),
    }
}

/// The object of a full reference name.
pub fn resolve(repo: &Repo, name: &str) -> Result<Option<Oid>> {
    let arguments = ["rev-parse", "--verify", "--quiet", "--end-of-options", name];
    let (found, output, _) = run(repo, &arguments)?;
    Ok(Oid::parse_bytes(output.trim_ascii()).filter(|_| found))
}

/// The target of a symbolic reference.
pub fn symbolic_target(repo: &Repo, name: &str) -> Result<Option<String>> {
    let (found, output, _) = run(repo, &["symbolic-ref", "--quiet", "--no-recurse", name])?;
    Ok(found.then(|| String::from_utf8_lossy(output.trim_ascii()).into_owned()))
}

/// References by prefix, by `git for-each-ref`.
pub fn refs(repo: &Repo, prefix: &str) -> Result<Vec<Ref>> {
    let output = checked(repo, &["for-each-ref", "--format=%(objectname) %(refname)"])?;
    let text = String::from_utf8_lossy(&output);
    let lines = text.lines().filter_map(|line| line.split_once(' '));
    let refs = lines.filter(|(_, name)| name.starts_with(prefix));
    Ok(refs
        .filter_map(|(hex, name)| Some(Ref { name: name.to_owned(), oid: Oid::parse(hex)? }))
        .collect())
}

/// The index as `git ls-files --stage -z` prints it.
pub fn ls_files(repo: &Repo) -> Result<Vec<u8>> {
    checked(repo, &["ls-files", "--stage", "-z"])
}

/// An object a partial clone has not fetched yet; this fetches it.
pub fn fetch_object(repo: &Repo, oid: Oid) -> Result<Object> {
    let arguments = ["cat-file", "--batch"];
    let fail = |error: std::io::Error| failed(&arguments, &error);
    let mut child = command(repo, &arguments).stdin(Stdio::piped()).spawn().map_err(fail)?;
    if let Some(mut stdin) = child.stdin.take() {
        writeln!(stdin, "{oid}").map_err(fail)?;
    }
    let output = child.wait_with_output().map_err(fail)?.stdout;
    parse_batch(&output).ok_or(Error::Missing { oid })
}

/// The content of an object, by `git cat-file blob`.
pub fn stream(repo: &Repo, oid: Oid) -> Result<impl Read + Send + use<>> {
    let id = oid.to_string();
    let arguments = ["cat-file", "blob", &id];
    let child = command(repo, &arguments).stderr(Stdio::null()).spawn();
    Ok(Running(child.map_err(|error| failed(&arguments, &error))?))
}

/// A git whose output is read; ends with its reader.
struct Running(Child);

impl Read for Running {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.0.stdout.as_mut().map_or(Ok(0), |output| output.read(buffer))
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // It may have ended by itself; either way it is waited for.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// `<id> <kind> <size>\n<content>\n`
fn parse_batch(output: &[u8]) -> Option<Object> {
    let end = output.iter().position(|byte| *byte == b'\n')?;
    let header = std::str::from_utf8(output.get(..end)?).ok()?;
    let mut words = header.split(' ').skip(1);
    let kind = Kind::from_name(words.next()?.as_bytes())?;
    let size: usize = words.next()?.parse().ok()?;
    let data = output.get(end + 1..)?.get(..size)?.to_vec();
    Some(Object { kind, data })
}
