//! What every request handler shares.

use std::ops::Deref;
use std::sync::Arc;

use tokio::sync::watch;

use super::hosts::Hosts;
use super::store::Store;

/// Shared by every request; cheap to clone.
#[derive(Clone)]
pub(super) struct App(Arc<Shared>);

/// What is shared.
pub(super) struct Shared {
    /// The memory.
    pub(super) store: Box<dyn Store>,
    /// Names that this gateway answers to.
    pub(super) hosts: Hosts,
    /// Becomes true when the gateway stops; who waits then answers at once.
    pub(super) stopping: watch::Receiver<bool>,
}

impl App {
    pub(super) fn new(shared: Shared) -> Self {
        Self(Arc::new(shared))
    }
}

impl Deref for App {
    type Target = Shared;

    fn deref(&self) -> &Shared {
        &self.0
    }
}
