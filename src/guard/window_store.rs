//! Where it is kept what callers did lately.

use std::io;
use std::sync::{Mutex, PoisonError};

use crate::config::SharedState;
use crate::policy::Windows;

/// Keeps the windows of all callers, for one process or many.
pub trait WindowStore: Send + Sync {
    /// Changes the windows while nobody else can, and keeps the change.
    ///
    /// # Errors
    /// Where they can't be read or kept; then nothing is decided.
    fn change(&self, act: &mut dyn FnMut(&mut Windows)) -> io::Result<()>;
}

/// For one process: a restart forgets.
#[derive(Debug, Default)]
pub struct MemoryWindows(Mutex<Windows>);

impl WindowStore for MemoryWindows {
    fn change(&self, act: &mut dyn FnMut(&mut Windows)) -> io::Result<()> {
        act(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner));
        Ok(())
    }
}

/// In a file: survives restarts, and is shared by processes.
impl WindowStore for SharedState {
    fn change(&self, act: &mut dyn FnMut(&mut Windows)) -> io::Result<()> {
        Self::change(self, |windows: &mut Windows| act(windows))
    }
}
