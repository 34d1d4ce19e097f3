//! Noticing Ctrl-C and termination, for work that has to clean up behind it.

use std::sync::atomic::{AtomicBool, Ordering};

static INTERRUPTED: AtomicBool = AtomicBool::new(false);

/// From now on Ctrl-C and termination are noted instead of ending the process.
/// Where that can't be had, they end it as ever.
pub fn watch_interrupts() {
    let _ = ctrlc::set_handler(|| INTERRUPTED.store(true, Ordering::SeqCst));
}

/// Whether this process was interrupted since it watches.
#[must_use]
pub fn interrupted() -> bool {
    INTERRUPTED.load(Ordering::SeqCst)
}
