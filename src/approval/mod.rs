//! HANDS: getting a person's answer.
//!
//! In: a recorded decision that needs approval. Out: a grant for exactly this
//! action, once. Never here: deciding whether approval is needed.

#[cfg(feature = "client")]
pub mod client;
