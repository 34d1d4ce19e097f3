//! `pre-commit` through real git: what is stopped, what passes, and what is
//! said about it.

#![expect(clippy::unwrap_used, reason = "a test stops where its stage breaks")]

mod guarded_files;
mod hostile;
mod layouts;
