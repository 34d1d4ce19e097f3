//! Shipping to an S3 bucket, one object a delivery, locked where that is asked
//! for: then not even the account that wrote it can remove it.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jiff::{SignedDuration, Timestamp};
use reqwest::Url;
use reqwest::blocking::Client;

use super::webhook::{client, parse_url, place, send};
use super::{Delivery, Destination, ShipError};
use crate::action::Digest;
use crate::net::{Request, Signer, authorization, stamp};

/// Who writes to a bucket.
#[derive(Clone)]
pub struct S3Credentials {
    /// `AWS_ACCESS_KEY_ID`
    pub access_key_id: String,
    /// `AWS_SECRET_ACCESS_KEY`
    pub secret_access_key: String,
    /// `AWS_SESSION_TOKEN`
    pub session_token: Option<String>,
    /// `AWS_REGION`
    pub region: String,
}

/// How objects are locked.
#[derive(Debug, Clone)]
pub struct ObjectLock {
    /// `COMPLIANCE` or `GOVERNANCE`.
    pub mode: String,
    /// For how long.
    pub days: u32,
}

/// A bucket.
pub struct S3Destination {
    /// The bucket's URL, with what all keys begin with.
    base: Url,
    http: Client,
    credentials: S3Credentials,
    lock: Option<ObjectLock>,
}

impl S3Destination {
    /// The bucket at `endpoint`; without one, Amazon's of the region.
    ///
    /// # Errors
    /// Where that makes no URL.
    pub fn new(
        endpoint: Option<&str>,
        bucket: &str,
        prefix: &str,
        credentials: S3Credentials,
        lock: Option<ObjectLock>,
    ) -> Result<Self, ShipError> {
        let amazon = format!("https://s3.{}.amazonaws.com", credentials.region);
        let endpoint = endpoint.unwrap_or(&amazon).trim_end_matches('/');
        let plain = |c: char| c.is_ascii_alphanumeric() || "-_./".contains(c);
        if !format!("{bucket}{prefix}").chars().all(plain) || bucket.is_empty() {
            return Err(ShipError::Refused {
                place: format!("{bucket}/{prefix}"),
                reason: "bucket and prefix have letters, digits and `-_./` only".to_owned(),
            });
        }
        let base = parse_url(&format!("{endpoint}/{bucket}/{prefix}"))?;
        let http = client(&base)?;
        Ok(Self { base, http, credentials, lock })
    }

    fn signer(&self) -> Signer<'_> {
        let S3Credentials { access_key_id: id, secret_access_key: secret, region, .. } =
            &self.credentials;
        Signer { id, secret, region, service: "s3" }
    }

    fn host(&self) -> String {
        let host = self.base.host_str().unwrap_or_default();
        self.base.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"))
    }

    /// Headers to sign, sorted by name.
    fn headers(&self, payload: Digest, now: Timestamp) -> Vec<(&'static str, String)> {
        let mut headers = vec![
            ("content-type", "application/x-ndjson".to_owned()),
            ("host", self.host()),
            ("x-amz-checksum-sha256", STANDARD.encode(payload.as_bytes())),
            ("x-amz-content-sha256", payload.to_string()),
            ("x-amz-date", stamp(now)),
        ];
        if let Some(lock) = &self.lock {
            let kept = SignedDuration::from_hours(24 * i64::from(lock.days));
            let until = now.checked_add(kept).unwrap_or(Timestamp::MAX);
            let until = until.strftime("%Y-%m-%dT%H:%M:%SZ").to_string();
            headers.push(("x-amz-object-lock-mode", lock.mode.clone()));
            headers.push(("x-amz-object-lock-retain-until-date", until));
        }
        headers.extend(
            self.credentials
                .session_token
                .iter()
                .map(|token| ("x-amz-security-token", token.clone())),
        );
        headers
    }
}

impl Destination for S3Destination {
    fn place(&self) -> String {
        place(&self.base)
    }

    fn deliver(&mut self, delivery: &Delivery) -> Result<(), ShipError> {
        let mut url = self.base.clone();
        let name = format!("{:012}-{:012}.jsonl", delivery.first, delivery.last);
        url.set_path(&format!("{}{name}", url.path()));
        let payload = Digest::of(&delivery.lines);
        let now = Timestamp::now();
        let headers = self.headers(payload, now);
        let signed = Request {
            method: "PUT",
            path: url.path(),
            headers: &headers,
            payload,
            at: &stamp(now),
        };
        let mut request = self
            .http
            .put(url.clone())
            .header("authorization", authorization(&signed, &self.signer()));
        for (name, value) in headers.iter().filter(|(name, _)| *name != "host") {
            request = request.header(*name, value);
        }
        send(request.body(delivery.lines.clone()), &self.place())
    }
}
