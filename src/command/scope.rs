//! What surrounds a command while it is looked at.

use std::collections::HashMap;
use std::rc::Rc;

use super::Classification;
use super::intent::Intent;
use super::lookup::{Lookup, Place};
use super::resolve::Limits;

/// What surrounds a command.
#[derive(Clone)]
pub(super) struct Scope<'a> {
    /// Answers from outside.
    pub(super) lookup: &'a dyn Lookup,
    /// Variables assigned in front of the command.
    pub(super) assigned: HashMap<String, String>,
    /// How many lines are around it.
    pub(super) depth: usize,
    /// Aliases that are being expanded.
    pub(super) aliases: Vec<String>,
    /// Values of `$1`, `$2`, … where the line is an alias.
    pub(super) positional: Option<Vec<String>>,
    /// Wrappers around it.
    pub(super) through: Vec<String>,
    /// Where the command stands in the outermost line.
    pub(super) span: (usize, usize),
    /// Some words are known only when the line runs.
    pub(super) dynamic: bool,
    /// What can't be told here was there before this line: a script at hand.
    pub(super) lenient: bool,
    /// The command stands in a line of shell.
    pub(super) in_shell: bool,
    /// That line may have gone to another directory.
    pub(super) moved: bool,
    /// What is left to the line.
    pub(super) limits: Rc<Limits>,
}

impl<'a> Scope<'a> {
    /// For a command as typed.
    pub(super) fn top(lookup: &'a dyn Lookup) -> Self {
        Self {
            lookup,
            assigned: HashMap::new(),
            depth: 0,
            aliases: Vec::new(),
            positional: None,
            through: Vec::new(),
            span: (0, 0),
            dynamic: false,
            lenient: false,
            in_shell: false,
            moved: false,
            limits: Rc::default(),
        }
    }

    /// For what runs inside this command.
    pub(super) fn inner(&self) -> Self {
        Self { depth: self.depth + 1, ..self.clone() }
    }

    /// A variable as the command sees it.
    pub(super) fn env(&self, name: &str) -> Option<String> {
        self.assigned.get(name).cloned().or_else(|| self.lookup.env(name))
    }

    /// Puts an operation found in `argv` on record.
    pub(super) fn report(&self, seen: &mut Classification, mut intent: Intent, argv: &[String]) {
        intent.argv = argv.to_vec();
        intent.span = self.span;
        seen.push(intent);
    }

    /// Notes what is known only when it runs.
    pub(super) fn open(&self, seen: &mut Classification, what: String) {
        if self.is_inside() {
            seen.hidden(what);
        } else {
            seen.unresolved(what);
        }
    }

    /// Whether git or gh starts this.
    pub(super) fn is_inside(&self) -> bool {
        self.lenient || !self.aliases.is_empty()
    }

    /// Values of a configuration key.
    pub(super) fn config(&self, place: &Place, key: &str) -> Vec<String> {
        self.lookup.git_config(place, key)
    }
}
