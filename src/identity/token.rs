//! Signed tokens: JSON Web Tokens (RFC 7519) in the compact form of RFC 7515,
//! with exactly the algorithms of our keys. What is refused here is refused
//! for everything that is built on tokens.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::Timestamp;
use serde_json::{Map, Value, json};

use super::strict_json;
use super::{Algorithm, KeySet};

/// Longest token that is looked at, in bytes.
pub const LONGEST_TOKEN: usize = 16 * 1024;

/// What a token says.
pub type Claims = Map<String, Value>;

/// Why a token doesn't count. The sentences are those that PyJWT has, and so
/// Agent-Safe's users know; none quotes the token.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TokenError {
    /// It is too long.
    #[error("Token has more than {LONGEST_TOKEN} bytes")]
    TooLong,
    /// It has fewer than three parts.
    #[error("Not enough segments")]
    TooFewSegments,
    /// It has more than three parts.
    #[error("Too many segments")]
    TooManySegments,
    /// A part is not base64url.
    #[error("Invalid {0} padding")]
    Padding(&'static str),
    /// The header is no header.
    #[error("Invalid header string: {0}")]
    Header(String),
    /// The header names no algorithm.
    #[error("Algorithm not specified")]
    NoAlgorithm,
    /// The header's algorithm is not one of our keys'.
    #[error("The specified alg value is not allowed")]
    Algorithm,
    /// The header's `kid` is none of our keys'.
    #[error("The key that the token names is unknown")]
    UnknownKey,
    /// The signature is wrong.
    #[error("Signature verification failed")]
    Signature,
    /// The claims are not an object, or one stands twice.
    #[error("Invalid payload string: {0}")]
    Payload(String),
    /// A claim that must be there isn't.
    #[error("Token is missing the \"{0}\" claim")]
    Missing(&'static str),
    /// A claim has the wrong type.
    #[error("{0}")]
    WrongType(&'static str),
    /// It is from the future.
    #[error("The token is not yet valid ({0})")]
    NotYetValid(&'static str),
    /// It is over.
    #[error("Signature has expired")]
    Expired,
    /// Somebody else made it.
    #[error("Invalid issuer")]
    Issuer,
    /// It is for somebody else.
    #[error("{0}")]
    Audience(&'static str),
    /// The key can't sign.
    #[error("the key is a public half and can't sign")]
    CannotSign,
}

/// Whose tokens count, and for whom new ones are made.
#[derive(Debug, Clone)]
pub struct Authority {
    keys: KeySet,
    issuer: Option<String>,
    audience: Option<String>,
}

impl Authority {
    /// Everything signed by these keys, from their usual issuer, for nobody in
    /// particular.
    #[must_use]
    pub fn new(keys: KeySet) -> Self {
        Self { keys, issuer: None, audience: None }
    }

    /// Names the issuer. Unless named, it is `agent-safe` for a shared secret,
    /// as in Agent-Safe, and `saferun` for Ed25519 keys.
    #[must_use]
    pub fn issued_by(mut self, issuer: Option<String>) -> Self {
        self.issuer = issuer;
        self
    }

    /// Names the audience. Unless named, a token that has one doesn't count.
    #[must_use]
    pub fn meant_for(mut self, audience: Option<String>) -> Self {
        self.audience = audience;
        self
    }

    /// The same without what signs; none where all keys are shared secrets.
    #[must_use]
    pub fn verifying_only(self) -> Option<Self> {
        let keys = self.keys.public()?;
        Some(Self { keys, ..self })
    }

    /// The keys.
    #[must_use]
    pub fn keys(&self) -> &KeySet {
        &self.keys
    }

    /// Signs claims; the issuer, the time and the audience are put in.
    ///
    /// # Errors
    /// Where the key can't sign, or the token gets too long.
    pub(super) fn sign(
        &self,
        mut claims: Claims,
        now: Timestamp,
        expires_at: Timestamp,
    ) -> Result<String, TokenError> {
        let key = self.keys.signer();
        claims.insert("iss".into(), json!(self.issuer_of(key.algorithm())));
        claims.insert("iat".into(), json!(now.as_second()));
        claims.insert("exp".into(), json!(expires_at.as_second()));
        if let Some(audience) = &self.audience {
            claims.insert("aud".into(), json!(audience));
        }
        let mut header = json!({"alg": key.algorithm().as_str(), "typ": "JWT"});
        if let Some(id) = key.id() {
            header["kid"] = json!(id);
        }
        let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
        let signed = format!("{}.{}", part(&header), part(&Value::Object(claims)));
        let signature = key.sign(signed.as_bytes()).ok_or(TokenError::CannotSign)?;
        let token = format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature));
        if token.len() > LONGEST_TOKEN { Err(TokenError::TooLong) } else { Ok(token) }
    }

    /// The claims of a token that counts at `now`, `required` ones among them.
    ///
    /// # Errors
    /// The first thing that is wrong: form, signature, claims, in this order.
    pub(super) fn verify(
        &self,
        token: &str,
        required: &[&'static str],
        now: Timestamp,
    ) -> Result<Claims, TokenError> {
        let (algorithm, payload) = self.signed_payload(token)?;
        let claims = strict_json::object(&payload)
            .map_err(|error| TokenError::Payload(what_is_wrong(&error)))?;
        let present = |name: &str| claims.get(name).is_some_and(|value| !value.is_null());
        if let Some(name) = required.iter().find(|name| !present(name)) {
            return Err(TokenError::Missing(name));
        }
        in_time(&claims, now)?;
        if claims.get("iss").and_then(Value::as_str) != Some(self.issuer_of(algorithm)) {
            return Err(TokenError::Issuer);
        }
        self.check_audience(claims.get("aud"))?;
        for (name, wrong) in
            [("sub", "Subject must be a string"), ("jti", "JWT ID must be a string")]
        {
            if claims.get(name).is_some_and(|value| !value.is_string()) {
                return Err(TokenError::WrongType(wrong));
            }
        }
        Ok(claims)
    }

    /// The payload of a token whose signature is right, and by which algorithm.
    fn signed_payload(&self, token: &str) -> Result<(Algorithm, Vec<u8>), TokenError> {
        if token.len() > LONGEST_TOKEN {
            return Err(TokenError::TooLong);
        }
        let mut parts = token.split('.');
        let (Some(header), Some(payload), Some(signature)) =
            (parts.next(), parts.next(), parts.next())
        else {
            return Err(TokenError::TooFewSegments);
        };
        if parts.next().is_some() {
            return Err(TokenError::TooManySegments);
        }
        let signed = token.len() - signature.len() - 1;
        let part =
            |text: &str, name| URL_SAFE_NO_PAD.decode(text).map_err(|_| TokenError::Padding(name));
        let header = part(header, "header")?;
        let header = strict_json::object(&header)
            .map_err(|error| TokenError::Header(what_is_wrong(&error)))?;
        let (payload, signature) = (part(payload, "payload")?, part(signature, "crypto")?);
        let (algorithm, id) = read_header(&header)?;
        if !self.keys.keys().iter().any(|key| key.algorithm() == algorithm) {
            return Err(TokenError::Algorithm);
        }
        let mut candidates = self.keys.candidates(algorithm, id).peekable();
        if candidates.peek().is_none() {
            return Err(TokenError::UnknownKey);
        }
        let message = token.as_bytes().get(..signed).unwrap_or_default();
        if candidates.any(|key| key.verify(message, &signature)) {
            return Ok((algorithm, payload));
        }
        Err(TokenError::Signature)
    }

    fn issuer_of(&self, algorithm: Algorithm) -> &str {
        self.issuer.as_deref().unwrap_or(match algorithm {
            Algorithm::Hs256 => "agent-safe",
            Algorithm::EdDsa => "saferun",
        })
    }

    fn check_audience(&self, claim: Option<&Value>) -> Result<(), TokenError> {
        let named = |name: &Value, wanted: &str| match name {
            Value::Array(names) => names.iter().any(|name| name == wanted),
            name => name == wanted,
        };
        match (&self.audience, claim.filter(|claim| !is_empty(claim))) {
            (None, None) => Ok(()),
            (None, Some(_)) => Err(TokenError::Audience("Invalid audience")),
            (Some(_), None) => Err(TokenError::Missing("aud")),
            (Some(wanted), Some(claim)) if named(claim, wanted) => Ok(()),
            _ => Err(TokenError::Audience("Audience doesn't match")),
        }
    }
}

fn is_empty(claim: &Value) -> bool {
    claim.is_null() || *claim == "" || claim.as_array().is_some_and(Vec::is_empty)
}

/// What is wrong with a text that should be a JSON object, without the text.
fn what_is_wrong(error: &serde_json::Error) -> String {
    if error.is_data() { error.to_string() } else { "it is not JSON".to_owned() }
}

/// Algorithm and key id of a header. Extensions that we don't know must not be
/// passed over (RFC 7515, `crit`).
fn read_header(header: &Claims) -> Result<(Algorithm, Option<&str>), TokenError> {
    if header.contains_key("crit") || header.contains_key("b64") {
        return Err(TokenError::Header("extensions are not supported".into()));
    }
    let algorithm = match header.get("alg").map(Value::as_str) {
        None => return Err(TokenError::NoAlgorithm),
        Some(Some("HS256")) => Algorithm::Hs256,
        Some(Some("EdDSA")) => Algorithm::EdDsa,
        Some(_) => return Err(TokenError::Algorithm),
    };
    match header.get("kid") {
        None => Ok((algorithm, None)),
        Some(Value::String(id)) => Ok((algorithm, Some(id))),
        Some(_) => Err(TokenError::Header("Key ID header parameter must be a string".into())),
    }
}

/// Whether the claims of time hold; one that isn't there holds.
fn in_time(claims: &Claims, now: Timestamp) -> Result<(), TokenError> {
    let now = now.as_second();
    let read = |name: &str, wrong| match claims.get(name) {
        None | Some(Value::Null) => Ok(None),
        Some(value) => seconds(value).map(Some).ok_or(TokenError::WrongType(wrong)),
    };
    if read("iat", "Issued At claim (iat) must be an integer.")?.is_some_and(|at| at > now) {
        return Err(TokenError::NotYetValid("iat"));
    }
    if read("nbf", "Not Before claim (nbf) must be an integer.")?.is_some_and(|at| at > now) {
        return Err(TokenError::NotYetValid("nbf"));
    }
    if read("exp", "Expiration Time claim (exp) must be an integer.")?.is_some_and(|at| at <= now) {
        return Err(TokenError::Expired);
    }
    Ok(())
}

/// A number of seconds since 1970, of which a fraction is cut off.
fn seconds(value: &Value) -> Option<i64> {
    let whole = value.as_i64().or_else(|| {
        #[expect(clippy::cast_possible_truncation, reason = "what doesn't fit is no time below")]
        value.as_f64().map(|seconds| seconds as i64)
    })?;
    Timestamp::from_second(whole).is_ok().then_some(whole)
}

/// The time of a claim that [`Authority::verify`] looked at.
pub(super) fn time(claims: &Claims, name: &'static str) -> Result<Timestamp, TokenError> {
    let value = claims.get(name).ok_or(TokenError::Missing(name))?;
    let wrong = TokenError::WrongType("a time is out of range");
    seconds(value).and_then(|at| Timestamp::from_second(at).ok()).ok_or(wrong)
}
