//! What the newcomer reads, and the time to read it.

use std::cell::Cell;
use std::thread;
use std::time::{Duration, Instant};

use colored::{ColoredString, Colorize};

use super::go_on;
use crate::action::visible;
use crate::term::{Failure, Printer};

/// Time to read a character.
const PER_CHARACTER: Duration = Duration::from_millis(22);
/// Longest pause.
const LONGEST: Duration = Duration::from_secs(6);
/// How often an interrupt is looked for.
const TICK: Duration = Duration::from_millis(50);

/// Tells the play on standard output.
pub(super) struct Voice<'a> {
    printer: &'a Printer,
    paced: bool,
    steps: usize,
    unread: Cell<usize>,
}

impl<'a> Voice<'a> {
    pub(super) fn new(printer: &'a Printer, paced: bool, steps: usize) -> Self {
        Self { printer, paced, steps, unread: Cell::new(0) }
    }

    /// What this is.
    pub(super) fn open(&self) -> Result<(), Failure> {
        self.line("saferun demo: real git, a throw-away repository, a gateway of its own.");
        self.line("Nothing of yours is touched; all of it is removed at the end. Ctrl-C stops, `--fast` skips the pauses.");
        self.pause()
    }

    /// A step begins.
    pub(super) fn title(&self, number: usize, title: &str) {
        let title = format!("{number}/{}  {title}", self.steps);
        self.line(&format!("\n{}", self.styled(&title, |text| text.bold())));
    }

    /// What happens and what it means, as lines.
    pub(super) fn tell(&self, lines: &[&str]) -> Result<(), Failure> {
        lines.iter().for_each(|line| self.line(format!("     {line}").trim_end()));
        self.pause()
    }

    /// A command, and who types it.
    pub(super) fn command(&self, who: &str, command: &str) {
        let typed = self.styled(command, |text| text.cyan());
        self.line(&format!("\n   {who} $ {typed}"));
    }

    /// What a program said.
    pub(super) fn output(&self, text: &str) -> Result<(), Failure> {
        for line in visible(text.trim_end()).lines() {
            let bar = self.styled("│", |text| text.dimmed());
            self.line(format!("     {bar} {line}").trim_end());
        }
        self.pause()
    }

    /// A step went as told.
    pub(super) fn done(&self, text: &str) -> Result<(), Failure> {
        self.line(&format!("     {} {text}", self.styled("✓", |text| text.green().bold())));
        self.pause()
    }

    /// The end.
    pub(super) fn close(&self) {
        self.line("\nThat was saferun: every step went as told, and everything is removed again.");
        self.line("Guard a repository of yours: change into it and run `saferun init`; `saferun uninstall` undoes it.");
    }

    fn styled(&self, text: &str, style: impl Fn(&str) -> ColoredString) -> String {
        if self.printer.prints_to_terminal() { style(text).to_string() } else { text.to_owned() }
    }

    fn line(&self, line: &str) {
        self.unread.set(self.unread.get() + line.chars().count());
        self.printer.result(&format!("{line}\n"));
    }

    /// Leaves time to read what was written since the last pause.
    fn pause(&self) -> Result<(), Failure> {
        let unread = u32::try_from(self.unread.replace(0)).unwrap_or(u32::MAX);
        let until = Instant::now() + PER_CHARACTER.saturating_mul(unread).min(LONGEST);
        while self.paced && Instant::now() < until {
            go_on()?;
            thread::sleep(TICK);
        }
        go_on()
    }
}
