//! EYES for secrets: rules as data, one engine, many sources, many reports.
//!
//! In: bytes with a path, a tree, a repository. Out: [`Finding`]s. Never here:
//! printing, deciding what a finding means for an operation, or showing a
//! secret unless asked.
//!
//! Start reading at [`Scanner`].

mod allow;
mod archive;
mod assign;
pub mod config;
mod decode;
mod engine;
mod error;
mod excerpt;
mod files;
mod filter;
mod finding;
mod foreign;
mod ignores;
mod job;
mod lead;
mod named;
mod prefilter;
pub mod report;
pub mod rule;
mod rule_set;
mod run;
pub mod sample;
pub mod schema;
pub mod source;
mod stream;
mod text;
mod value_hash;
mod words;

pub use engine::{Hit, Mode, Scanner};
pub use error::{Error, Result};
pub use files::{SensitiveFile, sensitive_file};
pub use finding::{Finding, Verification};
pub use ignores::Ignores;
pub use rule::{Confidence, Rule};
pub use value_hash::ValueHash;

#[cfg(test)]
mod tests;
