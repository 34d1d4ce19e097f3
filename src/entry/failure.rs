//! Every room's errors, as people read them: exit code, causes, hint.

use crate::action::visible;
use crate::audit::AuditError;
use crate::config::ConfigError;
use crate::exec::GitError as RealGitError;
use crate::git::Error as GitError;
use crate::guard::{CheckError, ReplayError, SiteError};
use crate::identity::{KeySetError, TicketError};
use crate::install::InstallError;
use crate::policy::PolicyError;
use crate::scan::Error as ScanError;
use crate::term::{Exit, Failure};

/// What to do about a repository that lacks something.
const DAMAGED: &str = "`git fsck` tells what is damaged; `git fetch --refetch` brings back what the remote \
                       still has, `git add` what the work tree has";
/// Things that could not be read that are told one by one.
const TOLD: usize = 10;

/// The failure with nothing in it that moves a terminal: messages quote file
/// names and what stands in files.
#[must_use]
pub fn visible_failure(failure: Failure) -> Failure {
    Failure {
        message: visible(&failure.message).into_owned(),
        causes: failure.causes.iter().map(|cause| visible(cause).into_owned()).collect(),
        hint: failure.hint.map(|hint| visible(&hint).into_owned()),
        ..failure
    }
}

impl From<ConfigError> for Failure {
    fn from(error: ConfigError) -> Self {
        Self::usage(error.to_string()).hint("`saferun config show` tells which files are read")
    }
}

impl From<SiteError> for Failure {
    fn from(error: SiteError) -> Self {
        match error {
            SiteError::Config(error) => error.into(),
            SiteError::Git(error) => error.into(),
            SiteError::Policy(error) => error.into(),
            SiteError::Packs(_) => Self::usage(error.to_string()),
            SiteError::NoHome => Self::environment(error.to_string()),
        }
    }
}

impl From<GitError> for Failure {
    fn from(error: GitError) -> Self {
        match error {
            GitError::NotARepository { .. } => Self::usage(error.to_string())
                .hint("change into a repository, or make one with `git init`"),
            GitError::Missing { .. } | GitError::Corrupt { .. } => {
                Self::environment(error.to_string()).hint(DAMAGED)
            }
            _ => Self::environment(error.to_string()),
        }
    }
}

impl From<RealGitError> for Failure {
    fn from(error: RealGitError) -> Self {
        Self::environment(error.to_string())
    }
}

impl From<InstallError> for Failure {
    fn from(error: InstallError) -> Self {
        match error {
            InstallError::Repository(error) => error.into(),
            InstallError::Git(error) => error.into(),
            InstallError::Bare(_) => {
                Self::usage(error.to_string()).hint("run `saferun init` in a clone of it")
            }
            InstallError::NotUtf8(_) => Self::usage(error.to_string()),
            InstallError::Io { .. } | InstallError::Manifest { .. } => {
                Self::environment(error.to_string())
            }
        }
    }
}

impl From<AuditError> for Failure {
    fn from(error: AuditError) -> Self {
        Self::environment(error.to_string())
    }
}

impl From<ScanError> for Failure {
    fn from(error: ScanError) -> Self {
        match error {
            ScanError::Git(error) => error.into(),
            ScanError::Config { .. } | ScanError::Pattern { .. } => Self::usage(error.to_string())
                .hint("correct it, or give another file with `--config`"),
            ScanError::Io { .. } => Self::environment(error.to_string()),
            ScanError::NothingScanned { .. } => Self::environment(error.to_string())
                .hint("run `git fsck`; nothing should be committed before this works"),
            ScanError::Unread(ref unread) => {
                let mut failure = Self::environment(error.to_string()).hint(DAMAGED);
                failure.causes = unread.iter().take(TOLD).cloned().collect();
                failure.causes.extend((unread.len() > TOLD).then(|| "…".to_owned()));
                failure
            }
        }
    }
}

impl From<PolicyError> for Failure {
    fn from(error: PolicyError) -> Self {
        Self::usage(error.to_string())
            .hint("`saferun policy validate` checks all files of a policy")
    }
}

impl From<CheckError> for Failure {
    fn from(error: CheckError) -> Self {
        match error {
            CheckError::Audit(error) => error.into(),
            CheckError::Windows(_) => Self::environment(error.to_string()),
            CheckError::Ticket(error) => error.into(),
        }
    }
}

impl From<ReplayError> for Failure {
    fn from(error: ReplayError) -> Self {
        Self::environment(error.to_string())
    }
}

impl From<KeySetError> for Failure {
    fn from(error: KeySetError) -> Self {
        match error {
            KeySetError::Io { .. } => Self::environment(error.to_string()),
            KeySetError::Key { .. } => Self::usage(error.to_string()).hint(
                "a key is a JSON Web Key (Ed25519), or a shared secret; `@PATH` reads one from a file",
            ),
        }
    }
}

impl From<TicketError> for Failure {
    fn from(error: TicketError) -> Self {
        match error {
            TicketError::Unknown(_) => Self::environment(error.to_string()),
            _ => Self::new(Exit::Blocked, error.to_string()),
        }
    }
}
