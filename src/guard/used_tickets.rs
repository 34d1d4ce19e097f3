//! Where it is kept which tickets were used, when a gateway keeps it.

use std::io;

use jiff::Timestamp;

use crate::action::Digest;
use crate::approval::GatewayClient;
use crate::identity::NonceStore;

/// At a gateway: a ticket is good once for all machines that use it.
impl NonceStore for GatewayClient {
    fn take(&self, nonce: &str, expires_at: Timestamp, _now: Timestamp) -> io::Result<bool> {
        self.use_ticket(&Digest::of(nonce.as_bytes()), expires_at).map_err(io::Error::other)
    }
}
