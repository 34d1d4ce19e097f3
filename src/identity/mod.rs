//! MEMORY: who somebody is, and what it may show for it.
//!
//! In: keys, claims, tokens. Out: signed tokens of callers ([`CallerToken`]),
//! delegations that only narrow ([`delegate`]), single-use tickets for allowed
//! actions ([`Ticket`]), and why one doesn't count. Never here: deciding what a
//! caller may do.

mod caller_token;
mod delegation;
mod key_set;
mod key_store;
mod keys;
mod nonces;
mod strict_json;
mod ticket;
mod token;

pub use caller_token::{
    CallerToken, CallerTokenError, GREATEST_DEPTH, LONGEST_LIFE, Link, Profile, USUAL_DEPTH,
    USUAL_LIFE,
};
pub use delegation::{Child, DelegationError, delegate};
pub use key_set::{KeySet, KeySetError};
pub use key_store::{KeyStore, RETIRED_FOR, StoredKey};
pub use keys::{Algorithm, Key, KeyError, STRONG_SECRET};
pub use nonces::{MemoryNonces, NonceFile, NonceStore};
pub use ticket::{Expected, TICKET_LIFE, Ticket, TicketError};
pub use token::{Authority, Claims, LONGEST_TOKEN, TokenError};
