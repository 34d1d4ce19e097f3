//! `pre-commit` through real git: what is stopped, what passes, and what is
//! said about it.

mod guarded_files;
mod hostile;
mod layouts;
