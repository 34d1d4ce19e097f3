//! What became of a finding: whether the commit checked out still has it, and
//! which commit took it away.

use foldhash::{HashMap, HashMapExt as _};
use memchr::memmem::Finder;

use super::super::Finding;
use crate::git::{Content, Differ, Lineage, Oid, Repo, work};

/// Findings that are followed; more are told without their fate.
const MOST: usize = 1000;
/// Findings a thread takes at once.
const RUN: usize = 8;
/// Renames that are followed.
const RENAMES: usize = 8;
/// Commits after the one that brought it in which the first that has it on the
/// way to the one checked out is looked for.
const AFTER: usize = 64;
/// Larger files are not looked into again.
const LARGEST: u64 = 4 << 20;

/// The way from the commit checked out back to its first ancestor.
pub(super) struct Fates<'a> {
    repo: &'a Repo,
    /// Newest first, by the first parents.
    way: Vec<&'a Lineage>,
    /// Where on it each commit is.
    on_way: HashMap<Oid, usize>,
    /// Numbers of the commits that brought a finding, newest first.
    numbers: HashMap<Oid, usize>,
    lineage: &'a [Lineage],
}

impl<'a> Fates<'a> {
    pub(super) fn new(repo: &'a Repo, lineage: &'a [Lineage], head: Option<Oid>) -> Self {
        let known: HashMap<Oid, &Lineage> =
            lineage.iter().map(|commit| (commit.oid, commit)).collect();
        let mut way = Vec::new();
        let mut next = head.and_then(|head| known.get(&head).copied());
        while let Some(commit) = next.filter(|_| way.len() <= lineage.len()) {
            way.push(commit);
            next = commit.parents.first().and_then(|parent| known.get(parent).copied());
        }
        let on_way = way.iter().enumerate().map(|(at, commit)| (commit.oid, at)).collect();
        Self { repo, way, on_way, numbers: HashMap::new(), lineage }
    }

    /// Tells every finding its fate.
    pub(super) fn tell(mut self, findings: &mut [Finding]) {
        self.numbers.extend(findings.iter().filter_map(commit).map(|commit| (commit, usize::MAX)));
        for (number, commit) in self.lineage.iter().enumerate() {
            if let Some(place) = self.numbers.get_mut(&commit.oid) {
                *place = number;
            }
        }
        let part = findings.get(..findings.len().min(MOST)).unwrap_or_default();
        let start = || (self.repo.differ(), Vec::new());
        let parts = work::fold(part, RUN, start, |(differ, fates), number, finding| {
            fates.extend(self.fate(finding, differ).map(|fate| (number, fate)));
        });
        for (number, (in_head, removed_in)) in parts.into_iter().flat_map(|(_, fates)| fates) {
            if let Some(finding) = findings.get_mut(number) {
                finding.in_head = Some(in_head);
                finding.removed_in = removed_in.map(|oid| oid.to_string());
            }
        }
    }

    /// Whether it is in the commit checked out, and which commit removed it;
    /// none where it can't be told.
    fn fate(&self, finding: &Finding, differ: &mut Differ<'a>) -> Option<(bool, Option<Oid>)> {
        let since = *self.numbers.get(&commit(finding)?)?;
        let born = self.lineage.get(since)?;
        let mut look = Look {
            differ,
            secret: Finder::new(finding.secret.as_bytes()),
            path: finding.file.clone().into_bytes(),
            known: HashMap::new(),
        };
        if finding.secret.is_empty() || !look.has(born.tree)? {
            return None;
        }
        let younger = self.lineage.get(since.saturating_sub(AFTER)..=since)?;
        let mut places = younger.iter().rev().filter_map(|commit| self.on_way.get(&commit.oid));
        let mut from = *places.find(|at| look.at(&self.way, **at) == Some(true))?;
        for _ in 0..RENAMES {
            if look.at(&self.way, 0)? {
                return Some((true, None));
            }
            let (mut has, mut lacks) = (from, 0);
            while has > lacks + 1 {
                let middle = lacks + (has - lacks) / 2;
                match look.at(&self.way, middle)? {
                    true => has = middle,
                    false => lacks = middle,
                }
            }
            let removed = self.way.get(lacks)?;
            let Some(path) = look.moved(self.way.get(has)?.tree, removed.tree) else {
                return Some((false, Some(removed.oid)));
            };
            (look.path, from) = (path, lacks);
        }
        None
    }
}

/// The commit that brought it.
fn commit(finding: &Finding) -> Option<Oid> {
    Oid::parse(finding.commit.as_ref()?)
}

/// Looks for one secret at one path.
struct Look<'a, 's> {
    differ: &'s mut Differ<'a>,
    secret: Finder<'s>,
    path: Vec<u8>,
    /// Blobs looked at.
    known: HashMap<Oid, bool>,
}

impl Look<'_, '_> {
    fn at(&mut self, way: &[&Lineage], at: usize) -> Option<bool> {
        self.has(way.get(at)?.tree)
    }

    /// Whether the secret stands at the path in this tree.
    fn has(&mut self, tree: Oid) -> Option<bool> {
        match self.differ.entry_at(tree, &self.path).ok()? {
            Some(entry) => self.holds(entry.oid),
            None => Some(false),
        }
    }

    fn holds(&mut self, blob: Oid) -> Option<bool> {
        if let Some(known) = self.known.get(&blob) {
            return Some(*known);
        }
        let Content::Whole(content) = self.differ.content(blob, LARGEST).ok()? else { return None };
        let found = self.secret.find(&content).is_some();
        self.known.insert(blob, found);
        Some(found)
    }

    /// Where else the change put it.
    fn moved(&mut self, before: Oid, after: Oid) -> Option<Vec<u8>> {
        let changes = self.differ.against(&[Some(before)], after).ok()?;
        let new = changes.into_iter().filter_map(|change| Some((change.new?, change.path)));
        let mut new = new.filter(|(entry, _)| entry.is_file());
        new.find(|(entry, _)| self.holds(entry.oid) == Some(true)).map(|(_, path)| path)
    }
}
