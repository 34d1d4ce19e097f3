//! EYES: what a command line would do.
//!
//! In: a line of shell or an argument vector, and a [`Lookup`] that answers the
//! few questions the words alone leave open. Out: a [`Classification`]: every
//! simple command that could run, the operations recognised in them, each with
//! its target and why, and what could not be resolved. Never here: input and
//! output, judging, running anything.
//!
//! A line goes through `parse` (text to tree), `resolve` (tree to commands, with
//! what the line itself sets), `unwrap` (what is inside a command: `sudo`,
//! `sh -c`, `xargs`, code of other languages) and `dispatch`, which hands each
//! command to the rules: `git`, `gh`, and `packs` for everything else.
//!
//! Which options mean what is data (`rules/commands/*.toml`, see `pack.rs` and
//! the `README.md` there); only what needs structure (refspecs, configuration,
//! request bodies) is code.

mod dispatch;
mod escapes;
mod gh;
mod git;
mod intent;
mod invocation;
mod line;
mod lookup;
mod options;
mod pack;
mod packs;
mod parse;
mod resolve;
mod scope;
mod unwrap;

use std::ffi::OsStr;

pub use git::{global_words, place};
pub use intent::{Classification, Intent};
pub use invocation::{Input, Invocation, Piece, Redirect, RedirectKind, Word};
pub use line::classify_line;
pub use lookup::{Lookup, Nothing, Place};
pub use packs::{OwnPacks, PackError, Rule as CommandRule, rules as command_rules, wrong_examples};

/// What the command in `argv` would do; `argv[0]` is the program, by name or
/// path.
#[must_use]
pub fn classify<S: AsRef<OsStr>>(argv: &[S], lookup: &dyn Lookup) -> Classification {
    let words: Vec<String> =
        argv.iter().map(|word| word.as_ref().to_string_lossy().into_owned()).collect();
    let mut seen = Classification::default();
    let mut scope = scope::Scope::top(lookup);
    scope.span = (0, words.iter().map(|word| word.len() + 1).sum::<usize>().saturating_sub(1));
    line::simple_command(&words, &scope, &mut seen);
    seen
}
