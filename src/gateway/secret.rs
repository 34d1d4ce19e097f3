//! Random identifiers, and secrets of which only a hash is kept.

use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq;

/// Crockford's base 32, lower case: no `i`, `l`, `o`, `u`.
const ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";
/// Characters of a key's public identifier (50 bits).
const KEY_ID_LENGTH: usize = 10;
/// Characters of a secret (260 bits).
const SECRET_LENGTH: usize = 52;
/// Characters of an approval's identifier after `apr-` (130 bits).
const APPROVAL_ID_LENGTH: usize = 26;

/// The operating system gave no random bytes.
#[derive(Debug, thiserror::Error)]
#[error("the operating system gives no random bytes")]
pub struct NoRandomness;

/// SHA-256 of a secret; what the store keeps. A secret has 260 random bits, so
/// no slow hash is needed.
pub type SecretHash = [u8; 32];

/// A new API key `sr_<id>_<secret>`; shown once.
#[derive(Clone)]
pub struct FreshKey {
    /// Public part, by which the key is looked up.
    pub id: String,
    /// The whole key.
    pub text: String,
    /// Hash of the secret part.
    pub hash: SecretHash,
}

impl FreshKey {
    /// Draws a key.
    pub fn draw() -> Result<Self, NoRandomness> {
        let id = random_text(KEY_ID_LENGTH)?;
        let secret = random_text(SECRET_LENGTH)?;
        let hash = hash(&secret);
        Ok(Self { text: format!("sr_{id}_{secret}"), id, hash })
    }
}

/// Splits `sr_<id>_<secret>` into identifier and hash of the secret.
#[must_use]
pub fn parse_key(text: &str) -> Option<(&str, SecretHash)> {
    let (id, secret) = text.strip_prefix("sr_")?.split_once('_')?;
    let well_formed = id.len() == KEY_ID_LENGTH
        && secret.len() == SECRET_LENGTH
        && id.bytes().chain(secret.bytes()).all(|byte| ALPHABET.contains(&byte));
    well_formed.then(|| (id, hash(secret)))
}

/// A new identifier of an approval.
pub fn approval_id() -> Result<String, NoRandomness> {
    Ok(format!("apr-{}", random_text(APPROVAL_ID_LENGTH)?))
}

/// A new session token.
pub fn session_token() -> Result<String, NoRandomness> {
    random_text(SECRET_LENGTH)
}

/// A short identifier of a request, for the log.
#[must_use]
pub fn request_id() -> String {
    random_text(12).unwrap_or_else(|_| "unknown".to_owned())
}

/// SHA-256 of `secret`.
#[must_use]
pub fn hash(secret: &str) -> SecretHash {
    Sha256::digest(secret.as_bytes()).into()
}

/// Compares in constant time.
#[must_use]
pub fn same(a: &[u8], b: &[u8]) -> bool {
    a.ct_eq(b).into()
}

fn random_text(length: usize) -> Result<String, NoRandomness> {
    let mut bytes = vec![0; length];
    getrandom::fill(&mut bytes).map_err(|_| NoRandomness)?;
    let letter = |byte: &u8| ALPHABET.get(usize::from(byte & 31)).copied().map(char::from);
    Ok(bytes.iter().filter_map(letter).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_drawn_key_is_read_back_and_no_other_text_is() {
        let key = FreshKey::draw().unwrap();
        assert_eq!(parse_key(&key.text), Some((key.id.as_str(), key.hash)));
        for bad in ["", "sr_", "sr_a_b", &key.text[..key.text.len() - 1], &key.text.to_uppercase()]
        {
            assert_eq!(parse_key(bad), None, "{bad}");
        }
    }
}
