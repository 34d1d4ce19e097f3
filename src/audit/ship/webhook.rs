//! Shipping to a webhook: JSON lines, signed with a shared secret over the time
//! and the body, so that nobody can send an old delivery again.

use std::time::Duration;

use jiff::Timestamp;
use reqwest::Url;
use reqwest::blocking::{Client, RequestBuilder};

use super::{Delivery, Destination, ShipError};
use crate::net;

/// How long a server may take to answer.
const ANSWER: Duration = Duration::from_secs(30);

/// A server that takes events.
pub struct WebhookDestination {
    url: Url,
    http: Client,
    secret: String,
}

impl WebhookDestination {
    /// The server at `url`, which knows `secret`.
    ///
    /// # Errors
    /// Where there is no such URL.
    pub fn new(url: &str, secret: String) -> Result<Self, ShipError> {
        let url = parse_url(url)?;
        let http = client(&url)?;
        Ok(Self { url, http, secret })
    }
}

impl Destination for WebhookDestination {
    fn place(&self) -> String {
        place(&self.url)
    }

    fn deliver(&mut self, delivery: &Delivery) -> Result<(), ShipError> {
        let at = Timestamp::now().as_second().to_string();
        let signed = [at.as_bytes(), b".", &delivery.lines].concat();
        let signature = net::hex(&net::hmac(self.secret.as_bytes(), &signed));
        let request = self
            .http
            .post(self.url.clone())
            .header("content-type", "application/x-ndjson")
            .header("x-saferun-timestamp", at)
            .header("x-saferun-signature", format!("sha256={signature}"))
            .header("x-saferun-events", format!("{}-{}", delivery.first, delivery.last))
            .body(delivery.lines.clone());
        send(request, &self.place())
    }
}

/// Sends, and waits for a status that says it arrived. Servers that are away,
/// failing, busy or asking for patience can be asked again.
pub(super) fn send(request: RequestBuilder, place: &str) -> Result<(), ShipError> {
    let place = place.to_owned();
    let answer = match request.timeout(ANSWER).send() {
        Ok(answer) => answer,
        Err(error) => {
            let reason = net::innermost(&error.without_url());
            return Err(ShipError::Later { place, reason });
        }
    };
    let status = answer.status();
    let reason = format!("it answered {status}");
    match status.as_u16() {
        200..=299 => Ok(()),
        408 | 425 | 429 | 500..=599 => Err(ShipError::Later { place, reason }),
        _ => Err(ShipError::Refused { place, reason }),
    }
}

pub(super) fn parse_url(text: &str) -> Result<Url, ShipError> {
    let url = Url::parse(text).ok();
    let fits = |url: &Url| matches!(url.scheme(), "http" | "https") && url.host_str().is_some();
    url.filter(fits).ok_or_else(|| ShipError::Refused {
        place: text.to_owned(),
        reason: "it is not an `http` or `https` URL".to_owned(),
    })
}

pub(super) fn client(url: &Url) -> Result<Client, ShipError> {
    let refused = |error: reqwest::Error| ShipError::Refused {
        place: place(url),
        reason: net::innermost(&error),
    };
    net::client(url).map_err(refused)
}

/// The URL without what may be secret in it.
pub(super) fn place(url: &Url) -> String {
    let mut url = url.clone();
    url.set_query(None);
    let _ = url.set_username("");
    let _ = url.set_password(None);
    url.to_string()
}
