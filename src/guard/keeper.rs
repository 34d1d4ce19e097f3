//! A gateway that keeps what machines share.

use std::io;

use jiff::Timestamp;

use super::window_store::WindowStore;
use crate::action::{Digest, Usage};
use crate::approval::{GatewayClient, RemoteError};
use crate::identity::NonceStore;
use crate::policy::{Demand, Limits};

/// Windows and used tickets at a gateway, by its clock. It is spoken to when
/// something is to be counted or used, not before; where it doesn't answer,
/// nothing is decided.
pub struct GatewayKeeper {
    url: String,
    key: String,
}

impl GatewayKeeper {
    /// The gateway at `url`, with a key that may request.
    #[must_use]
    pub fn new(url: String, key: String) -> Self {
        Self { url, key }
    }

    fn ask<T>(
        &self,
        question: impl FnOnce(&GatewayClient) -> Result<T, RemoteError>,
    ) -> io::Result<T> {
        let client = GatewayClient::new(&self.url, &self.key);
        client.and_then(|client| question(&client)).map_err(io::Error::other)
    }
}

impl WindowStore for GatewayKeeper {
    fn count(&self, demand: &Demand, limits: &Limits) -> io::Result<Usage> {
        self.ask(|gateway| gateway.usage(demand, limits, None))
    }

    fn look(&self, demand: &Demand, limits: &Limits, at: Timestamp) -> io::Result<Usage> {
        self.ask(|gateway| gateway.usage(demand, limits, Some(at)))
    }
}

impl NonceStore for GatewayKeeper {
    fn take(&self, nonce: &str, expires_at: Timestamp, _now: Timestamp) -> io::Result<bool> {
        self.ask(|gateway| gateway.use_ticket(&Digest::of(nonce.as_bytes()), expires_at))
    }
}
