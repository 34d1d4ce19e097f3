//! Configuration in layers, each value knowing where it came from, and the
//! environment.
//!
//! In: files and variables. Out: plain settings. Never here: deciding.

pub mod caller;
pub mod credentials;
pub mod env;
pub mod paths;
pub mod private_file;

mod file;
mod preset;
mod settings;
mod shared_state;

pub use file::ConfigError;
pub use preset::Preset;
pub use settings::{Origin, REPOSITORY_FILE, RepositoryFile, Setting, Settings};
pub use shared_state::SharedState;
