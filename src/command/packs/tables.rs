//! The built-in packs, made by the build script and read as they are needed.

use std::cmp::Ordering;

use super::schema::{Effect, Known, PathClass, Program, Rule};
use crate::records::{self, Records};

impl Known {
    /// What is known about the program `name` (lower case): by its whole name,
    /// or without an ending (`.exe`, `.ext4`) or a version.
    pub(super) fn of(name: &str) -> Option<&'static Self> {
        let short = || name.split('.').next().unwrap_or(name);
        let bare = || name.trim_end_matches(|c: char| c.is_ascii_digit() || ".-".contains(c));
        find(name).or_else(|| find(short())).or_else(|| find(bare()))
    }
}

/// [`INDEX`] is ordered by name.
fn find(name: &str) -> Option<&'static Known> {
    let (mut low, mut high) = (0, INDEX.len());
    while low < high {
        let middle = low.midpoint(high);
        let known = INDEX.get(middle)?;
        match known.name.as_str().cmp(name) {
            Ordering::Less => low = middle + 1,
            Ordering::Greater => high = middle,
            Ordering::Equal => return Some(known),
        }
    }
    None
}

include!(concat!(env!("OUT_DIR"), "/packs.rs"));

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_record_can_be_read_and_the_index_is_ordered() {
        assert_eq!(PROGRAMS.iter().count(), PROGRAMS.len());
        assert_eq!(EFFECTS.iter().count(), EFFECTS.len());
        assert_eq!(RULES.iter().count(), RULES.len());
        assert_eq!(CLASSES.iter().count(), CLASSES.len());
        assert_eq!(INDEX.iter().count(), INDEX.len());
        assert!(INDEX.iter().is_sorted_by(|one, next| one.name < next.name));
        assert!(RULES.len() > 250 && INDEX.len() > 500);
    }
}
