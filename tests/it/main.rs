//! Every integration test, in one binary: one module a subject.

#[cfg(feature = "gateway")]
mod gateway;
mod support;
