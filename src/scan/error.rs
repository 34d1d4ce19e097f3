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
    /// Some of what was to be scanned could not be read, so that the rest says
    /// nothing of the whole.
    #[error("{}", unread(.0))]
    Unread(Vec<String>),
    /// The repository could not be read.
    #[error(transparent)]
    Git(#[from] crate::git::Error),
}

/// How many things there are that could not be read.
fn unread(unread: &[String]) -> String {
    match unread {
        [_] => "the scan is incomplete, one thing could not be read".to_owned(),
        _ => format!("the scan is incomplete, {} things could not be read", unread.len()),
    }
}

impl Error {
    pub(super) fn io(path: impl Into<PathBuf>) -> impl FnOnce(std::io::Error) -> Self {
        let path = path.into();
        move |source| Self::Io { path, source }
    }
}
