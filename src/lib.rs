//! saferun stands between AI agents (and hurried people) and the operations
//! nobody can take back.
//!
//! Every dangerous thing is put into four words ([`action`]), judged once by
//! one pure function ([`policy`]), written down ([`audit`]), approved if need
//! be ([`approval`]) and only then done ([`exec`]). [`guard`] runs exactly this
//! line for everybody; start reading there.
//!
//! Floors, from the top; a room uses lower floors only:
//!
//! | floor | rooms |
//! |---|---|
//! | doors | `entry`, `gateway` |
//! | corridor | `guard` |
//! | hands | `approval`, `exec`, `install` |
//! | memory | `audit`, `identity` |
//! | eyes and judgment | `git`, `scan`, `redact`, `verify`, `command`, `inspect`, `policy` |
//! | words | `action`, `config`, `term`, `net` |

pub mod action;
pub mod approval;
pub mod audit;
pub mod command;
pub mod config;
pub mod entry;
pub mod exec;
#[cfg(feature = "gateway")]
pub mod gateway;
pub mod git;
pub mod guard;
pub mod identity;
pub mod inspect;
pub mod install;
#[cfg(feature = "client")]
pub mod net;
pub mod policy;
mod records;
pub mod redact;
pub mod scan;
pub mod term;
#[cfg(feature = "client")]
pub mod verify;
