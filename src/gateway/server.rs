//! Listening, connections and the end of them. Built on hyper itself, because
//! `axum::serve` keeps a half-sent request head open for ever.

use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpStream};
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};

use super::app::{App, Shared};
use super::hosts::Hosts;
use super::router::router;
use super::secret::{FreshKey, NoRandomness};
use super::store::sqlite::{OpenError, SqliteStore};
use super::store::{Actor, KeyScope, NewKey, Store, StoreError};

/// Time for a request's head, and for an idle connection.
const HEAD_TIME: Duration = Duration::from_secs(10);
/// Most connections at a time; further ones wait to be accepted.
const CONNECTIONS: usize = 1_024;
/// Largest request head, in bytes.
const HEAD_BYTES: usize = 32 * 1024;
/// How long open requests may finish when the gateway stops.
const DRAIN: Duration = Duration::from_secs(5);
/// How often what is due is marked, for those who wait for it.
const SWEEP: Duration = Duration::from_secs(1);

/// What to serve.
#[derive(Debug, Clone)]
pub struct Options {
    /// Address to listen on; port 0 takes a free one.
    pub listen: SocketAddr,
    /// The database file.
    pub database: PathBuf,
    /// Names that this gateway answers to.
    pub hosts: Hosts,
}

/// Told once, when the gateway listens.
pub struct Ready {
    /// Where it listens.
    pub url: String,
    /// The administrator's key, the first time only.
    pub first_key: Option<String>,
}

/// Why the gateway does not serve.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// The address can not be listened on.
    #[error("can not listen on `{address}`")]
    Listen {
        /// The address.
        address: SocketAddr,
        /// What the system said.
        source: io::Error,
    },
    /// The database can not be opened.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// The first key could not be made.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// No randomness for the first key.
    #[error(transparent)]
    Random(#[from] NoRandomness),
    /// No runtime, or no signals.
    #[error("the system gives no threads or signals")]
    System(#[from] io::Error),
}

/// Serves until SIGTERM or Ctrl-C; `ready` is called once it listens.
pub fn serve(options: &Options, ready: impl FnOnce(&Ready)) -> Result<(), ServeError> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .max_blocking_threads(4)
        .thread_stack_size(1 << 20)
        .enable_all()
        .build()?;
    let served = runtime.block_on(run(options, ready));
    runtime.shutdown_timeout(DRAIN);
    served
}

async fn run(options: &Options, ready: impl FnOnce(&Ready)) -> Result<(), ServeError> {
    let listen_error = |source| ServeError::Listen { address: options.listen, source };
    let listener = TcpListener::bind(options.listen).await.map_err(listen_error)?;
    let address = listener.local_addr().map_err(listen_error)?;
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    let store = SqliteStore::open(&options.database)?;
    let first_key = first_key(&store).await?;
    let (stop, stopping) = watch::channel(false);
    let hosts = options.hosts.clone();
    let app = App::new(Shared { store: Box::new(store), hosts, stopping: stopping.clone() });
    ready(&Ready { url: format!("http://{address}"), first_key });

    let sweeper = tokio::spawn(sweep(app.clone()));
    let accepting = tokio::spawn(accept(listener, app, stopping));
    tokio::select! {
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
    }
    let _ = stop.send(true);
    sweeper.abort();
    let open = accepting.await.map_err(io::Error::other)?;
    let all = u32::try_from(CONNECTIONS).unwrap_or(u32::MAX);
    let _ = tokio::time::timeout(DRAIN, open.acquire_many(all)).await;
    Ok(())
}

/// Makes the administrator's key where there never was a key.
async fn first_key(store: &SqliteStore) -> Result<Option<String>, ServeError> {
    if !store.keys().await?.is_empty() {
        return Ok(None);
    }
    let fresh = FreshKey::draw()?;
    let new = NewKey {
        id: fresh.id,
        hash: fresh.hash,
        name: "admin".to_owned(),
        scopes: vec![KeyScope::Admin],
        bootstrap: true,
        actor: Actor::gateway(),
    };
    store.create_key(new).await?;
    Ok(Some(fresh.text))
}

/// Marks what is due, so that those who wait for it are woken.
async fn sweep(app: App) {
    let mut clock = tokio::time::interval(SWEEP);
    clock.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        clock.tick().await;
        if let Err(error) = app.store.expire().await {
            tracing::error!(%error, "could not mark what is due");
        }
    }
}

/// Accepts connections until the gateway stops; all permits are back when the
/// last connection has ended.
async fn accept(
    listener: TcpListener,
    app: App,
    mut stopping: watch::Receiver<bool>,
) -> Arc<Semaphore> {
    let open = Arc::new(Semaphore::new(CONNECTIONS));
    let service = TowerToHyperService::new(router(app));
    loop {
        let Ok(permit) = Arc::clone(&open).acquire_owned().await else { return open };
        let stop = stopping.clone();
        tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => {
                    tokio::spawn(connection(stream, service.clone(), permit, stop));
                }
                Err(error) => {
                    tracing::warn!(%error, "could not accept a connection");
                    tokio::time::sleep(Duration::from_millis(50)).await;
                }
            },
            _ = async { stopping.wait_for(|stopping| *stopping).await.is_ok() } => return open,
        }
    }
}

async fn connection(
    stream: TcpStream,
    service: TowerToHyperService<axum::Router>,
    _permit: OwnedSemaphorePermit,
    mut stopping: watch::Receiver<bool>,
) {
    let _ = stream.set_nodelay(true);
    let serving = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD_TIME)
        .max_buf_size(HEAD_BYTES)
        .serve_connection(TokioIo::new(stream), service);
    let mut serving = std::pin::pin!(serving);
    let ended = tokio::select! {
        ended = serving.as_mut() => ended,
        _ = async { stopping.wait_for(|stopping| *stopping).await.is_ok() } => {
            serving.as_mut().graceful_shutdown();
            serving.await
        }
    };
    if let Err(error) = ended {
        tracing::debug!(%error, "a connection ended badly");
    }
}
