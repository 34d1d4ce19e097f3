//! Progress of work over a second, on standard error and only on a terminal.

use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::Printer;

/// A spinner for work whose end isn't known.
#[derive(Debug)]
pub struct Progress {
    bar: ProgressBar,
}

impl Progress {
    /// A spinner that also shows how many steps are done, and how fast.
    #[must_use]
    pub fn counter(printer: &Printer, message: String) -> Self {
        Self::new(printer, message, "{spinner} {msg} {human_pos} {per_sec}")
    }

    /// A spinner whose message can change.
    #[must_use]
    pub fn spinner(printer: &Printer, message: String) -> Self {
        Self::new(printer, message, "{spinner} {msg}")
    }

    fn new(printer: &Printer, message: String, template: &str) -> Self {
        let bar = ProgressBar::with_draw_target(None, target(printer));
        bar.set_style(style(template));
        bar.set_message(message);
        bar.enable_steady_tick(Duration::from_millis(120));
        Self { bar }
    }

    /// Changes the message.
    pub fn message(&self, message: String) {
        self.bar.set_message(message);
    }

    /// Counts `steps` more as done.
    pub fn advance(&self, steps: u64) {
        self.bar.inc(steps);
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}

fn target(printer: &Printer) -> ProgressDrawTarget {
    if printer.talks_to_terminal() {
        ProgressDrawTarget::stderr_with_hz(8)
    } else {
        ProgressDrawTarget::hidden()
    }
}

fn style(template: &str) -> ProgressStyle {
    ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_spinner())
}
