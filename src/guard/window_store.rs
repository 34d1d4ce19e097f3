//! Where it is kept what callers did lately.

use std::io;
use std::sync::{Mutex, PoisonError};

use jiff::Timestamp;

use crate::action::Usage;
#[cfg(feature = "client")]
use crate::approval::GatewayClient;
use crate::config::SharedState;
use crate::policy::{Demand, Limits, Windows};

/// Keeps the windows of all callers, for one process or many.
pub trait WindowStore: Send + Sync {
    /// What counts for a demand now; then counts the demand itself, while
    /// nobody else can.
    ///
    /// # Errors
    /// Where the windows can't be read or kept; then nothing is decided.
    fn count(&self, demand: &Demand, limits: &Limits) -> io::Result<Usage>;

    /// What would count for a demand at another time. Nothing changes.
    ///
    /// # Errors
    /// Where the windows can't be read; then nothing is decided.
    fn look(&self, demand: &Demand, limits: &Limits, at: Timestamp) -> io::Result<Usage>;
}

/// For one process: a restart forgets.
#[derive(Debug, Default)]
pub struct MemoryWindows(Mutex<Windows>);

impl WindowStore for MemoryWindows {
    fn count(&self, demand: &Demand, limits: &Limits) -> io::Result<Usage> {
        let mut windows = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        Ok(windows.count(demand, limits, Timestamp::now(), Usage::default()))
    }

    fn look(&self, demand: &Demand, limits: &Limits, at: Timestamp) -> io::Result<Usage> {
        let mut copy = self.0.lock().unwrap_or_else(PoisonError::into_inner).clone();
        Ok(copy.count(demand, limits, at, Usage::default()))
    }
}

/// In a file: survives restarts, and is shared by processes.
impl WindowStore for SharedState {
    fn count(&self, demand: &Demand, limits: &Limits) -> io::Result<Usage> {
        self.change(|windows: &mut Windows| {
            windows.count(demand, limits, Timestamp::now(), Usage::default())
        })
    }

    fn look(&self, demand: &Demand, limits: &Limits, at: Timestamp) -> io::Result<Usage> {
        let mut copy: Windows = self.read()?;
        Ok(copy.count(demand, limits, at, Usage::default()))
    }
}

/// At a gateway: shared by machines, and counted by its clock.
#[cfg(feature = "client")]
impl WindowStore for GatewayClient {
    fn count(&self, demand: &Demand, limits: &Limits) -> io::Result<Usage> {
        self.usage(demand, limits, None).map_err(io::Error::other)
    }

    fn look(&self, demand: &Demand, limits: &Limits, at: Timestamp) -> io::Result<Usage> {
        self.usage(demand, limits, Some(at)).map_err(io::Error::other)
    }
}
