//! The gateway, through the real binary: one file a promise.

#![expect(clippy::unwrap_used, reason = "a test stops where its stage breaks")]

mod access;
mod browser;
mod commands;
mod crash;
mod life;
mod page;
mod races;
mod shared;
