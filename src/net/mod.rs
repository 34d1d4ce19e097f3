//! The one way an HTTP client is made: no redirects, no proxy to this machine.
//!
//! In: where it is to talk to. Out: a client. Never here: what is said.

mod signature;

use std::error::Error;
use std::net::IpAddr;
use std::sync::Once;
use std::time::Duration;

use reqwest::Url;
use reqwest::blocking::Client;

pub use signature::{Request, Signer, authorization, hex, hmac, stamp};

/// How long a server may take to accept a connection.
const CONNECT: Duration = Duration::from_secs(3);

/// A client for `url` and what is below it.
///
/// # Errors
/// Where the system's certificates can't be used.
pub fn client(url: &Url) -> reqwest::Result<Client> {
    static PROVIDER: Once = Once::new();
    PROVIDER.call_once(|| {
        let _ = rustls::crypto::ring::default_provider().install_default();
    });
    let mut builder = Client::builder()
        .connect_timeout(CONNECT)
        .redirect(reqwest::redirect::Policy::none())
        .user_agent(concat!("saferun/", env!("CARGO_PKG_VERSION")));
    if url.scheme() != "https" {
        // No certificates to check: spares reading the system's roots.
        builder = builder.tls_certs_only([]);
    }
    if url.host_str().is_some_and(is_loopback) {
        builder = builder.no_proxy();
    }
    builder.build()
}

/// Whether a host is this machine.
#[must_use]
pub fn is_loopback(host: &str) -> bool {
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    bare == "localhost" || bare.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

/// The cause that says most, such as `Connection refused`.
#[must_use]
pub fn innermost(error: &dyn Error) -> String {
    error.source().map_or_else(|| error.to_string(), innermost)
}
