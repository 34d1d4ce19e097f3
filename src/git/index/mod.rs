//! The index: what the next commit will record (gitformat-index).
//!
//! In: the file, versions 2 to 4, split or sparse or neither. Out: entries in
//! path order, and the ids of directories that git already knows. Never here:
//! the stat data, which is about the work tree.

mod bitmap;
mod cache_tree;
mod parse;
mod split;

use std::path::Path;

use super::{Error, Repo, Result, TreeEntry, plumbing};
pub(super) use cache_tree::CacheTree;

/// One entry of the index.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct IndexEntry<'a> {
    /// Path from the repository's root. Ends in `/` for a directory that a
    /// sparse index keeps as one entry.
    pub path: &'a [u8],
    /// Mode and object.
    pub entry: TreeEntry,
    /// 0, or 1 to 3 (base, ours, theirs) while a conflict is open.
    pub stage: u8,
    /// Announced with `git add -N`, but without content yet.
    pub intent_to_add: bool,
}

#[derive(Debug, Clone, Copy)]
struct Slot {
    path_at: u32,
    path_len: u32,
    entry: TreeEntry,
    stage: u8,
    intent_to_add: bool,
}

/// The index, read whole.
#[derive(Debug, Default)]
pub struct Index {
    slots: Vec<Slot>,
    paths: Vec<u8>,
    cache_tree: Option<CacheTree>,
}

impl Index {
    /// All entries, in path order.
    pub fn entries(&self) -> impl Iterator<Item = IndexEntry<'_>> {
        self.slots.iter().map(|slot| self.view(slot))
    }

    /// Number of entries.
    #[must_use]
    pub fn len(&self) -> usize {
        self.slots.len()
    }

    /// Whether nothing is in the index.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.slots.is_empty()
    }

    /// Whether a merge conflict is open.
    #[must_use]
    pub fn has_conflicts(&self) -> bool {
        self.slots.iter().any(|slot| slot.stage != 0)
    }

    /// The entry of exactly this path, not in conflict.
    #[must_use]
    pub fn get(&self, path: &[u8]) -> Option<TreeEntry> {
        let at = self.slots.partition_point(|slot| self.path(slot) < path);
        let slot = self.slots.get(at).filter(|slot| slot.stage == 0)?;
        (self.path(slot) == path).then_some(slot.entry)
    }

    pub(super) fn at(&self, number: usize) -> Option<IndexEntry<'_>> {
        self.slots.get(number).map(|slot| self.view(slot))
    }

    /// Number of the first entry from `start` on whose path does not begin
    /// with `prefix`.
    pub(super) fn end_of(&self, prefix: &[u8], start: usize, end: usize) -> usize {
        let slots = self.slots.get(start..end).unwrap_or_default();
        start + slots.partition_point(|slot| self.path(slot).starts_with(prefix))
    }

    pub(super) fn cache_tree(&self) -> Option<&CacheTree> {
        self.cache_tree.as_ref()
    }

    fn view(&self, slot: &Slot) -> IndexEntry<'_> {
        let Slot { entry, stage, intent_to_add, .. } = *slot;
        IndexEntry { path: self.path(slot), entry, stage, intent_to_add }
    }

    fn path(&self, slot: &Slot) -> &[u8] {
        let start = slot.path_at as usize;
        self.paths.get(start..start + slot.path_len as usize).unwrap_or_default()
    }

    /// git refuses an index out of order too; searching relies on the order.
    fn check_order(&self, path: &Path) -> Result<()> {
        let key = |slot: &Slot| (self.path(slot), slot.stage);
        let sorted = self.slots.is_sorted_by(|a, b| key(a) < key(b));
        if sorted { Ok(()) } else { Err(Error::corrupt("index", path, "entries out of order")) }
    }
}

impl Repo {
    /// Reads the index; an absent one is empty. What is in a form not known
    /// here is read by `git ls-files`.
    ///
    /// # Errors
    /// [`Error::Corrupt`] naming the file.
    pub fn index(&self) -> Result<Index> {
        let path = self.index_path();
        let data = match std::fs::read(path) {
            Ok(data) => data,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                return Ok(Index::default());
            }
            Err(error) => return Err(Error::io(path)(error)),
        };
        let index = match parse::parse(data, self.object_format(), path)? {
            parse::Parsed::Whole(index) => index,
            parse::Parsed::Split(part, link) => self.merged(part, &link)?,
            parse::Parsed::Unknown => Index::from_listing(&plumbing::ls_files(self)?, path)?,
        };
        index.check_order(path)?;
        Ok(index)
    }

    fn merged(&self, part: Index, link: &split::Link) -> Result<Index> {
        if link.base.is_zero() {
            return Ok(part);
        }
        let path = self.git_dir().join(format!("sharedindex.{}", link.base));
        let data = std::fs::read(&path).map_err(Error::io(&path))?;
        match parse::parse(data, self.object_format(), &path)? {
            parse::Parsed::Whole(shared) => split::merge(shared, part, link)
                .ok_or_else(|| Error::corrupt("split index", &path, "the two parts do not fit")),
            _ => Err(Error::corrupt("shared index", &path, "it is split itself")),
        }
    }
}
