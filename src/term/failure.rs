//! Exit codes, and errors as people read them.

use std::error::Error;
use std::fmt;

/// Exit codes: a stable interface, the same for every command.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    /// Allowed, clean, done.
    Done,
    /// Blocked: secrets found, denied, rejected, expired, verification failed.
    Blocked,
    /// Usage or configuration error.
    Usage,
    /// Approval is required and none could be had.
    ApprovalNeeded,
    /// The environment failed: I/O, git, network.
    Environment,
    /// Interrupted.
    Interrupted,
    /// The real program's own status, passed on.
    Passed(u8),
}

impl Exit {
    /// The number that the process exits with.
    #[must_use]
    pub fn code(self) -> u8 {
        match self {
            Self::Done => 0,
            Self::Blocked => 1,
            Self::Usage => 2,
            Self::ApprovalNeeded => 3,
            Self::Environment => 4,
            Self::Interrupted => 130,
            Self::Passed(code) => code,
        }
    }
}

/// What a command returns.
pub type Outcome = Result<Exit, Failure>;

/// An error on its way to a person: what happened, where, what to do next.
/// Messages are lower-case, have no full stop and quote literals in backticks.
#[derive(Debug)]
pub struct Failure {
    /// Exit code.
    pub exit: Exit,
    /// What happened and where.
    pub message: String,
    /// Why, outermost cause first.
    pub causes: Vec<String>,
    /// What to do next.
    pub hint: Option<String>,
}

impl Failure {
    /// A usage or configuration error (exit 2).
    pub fn usage(message: impl Into<String>) -> Self {
        Self::new(Exit::Usage, message)
    }

    /// The environment failed (exit 4).
    pub fn environment(message: impl Into<String>) -> Self {
        Self::new(Exit::Environment, message)
    }

    /// Any other failure.
    pub fn new(exit: Exit, message: impl Into<String>) -> Self {
        Self { exit, message: message.into(), causes: Vec::new(), hint: None }
    }

    /// Adds `error` and its sources as causes.
    #[must_use]
    pub fn because(mut self, error: &dyn Error) -> Self {
        let mut next = Some(error);
        while let Some(cause) = next {
            self.causes.push(cause.to_string());
            next = cause.source();
        }
        self
    }

    /// Says what to do next.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)?;
        self.causes.iter().try_for_each(|cause| write!(f, ": {cause}"))
    }
}

impl Error for Failure {}
