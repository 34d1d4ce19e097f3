//! A keyed hash of a secret: names a value without telling it.

use std::fmt;
use std::str::FromStr;

use hmac::{Hmac, KeyInit, Mac};
use serde::{Serialize, Serializer};
use sha2::{Digest, Sha256};

const KEY_BYTES: usize = 8;
const HASH_BYTES: usize = 16;

/// HMAC-SHA-256 of a value, cut to 128 bits, with the key it was made with.
/// Written as `KEY:HASH` in lower-case hexadecimal (16 and 32 digits). The key
/// keeps one repository's hashes from being looked up in a table of another's;
/// it doesn't keep a short value from being guessed.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct ValueHash {
    key: [u8; KEY_BYTES],
    hash: [u8; HASH_BYTES],
}

impl ValueHash {
    /// The hash of `value` under a key derived from `seed`: the same seed and
    /// value give the same hash.
    #[must_use]
    pub fn seeded(seed: &str, value: &str) -> Self {
        let mut key = [0; KEY_BYTES];
        key.copy_from_slice(&Sha256::digest(seed)[..KEY_BYTES]);
        Self { key, hash: hash(&key, value) }
    }

    /// Whether it is `value`'s.
    #[must_use]
    pub fn is_of(&self, value: &str) -> bool {
        self.hash == hash(&self.key, value)
    }
}

fn hash(key: &[u8], value: &str) -> [u8; HASH_BYTES] {
    let mut cut = [0; HASH_BYTES];
    if let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(key) {
        mac.update(value.as_bytes());
        cut.copy_from_slice(&mac.finalize().into_bytes()[..HASH_BYTES]);
    }
    cut
}

impl fmt::Display for ValueHash {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.key.iter().try_for_each(|byte| write!(out, "{byte:02x}"))?;
        out.write_str(":")?;
        self.hash.iter().try_for_each(|byte| write!(out, "{byte:02x}"))
    }
}

impl Serialize for ValueHash {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// The text is no `KEY:HASH`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NoValueHash;

impl FromStr for ValueHash {
    type Err = NoValueHash;

    fn from_str(text: &str) -> Result<Self, NoValueHash> {
        let (key, hash) = text.split_once(':').ok_or(NoValueHash)?;
        Ok(Self { key: bytes(key)?, hash: bytes(hash)? })
    }
}

fn bytes<const N: usize>(text: &str) -> Result<[u8; N], NoValueHash> {
    let mut out = [0; N];
    if text.len() != 2 * N || !text.bytes().all(|digit| digit.is_ascii_hexdigit()) {
        return Err(NoValueHash);
    }
    for (byte, pair) in out.iter_mut().zip(text.as_bytes().chunks(2)) {
        let pair = std::str::from_utf8(pair).map_err(|_| NoValueHash)?;
        *byte = u8::from_str_radix(pair, 16).map_err(|_| NoValueHash)?;
    }
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_back_what_it_writes_and_knows_only_its_own_value() {
        let made = ValueHash::seeded("a:b:1", "the value");
        let read: ValueHash = made.to_string().parse().unwrap();
        assert_eq!(read, made);
        assert!(read.is_of("the value"));
        assert!(!read.is_of("the value "));
        assert_ne!(made, ValueHash::seeded("a:b:2", "the value"));
        assert_eq!("12:34".parse::<ValueHash>(), Err(NoValueHash));
        assert_eq!("é".parse::<ValueHash>(), Err(NoValueHash));
    }
}
