//! Everything that can go wrong while reading a repository.

use std::path::PathBuf;

use super::Oid;

/// Result of looking at a repository.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Why something of a repository could not be read.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Neither the directory nor one above it belongs to a git repository.
    #[error("`{}` is not inside a git repository", .path.display())]
    NotARepository {
        /// Where the search began.
        path: PathBuf,
    },
    /// An object is not in the repository.
    #[error("object `{oid}` is missing from the repository")]
    Missing {
        /// The object asked for.
        oid: Oid,
    },
    /// An object, pack, index or other file does not have the form it must have.
    #[error("{what} in `{}` is corrupt: {reason}", .path.display())]
    Corrupt {
        /// The object id, or the kind of file.
        what: String,
        /// The file that holds it.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// An object is larger than the caller wanted to read.
    #[error("object `{oid}` has {size} bytes, more than the limit of {limit}")]
    TooLarge {
        /// The object asked for.
        oid: Oid,
        /// Its size in bytes.
        size: u64,
        /// The limit in bytes.
        limit: u64,
    },
    /// An object is of another kind than the one needed.
    #[error("object `{oid}` is a {found}, not a {wanted}")]
    WrongKind {
        /// The object asked for.
        oid: Oid,
        /// What it is.
        found: super::Kind,
        /// What was needed.
        wanted: super::Kind,
    },
    /// A reference, or a chain of symbolic references, cannot be followed.
    #[error("reference `{name}` cannot be read: {reason}")]
    Reference {
        /// Full name of the reference.
        name: String,
        /// What is wrong with it.
        reason: String,
    },
    /// A git configuration file has a line that git would not accept either.
    #[error("git configuration `{source_name}`, line {line}: {reason}")]
    Config {
        /// Path of the file, or the name of the variable.
        source_name: String,
        /// Line, counted from 1.
        line: usize,
        /// What is wrong with it.
        reason: String,
    },
    /// A file could not be read.
    #[error("cannot read `{}`: {source}", .path.display())]
    Io {
        /// The file or directory.
        path: PathBuf,
        /// The system's answer.
        source: std::io::Error,
    },
    /// The real git, asked for something that is not read here, failed.
    #[error("`git {command}` failed: {reason}")]
    Plumbing {
        /// The command without its repository options.
        command: String,
        /// Its first line on standard error, or why it did not start.
        reason: String,
    },
}

impl Error {
    pub(super) fn io(path: impl Into<PathBuf>) -> impl FnOnce(std::io::Error) -> Self {
        let path = path.into();
        move |source| Self::Io { path, source }
    }

    pub(super) fn corrupt(
        what: impl Into<String>,
        path: impl Into<PathBuf>,
        reason: impl Into<String>,
    ) -> Self {
        Self::Corrupt { what: what.into(), path: path.into(), reason: reason.into() }
    }

    /// Whether an object was asked for that is not there.
    #[must_use]
    pub fn is_missing(&self) -> bool {
        matches!(self, Self::Missing { .. })
    }
}
