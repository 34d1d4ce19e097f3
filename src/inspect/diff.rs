//! What a change adds, and how it looks.

use std::time::Duration;

use similar::{ChangeTag, TextDiff};

/// A diff that takes longer is approximated.
const DIFF_TIME: Duration = Duration::from_millis(200);
/// Lines of context in a unified diff.
const CONTEXT: usize = 3;

/// A line that stands in the new text and not in the old.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AddedLine {
    /// Number in the new text, from 1.
    pub number: usize,
    /// The line without its line feed.
    pub text: String,
}

/// The lines that `new` adds to `old`.
#[must_use]
pub fn added_lines(old: &str, new: &str) -> Vec<AddedLine> {
    let diff = TextDiff::configure().timeout(DIFF_TIME).diff_lines(old, new);
    diff.iter_all_changes()
        .filter(|change| change.tag() == ChangeTag::Insert)
        .map(|change| AddedLine {
            number: change.new_index().map_or(0, |index| index + 1),
            text: change.value().trim_end_matches(['\r', '\n']).to_owned(),
        })
        .collect()
}

/// A unified diff of one file.
#[must_use]
pub fn unified_diff(path: &str, old: &str, new: &str) -> String {
    TextDiff::configure()
        .timeout(DIFF_TIME)
        .diff_lines(old, new)
        .unified_diff()
        .context_radius(CONTEXT)
        .header(&format!("a/{path}"), &format!("b/{path}"))
        .to_string()
}
