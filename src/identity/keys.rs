//! One key: an Ed25519 pair (EdDSA), its public half alone, or a shared secret
//! (HS256). Written as a JSON Web Key (RFC 7517; RFC 8037 for Ed25519).

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ed25519_dalek::{Signature, Signer, SigningKey, VerifyingKey};
use hmac::{Hmac, KeyInit, Mac};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

/// Fewest bytes that a shared secret should have (RFC 7518, section 3.2).
pub const STRONG_SECRET: usize = 32;
/// Most bytes that a shared secret may have.
const LONGEST_SECRET: usize = 4096;

/// Signature algorithm, by its JOSE name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Algorithm {
    /// HMAC with SHA-256: whoever verifies can sign.
    Hs256,
    /// Ed25519: whoever verifies needs the public half only.
    EdDsa,
}

impl Algorithm {
    /// The name in a token's header.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Hs256 => "HS256",
            Self::EdDsa => "EdDSA",
        }
    }
}

/// A text or value that is no key. Never quotes it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    /// Nothing is there.
    #[error("the key is empty")]
    Empty,
    /// A shared secret of absurd length.
    #[error("a shared secret has at most {LONGEST_SECRET} bytes")]
    TooLong,
    /// PEM or OpenSSH text, which as a shared secret would make a public key sign.
    #[error("a PEM or OpenSSH key can't be a shared secret; give a JSON Web Key instead")]
    Foreign,
    /// A JSON Web Key with a member that is missing or wrong.
    #[error("the JSON Web Key is not one that signs tokens: {0}")]
    Jwk(&'static str),
    /// The system gives no random bytes.
    #[error("the operating system gives no random bytes")]
    NoRandomness,
}

/// A key that verifies, and signs where it holds more than a public half.
#[derive(Clone)]
pub struct Key {
    id: Option<String>,
    half: Half,
}

#[derive(Clone)]
enum Half {
    Secret(Vec<u8>),
    Private(Box<SigningKey>),
    Public(Box<VerifyingKey>),
}

impl Key {
    /// A new Ed25519 key; its id is the first half of its RFC 7638 thumbprint.
    ///
    /// # Errors
    /// Where there is no randomness.
    pub fn generate() -> Result<Self, KeyError> {
        let mut seed = [0u8; 32];
        getrandom::fill(&mut seed).map_err(|_| KeyError::NoRandomness)?;
        Ok(Self::of_half(Half::Private(Box::new(SigningKey::from_bytes(&seed)))))
    }

    /// A shared secret, as Agent-Safe's `signing_key` is: the bytes of the text.
    ///
    /// # Errors
    /// Where it is empty, too long, or visibly another kind of key.
    pub fn shared(text: &str) -> Result<Self, KeyError> {
        let foreign = ["-----BEGIN", "ssh-", "ecdsa-"].iter().any(|mark| text.starts_with(mark));
        match text.len() {
            0 => Err(KeyError::Empty),
            _ if foreign => Err(KeyError::Foreign),
            length if length > LONGEST_SECRET => Err(KeyError::TooLong),
            _ => Ok(Self { id: None, half: Half::Secret(text.as_bytes().to_vec()) }),
        }
    }

    /// Reads a JSON Web Key: `OKP` with `Ed25519`, or `oct`.
    ///
    /// # Errors
    /// Where it is another kind of key, or damaged.
    pub fn from_jwk(jwk: &Value) -> Result<Self, KeyError> {
        let key = match (jwk["kty"].as_str(), jwk["crv"].as_str()) {
            (Some("OKP"), Some("Ed25519")) => Self::of_half(pair(jwk)?),
            (Some("oct"), _) => {
                let secret = member(jwk, "k").ok_or(KeyError::Jwk("`k` is not base64url"))?;
                if secret.is_empty() {
                    return Err(KeyError::Empty);
                }
                Self { id: None, half: Half::Secret(secret) }
            }
            _ => return Err(KeyError::Jwk("`kty` is neither `OKP` with `Ed25519` nor `oct`")),
        };
        if jwk["alg"].as_str().is_some_and(|alg| alg != key.algorithm().as_str()) {
            return Err(KeyError::Jwk("`alg` doesn't fit its `kty`"));
        }
        match &jwk["kid"] {
            Value::Null => Ok(key),
            Value::String(id) if !id.is_empty() => Ok(Self { id: Some(id.clone()), ..key }),
            _ => Err(KeyError::Jwk("`kid` is not text")),
        }
    }

    /// The JSON Web Key with everything that signing takes; a secret.
    #[must_use]
    pub fn to_jwk(&self) -> Value {
        let mut jwk = match &self.half {
            Half::Secret(secret) => json!({"kty": "oct", "k": URL_SAFE_NO_PAD.encode(secret)}),
            Half::Private(pair) => {
                let mut jwk = public_members(&pair.verifying_key());
                jwk["d"] = json!(URL_SAFE_NO_PAD.encode(pair.as_bytes()));
                jwk
            }
            Half::Public(public) => public_members(public),
        };
        jwk["alg"] = json!(self.algorithm().as_str());
        if let Some(id) = &self.id {
            jwk["kid"] = json!(id);
        }
        jwk
    }

    /// The half that only verifies; none of a shared secret.
    #[must_use]
    pub fn public(&self) -> Option<Self> {
        let public = match &self.half {
            Half::Secret(_) => return None,
            Half::Private(pair) => pair.verifying_key(),
            Half::Public(public) => **public,
        };
        Some(Self { id: self.id.clone(), half: Half::Public(Box::new(public)) })
    }

    /// Its id, which tokens name as `kid`.
    #[must_use]
    pub fn id(&self) -> Option<&str> {
        self.id.as_deref()
    }

    /// The one algorithm that it is for.
    #[must_use]
    pub fn algorithm(&self) -> Algorithm {
        match self.half {
            Half::Secret(_) => Algorithm::Hs256,
            Half::Private(_) | Half::Public(_) => Algorithm::EdDsa,
        }
    }

    /// Whether it can sign.
    #[must_use]
    pub fn can_sign(&self) -> bool {
        !matches!(self.half, Half::Public(_))
    }

    /// Whether it is a shared secret short enough to be guessed from a token.
    #[must_use]
    pub fn is_weak(&self) -> bool {
        matches!(&self.half, Half::Secret(secret) if secret.len() < STRONG_SECRET)
    }

    /// Signs; none with a public half.
    #[must_use]
    pub fn sign(&self, message: &[u8]) -> Option<Vec<u8>> {
        match &self.half {
            Half::Secret(secret) => {
                let mut mac = Hmac::<Sha256>::new_from_slice(secret).ok()?;
                mac.update(message);
                Some(mac.finalize().into_bytes().to_vec())
            }
            Half::Private(pair) => Some(pair.sign(message).to_bytes().to_vec()),
            Half::Public(_) => None,
        }
    }

    /// Whether the signature is of this key; in constant time.
    #[must_use]
    pub fn verify(&self, message: &[u8], signature: &[u8]) -> bool {
        let public = match &self.half {
            Half::Secret(secret) => {
                return Hmac::<Sha256>::new_from_slice(secret).is_ok_and(|mut mac| {
                    mac.update(message);
                    mac.verify_slice(signature).is_ok()
                });
            }
            Half::Private(pair) => pair.verifying_key(),
            Half::Public(public) => **public,
        };
        Signature::from_slice(signature)
            .is_ok_and(|signature| public.verify_strict(message, &signature).is_ok())
    }

    fn of_half(half: Half) -> Self {
        let public = match &half {
            Half::Private(pair) => Some(pair.verifying_key()),
            Half::Public(public) => Some(**public),
            Half::Secret(_) => None,
        };
        Self { id: public.map(|public| thumbprint(&public)), half }
    }
}

/// Says which key, never what it is.
impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let id = self.id().unwrap_or("without id");
        write!(f, "Key({} {id})", self.algorithm().as_str())
    }
}

fn member(jwk: &Value, name: &str) -> Option<Vec<u8>> {
    URL_SAFE_NO_PAD.decode(jwk[name].as_str()?).ok()
}

/// The Ed25519 half that a JSON Web Key holds; a private one must fit its public one.
fn pair(jwk: &Value) -> Result<Half, KeyError> {
    let bytes = |name| member(jwk, name).and_then(|bytes| <[u8; 32]>::try_from(bytes).ok());
    let x = bytes("x").ok_or(KeyError::Jwk("`x` is not 32 bytes in base64url"))?;
    let public =
        VerifyingKey::from_bytes(&x).map_err(|_| KeyError::Jwk("`x` is not a public key"))?;
    if public.is_weak() {
        return Err(KeyError::Jwk("`x` is a weak public key"));
    }
    if jwk["d"].is_null() {
        return Ok(Half::Public(Box::new(public)));
    }
    let d = bytes("d").ok_or(KeyError::Jwk("`d` is not 32 bytes in base64url"))?;
    let pair = SigningKey::from_bytes(&d);
    if pair.verifying_key() != public {
        return Err(KeyError::Jwk("`d` and `x` are not of one key"));
    }
    Ok(Half::Private(Box::new(pair)))
}

fn public_members(public: &VerifyingKey) -> Value {
    json!({"kty": "OKP", "crv": "Ed25519", "x": URL_SAFE_NO_PAD.encode(public.as_bytes())})
}

/// The first 16 bytes of the RFC 7638 thumbprint, in base64url.
fn thumbprint(public: &VerifyingKey) -> String {
    let x = URL_SAFE_NO_PAD.encode(public.as_bytes());
    let hash = Sha256::digest(format!(r#"{{"crv":"Ed25519","kty":"OKP","x":"{x}"}}"#));
    let mut id = URL_SAFE_NO_PAD.encode(hash);
    id.truncate(22);
    id
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The key of RFC 8037, appendix A.
    fn example() -> Value {
        let d = ["nWGxne_9WmC6hEr0kuwsxERJ", "xWl7MmkZcDusAxyuf2A"].concat();
        json!({"kty": "OKP", "crv": "Ed25519", "d": d,
            "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"})
    }

    #[test]
    fn keys_are_json_web_keys() {
        let key = Key::from_jwk(&example()).unwrap();
        assert_eq!(key.id(), Some("kPrK_qmxVWaYVA9wwBF6Iu"));
        let signature = key.sign(b"m").unwrap();
        let public = key.public().unwrap();
        assert!(public.verify(b"m", &signature) && !public.verify(b"n", &signature));
        assert!(public.sign(b"m").is_none() && public.to_jwk()["d"].is_null());
        let again = Key::from_jwk(&key.to_jwk()).unwrap();
        assert_eq!(again.sign(b"m"), Some(signature));
        assert!(!format!("{key:?}").contains("nWGx"));
    }

    #[test]
    fn what_is_no_key_is_refused() {
        let mut halves_of_two = example();
        halves_of_two["x"] = Key::generate().unwrap().to_jwk()["x"].clone();
        let mut confused = example();
        confused["alg"] = json!("HS256");
        for wrong in [halves_of_two, confused, json!({"kty": "RSA"}), json!({"kty": "oct"})] {
            assert!(Key::from_jwk(&wrong).is_err(), "{wrong}");
        }
        let pem = ["-----BEGIN PUB", "LIC KEY-----\n"].concat();
        assert_eq!(Key::shared(&pem).err(), Some(KeyError::Foreign));
        assert_eq!(Key::shared("").err(), Some(KeyError::Empty));
        assert!(Key::shared("short").unwrap().is_weak());
    }
}
