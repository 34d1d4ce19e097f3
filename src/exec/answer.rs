//! What a command line answers to something on its standard input.

use std::io::{self, Write};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

/// How a command line ended, and what it said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// Exit status; none where a signal ended it.
    pub code: Option<i32>,
    /// Standard output.
    pub out: String,
    /// Standard error.
    pub err: String,
}

/// Gives `input` to a line of shell in `dir`, and waits at most `limit` for the
/// end; None where it takes longer.
///
/// # Errors
/// Where it can't be started.
#[expect(clippy::disallowed_methods, reason = "this room runs programs")]
pub fn answer_of(
    line: &str,
    dir: &Path,
    input: &str,
    limit: Duration,
) -> io::Result<Option<Answer>> {
    let mut child = Command::new("/bin/sh")
        .args(["-c", line])
        .current_dir(dir)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()?;
    if let Some(mut stdin) = child.stdin.take() {
        // A program may end without reading its input.
        let _ = stdin.write_all(input.as_bytes());
    }
    let (sender, ended) = mpsc::channel();
    thread::spawn(move || sender.send(child.wait_with_output()));
    let Ok(output) = ended.recv_timeout(limit) else { return Ok(None) };
    let output = output?;
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    Ok(Some(Answer {
        code: output.status.code(),
        out: text(&output.stdout),
        err: text(&output.stderr),
    }))
}
