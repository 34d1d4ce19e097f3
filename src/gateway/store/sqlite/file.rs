//! The database file: private to the user, durable on every commit.

use std::fs::{self, DirBuilder, OpenOptions};
use std::io;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::{Connection, OpenFlags};

use super::schema::{self, MigrateError};

/// How long a statement waits for another process's transaction.
const BUSY: Duration = Duration::from_secs(5);

/// Why a database file could not be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The file or its directory.
    #[error("`{}` can not be opened", path.display())]
    File {
        /// The file or directory.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// Its contents.
    #[error("`{}` is not a usable database", path.display())]
    Database {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        source: MigrateError,
    },
}

/// Opens the database for writing: creates directories (0700) and file (0600)
/// that are missing, takes rights of others on the file away, and migrates.
pub(super) fn open_writer(path: &Path) -> Result<Connection, OpenError> {
    let file_error = |source| OpenError::File { path: path.to_owned(), source };
    if let Some(parent) = path.parent().filter(|parent| !parent.as_os_str().is_empty()) {
        DirBuilder::new().recursive(true).mode(0o700).create(parent).map_err(file_error)?;
    }
    let file = OpenOptions::new().write(true).create(true).truncate(false).mode(0o600).open(path);
    drop(file.map_err(file_error)?);
    fs::set_permissions(path, fs::Permissions::from_mode(0o600)).map_err(file_error)?;
    writer(path).map_err(|source| OpenError::Database { path: path.to_owned(), source })
}

fn writer(path: &Path) -> Result<Connection, MigrateError> {
    let mut conn = Connection::open_with_flags(
        path,
        OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX,
    )?;
    conn.busy_timeout(BUSY)?;
    conn.pragma_update(None, "journal_mode", "WAL")?;
    conn.pragma_update(None, "synchronous", "FULL")?;
    conn.pragma_update(None, "foreign_keys", true)?;
    conn.pragma_update(None, "cache_size", -2048)?;
    conn.set_prepared_statement_cache_capacity(64);
    schema::migrate(&mut conn)?;
    Ok(conn)
}

/// Opens the database for reading.
pub(super) fn open_reader(path: &Path) -> Result<Connection, OpenError> {
    let open = || -> rusqlite::Result<Connection> {
        let conn = Connection::open_with_flags(
            path,
            OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX,
        )?;
        conn.busy_timeout(BUSY)?;
        conn.pragma_update(None, "query_only", true)?;
        conn.pragma_update(None, "cache_size", -1024)?;
        conn.set_prepared_statement_cache_capacity(32);
        Ok(conn)
    };
    open().map_err(|error| OpenError::Database { path: path.to_owned(), source: error.into() })
}
