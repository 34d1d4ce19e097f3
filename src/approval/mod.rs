//! HANDS: getting a person's yes.
//!
//! In: a recorded decision. Out: a warrant, or the reason why there is none.
//! Never here: deciding, executing. An agent can't answer a terminal prompt:
//! its approvals come from the gateway.

#[cfg(feature = "client")]
mod client;
mod configured;
mod desk;
mod local;
mod once;
mod question;
mod remote;
mod seek;
mod terminal;
mod warrant;

#[cfg(feature = "client")]
pub use client::{GatewayClient, KeyInfo};
pub use configured::gateway;
pub use desk::Desk;
pub use local::LocalApprovals;
pub use once::Once;
pub use question::Question;
pub use remote::{Remote, RemoteError};
pub use seek::{Channels, Refusal, seek};
pub use terminal::Terminal;
pub use warrant::{Grant, Warrant};
