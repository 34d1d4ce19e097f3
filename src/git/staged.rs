//! The index against a tree: what a commit would record.

use std::cmp::Ordering;

use super::changes::{Differ, key_order};
use super::index::CacheTree;
use super::{Change, Index, Oid, Repo, Result, TreeEntries, TreeEntry};

impl Repo {
    /// What `git commit` would record now: the index against `HEAD`, or
    /// against nothing on a branch without commits. Paths in conflict are left
    /// out (git refuses to commit them), and so is what `git add -N` announced.
    ///
    /// # Errors
    /// Errors of reading `HEAD`, the index and the trees that differ.
    pub fn staged(&self) -> Result<Vec<Change>> {
        self.staged_against(self.head()?.oid())
    }

    /// The index against a commit or tree (`--amend`: the parent of `HEAD`);
    /// none is the empty tree.
    ///
    /// # Errors
    /// As [`Repo::staged`].
    pub fn staged_against(&self, base: Option<Oid>) -> Result<Vec<Change>> {
        let tree = base.map(|oid| self.tree_of(oid)).transpose()?;
        let index = self.index()?;
        self.index_changes(&index, tree)
    }

    /// As [`Repo::staged_against`], with an index already read and a tree.
    ///
    /// # Errors
    /// Errors of reading the trees that differ.
    pub fn index_changes(&self, index: &Index, tree: Option<Oid>) -> Result<Vec<Change>> {
        let mut staging = Staging { index, differ: Differ::new(self), prefix: Vec::new() };
        let node = index.cache_tree().map(|_| CacheTree::ROOT);
        staging.directory(tree, Span { at: 0, end: index.len(), node })?;
        Ok(staging.differ.finish())
    }
}

/// Entries of the index that are in one directory, and its known id.
#[derive(Clone, Copy)]
struct Span {
    at: usize,
    end: usize,
    node: Option<usize>,
}

/// The next thing the index has in a directory.
enum Item<'a> {
    File(&'a [u8], TreeEntry),
    Conflict(&'a [u8]),
    Dir(&'a [u8], Span),
    /// A directory that a sparse index keeps as its id.
    Sparse(&'a [u8], Oid),
}

impl<'a> Item<'a> {
    fn key(&self) -> (&'a [u8], bool) {
        match self {
            Self::File(name, _) | Self::Conflict(name) => (name, false),
            Self::Dir(name, _) | Self::Sparse(name, _) => (name, true),
        }
    }
}

struct Staging<'a> {
    index: &'a Index,
    differ: Differ<'a>,
    prefix: Vec<u8>,
}

impl<'a> Staging<'a> {
    /// Compares one directory, whose path is `prefix`, with `tree`.
    fn directory(&mut self, tree: Option<Oid>, mut span: Span) -> Result<()> {
        let cache = self.index.cache_tree();
        let known = cache.zip(span.node).and_then(|(cache, node)| cache.oid(node));
        if known.is_some() && known == tree {
            return Ok(());
        }
        let data = self.differ.tree(tree, &self.prefix)?;
        let mut entries = TreeEntries::new(&data, self.differ.repo.object_format());
        let known = cache.zip(span.node).map(|(cache, node)| cache.children(node));
        let known = known.unwrap_or_default();
        let mut old = self.differ.next_entry(&mut entries, tree)?;
        let mut item = self.item(&mut span, &known);
        loop {
            let order = match (&old, &item) {
                (None, None) => return Ok(()),
                (Some(_), None) => Ordering::Less,
                (None, Some(_)) => Ordering::Greater,
                (Some((name, entry)), Some(item)) => {
                    key_order((*name, entry.is_tree()), item.key())
                }
            };
            let before = if order == Ordering::Greater { None } else { old };
            let after = if order == Ordering::Less { None } else { item.take() };
            self.compare(before, after)?;
            if order != Ordering::Greater {
                old = self.differ.next_entry(&mut entries, tree)?;
            }
            if order != Ordering::Less {
                item = self.item(&mut span, &known);
            }
        }
    }

    fn compare(&mut self, old: Option<(&[u8], TreeEntry)>, item: Option<Item<'a>>) -> Result<()> {
        let entry = old.map(|(_, entry)| entry);
        let name = old.map(|(name, _)| name).or(item.as_ref().map(|item| item.key().0));
        let name = name.unwrap_or_default();
        let tree = entry.filter(|entry| entry.is_tree()).map(|entry| entry.oid);
        match item {
            Some(Item::Conflict(_)) => Ok(()),
            Some(Item::File(_, new)) if entry == Some(new) => Ok(()),
            Some(Item::File(_, new)) => {
                self.differ.push(&self.prefix, name, entry, Some(new));
                Ok(())
            }
            Some(Item::Dir(_, span)) => {
                let parent = self.enter(name);
                self.directory(tree, span)?;
                self.prefix.truncate(parent);
                Ok(())
            }
            Some(Item::Sparse(_, oid)) => self.trees(name, tree, Some(oid)),
            None if tree.is_some() => self.trees(name, tree, None),
            None => {
                self.differ.push(&self.prefix, name, entry, None);
                Ok(())
            }
        }
    }

    fn trees(&mut self, name: &[u8], old: Option<Oid>, new: Option<Oid>) -> Result<()> {
        let parent = self.enter(name);
        self.differ.compare(&[old], new, &mut self.prefix)?;
        self.prefix.truncate(parent);
        Ok(())
    }

    fn enter(&mut self, name: &[u8]) -> usize {
        let parent = self.prefix.len();
        self.prefix.extend_from_slice(name);
        self.prefix.push(b'/');
        parent
    }

    /// Takes the next thing from `span`.
    fn item(&self, span: &mut Span, known: &[(&[u8], usize)]) -> Option<Item<'a>> {
        let index = self.index;
        while span.at < span.end {
            let found = index.at(span.at)?;
            let rest = found.path.get(self.prefix.len()..).unwrap_or_default();
            if let Some(slash) = rest.iter().position(|byte| *byte == b'/') {
                let name = rest.get(..slash).unwrap_or_default();
                if found.entry.is_tree() && slash + 1 == rest.len() {
                    span.at += 1;
                    return Some(Item::Sparse(name, found.entry.oid));
                }
                let dir = found.path.get(..=self.prefix.len() + slash).unwrap_or_default();
                let (at, end) = (span.at, index.end_of(dir, span.at, span.end).max(span.at + 1));
                span.at = end;
                let node = known.binary_search_by(|(known, _)| (*known).cmp(name)).ok();
                let node = node.and_then(|at| known.get(at)).map(|(_, node)| *node);
                return Some(Item::Dir(name, Span { at, end, node }));
            }
            span.at += 1;
            if found.stage != 0 {
                while index.at(span.at).is_some_and(|next| next.path == found.path) {
                    span.at += 1;
                }
                return Some(Item::Conflict(rest));
            }
            if !found.intent_to_add {
                return Some(Item::File(rest, found.entry));
            }
        }
        None
    }
}
