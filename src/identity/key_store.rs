//! The keys of an account, in a file of its state directory that only it may
//! read: the current one, and public halves of those before it, which go on
//! verifying until everything they signed has expired.

use std::path::{Path, PathBuf};

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{Key, KeyError, KeySet, KeySetError};
use crate::config::{SharedState, paths};

/// The file, in the state directory.
const FILE: &str = "identity-keys.json";
/// How long a key that was rotated out goes on verifying: as long as the
/// longest token can live.
pub const RETIRED_FOR: SignedDuration = SignedDuration::from_hours(24 * 30);

/// The keys of one account.
#[derive(Debug, Clone)]
pub struct KeyStore {
    file: SharedState,
}

/// A key of the store.
#[derive(Debug, Clone)]
pub struct StoredKey {
    /// The key.
    pub key: Key,
    /// Since when it signs, or signed.
    pub created_at: Timestamp,
    /// Until when it verifies; none is the current key, without an end.
    pub verifies_until: Option<Timestamp>,
}

/// What is in the file; the current key first.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Shelf {
    keys: Vec<Entry>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    jwk: Value,
    created_at: Timestamp,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    verifies_until: Option<Timestamp>,
}

impl KeyStore {
    /// The store in `path`.
    #[must_use]
    pub fn at(path: PathBuf) -> Self {
        Self { file: SharedState::at(path) }
    }

    /// The store of this account; none without a home directory.
    #[must_use]
    pub fn of_account() -> Option<Self> {
        paths::state_dir().map(|dir| Self::at(dir.join(FILE)))
    }

    /// Where it is.
    #[must_use]
    pub fn path(&self) -> &Path {
        self.file.path()
    }

    /// The keys that count at `now`, the current one first; empty before the
    /// first one was made.
    ///
    /// # Errors
    /// Where the file can't be read, or holds something else.
    pub fn keys(&self, now: Timestamp) -> Result<Vec<StoredKey>, KeySetError> {
        let shelf: Shelf = self.file.read().map_err(|source| self.failed(source))?;
        let current = shelf.keys.into_iter().filter(|entry| entry.counts(now));
        current.map(|entry| entry.open().map_err(|source| self.no_key(source))).collect()
    }

    /// The same as a set; none before the first key was made.
    ///
    /// # Errors
    /// Where the file can't be read, or holds something else.
    pub fn key_set(&self, now: Timestamp) -> Result<Option<KeySet>, KeySetError> {
        let keys: Vec<Key> = self.keys(now)?.into_iter().map(|stored| stored.key).collect();
        if keys.is_empty() {
            return Ok(None);
        }
        KeySet::new(keys).map(Some).map_err(|source| self.no_key(source))
    }

    /// Makes the first key, where there is none.
    ///
    /// # Errors
    /// Where the file can't be written.
    pub fn create(&self, now: Timestamp) -> Result<KeySet, KeySetError> {
        self.change(|shelf| {
            if shelf.keys.is_empty() {
                shelf.keys.push(Entry::fresh(now)?);
            }
            Ok(())
        })?;
        self.key_set(now)?.ok_or_else(|| self.no_key(KeyError::Empty))
    }

    /// Makes a new key that signs from now on. Those before it verify for
    /// [`RETIRED_FOR`], or no more where they are `revoked`; their private
    /// halves are gone either way.
    ///
    /// # Errors
    /// Where the file can't be written.
    pub fn rotate(&self, revoked: bool, now: Timestamp) -> Result<(), KeySetError> {
        self.change(|shelf| {
            let until = now.checked_add(RETIRED_FOR).unwrap_or(now);
            let mut kept = vec![Entry::fresh(now)?];
            for entry in shelf.keys.iter().filter(|entry| !revoked && entry.counts(now)) {
                if let Some(public) = entry.open()?.key.public() {
                    kept.push(Entry {
                        jwk: public.to_jwk(),
                        created_at: entry.created_at,
                        verifies_until: entry.verifies_until.or(Some(until)),
                    });
                }
            }
            shelf.keys = kept;
            Ok(())
        })
    }

    fn change(
        &self,
        act: impl FnOnce(&mut Shelf) -> Result<(), KeyError>,
    ) -> Result<(), KeySetError> {
        self.file
            .change(act)
            .map_err(|source| self.failed(source))?
            .map_err(|source| self.no_key(source))
    }

    fn failed(&self, source: std::io::Error) -> KeySetError {
        KeySetError::Io { origin: self.origin(), source }
    }

    fn no_key(&self, source: KeyError) -> KeySetError {
        KeySetError::Key { origin: self.origin(), source }
    }

    fn origin(&self) -> String {
        format!("the key store `{}`", self.path().display())
    }
}

impl Entry {
    fn fresh(now: Timestamp) -> Result<Self, KeyError> {
        Ok(Self { jwk: Key::generate()?.to_jwk(), created_at: now, verifies_until: None })
    }

    fn counts(&self, now: Timestamp) -> bool {
        self.verifies_until.is_none_or(|until| until > now)
    }

    fn open(&self) -> Result<StoredKey, KeyError> {
        Ok(StoredKey {
            key: Key::from_jwk(&self.jwk)?,
            created_at: self.created_at,
            verifies_until: self.verifies_until,
        })
    }
}
