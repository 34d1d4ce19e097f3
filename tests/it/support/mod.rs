//! What the tests stand on: the real binary, real git, real HTTP, a real browser.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::disallowed_methods,
    reason = "a test stops where its stage breaks"
)]

pub mod browser;
pub mod gateway;
pub mod http;
pub mod person;
pub mod sandbox;
