//! Every file content of a history, once.

use std::collections::hash_map::Entry;
use std::ops::ControlFlow;
use std::sync::Arc;

use foldhash::{HashMap, HashSet, HashSetExt as _};

use super::changes::Differ;
use super::{Commit, Error, Oid, Repo, Result, work};

/// Commits whose trees a thread compares at once: neighbours share most.
const SHARE: usize = 512;

/// A content where it first came in.
#[derive(Debug, Clone, Copy)]
pub struct Introduced<'a> {
    /// The commit that brought it.
    pub commit: &'a Commit,
    /// Its path in that commit.
    pub path: &'a [u8],
    /// The blob.
    pub blob: Oid,
    /// Mode as in [`super::TreeEntry::mode`]: a file or a symbolic link.
    pub mode: u32,
}

impl Repo {
    /// Calls `visit` once for every blob that `commits` brought in, oldest
    /// commit first; `commits` come newest first, as [`Repo::walk`] gives
    /// them. What a merge only takes over from a parent counts for the commit
    /// that brought it. Memory grows with the number of blobs (some 40 bytes
    /// each), not with their size.
    ///
    /// # Errors
    /// Errors of reading commits and trees.
    pub fn introduced_blobs(
        &self,
        commits: &[Oid],
        visit: &mut dyn FnMut(Introduced<'_>) -> ControlFlow<()>,
    ) -> Result<()> {
        let mut seen = HashSet::new();
        let mut differ = Differ::new(self);
        for oid in commits.iter().rev() {
            let commit = self.commit(*oid)?;
            for change in differ.commit(&commit)? {
                let Some(new) = change.new.filter(|new| new.is_file() || new.is_symlink()) else {
                    continue;
                };
                if !seen.insert(new.oid) {
                    continue;
                }
                let (path, blob, mode) = (change.path.as_slice(), new.oid, new.mode);
                if visit(Introduced { commit: &commit, path, blob, mode }).is_break() {
                    return Ok(());
                }
            }
        }
        Ok(())
    }
}

/// A commit, as far as the tracing of contents needs it.
#[derive(Debug, Clone)]
pub struct Lineage {
    /// The commit.
    pub oid: Oid,
    /// The tree it records.
    pub tree: Oid,
    /// Its parents that a walk follows.
    pub parents: Vec<Oid>,
}

/// Where a content first came in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Origin {
    /// Number of the commit that brought it, among those given: newest first.
    pub commit: u32,
    /// Number of its path there.
    pub path: u32,
}

/// Where every content of a history first came in.
#[derive(Debug, Default)]
pub struct Origins {
    blobs: HashMap<Oid, Origin>,
    paths: Paths,
    /// Why some trees could not be read. What only they hold has no origin.
    pub unreadable: Vec<Error>,
}

#[derive(Debug, Default)]
struct Paths {
    numbers: HashMap<Arc<[u8]>, u32>,
    names: Vec<Arc<[u8]>>,
}

impl Paths {
    fn number(&mut self, path: &[u8]) -> u32 {
        if let Some(number) = self.numbers.get(path) {
            return *number;
        }
        let number = u32::try_from(self.names.len()).unwrap_or(u32::MAX);
        let path: Arc<[u8]> = path.into();
        self.names.push(Arc::clone(&path));
        self.numbers.insert(path, number);
        number
    }
}

impl Origins {
    /// Where this content came in.
    #[must_use]
    pub fn of(&self, blob: Oid) -> Option<Origin> {
        self.blobs.get(&blob).copied()
    }

    /// The path with this number.
    #[must_use]
    pub fn path(&self, number: u32) -> &[u8] {
        self.paths.names.get(number as usize).map_or(&[], |path| path)
    }

    /// All paths, by number.
    pub fn paths(&self) -> impl Iterator<Item = &[u8]> {
        self.paths.names.iter().map(|path| &**path)
    }

    /// All contents, in no order.
    pub fn blobs(&self) -> impl Iterator<Item = (Oid, Origin)> {
        self.blobs.iter().map(|(oid, origin)| (*oid, *origin))
    }

    /// An older origin counts.
    fn note(&mut self, blob: Oid, path: &[u8], commit: u32) {
        match self.blobs.entry(blob) {
            Entry::Occupied(known) if known.get().commit >= commit => {}
            entry => {
                entry.insert_entry(Origin { commit, path: self.paths.number(path) });
            }
        }
    }

    fn merge(&mut self, other: Self) {
        for (blob, origin) in &other.blobs {
            self.note(*blob, other.path(origin.path), origin.commit);
        }
        self.unreadable.extend(other.unreadable);
    }
}

impl Repo {
    /// Traces every content that `commits` brought in, as
    /// [`Repo::introduced_blobs`] does, on all cores; `commits` come newest
    /// first, which is also the order in which packs hold trees.
    #[must_use]
    pub fn origins(&self, commits: &[Lineage]) -> Origins {
        let trees: HashMap<Oid, Oid> =
            commits.iter().map(|commit| (commit.oid, commit.tree)).collect();
        let start = || (Origins::default(), Differ::local(self));
        let parts = work::fold(commits, SHARE, start, |(origins, differ), number, commit| {
            let number = u32::try_from(number).unwrap_or(u32::MAX);
            let parents: Vec<_> =
                commit.parents.iter().map(|parent| trees.get(parent).copied()).collect();
            match differ.against(&parents, commit.tree) {
                Ok(changes) => {
                    for change in changes {
                        let new = change.new.filter(|new| new.is_file() || new.is_symlink());
                        if let Some(new) = new {
                            origins.note(new.oid, &change.path, number);
                        }
                    }
                }
                Err(error) => origins.unreadable.push(error),
            }
        });
        let mut parts = parts.into_iter().map(|(origins, _)| origins);
        let mut all = parts.next().unwrap_or_default();
        parts.for_each(|part| all.merge(part));
        all
    }
}
