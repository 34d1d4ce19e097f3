//! How much one line may ask for, with everything inside it.

use std::cell::Cell;

/// Most commands that are looked at.
const MAX_COMMANDS: usize = 2000;
/// Most text that variables may put into words, in bytes.
const MAX_EXPANDED: usize = 1 << 20;

/// What is left to one line.
#[derive(Debug)]
pub(in crate::command) struct Limits {
    commands: Cell<usize>,
    expanded: Cell<usize>,
}

impl Default for Limits {
    fn default() -> Self {
        Self { commands: Cell::new(MAX_COMMANDS), expanded: Cell::new(MAX_EXPANDED) }
    }
}

impl Limits {
    /// Takes one command; false where there were too many.
    pub(in crate::command) fn command(&self) -> bool {
        let left = self.commands.get();
        self.commands.set(left.saturating_sub(1));
        left > 0
    }

    /// Takes room for a value; false where there is none.
    pub(in crate::command) fn expand(&self, length: usize) -> bool {
        let left = self.expanded.get();
        self.expanded.set(left.saturating_sub(length));
        left >= length
    }

    /// Whether nothing more is looked at.
    pub(in crate::command) fn is_spent(&self) -> bool {
        self.commands.get() == 0
    }
}
