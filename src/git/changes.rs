//! Differences between trees, skipping every directory whose id is the same.

use std::cmp::Ordering;
use std::sync::Arc;

use super::odb::shelf::{self, Shelf};
use super::read::META_LIMIT;
use super::{Change, Commit, Content, Error, Kind, Oid, Repo, Result, TreeEntries, TreeEntry};

/// Real trees have some dozens of levels, and a thread's stack holds these.
const MAX_DEPTH: usize = 256;

impl Repo {
    /// Every path that differs between two commits or trees, none being the
    /// empty tree. Renames show as a deletion and an addition.
    ///
    /// # Errors
    /// Errors of reading the trees that differ.
    pub fn tree_changes(&self, old: Option<Oid>, new: Option<Oid>) -> Result<Vec<Change>> {
        let old = old.map(|oid| self.tree_of(oid)).transpose()?;
        let new = new.map(|oid| self.tree_of(oid)).transpose()?;
        let mut differ = Differ::new(self);
        differ.compare(&[old], new, &mut Vec::new())?;
        Ok(differ.finish())
    }

    /// What a commit itself brought in: everything, for a root commit; for a
    /// merge only paths that differ from all parents. `old` is the first
    /// parent's entry. A parent that is missing counts as empty.
    ///
    /// # Errors
    /// Errors of reading the trees that differ.
    pub fn changes_of_commit(&self, commit: &Commit) -> Result<Vec<Change>> {
        self.differ().commit(commit)
    }

    /// What compares many trees that are much alike.
    #[must_use]
    pub fn differ(&self) -> Differ<'_> {
        Differ::new(self)
    }
}

/// Compares trees and gathers what differs.
pub struct Differ<'a> {
    pub repo: &'a Repo,
    found: Vec<Change>,
    shelf: Option<Shelf<'a>>,
    /// Whether trees that a partial clone left at its remote are fetched.
    fetches: bool,
    /// Bytes of objects that are kept.
    room: usize,
}

impl<'a> Differ<'a> {
    pub fn new(repo: &'a Repo) -> Self {
        Self { repo, found: Vec::new(), shelf: None, fetches: true, room: shelf::SOME }
    }

    /// For all of a history. Fetches nothing.
    pub fn local(repo: &'a Repo) -> Self {
        Self { fetches: false, room: shelf::MUCH, ..Self::new(repo) }
    }

    pub fn finish(self) -> Vec<Change> {
        self.found
    }

    pub fn push(
        &mut self,
        prefix: &[u8],
        name: &[u8],
        old: Option<TreeEntry>,
        new: Option<TreeEntry>,
    ) {
        self.found.push(Change { path: [prefix, name].concat(), old, new });
    }

    /// What `commit` brought in, against all of its parents.
    pub fn commit(&mut self, commit: &Commit) -> Result<Vec<Change>> {
        let parents = self.repo.followed_parents(commit).iter();
        let trees = parents.map(|parent| match self.read_commit(*parent) {
            Ok(parent) => Ok(Some(parent.tree)),
            Err(error) if error.is_missing() => Ok(None),
            Err(error) => Err(error),
        });
        let trees: Vec<_> = trees.collect::<Result<_>>()?;
        self.against(&trees, commit.tree)
    }

    /// As [`Repo::commit`]: quicker where many are read.
    ///
    /// # Errors
    /// As [`Repo::commit`].
    pub fn read_commit(&mut self, oid: Oid) -> Result<Commit> {
        match self.shelf()?.read(oid, META_LIMIT) {
            Ok((Kind::Commit, data)) => Commit::parse(oid, &data),
            _ => self.repo.commit(oid),
        }
    }

    /// The content of a blob, as [`Repo::content`] gives it: quicker where many
    /// are built on each other.
    ///
    /// # Errors
    /// As [`Repo::content`].
    pub fn content(&mut self, oid: Oid, limit: u64) -> Result<Content> {
        match self.shelf()?.read(oid, limit) {
            Ok((_, data)) if data.len() as u64 <= limit => Ok(Content::Whole(data)),
            _ => self.repo.content(oid, limit),
        }
    }

    fn shelf(&mut self) -> Result<&mut Shelf<'a>> {
        match &mut self.shelf {
            Some(shelf) => Ok(shelf),
            slot => Ok(slot.insert(self.repo.odb.shelf(self.room)?)),
        }
    }

    /// What stands at `path` in `tree`; none where nothing does.
    ///
    /// # Errors
    /// Errors of reading the trees on the way.
    pub fn entry_at(&mut self, tree: Oid, path: &[u8]) -> Result<Option<TreeEntry>> {
        let (mut tree, mut found) = (tree, None);
        for name in path.split(|byte| *byte == b'/') {
            if let Some(entry) = found.take() {
                let entry: TreeEntry = entry;
                if !entry.is_tree() {
                    return Ok(None);
                }
                tree = entry.oid;
            }
            let data = self.tree(Some(tree), &[])?;
            let mut entries = TreeEntries::new(&data, self.repo.object_format());
            while let Some((here, entry)) = self.next_entry(&mut entries, Some(tree))? {
                if here == name {
                    found = Some(entry);
                    break;
                }
            }
            if found.is_none() {
                return Ok(None);
            }
        }
        Ok(found)
    }

    /// What `tree` has that none of the parents' trees has.
    pub fn against(&mut self, parents: &[Option<Oid>], tree: Oid) -> Result<Vec<Change>> {
        let parents = if parents.is_empty() { &[None] } else { parents };
        let compared = self.compare(parents, Some(tree), &mut Vec::new());
        let found = std::mem::take(&mut self.found);
        compared.map(|()| found)
    }

    /// Gathers paths below `prefix` whose entry in `new` differs from that in
    /// each of `olds`.
    pub fn compare(
        &mut self,
        olds: &[Option<Oid>],
        new: Option<Oid>,
        prefix: &mut Vec<u8>,
    ) -> Result<()> {
        if olds.contains(&new) {
            return Ok(());
        }
        let mut sides = Vec::with_capacity(olds.len() + 1);
        for oid in olds.iter().chain([&new]) {
            sides.push((*oid, self.tree(*oid, prefix)?));
        }
        let format = self.repo.object_format();
        let mut lists: Vec<Side<'_>> =
            sides.iter().map(|(oid, data)| (*oid, TreeEntries::new(data, format), None)).collect();
        skip_same(&mut lists);
        for (oid, entries, head) in &mut lists {
            *head = self.next_entry(entries, *oid)?;
        }
        while let Some(key) = least_key(lists.iter().filter_map(|(_, _, head)| *head)) {
            let mut here: Vec<Option<TreeEntry>> = Vec::with_capacity(lists.len());
            for (_, _, head) in &mut lists {
                let matching = head.take_if(|(name, entry)| (*name, entry.is_tree()) == key);
                here.push(matching.map(|(_, entry)| entry));
            }
            if lists.iter().all(|(_, _, head)| head.is_none()) {
                skip_same(&mut lists);
            }
            for (oid, entries, head) in &mut lists {
                if head.is_none() {
                    *head = self.next_entry(entries, *oid)?;
                }
            }
            let after = here.pop().flatten();
            self.entry(key, &here, after, prefix)?;
        }
        Ok(())
    }

    fn entry(
        &mut self,
        (name, is_tree): (&[u8], bool),
        olds: &[Option<TreeEntry>],
        new: Option<TreeEntry>,
        prefix: &mut Vec<u8>,
    ) -> Result<()> {
        if olds.contains(&new) {
            return Ok(());
        }
        if !is_tree {
            self.push(prefix, name, olds.first().copied().flatten(), new);
            return Ok(());
        }
        let oids: Vec<_> = olds.iter().map(|old| old.map(|entry| entry.oid)).collect();
        let parent = prefix.len();
        prefix.extend_from_slice(name);
        prefix.push(b'/');
        self.compare(&oids, new.map(|entry| entry.oid), prefix)?;
        prefix.truncate(parent);
        Ok(())
    }

    /// The content of the tree at `prefix`; nothing for none.
    pub fn tree(&mut self, oid: Option<Oid>, prefix: &[u8]) -> Result<Arc<Vec<u8>>> {
        if prefix.iter().filter(|byte| **byte == b'/').count() > MAX_DEPTH {
            let path = self.repo.git_dir();
            return Err(Error::corrupt("tree", path, "directories are nested too deep"));
        }
        let Some(oid) = oid else { return Ok(Arc::default()) };
        match self.shelf()?.read(oid, META_LIMIT) {
            Ok((Kind::Tree, data)) => Ok(data),
            Err(Error::Missing { .. }) if self.fetches => self.repo.tree_data(oid).map(Arc::new),
            Ok((found, _)) => Err(Error::WrongKind { oid, found, wanted: Kind::Tree }),
            Err(error) => Err(error),
        }
    }

    /// The next entry of the tree `oid`; bytes that are none are an error.
    pub fn next_entry<'t>(
        &self,
        entries: &mut TreeEntries<'t>,
        oid: Option<Oid>,
    ) -> Result<Option<(&'t [u8], TreeEntry)>> {
        let entry = entries.next().transpose();
        entry.map_err(|_| {
            let oid = oid.unwrap_or_else(|| self.repo.object_format().empty_tree());
            self.repo.corrupt_object(oid, "the tree has an unreadable entry")
        })
    }
}

type Key<'a> = (&'a [u8], bool);

/// A tree's id, its entries that are left, and the one before these.
type Side<'a> = (Option<Oid>, TreeEntries<'a>, Option<(&'a [u8], TreeEntry)>);

/// Steps over entries that both sides have alike.
fn skip_same(lists: &mut [Side<'_>]) {
    if let [(_, one, _), (_, other, _)] = lists {
        one.skip_same(other);
    }
}

fn least_key<'a>(heads: impl Iterator<Item = (&'a [u8], TreeEntry)>) -> Option<Key<'a>> {
    heads.map(|(name, entry)| (name, entry.is_tree())).min_by(|a, b| key_order(*a, *b))
}

/// git's order of names: a directory sorts as if its name ended in `/`.
pub fn key_order((a, a_dir): Key<'_>, (b, b_dir): Key<'_>) -> Ordering {
    let common = a.len().min(b.len());
    let end = |name: &[u8], dir: bool| name.get(common).copied().or(dir.then_some(b'/'));
    a.get(..common).cmp(&b.get(..common)).then_with(|| end(a, a_dir).cmp(&end(b, b_dir)))
}
