//! Owns standard output and standard error.

use std::io::{self, IsTerminal, Write};

use colored::{ColoredString, Colorize};

use super::Failure;

/// How much is said.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// Results and failures only: what else would be said, others say.
    Silent,
    /// Errors only.
    Quiet,
    /// What a person needs.
    Normal,
    /// Also how it came about.
    Verbose,
}

/// The one way to the terminal. Results go to standard output, talk to
/// standard error; colour only on a terminal and never with `NO_COLOR`.
#[derive(Debug, Clone)]
pub struct Printer {
    level: Level,
    stdout_terminal: bool,
    stderr_terminal: bool,
}

impl Printer {
    /// A printer for this process; `color` is false with `NO_COLOR`.
    #[must_use]
    pub fn new(level: Level, color: bool) -> Self {
        let printer = Self {
            level,
            stdout_terminal: io::stdout().is_terminal(),
            stderr_terminal: io::stderr().is_terminal(),
        };
        colored::control::set_override(color && printer.stderr_terminal);
        printer
    }

    /// Whether standard error is a terminal.
    #[must_use]
    pub fn talks_to_terminal(&self) -> bool {
        self.stderr_terminal
    }

    /// Whether standard output is a terminal.
    #[must_use]
    pub fn prints_to_terminal(&self) -> bool {
        self.stdout_terminal
    }

    /// Writes a result to standard output exactly as it is. A reader that went
    /// away is no error.
    pub fn result(&self, text: &str) {
        self.result_bytes(text.as_bytes());
    }

    /// [`Printer::result`] for bytes.
    pub fn result_bytes(&self, bytes: &[u8]) {
        let mut out = io::stdout().lock();
        let _ = out.write_all(bytes).and_then(|()| out.flush());
    }

    /// Says a line on standard error.
    pub fn say(&self, line: &str) {
        if self.level >= Level::Normal {
            self.stderr_line(line);
        }
    }

    /// Says a line only when asked to be verbose.
    pub fn detail(&self, line: &str) {
        if self.level >= Level::Verbose {
            self.stderr_line(&line.dimmed().to_string());
        }
    }

    /// Warns on standard error.
    pub fn warn(&self, line: &str) {
        if self.level >= Level::Normal {
            self.stderr_line(&format!("{} {line}", "warning:".yellow().bold()));
        }
    }

    /// Says what failed, why, and what to do next.
    pub fn failure(&self, failure: &Failure) {
        self.stderr_line(&format!("{} {}", "error:".red().bold(), failure.message));
        for cause in &failure.causes {
            self.stderr_line(&format!("  {cause}"));
        }
        if let Some(hint) = &failure.hint {
            self.stderr_line(&format!("\n{} {hint}", "hint:".green().bold()));
        }
    }

    /// Says a line at any level but [`Level::Silent`]: what blocks, and why.
    pub fn alert(&self, line: &str) {
        if self.level > Level::Silent {
            self.stderr_line(line);
        }
    }

    /// Green, for success and commands.
    #[must_use]
    pub fn command(&self, text: &str) -> ColoredString {
        text.green()
    }

    /// Cyan, for paths and literals.
    #[must_use]
    pub fn literal(&self, text: &str) -> ColoredString {
        text.cyan()
    }

    fn stderr_line(&self, line: &str) {
        let mut err = io::stderr().lock();
        let _ = err.write_all(line.as_bytes()).and_then(|()| err.write_all(b"\n"));
    }
}
