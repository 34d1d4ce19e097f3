//! Programs that run in surroundings of their own, and end with their caller.

use std::ffi::{OsStr, OsString};
use std::fs::{self, File};
use std::io;
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

/// How often a running program is looked at.
const TICK: Duration = Duration::from_millis(5);
/// How long a program may take to end when it is told to.
const GRACE: Duration = Duration::from_secs(3);

/// A program to run, with nothing of this process's environment.
#[derive(Debug, Clone)]
pub struct Job {
    program: PathBuf,
    arguments: Vec<OsString>,
    dir: PathBuf,
    environment: Vec<(OsString, OsString)>,
}

impl Job {
    /// `program` in `dir`, with no arguments and no environment.
    #[must_use]
    pub fn new(program: &Path, dir: &Path) -> Self {
        Self {
            program: program.to_owned(),
            arguments: Vec::new(),
            dir: dir.to_owned(),
            environment: Vec::new(),
        }
    }

    /// Adds arguments.
    #[must_use]
    pub fn args<S: AsRef<OsStr>>(mut self, arguments: impl IntoIterator<Item = S>) -> Self {
        self.arguments.extend(arguments.into_iter().map(|argument| argument.as_ref().to_owned()));
        self
    }

    /// Sets a variable.
    #[must_use]
    pub fn env(mut self, name: impl AsRef<OsStr>, value: impl AsRef<OsStr>) -> Self {
        self.environment.push((name.as_ref().to_owned(), value.as_ref().to_owned()));
        self
    }

    /// Starts the program in a process group of its own, without input; what
    /// it says goes into the file `output`, in the order in which it is said.
    ///
    /// # Errors
    /// Where the file can't be made or the program can't be started.
    #[expect(clippy::disallowed_methods, reason = "this room runs programs")]
    pub fn start(&self, output: PathBuf) -> io::Result<Running> {
        let file = File::create(&output)?;
        let child = Command::new(&self.program)
            .args(&self.arguments)
            .current_dir(&self.dir)
            .env_clear()
            .envs(self.environment.iter().map(|(name, value)| (name, value)))
            .stdin(Stdio::null())
            .stdout(file.try_clone()?)
            .stderr(file)
            .process_group(0)
            .spawn()?;
        Ok(Running { child, output })
    }
}

/// A program that runs. Dropping it ends the program and all it started.
#[derive(Debug)]
pub struct Running {
    child: Child,
    output: PathBuf,
}

/// How a program ended.
#[derive(Debug, Clone)]
pub struct Finished {
    /// Its exit code; 128 and the signal's number where one ended it.
    pub code: i32,
    /// What it said.
    pub output: String,
}

impl Running {
    /// What it said so far.
    #[must_use]
    pub fn said(&self) -> String {
        let bytes = fs::read(&self.output).unwrap_or_default();
        String::from_utf8_lossy(&bytes).into_owned()
    }

    /// How it ended, or None while it runs.
    ///
    /// # Errors
    /// Where the system doesn't say.
    pub fn ended(&mut self) -> io::Result<Option<Finished>> {
        let Some(status) = self.child.try_wait()? else { return Ok(None) };
        let code = status.code().unwrap_or_else(|| 128 + status.signal().unwrap_or(1));
        Ok(Some(Finished { code, output: self.said() }))
    }

    /// Waits for its end, until `stop` says that there is no use in waiting.
    ///
    /// # Errors
    /// Where the system doesn't say how it ended.
    pub fn wait(&mut self, stop: impl Fn() -> bool) -> io::Result<Option<Finished>> {
        loop {
            match self.ended()? {
                None if !stop() => thread::sleep(TICK),
                ended => return Ok(ended),
            }
        }
    }

    /// Sends a signal to the whole process group, and says whether there is
    /// one. There is no safe system call for this in the standard library, but
    /// every system has the shell's.
    #[expect(clippy::disallowed_methods, reason = "this room runs programs")]
    fn signal(&self, name: &str) -> bool {
        let script = format!("kill -{name} -{} 2>/dev/null", self.child.id());
        let sent = Command::new("/bin/sh").arg("-c").arg(script).stdin(Stdio::null()).status();
        sent.is_ok_and(|status| status.success())
    }

    /// Whether the program and all it started are gone.
    fn is_gone(&mut self) -> bool {
        !matches!(self.child.try_wait(), Ok(None)) && !self.signal("0")
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        if !matches!(self.child.try_wait(), Ok(None)) {
            return;
        }
        self.signal("TERM");
        let deadline = Instant::now() + GRACE;
        while Instant::now() < deadline {
            if self.is_gone() {
                return;
            }
            thread::sleep(TICK);
        }
        self.signal("KILL");
        let _ = self.child.wait();
    }
}
