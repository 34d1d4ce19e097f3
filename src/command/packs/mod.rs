//! What commands other than git's and gh's do.
//!
//! In: a resolved command. Out: the operations it would carry out. What is
//! worth a thought is data (`rules/commands/*.toml`, the notation in their
//! `README.md`): a rule names a program with its options and operands, or
//! what happens to a kind of file, a statement of SQL, an HTTP call. Code is
//! only what reads these out of a command: [`command`], [`path`], [`sql`],
//! [`http`]. Never here: unwrapping a line, which the resolver did.

mod command;
mod examples;
mod http;
mod matching;
mod own;
mod path;
#[expect(dead_code, reason = "the build script reads whole files with it")]
mod schema;
mod sql;
mod tables;

use command::Command;
pub use examples::wrong_examples;
use matching::holds;
pub use own::{OwnPacks, PackError};
pub use schema::Rule;
use tables::{GENERAL, RULES};

use super::intent::Intent;
use super::invocation::Invocation;
use super::lookup::Lookup;

/// The operations that `invocation` would carry out.
pub(super) fn judge(invocation: &Invocation, lookup: &dyn Lookup) -> Vec<Intent> {
    let own = lookup.own_packs();
    let Some(command) = Command::read(invocation, own) else { return Vec::new() };
    if command.is_only_a_question() {
        return Vec::new();
    }
    let mut found = http::to_github(&command, lookup);
    let about = command.known.map_or(&[][..], |known| &known.rules);
    let general: &[usize] = if command.touches_anything() { GENERAL } else { &[] };
    let built_in = about.iter().chain(general).filter_map(|number| RULES.get(*number));
    let mut rest = Vec::new();
    let added = own.map_or(&[][..], OwnPacks::rules).iter();
    for rule in built_in.chain(added.filter(|rule| command.is_about(rule))) {
        if own.is_some_and(|own| own.is_off(&rule.pack, &rule.id)) {
            continue;
        }
        if rule.otherwise {
            rest.push(rule);
        } else if let Some(intent) = holds(rule, &command) {
            found.push(intent);
        }
    }
    if found.is_empty() {
        found = rest.into_iter().filter_map(|rule| holds(rule, &command)).take(1).collect();
    }
    found.retain(|intent| intent.operation != NOTHING);
    found
}

/// The operation of a rule that lets something pass.
const NOTHING: &str = "nothing";

/// The built-in rules.
#[must_use]
pub fn rules() -> Vec<Rule> {
    RULES.iter().cloned().collect()
}
