//! Every integration test, in one binary: one module a subject.

mod git_reader;
mod scan;
