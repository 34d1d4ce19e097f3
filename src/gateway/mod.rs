//! DOOR: approvals for many callers, over HTTP.
//!
//! In: requests with a key, and a person's browser. Out: approvals, each bound
//! to the digest of one action, given once and used once. Never here: judging
//! an action; the caller's guard has done that, and a denied action is refused.
//!
//! `router` is the whole interface as one table; [`store`] is the memory.

mod api;
mod app;
mod auth;
mod hosts;
mod local;
mod log;
mod problem;
mod router;
pub mod secret;
mod server;
mod shell;
pub mod store;
mod ui;
mod wait;

pub use hosts::Hosts;
pub use local::{LocalError, LocalKeys};
pub use log::start_log;
pub use server::{Options, Ready, ServeError, serve};
