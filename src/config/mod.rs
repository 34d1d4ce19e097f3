//! Configuration in layers, each value knowing where it came from, and the
//! environment.
//!
//! In: files and variables. Out: plain settings. Never here: deciding.

pub mod credentials;
pub mod env;
pub mod paths;
pub mod private_file;
