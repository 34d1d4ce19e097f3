//! Keys, managed by whoever may open the database file; works with and without
//! a running gateway.

use std::io;
use std::path::Path;

use super::secret::{FreshKey, NoRandomness};
use super::store::sqlite::{OpenError, SqliteStore};
use super::store::{Actor, Key, KeyScope, NewKey, Store, StoreError};

/// The keys in a database file.
pub struct LocalKeys {
    store: SqliteStore,
    runtime: tokio::runtime::Runtime,
}

/// Why keys could not be managed.
#[derive(Debug, thiserror::Error)]
pub enum LocalError {
    /// The database can not be opened.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// The store refused or failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// No randomness for a key.
    #[error(transparent)]
    Random(#[from] NoRandomness),
    /// No runtime.
    #[error("the system gives no threads")]
    System(#[from] io::Error),
}

impl LocalKeys {
    /// Opens the database file, creating it where missing.
    pub fn open(database: &Path) -> Result<Self, LocalError> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        Ok(Self { store: SqliteStore::open(database)?, runtime })
    }

    /// All keys, revoked ones too.
    pub fn list(&self) -> Result<Vec<Key>, LocalError> {
        Ok(self.runtime.block_on(self.store.keys())?)
    }

    /// Makes a key; returns it with its text, which is not stored.
    pub fn create(&self, name: &str, scopes: &[KeyScope]) -> Result<(Key, String), LocalError> {
        let fresh = FreshKey::draw()?;
        let new = NewKey {
            id: fresh.id,
            hash: fresh.hash,
            name: name.to_owned(),
            scopes: scopes.to_vec(),
            bootstrap: false,
            actor: Actor::command_line(),
        };
        let key = self.runtime.block_on(self.store.create_key(new))?;
        Ok((key, fresh.text))
    }

    /// Revokes a key.
    pub fn revoke(&self, id: &str) -> Result<Key, LocalError> {
        let actor = Actor::command_line();
        Ok(self.runtime.block_on(self.store.revoke_key(id.to_owned(), actor))?)
    }
}
