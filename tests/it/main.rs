//! saferun from outside: the library's corpora and the real binary against
//! real programs. One binary, one module a subject.

#![expect(clippy::disallowed_methods, reason = "tests start the real programs")]
#![expect(clippy::expect_used, reason = "a test fails by panicking")]

mod commands;
mod demo;
mod gateway;
mod gh;
mod git_reader;
mod install;
mod scan;
mod shim;
mod shim_guard;
mod support;
