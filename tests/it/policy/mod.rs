//! Decisions about named actions: the corpora of `tests/corpora/policy`, the
//! commands, and properties that hold for every policy.

mod alone;
mod commands;
mod corpus;
mod properties;
