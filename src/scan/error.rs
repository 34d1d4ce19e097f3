//! What can go wrong in a scan.

use std::path::PathBuf;

/// Result of a scan.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Why a scan could not be done.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A file could not be read or written.
    #[error("cannot read `{}`: {source}", .path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// The system's answer.
        source: std::io::Error,
    },
    /// A rules or allowlist file is not what it must be.
    #[error("`{}`: {reason}", .path.display())]
    Config {
        /// The file.
        path: PathBuf,
        /// Where and what; names the line.
        reason: String,
    },
    /// A rule's pattern is invalid or too large.
    #[error("rule `{rule}`: {reason}")]
    Pattern {
        /// The rule's id.
        rule: String,
        /// What the regex engine says.
        reason: String,
    },
    /// Content is staged, but none of it could be read.
    #[error("{count} files are staged, but none of them could be scanned")]
    NothingScanned {
        /// How many files are staged.
        count: usize,
    },
    /// The repository could not be read.
    #[error(transparent)]
    Git(#[from] crate::git::Error),
}

impl Error {
    pub(super) fn io(path: impl Into<PathBuf>) -> impl FnOnce(std::io::Error) -> Self {
        let path = path.into();
        move |source| Self::Io { path, source }
    }
}
