//! What tells a secret from what only looks like one, cheapest first.

pub mod checksum;
mod entropy;
mod human;
mod makeup;
mod name;
mod path;
mod placed;
mod placeholder;
mod published;
mod strength;
mod word;

pub(super) use entropy::{enough, shannon};
pub(super) use name::{named, names_something_else};
pub(super) use path::{Kind, kind};
pub(super) use placeholder::placeholder;
pub(super) use published::published;
pub(super) use strength::{Strength, assigned, chosen, holds_in_samples, in_doc_comment, token};
pub(super) use word::{password_like, token_like};
