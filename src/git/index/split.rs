//! Split index: a shared file, and a small one with what changed since (the
//! extension `link`).

use super::{Index, Slot, bitmap};
use crate::git::{ObjectFormat, Oid};

/// What the small file says about the shared one.
#[derive(Debug)]
pub struct Link {
    /// Checksum of the shared file, which is its name; zero for none.
    pub base: Oid,
    /// Bitmaps of deleted and of replaced entries.
    bitmaps: Vec<u8>,
}

impl Link {
    pub fn parse(body: &[u8], format: ObjectFormat) -> Option<Self> {
        let (base, bitmaps) = body.split_at_checked(format.id_len())?;
        Some(Self { base: Oid::from_bytes(base)?, bitmaps: bitmaps.to_vec() })
    }
}

/// The index both files make together. The small one lists, in this order,
/// replacements (without a path: they keep the shared one) and additions.
pub fn merge(shared: Index, part: Index, link: &Link) -> Option<Index> {
    let count = shared.slots.len();
    let (deleted, replaced) = if link.bitmaps.is_empty() {
        (Vec::new(), Vec::new())
    } else {
        let (deleted, rest) = bitmap::positions(&link.bitmaps, count)?;
        (deleted, bitmap::positions(rest, count)?.0)
    };
    let mut slots: Vec<Option<Slot>> = shared.slots.into_iter().map(Some).collect();
    let mut changes = part.slots.into_iter();
    for position in replaced {
        let (old, new) = (slots.get_mut(position)?.as_mut()?, changes.next()?);
        *old = Slot { path_at: old.path_at, path_len: old.path_len, ..new };
    }
    for position in deleted {
        *slots.get_mut(position)? = None;
    }
    let mut paths = shared.paths;
    let shift = u32::try_from(paths.len()).ok()?;
    paths.extend_from_slice(&part.paths);
    for added in changes {
        let path_at = added.path_at.checked_add(shift)?;
        slots.push(Some(Slot { path_at, ..added }));
    }
    let slots = slots.into_iter().flatten().collect();
    let mut index = Index { slots, paths, cache_tree: part.cache_tree };
    index.sort();
    Some(index)
}

impl Index {
    fn sort(&mut self) {
        let mut slots = std::mem::take(&mut self.slots);
        slots.sort_by(|a, b| (self.path(a), a.stage).cmp(&(self.path(b), b.stage)));
        self.slots = slots;
    }
}
