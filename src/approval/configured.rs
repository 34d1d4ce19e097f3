//! The gateway that the settings and the credentials name.

use std::sync::Arc;

use super::Remote;
use crate::action::CallerKind;
use crate::config::Settings;

/// The gateway to ask, where one is configured. A key goes only to the gateway
/// that it was stored for: a repository's file can't send it elsewhere.
#[cfg(feature = "client")]
#[must_use]
pub fn gateway(settings: &Settings, caller: CallerKind) -> Option<Arc<dyn Remote>> {
    use super::GatewayClient;
    use crate::config::credentials::Credentials;

    let credentials = Credentials::of(caller).unwrap_or_default();
    let url = credentials.gateway_url.clone().or_else(|| settings.gateway_url.value.clone())?;
    let key =
        credentials.request_key.filter(|_| credentials.gateway_url.is_some()).unwrap_or_default();
    Some(Arc::new(GatewayClient::new(&url, &key).ok()?))
}

/// None: this build has no HTTP client.
#[cfg(not(feature = "client"))]
#[must_use]
pub fn gateway(_settings: &Settings, _caller: CallerKind) -> Option<Arc<dyn Remote>> {
    None
}
