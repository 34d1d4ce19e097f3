//! Progress of work over a second, on standard error and only on a terminal.

use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::Printer;

/// A bar (known total) or a spinner (unknown).
#[derive(Debug)]
pub struct Progress {
    bar: ProgressBar,
}

impl Progress {
    /// A bar over `total` steps; `label` says what is counted.
    #[must_use]
    pub fn bar(printer: &Printer, total: u64, label: &'static str) -> Self {
        let bar = ProgressBar::with_draw_target(Some(total), target(printer));
        bar.set_style(style("{msg} {bar:30} {pos}/{len} {per_sec} {eta} left"));
        bar.set_message(label);
        Self { bar }
    }

    /// A spinner whose message can change.
    #[must_use]
    pub fn spinner(printer: &Printer, message: String) -> Self {
        let bar = ProgressBar::with_draw_target(None, target(printer));
        bar.set_style(style("{spinner} {msg}"));
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
