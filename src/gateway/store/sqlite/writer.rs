//! The one thread that writes: it drains what is waiting into one transaction,
//! a savepoint each, and answers everybody after the commit. So a crowd pays
//! for one flush of the disk, and nothing is answered that could be lost.

use std::sync::mpsc::{self, Receiver, Sender};
use std::thread::{self, JoinHandle};

use jiff::Timestamp;
use rusqlite::{Connection, TransactionBehavior};
use tokio::sync::{broadcast, oneshot};

use super::super::model::Change;
use super::super::{Answer, StoreError};
use super::{approvals, unavailable};

/// Most operations in one transaction.
const BATCH: usize = 256;
/// Changes that a slow listener may lag behind before it has to read again.
const CHANGES: usize = 1024;

/// What an operation works on: the open transaction and its time.
pub(super) struct Tx<'c> {
    pub(super) conn: &'c Connection,
    pub(super) now: Timestamp,
    changed: Vec<String>,
}

impl Tx<'_> {
    /// Tells those who wait for approval `id`, once it is durable.
    pub(super) fn changed(&mut self, id: &str) {
        self.changed.push(id.to_owned());
    }
}

type Deliver = Box<dyn FnOnce(Result<(), StoreError>) + Send>;
type Job = Box<dyn FnOnce(&mut Tx<'_>) -> Deliver + Send>;

/// The way to the writing thread.
pub(super) struct Writer {
    jobs: Option<Sender<Job>>,
    thread: Option<JoinHandle<()>>,
    changes: broadcast::Sender<Change>,
}

impl Writer {
    /// Starts the thread; it ends, with everything written, when this is dropped.
    pub(super) fn start(conn: Connection) -> std::io::Result<Self> {
        let (jobs, queue) = mpsc::channel();
        let (changes, _) = broadcast::channel(CHANGES);
        let sender = changes.clone();
        let thread = thread::Builder::new()
            .name("store-writer".to_owned())
            .spawn(move || run(conn, &queue, &sender))?;
        Ok(Self { jobs: Some(jobs), thread: Some(thread), changes })
    }

    /// Runs `operation` in the next transaction; what it returns is answered
    /// after the commit, and what it wrote before an error is rolled back.
    pub(super) fn write<T: Send + 'static>(
        &self,
        operation: impl FnOnce(&mut Tx<'_>) -> Result<T, StoreError> + Send + 'static,
    ) -> Answer<'_, T> {
        let (reply, answer) = oneshot::channel();
        let job: Job = Box::new(move |tx| {
            let result = in_savepoint(tx, operation);
            Box::new(move |committed| {
                let _ = reply.send(committed.and(result));
            })
        });
        let sent = self.jobs.as_ref().is_some_and(|jobs| jobs.send(job).is_ok());
        Box::pin(async move {
            let gone = || StoreError::Unavailable("the writer stopped".to_owned());
            if !sent {
                return Err(gone());
            }
            answer.await.map_err(|_| gone())?
        })
    }

    /// Changes, told after the commit.
    pub(super) fn changes(&self) -> broadcast::Receiver<Change> {
        self.changes.subscribe()
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        drop(self.jobs.take());
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

fn run(mut conn: Connection, queue: &Receiver<Job>, changes: &broadcast::Sender<Change>) {
    while let Ok(first) = queue.recv() {
        let batch = std::iter::once(first).chain(queue.try_iter().take(BATCH - 1));
        let mut deliveries = Vec::new();
        let outcome = commit(&mut conn, batch, &mut deliveries);
        if let Err(error) = &outcome {
            tracing::error!(%error, "a transaction failed");
        }
        for deliver in deliveries {
            deliver(outcome.as_ref().map(|_| ()).map_err(again));
        }
        for id in outcome.unwrap_or_default() {
            let _ = changes.send(Change { id });
        }
    }
}

/// Runs the jobs in one transaction and returns which approvals changed. A job
/// that is dropped unrun tells its caller so by its closed channel.
fn commit(
    conn: &mut Connection,
    batch: impl Iterator<Item = Job>,
    deliveries: &mut Vec<Deliver>,
) -> Result<Vec<String>, StoreError> {
    let batch: Vec<Job> = batch.collect();
    let transaction =
        conn.transaction_with_behavior(TransactionBehavior::Immediate).map_err(unavailable)?;
    let mut tx = Tx { conn: &transaction, now: now(), changed: Vec::new() };
    approvals::expire_due(&mut tx)?;
    for job in batch {
        deliveries.push(job(&mut tx));
    }
    let changed = tx.changed;
    transaction.commit().map_err(unavailable)?;
    Ok(changed)
}

fn in_savepoint<T>(
    tx: &mut Tx<'_>,
    operation: impl FnOnce(&mut Tx<'_>) -> Result<T, StoreError>,
) -> Result<T, StoreError> {
    let told = tx.changed.len();
    tx.conn.execute_batch("SAVEPOINT operation").map_err(unavailable)?;
    let result = operation(tx);
    let end = match &result {
        Ok(_) => "RELEASE operation",
        Err(_) => "ROLLBACK TO operation; RELEASE operation",
    };
    if result.is_err() {
        tx.changed.truncate(told);
    }
    tx.conn.execute_batch(end).map_err(unavailable)?;
    result
}

/// The time, cut to the milliseconds that the database keeps.
fn now() -> Timestamp {
    let now = Timestamp::now();
    Timestamp::from_millisecond(now.as_millisecond()).unwrap_or(now)
}

fn again(error: &StoreError) -> StoreError {
    StoreError::Unavailable(error.to_string())
}
