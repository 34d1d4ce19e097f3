//! Keys that count together: the first one signs, all of them verify.

use std::fs;
use std::io::{self, Read};
use std::path::Path;

use serde_json::{Value, json};

use super::{Algorithm, Key, KeyError};

/// Largest key file that is read, in bytes.
const LARGEST_FILE: u64 = 64 * 1024;
/// Most keys of one set.
const MOST_KEYS: usize = 32;

/// One or more keys.
#[derive(Debug, Clone)]
pub struct KeySet {
    keys: Vec<Key>,
}

/// Keys that can't be had.
#[derive(Debug, thiserror::Error)]
pub enum KeySetError {
    /// What is there is no key.
    #[error("{origin}: {source}")]
    Key {
        /// Where it was looked for.
        origin: String,
        /// What is wrong.
        source: KeyError,
    },
    /// It can't be read or written.
    #[error("{origin}: {source}")]
    Io {
        /// Where it was looked for.
        origin: String,
        /// Why.
        source: io::Error,
    },
}

impl KeySet {
    /// A set of at least one key.
    ///
    /// # Errors
    /// Where there is none, there are too many, or two have one id.
    pub fn new(keys: Vec<Key>) -> Result<Self, KeyError> {
        if keys.is_empty() {
            return Err(KeyError::Empty);
        }
        if keys.len() > MOST_KEYS {
            return Err(KeyError::Jwk("a set has at most 32 keys"));
        }
        let twice = keys.iter().enumerate().any(|(at, key)| {
            key.id().is_some() && keys.iter().skip(at + 1).any(|other| other.id() == key.id())
        });
        if twice {
            return Err(KeyError::Jwk("two keys have one `kid`"));
        }
        Ok(Self { keys })
    }

    /// Reads what stands on a command line, in a variable or a file: a JSON Web
    /// Key, a set of them, or else a shared secret.
    ///
    /// # Errors
    /// Where it is none of them.
    pub fn parse(text: &str) -> Result<Self, KeyError> {
        let text = text.trim_end_matches(['\n', '\r']);
        if !text.trim_start().starts_with('{') {
            return Self::new(vec![Key::shared(text)?]);
        }
        let value: Value =
            serde_json::from_str(text).map_err(|_| KeyError::Jwk("it is not JSON"))?;
        match value.get("keys") {
            None => Self::new(vec![Key::from_jwk(&value)?]),
            Some(Value::Array(keys)) => {
                Self::new(keys.iter().map(Key::from_jwk).collect::<Result<_, _>>()?)
            }
            Some(_) => Err(KeyError::Jwk("`keys` is not a list")),
        }
    }

    /// Reads what somebody gave as a key: [`KeySet::parse`], or `@PATH` for a
    /// file that holds it. `origin` names where it was given.
    ///
    /// # Errors
    /// Where there is no such file, or no key in it.
    pub fn given(text: &str, origin: &str) -> Result<Self, KeySetError> {
        let Some(path) = text.strip_prefix('@') else {
            return Self::parse(text)
                .map_err(|source| KeySetError::Key { origin: origin.to_owned(), source });
        };
        let origin = format!("{origin}: `{path}`");
        let text = read(Path::new(path))
            .map_err(|source| KeySetError::Io { origin: origin.clone(), source })?;
        Self::parse(&text).map_err(|source| KeySetError::Key { origin, source })
    }

    /// The key that signs: the first one.
    #[must_use]
    pub fn signer(&self) -> &Key {
        // A set has at least one key: `new` is the only constructor.
        &self.keys[0]
    }

    /// All keys.
    #[must_use]
    pub fn keys(&self) -> &[Key] {
        &self.keys
    }

    /// The keys that a token with this header may be signed with: of its
    /// algorithm, and of its `kid` where both sides name one.
    pub fn candidates<'a>(
        &'a self,
        algorithm: Algorithm,
        id: Option<&'a str>,
    ) -> impl Iterator<Item = &'a Key> {
        self.keys.iter().filter(move |key| {
            key.algorithm() == algorithm && (id.is_none() || key.id().is_none() || key.id() == id)
        })
    }

    /// The public halves alone; none where all are shared secrets.
    #[must_use]
    pub fn public(&self) -> Option<Self> {
        Self::new(self.keys.iter().filter_map(Key::public).collect()).ok()
    }

    /// The JSON Web Key Set of the public halves, for whoever only verifies.
    #[must_use]
    pub fn public_jwks(&self) -> Value {
        let keys: Vec<Value> =
            self.keys.iter().filter_map(Key::public).map(|key| key.to_jwk()).collect();
        json!({ "keys": keys })
    }
}

fn read(path: &Path) -> io::Result<String> {
    let file = fs::File::open(path)?;
    if !file.metadata()?.is_file() {
        return Err(io::Error::other("it is not a file"));
    }
    let mut text = String::new();
    if file.take(LARGEST_FILE + 1).read_to_string(&mut text)? as u64 > LARGEST_FILE {
        return Err(io::Error::other(format!("it has more than {LARGEST_FILE} bytes")));
    }
    Ok(text)
}
