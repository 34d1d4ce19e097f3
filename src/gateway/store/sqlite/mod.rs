//! The store in one SQLite file: one writing thread, a few readers.

mod approvals;
mod audit;
mod file;
mod keys;
mod rows;
mod schema;
mod shared;
mod writer;

use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use jiff::Timestamp;
use rusqlite::Connection;
use tokio::sync::{Semaphore, broadcast};

pub use file::OpenError;

use self::writer::Writer;
use super::chain::{AuditEvent, Verification};
use super::model::{
    Actor, Change, Created, Filter, Key, NewApproval, NewKey, NewSession, Record, StoredKey, Vote,
};
use super::{Answer, Store, StoreError};
use crate::action::{Digest, Usage};
use crate::gateway::secret::SecretHash;
use crate::policy::Question;

/// Connections that read at the same time.
const READERS: usize = 3;

/// A store in one SQLite file.
pub struct SqliteStore {
    writer: Writer,
    readers: Arc<Readers>,
}

struct Readers {
    idle: Mutex<Vec<Connection>>,
    permits: Semaphore,
}

impl SqliteStore {
    /// Opens `path`, creating it (0600) and its directory (0700) where missing.
    pub fn open(path: &Path) -> Result<Self, OpenError> {
        let writer = Writer::start(file::open_writer(path)?)
            .map_err(|source| OpenError::File { path: path.to_owned(), source })?;
        let idle = (0..READERS).map(|_| file::open_reader(path)).collect::<Result<_, _>>()?;
        let readers = Readers { idle: Mutex::new(idle), permits: Semaphore::new(READERS) };
        Ok(Self { writer, readers: Arc::new(readers) })
    }

    /// Runs a query on an idle reader, off the asynchronous threads.
    fn read<T: Send + 'static>(
        &self,
        query: impl FnOnce(&Connection) -> rusqlite::Result<T> + Send + 'static,
    ) -> Answer<'_, T> {
        let readers = Arc::clone(&self.readers);
        Box::pin(async move {
            let _permit = readers.permits.acquire().await.map_err(unavailable)?;
            let pool = Arc::clone(&readers);
            let answer = tokio::task::spawn_blocking(move || {
                let lock = || pool.idle.lock().unwrap_or_else(PoisonError::into_inner);
                let taken = lock().pop();
                let conn = taken.ok_or_else(|| unavailable("no idle reader"))?;
                let answer = query(&conn).map_err(unavailable);
                lock().push(conn);
                answer
            });
            answer.await.map_err(unavailable)?
        })
    }
}

/// Any failure of the database.
fn unavailable(error: impl std::fmt::Display) -> StoreError {
    StoreError::Unavailable(error.to_string())
}

impl Store for SqliteStore {
    fn create(&self, new: NewApproval) -> Answer<'_, Created> {
        self.writer.write(move |tx| approvals::create(tx, &new))
    }

    fn get(&self, id: String) -> Answer<'_, Option<Record>> {
        self.read(move |conn| approvals::get(conn, &id))
    }

    fn list(&self, filter: Filter) -> Answer<'_, Vec<Record>> {
        self.read(move |conn| approvals::list(conn, &filter))
    }

    fn vote(&self, vote: Vote) -> Answer<'_, Record> {
        self.writer.write(move |tx| approvals::vote(tx, &vote))
    }

    fn cancel(&self, id: String, actor: Actor) -> Answer<'_, Record> {
        self.writer.write(move |tx| approvals::cancel(tx, &id, &actor))
    }

    fn redeem(&self, id: String, actor: Actor, digest: Digest) -> Answer<'_, Record> {
        self.writer.write(move |tx| approvals::redeem(tx, &id, &actor, &digest))
    }

    fn expire(&self) -> Answer<'_, ()> {
        // Every transaction begins with marking what is due.
        self.writer.write(|_| Ok(()))
    }

    fn count(&self, question: Question) -> Answer<'_, Usage> {
        self.writer.write(move |tx| shared::count(tx, &question))
    }

    fn use_ticket(&self, nonce: Digest, ends: Timestamp, actor: Actor) -> Answer<'_, bool> {
        self.writer.write(move |tx| shared::use_ticket(tx, &nonce, ends, &actor))
    }

    fn create_key(&self, new: NewKey) -> Answer<'_, Key> {
        self.writer.write(move |tx| keys::create(tx, &new))
    }

    fn key(&self, id: String) -> Answer<'_, Option<StoredKey>> {
        self.read(move |conn| keys::live(conn, &id))
    }

    fn keys(&self) -> Answer<'_, Vec<Key>> {
        self.read(keys::list)
    }

    fn revoke_key(&self, id: String, actor: Actor) -> Answer<'_, Key> {
        self.writer.write(move |tx| keys::revoke(tx, &id, &actor))
    }

    fn open_session(&self, new: NewSession) -> Answer<'_, ()> {
        self.writer.write(move |tx| keys::open_session(tx, &new))
    }

    fn session(&self, token: SecretHash) -> Answer<'_, Option<Key>> {
        let now = Timestamp::now().as_millisecond();
        self.read(move |conn| keys::session(conn, &token, now))
    }

    fn close_session(&self, token: SecretHash) -> Answer<'_, ()> {
        self.writer.write(move |tx| keys::close_session(tx, &token))
    }

    fn audit(&self, after: u64, limit: u32) -> Answer<'_, Vec<AuditEvent>> {
        self.read(move |conn| audit::list(conn, after, limit))
    }

    fn verify_audit(&self) -> Answer<'_, Verification> {
        self.read(audit::verify)
    }

    fn version(&self) -> Answer<'_, u64> {
        self.read(|conn| audit::head(conn).map(|(seq, _)| seq))
    }

    fn changes(&self) -> broadcast::Receiver<Change> {
        self.writer.changes()
    }
}
