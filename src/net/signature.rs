//! AWS Signature Version 4, for requests without a query, and the HMAC it is
//! made of.

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use crate::action::Digest;

/// HMAC-SHA256.
#[must_use]
pub fn hmac(key: &[u8], data: &[u8]) -> [u8; 32] {
    // A key of any length will do.
    Hmac::<Sha256>::new_from_slice(key)
        .map(|mac| mac.chain_update(data).finalize().into_bytes().into())
        .unwrap_or_default()
}

/// Hexadecimal digits.
#[must_use]
pub fn hex(bytes: &[u8; 32]) -> String {
    Digest::from_bytes(*bytes).to_string()
}

/// Who signs, and where it counts.
pub struct Signer<'a> {
    /// Id of the access key.
    pub id: &'a str,
    /// The key.
    pub secret: &'a str,
    /// `us-east-1`.
    pub region: &'a str,
    /// `s3`.
    pub service: &'a str,
}

/// What is signed of a request.
pub struct Request<'a> {
    /// `GET`.
    pub method: &'a str,
    /// Encoded as it is sent.
    pub path: &'a str,
    /// Names in lower case, sorted; `host` and `x-amz-date` among them.
    pub headers: &'a [(&'a str, String)],
    /// SHA-256 of the body.
    pub payload: Digest,
    /// `20130524T000000Z`.
    pub at: &'a str,
}

/// The value of the `authorization` header.
#[must_use]
pub fn authorization(request: &Request<'_>, signer: &Signer<'_>) -> String {
    let names: Vec<&str> = request.headers.iter().map(|(name, _)| *name).collect();
    let names = names.join(";");
    let headers: String =
        request.headers.iter().map(|(name, value)| format!("{name}:{}\n", value.trim())).collect();
    let Request { method, path, payload, at, .. } = request;
    let Signer { id, secret, region, service } = signer;
    let canonical = format!("{method}\n{path}\n\n{headers}\n{names}\n{payload}");
    let day = at.get(..8).unwrap_or(at);
    let scope = format!("{day}/{region}/{service}/aws4_request");
    let digest = Digest::of(canonical.as_bytes());
    let to_sign = format!("AWS4-HMAC-SHA256\n{at}\n{scope}\n{digest}");
    let start = format!("AWS4{secret}");
    let parts = [day, region, service, "aws4_request", &to_sign];
    let key = parts.iter().fold(start.into_bytes(), |key, part| hmac(&key, part.as_bytes()).into());
    let signature: String = key.iter().map(|byte| format!("{byte:02x}")).collect();
    format!("AWS4-HMAC-SHA256 Credential={id}/{scope},SignedHeaders={names},Signature={signature}")
}

/// A moment as requests have it.
#[must_use]
pub fn stamp(at: jiff::Timestamp) -> String {
    at.strftime("%Y%m%dT%H%M%SZ").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example of Amazon's documentation, "GET Object".
    #[test]
    fn the_signature_is_that_of_the_documentation() {
        let id = ["AKIA", "IOSFODNN7", "EXAMPLE"].concat();
        let secret = ["wJalrXUtnFEMI", "/K7MDENG/", "bPxRfiCYEXAMPLEKEY"].concat(); // saferun:allow: AWS's documented example
        let signer = Signer { id: &id, secret: &secret, region: "us-east-1", service: "s3" };
        let payload = Digest::of(&[]);
        let headers = [
            ("host", "examplebucket.s3.amazonaws.com".to_owned()),
            ("range", "bytes=0-9".to_owned()),
            ("x-amz-content-sha256", payload.to_string()),
            ("x-amz-date", "20130524T000000Z".to_owned()),
        ];
        let request = Request {
            method: "GET",
            path: "/test.txt",
            headers: &headers,
            payload,
            at: "20130524T000000Z",
        };
        let header = authorization(&request, &signer);
        let expected = "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41";
        assert!(header.ends_with(&format!("Signature={expected}")), "{header}");
    }
}
