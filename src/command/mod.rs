//! EYES: what a git or gh command line would do.
//!
//! In: an argument vector (or a line of shell, in so far as git aliases need
//! it) and a [`Lookup`] that answers the few questions the words alone leave
//! open. Out: a [`Classification`]: the operations recognised, each with its
//! target and why, and what could not be resolved. Never here: input and
//! output, judging, running anything.
//!
//! Which options mean what is data (`rules/commands/*.toml`, see `pack.rs`);
//! only what needs structure (refspecs, configuration, request bodies) is code.

mod carried;
mod gh;
mod git;
mod intent;
mod invocation;
mod line;
mod lookup;
mod options;
mod pack;
mod packs;
mod script;
mod shell;

use std::ffi::OsStr;

pub use git::{global_words, place};
pub use intent::{Classification, Intent};
pub use invocation::{Input, Invocation, Piece, Redirect, RedirectKind, Word};
pub use line::classify_line;
pub use lookup::{Lookup, Nothing, Place};
pub use packs::{OwnPacks, PackError, Rule as CommandRule, rules as command_rules};

/// What the command in `argv` would do; `argv[0]` is the program, by name or
/// path. Programs other than git and gh are unknown here.
#[must_use]
pub fn classify<S: AsRef<OsStr>>(argv: &[S], lookup: &dyn Lookup) -> Classification {
    let words: Vec<String> =
        argv.iter().map(|word| word.as_ref().to_string_lossy().into_owned()).collect();
    let mut seen = Classification::default();
    let mut scope = line::Scope::top(lookup);
    scope.span = (0, words.iter().map(|word| word.len() + 1).sum::<usize>().saturating_sub(1));
    line::simple_command(&words, &scope, &mut seen);
    seen
}
