//! Every integration test, in one binary: one module a subject.

mod house;
mod init;
mod support;
