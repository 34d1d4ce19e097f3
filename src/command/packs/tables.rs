//! The built-in packs as static tables, made by the build script.

use std::borrow::Cow;

use super::schema::{Effect, PathClass, Program, Rule};

/// Everything about one program's name.
#[derive(Debug)]
pub(super) struct Known {
    /// The name.
    pub(super) name: &'static str,
    /// How its arguments are read, in [`PROGRAMS`].
    pub(super) program: Option<usize>,
    /// What it does to files, in [`EFFECTS`].
    pub(super) effects: &'static [usize],
    /// The rules about it, in [`RULES`].
    pub(super) rules: &'static [usize],
}

impl Known {
    /// What is known about the program `name` (lower case): by its whole name,
    /// or without an ending (`.exe`, `.ext4`) or a version.
    pub(super) fn of(name: &str) -> Option<&'static Self> {
        let find = |name: &str| {
            let at = INDEX.binary_search_by(|known| known.name.cmp(name)).ok()?;
            INDEX.get(at)
        };
        let short = || name.split('.').next().unwrap_or(name);
        let bare = || name.trim_end_matches(|c: char| c.is_ascii_digit() || ".-".contains(c));
        find(name).or_else(|| find(short())).or_else(|| find(bare()))
    }
}

include!(concat!(env!("OUT_DIR"), "/packs.rs"));
