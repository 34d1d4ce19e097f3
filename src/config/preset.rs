//! The names of the built-in policies.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A built-in policy. Ordered by strictness.
#[derive(
    Debug,
    Clone,
    Copy,
    Default,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Serialize,
    Deserialize,
    clap::ValueEnum,
)]
#[serde(rename_all = "snake_case")]
pub enum Preset {
    /// Stops what is beyond repair
    Relaxed,
    /// Asks a person for what is hard to take back
    #[default]
    Standard,
    /// Asks for everything that destroys, and trusts agents less
    Strict,
}

impl Preset {
    /// The name used in configuration.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Relaxed => "relaxed",
            Self::Standard => "standard",
            Self::Strict => "strict",
        }
    }
}

impl fmt::Display for Preset {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
