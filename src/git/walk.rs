//! Walks along parents, newest commit first, as `git rev-list` does.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap};

use super::odb::shelf::{self, Shelf};
use super::{Commit, Error, Kind, Oid, Repo, Result, object};

/// How many more commits to look at once only hidden ones are left: dates may
/// be wrong (the same number as git's).
const SLOP: usize = 5;

/// Commits found by [`Repo::walk`].
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Walked {
    /// Newest first.
    pub commits: Vec<Oid>,
    /// Tips (hidden ones too) and parents that are not in the repository.
    pub missing: Vec<Oid>,
    /// Trees and blobs that were tips, or that tags among the tips name.
    pub not_commits: Vec<Oid>,
}

/// What a walk comes by.
#[derive(Debug, Clone, Copy)]
pub enum Met<'a> {
    /// A commit, met for the first time.
    Commit(&'a Commit),
    /// An annotated tag and its text; once for every tip that leads to it.
    Tag(Oid, &'a [u8]),
}

/// The first of some commits, and how many there are.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Listed {
    /// At most as many as asked for, newest first.
    pub commits: Vec<Commit>,
    /// How many there are in all.
    pub total: usize,
    /// Whether every commit on the way was here.
    pub complete: bool,
}

impl Repo {
    /// Commits reachable from `tips` and not from `hidden`. Annotated tags are
    /// followed. What is missing ends the walk there and is reported; nothing
    /// is fetched. With wrong dates a hidden commit may be listed, but never
    /// is one left out.
    ///
    /// # Errors
    /// [`Error::Corrupt`] for unreadable commits.
    pub fn walk(&self, tips: &[Oid], hidden: &[Oid]) -> Result<Walked> {
        let mut walk = Walk::new(self)?;
        for oid in hidden {
            walk.tip(*oid, true)?;
        }
        for oid in tips {
            walk.tip(*oid, false)?;
        }
        walk.run()?;
        Ok(walk.finish())
    }

    /// [`Repo::walk`] that goes on where a commit can't be read, and returns
    /// why it couldn't: for looking at a damaged repository. Hands over every
    /// commit and tag on the way, once.
    ///
    /// # Errors
    /// None as of now.
    pub fn walk_readable(
        &self,
        tips: &[Oid],
        met: &mut dyn FnMut(Met<'_>),
    ) -> Result<(Walked, Vec<Error>)> {
        let mut walk = Walk::new(self)?;
        walk.unreadable = Some(Vec::new());
        walk.met = Some(met);
        for oid in tips {
            walk.tip(*oid, false)?;
        }
        walk.run()?;
        let unreadable = walk.unreadable.take().unwrap_or_default();
        Ok((walk.finish(), unreadable))
    }

    /// The newest `at_most` commits of [`Repo::walk`], and how many there are:
    /// what a forced update would lose, for instance.
    ///
    /// # Errors
    /// As [`Repo::walk`].
    pub fn list_commits(&self, tips: &[Oid], hidden: &[Oid], at_most: usize) -> Result<Listed> {
        let walked = self.walk(tips, hidden)?;
        let commits = walked.commits.iter().take(at_most);
        let commits = commits.map(|oid| self.commit(*oid)).collect::<Result<_>>()?;
        let complete = walked.missing.is_empty();
        Ok(Listed { commits, total: walked.commits.len(), complete })
    }

    /// Whether `ancestor` is `descendant` or reachable from it. False where
    /// `ancestor` is not in the repository: nothing here descends from it.
    ///
    /// # Errors
    /// [`Error::Missing`] where `descendant` is not in the repository.
    pub fn is_ancestor(&self, ancestor: Oid, descendant: Oid) -> Result<bool> {
        let mut walk = Walk::new(self)?;
        let mut tip = |oid| self.tip(oid, &mut walk.shelf, &mut None);
        let Tip::Commit(goal) = tip(ancestor)? else { return Ok(false) };
        let start = match tip(descendant)? {
            Tip::Commit(start) => start,
            Tip::Missing(oid) => return Err(Error::Missing { oid }),
            Tip::Other(_) => return Ok(false),
        };
        let (goal, start) = (goal.oid, start.oid);
        walk.tip(goal, true)?;
        if goal == start {
            return Ok(true);
        }
        walk.tip(start, false)?;
        walk.search(goal)
    }

    fn tip(&self, oid: Oid, shelf: &mut Shelf<'_>, met: &mut Meeting<'_>) -> Result<Tip> {
        let mut oid = oid;
        for _ in 0..16 {
            let (kind, data) = match shelf.read(oid, super::read::META_LIMIT) {
                Ok(object) => object,
                Err(Error::Missing { oid }) => return Ok(Tip::Missing(oid)),
                Err(error) => return Err(error),
            };
            match kind {
                Kind::Commit => {
                    let commit = Commit::parse(oid, &data)?;
                    return Ok(Tip::Commit(Box::new(commit)));
                }
                Kind::Tag => {
                    if let Some(met) = met {
                        met(Met::Tag(oid, &data));
                    }
                    oid = object::tag_target(oid, &data)?;
                }
                Kind::Tree | Kind::Blob => return Ok(Tip::Other(oid)),
            }
        }
        Ok(Tip::Other(oid))
    }
}

/// What is told of everything met, if anything is.
type Meeting<'m> = Option<&'m mut dyn FnMut(Met<'_>)>;

enum Tip {
    Commit(Box<Commit>),
    Missing(Oid),
    Other(Oid),
}

/// What is known of a commit met on the way.
#[derive(Debug)]
struct Node {
    parents: Vec<Oid>,
    time: i64,
    hidden: bool,
    queued: bool,
}

struct Walk<'a, 'm> {
    met: Meeting<'m>,
    shelf: Shelf<'a>,
    repo: &'a Repo,
    nodes: HashMap<Oid, Node>,
    queue: BinaryHeap<(i64, Reverse<usize>, Oid)>,
    /// Queued commits that are not hidden.
    shown_queued: usize,
    pushed: usize,
    shown: Vec<Oid>,
    result: Walked,
    /// Where it is kept why a commit could not be read; such ends the walk
    /// where it isn't.
    unreadable: Option<Vec<Error>>,
}

impl<'a> Walk<'a, '_> {
    fn new(repo: &'a Repo) -> Result<Self> {
        Ok(Self {
            met: None,
            shelf: repo.odb.shelf(shelf::MUCH)?,
            repo,
            nodes: HashMap::new(),
            queue: BinaryHeap::new(),
            shown_queued: 0,
            pushed: 0,
            shown: Vec::new(),
            result: Walked::default(),
            unreadable: None,
        })
    }

    fn tip(&mut self, oid: Oid, hidden: bool) -> Result<()> {
        match (self.repo.tip(oid, &mut self.shelf, &mut self.met), &mut self.unreadable) {
            (Ok(Tip::Commit(commit)), _) => self.meet(&commit, hidden),
            (Ok(Tip::Missing(oid)), _) => self.result.missing.push(oid),
            (Ok(Tip::Other(oid)), _) if !hidden => self.result.not_commits.push(oid),
            (Ok(Tip::Other(_)), _) => {}
            (Err(error), Some(unreadable)) => unreadable.push(error),
            (Err(error), None) => return Err(error),
        }
        Ok(())
    }

    /// Queues a commit seen for the first time; hides one seen before.
    fn meet(&mut self, commit: &Commit, hidden: bool) {
        let oid = commit.oid;
        if self.nodes.contains_key(&oid) {
            if hidden {
                self.hide(oid);
            }
            return;
        }
        if let Some(met) = &mut self.met {
            met(Met::Commit(commit));
        }
        let parents = self.repo.followed_parents(commit).to_vec();
        let time = commit.committer.time;
        self.nodes.insert(oid, Node { parents, time, hidden, queued: true });
        self.queue.push((time, Reverse(self.pushed), oid));
        self.pushed += 1;
        self.shown_queued += usize::from(!hidden);
    }

    /// Hides a commit and all its ancestors met so far.
    fn hide(&mut self, oid: Oid) {
        let mut open = vec![oid];
        while let Some(oid) = open.pop() {
            let Some(node) = self.nodes.get_mut(&oid).filter(|node| !node.hidden) else { continue };
            node.hidden = true;
            self.shown_queued -= usize::from(node.queued);
            if !node.queued {
                open.extend_from_slice(&node.parents);
            }
        }
    }

    /// Takes the newest queued commit and queues its parents.
    fn step(&mut self) -> Result<Option<(Oid, bool)>> {
        let Some((_, _, oid)) = self.queue.pop() else { return Ok(None) };
        let Some(node) = self.nodes.get_mut(&oid) else { return Ok(None) };
        node.queued = false;
        let (hidden, parents) = (node.hidden, node.parents.clone());
        self.shown_queued -= usize::from(!hidden);
        for parent in parents {
            if self.nodes.contains_key(&parent) {
                if hidden {
                    self.hide(parent);
                }
            } else {
                self.tip(parent, hidden)?;
            }
        }
        Ok(Some((oid, hidden)))
    }

    fn run(&mut self) -> Result<()> {
        let (mut slop, mut last_shown) = (SLOP, i64::MAX);
        while let Some((oid, hidden)) = self.step()? {
            if !hidden {
                last_shown = self.nodes.get(&oid).map_or(last_shown, |node| node.time);
                self.shown.push(oid);
                continue;
            }
            let Some((next, _, _)) = self.queue.peek() else { break };
            slop = if last_shown <= *next || self.shown_queued > 0 { SLOP } else { slop - 1 };
            if slop == 0 {
                break;
            }
        }
        Ok(())
    }

    /// Goes on until the hidden `goal` is met from the other side, or nothing
    /// that could lead to it is left. A commit on the way to `goal` is not one
    /// of its ancestors, so it is never hidden: dates do not matter here.
    fn search(&mut self, goal: Oid) -> Result<bool> {
        while self.shown_queued > 0 {
            let Some((oid, hidden)) = self.step()? else { break };
            let parents = self.nodes.get(&oid).map(|node| node.parents.as_slice());
            if !hidden && parents.is_some_and(|parents| parents.contains(&goal)) {
                return Ok(true);
            }
        }
        Ok(false)
    }

    fn finish(mut self) -> Walked {
        let nodes = &self.nodes;
        self.shown.retain(|oid| nodes.get(oid).is_some_and(|node| !node.hidden));
        let mut result = self.result;
        result.commits = self.shown;
        result.missing.sort_unstable();
        result.missing.dedup();
        result
    }
}
