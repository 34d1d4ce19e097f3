//! Running a hook that was there before saferun.

use std::fs;
use std::io::{self, Write};
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use crate::config::env;

/// Shells whose scripts can be told what they are called.
const SHELLS: &[&str] = &["sh", "bash", "dash", "zsh", "ksh"];

/// `ENOEXEC`: the system doesn't know how to run the file.
const NO_FORMAT: i32 = 8;

/// Runs the hook at `file`; None where there is no executable file. With
/// `shown_as` a shell script is told that it is still there: hook managers
/// look at their script's own name and directory. `depth` counts how many hooks
/// stand above it.
///
/// # Errors
/// Where it can't be started.
#[expect(clippy::disallowed_methods, reason = "this room runs programs")]
pub fn run_hook(
    file: &Path,
    shown_as: Option<&Path>,
    depth: u32,
    arguments: &[String],
    input: &[u8],
) -> io::Result<Option<u8>> {
    let executable = fs::metadata(file)
        .is_ok_and(|found| found.is_file() && found.permissions().mode() & 0o111 != 0);
    if !executable {
        return Ok(None);
    }
    let mut command = match (shown_as, shell_of(file)) {
        (Some(shown_as), Some(shell)) => {
            let mut command = Command::new(shell);
            command.arg("-c").arg(". \"$SAFERUN_PREVIOUS_HOOK\"").arg(shown_as);
            command
        }
        _ => Command::new(file),
    };
    command.env(env::SAFERUN_HOOK_DEPTH, depth.to_string());
    let mut child = match start(&mut command, file, arguments) {
        // No first line that names a program: git gives such a script to sh.
        Err(error) if error.raw_os_error() == Some(NO_FORMAT) => {
            start(Command::new("sh").arg(file), file, arguments)?
        }
        other => other?,
    };
    if let Some(mut stdin) = child.stdin.take() {
        // A hook may end without reading all of its input.
        let _ = stdin.write_all(input);
    }
    let status = child.wait()?;
    let code = status.code().unwrap_or_else(|| 128 + status.signal().unwrap_or(1));
    Ok(Some(u8::try_from(code).unwrap_or(1)))
}

fn start(command: &mut Command, file: &Path, arguments: &[String]) -> io::Result<Child> {
    command.env(env::SAFERUN_PREVIOUS_HOOK, file).args(arguments).stdin(Stdio::piped()).spawn()
}

/// The shell that a script's first line names.
fn shell_of(file: &Path) -> Option<String> {
    let content = fs::read(file).ok()?;
    let first = content.split(|&byte| byte == b'\n').next()?;
    let line = std::str::from_utf8(first).ok()?.strip_prefix("#!")?.trim();
    let mut words = line.split_whitespace();
    let program = words.next()?;
    let named = if program.ends_with("/env") { words.next()? } else { program };
    let base = named.rsplit('/').next()?;
    (words.next().is_none() && SHELLS.contains(&base)).then(|| named.to_owned())
}
