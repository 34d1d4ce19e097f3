//! Work that must end in time, and must not take the process with it.

use std::panic;
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::Duration;

/// Name of the thread that works.
const WORKER: &str = "judge";
/// Its stack, in bytes: parsing recurses.
const STACK: usize = 32 << 20;

/// Why there is no result.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Late {
    /// It took too long.
    Time,
    /// It failed.
    Failed,
}

impl Late {
    /// In words.
    #[must_use]
    pub fn why(self) -> &'static str {
        match self {
            Self::Time => "it could not be judged in time",
            Self::Failed => "judging it failed, which is a fault in saferun",
        }
    }
}

/// What `work` returns, unless it takes longer than `limit` or panics. A panic
/// would end the process with a status that agents take for leave, so the
/// worker that panics stays where it is.
///
/// # Errors
/// Why there is no result.
pub fn run<T: Send + 'static>(
    limit: Duration,
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, Late> {
    let (sender, results) = mpsc::channel();
    let failed = sender.clone();
    let before = panic::take_hook();
    panic::set_hook(Box::new(move |info| {
        if thread::current().name() != Some(WORKER) {
            return before(info);
        }
        let _ = failed.send(Err(Late::Failed));
        loop {
            thread::park();
        }
    }));
    let worker = thread::Builder::new().name(WORKER.to_owned()).stack_size(STACK);
    if worker.spawn(move || drop(sender.send(Ok(work())))).is_err() {
        return Err(Late::Failed);
    }
    results.recv_timeout(limit).unwrap_or_else(|error| {
        Err(if error == RecvTimeoutError::Timeout { Late::Time } else { Late::Failed })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn late_work_has_no_result() {
        let second = Duration::from_secs(5);
        assert_eq!(run(second, || 1), Ok(1));
        assert_eq!(
            run(Duration::from_millis(20), || thread::sleep(Duration::from_secs(60))),
            Err(Late::Time)
        );
    }
}
