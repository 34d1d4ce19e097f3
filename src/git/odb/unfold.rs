//! Visits the objects of a pack along their delta trees, on all cores: each is
//! inflated once and built on the one above it.
//!
//! Memory: a thread holds the objects on the way from a root that still have
//! other objects to be built on them. As the heaviest comes last, these are at
//! most as many as the logarithm of the tree's size, of [`HELD`] bytes each.

use std::collections::HashSet;
use std::ops::Range;
use std::sync::atomic::{AtomicUsize, Ordering};

use flate2::Decompress;

use super::delta::{self, Step};
use super::forest::Forest;
use super::inflate::inflate;
use super::pack::parse_entry;
use crate::git::{Error, Kind, Oid, Result, work};

/// Largest object that is held, bytes.
pub const HELD: u64 = 4 << 20;
/// What a zlib stream may be longer than its content, and an entry's head.
const SLACK: u64 = 64 << 10;
/// Whole objects that a thread takes at once.
const RUN: usize = 16;

/// How an object differs from the one that it is built on.
#[derive(Debug, Default)]
pub struct Edit {
    base: usize,
    length: usize,
    copies: Vec<Copied>,
}

#[derive(Debug, Clone, Copy)]
struct Copied {
    from: usize,
    to: usize,
    length: usize,
}

impl Copied {
    /// Where a stretch of what was copied stands now.
    fn moved(&self, stretch: &Range<usize>) -> Range<usize> {
        let moved = |at: usize| at - self.from + self.to;
        moved(stretch.start)..moved(stretch.end)
    }
}

impl Edit {
    fn begin(&mut self, base: usize) {
        self.base = base;
        self.copies.clear();
    }

    fn step(&mut self, to: usize, step: Step<'_>) {
        let Step::Copy(from, length) = step else { return };
        match self.copies.last_mut() {
            Some(last) if last.from + last.length == from && last.to + last.length == to => {
                last.length += length;
            }
            _ => self.copies.push(Copied { from, to, length }),
        }
    }

    /// What was not copied; a seam between two copies, or an end that is not
    /// the base's, is an empty range.
    pub fn fresh(&self) -> impl Iterator<Item = Range<usize>> {
        let begins = |copy: &&Copied| copy.from == 0 && copy.to == 0;
        let ends = |copy: &&Copied| {
            copy.from + copy.length == self.base && copy.to + copy.length == self.length
        };
        let first = self.copies.first();
        let head = first.is_none_or(|first| !begins(&first));
        let head = head.then(|| 0..first.map_or(self.length, |first| first.to));
        let seams = self.copies.windows(2).filter_map(|pair| match pair {
            [one, two] => Some(one.to + one.length..two.to),
            _ => None,
        });
        let last = self.copies.last().filter(|last| !ends(last));
        let tail = last.map(|last| last.to + last.length..self.length);
        head.into_iter().chain(seams).chain(tail)
    }

    /// Where a stretch of the base stands now, if it was copied as a whole.
    pub fn carried(&self, stretch: &Range<usize>) -> Option<Range<usize>> {
        let holds =
            |copy: &&Copied| copy.from <= stretch.start && stretch.end <= copy.from + copy.length;
        let copy = self.copies.iter().find(holds)?;
        Some(copy.moved(stretch))
    }

    /// Where the parts of a stretch of the base that were copied stand now.
    pub fn images(&self, stretch: &Range<usize>) -> impl Iterator<Item = Range<usize>> {
        self.copies.iter().filter_map(|copy| {
            let start = stretch.start.max(copy.from);
            let end = stretch.end.min(copy.from + copy.length);
            (start < end).then(|| copy.moved(&(start..end)))
        })
    }

    /// How many pieces of the base were copied.
    pub fn pieces(&self) -> usize {
        self.copies.len()
    }
}

/// What looks at the objects.
pub trait Visitor: Sync {
    /// What is known of an object when those built on it are visited; the
    /// default is nothing.
    type State: Default + Send;

    /// Whether the object is to be visited; others are only built on.
    fn wants(&self, oid: Oid) -> bool;

    /// Looks at an object. `base` is what is known of the one that it is built
    /// on, and how it differs from that.
    fn visit(&self, oid: Oid, content: &[u8], base: Option<(&Self::State, &Edit)>) -> Self::State;

    /// An object that can't be read, and why. Those that are too large to be
    /// held, or built on such ones, are [`Error::TooLarge`].
    fn failed(&self, oid: Oid, error: &Error);
}

/// Visits every object of `kind` in the pack.
pub fn unfold<V: Visitor>(forest: &Forest, kind: Kind, visitor: &V) {
    let roots = forest.roots(kind);
    let next = AtomicUsize::new(0);
    work::each(work::threads(), || {
        let mut worker = Worker::new(forest, visitor);
        loop {
            // The first ones are the heavy ones.
            let done = next.load(Ordering::Relaxed);
            let run = if done < RUN { 1 } else { RUN };
            let start = next.fetch_add(run, Ordering::Relaxed);
            match roots.get(start..roots.len().min(start + run)) {
                None | Some([]) => return,
                Some(run) => run.iter().for_each(|root| worker.tree(*root)),
            }
        }
    });
}

struct Frame<S> {
    node: u32,
    content: Vec<u8>,
    state: S,
    next: usize,
}

struct Worker<'a, V: Visitor> {
    forest: &'a Forest,
    visitor: &'a V,
    stack: Vec<Frame<V::State>>,
    /// Buffers to use again.
    spare: Vec<Vec<u8>>,
    input: Vec<u8>,
    delta: Vec<u8>,
    zlib: Decompress,
    edit: Edit,
}

impl<'a, V: Visitor> Worker<'a, V> {
    fn new(forest: &'a Forest, visitor: &'a V) -> Self {
        Self {
            forest,
            visitor,
            stack: Vec::new(),
            spare: Vec::new(),
            input: Vec::new(),
            delta: Vec::new(),
            zlib: Decompress::new(true),
            edit: Edit::default(),
        }
    }

    fn tree(&mut self, root: u32) {
        self.object(root, None);
        while let Some(mut top) = self.stack.pop() {
            let children = self.forest.children(top.node);
            let Some(child) = children.get(top.next).copied() else {
                self.spare.push(top.content);
                continue;
            };
            top.next += 1;
            if top.next == children.len() {
                self.object(child, Some(&top));
                self.spare.push(top.content);
            } else {
                let at = self.stack.len();
                self.object(child, Some(&top));
                self.stack.insert(at, top);
            }
        }
    }

    /// Visits an object, and makes it the next to build on.
    fn object(&mut self, node: u32, base: Option<&Frame<V::State>>) {
        let Some(oid) = self.forest.oid(node) else { return };
        let wanted = self.visitor.wants(oid);
        let leaf = self.forest.children(node).is_empty();
        if leaf && !wanted {
            return;
        }
        let mut content = self.spare.pop().unwrap_or_default();
        if let Err(error) = self.build(oid, node, base, &mut content) {
            self.fail(node, &error);
            self.spare.push(content);
            return;
        }
        let known = base.map(|base| (&base.state, &self.edit));
        let state =
            if wanted { self.visitor.visit(oid, &content, known) } else { Default::default() };
        match leaf {
            true => self.spare.push(content),
            false => self.stack.push(Frame { node, content, state, next: 0 }),
        }
    }

    fn build(
        &mut self,
        oid: Oid,
        node: u32,
        base: Option<&Frame<V::State>>,
        content: &mut Vec<u8>,
    ) -> Result<()> {
        let too_large = |size: u64| Error::TooLarge { oid, size, limit: HELD };
        let Some(base) = base else {
            return match self.inflate(node, content)? {
                0 => Ok(()),
                size => Err(too_large(size)),
            };
        };
        let mut delta = std::mem::take(&mut self.delta);
        let size = self.inflate(node, &mut delta);
        let applied = match size {
            Err(error) => Err(error),
            Ok(0) => match delta::sizes(&delta) {
                Some((_, size, _)) if size > HELD => Err(too_large(size)),
                _ => {
                    let edit = &mut self.edit;
                    edit.begin(base.content.len());
                    let seen = |to: usize, step: Step<'_>| edit.step(to, step);
                    let applied = delta::apply_into(content, &base.content, &delta, HELD, seen);
                    self.edit.length = content.len();
                    applied.ok_or_else(|| self.bad(node, "its delta does not fit its base"))
                }
            },
            Ok(size) => Err(too_large(size)),
        };
        self.delta = delta;
        applied
    }

    /// The inflated entry. Where that is too large to be held its size, else 0.
    fn inflate(&mut self, node: u32, out: &mut Vec<u8>) -> Result<u64> {
        let offset = self.forest.node(node).map_or(0, |node| node.offset);
        let length = self.forest.end(node).saturating_sub(offset).min(HELD + SLACK);
        let length = usize::try_from(length).unwrap_or(0);
        self.input.resize(length.max(self.input.len()), 0);
        let pack = &self.forest.pack;
        let input = self.input.get_mut(..length).unwrap_or_default();
        let read =
            pack.read_at(input, offset).map_err(|error| self.bad(node, &error.to_string()))?;
        let input = self.input.get(..read).unwrap_or_default();
        let Some((_, size, used)) = parse_entry(input, offset, pack.format()) else {
            return Err(self.bad(node, "no object begins there"));
        };
        if size > HELD {
            return Ok(size);
        }
        let stream = input.get(used..).unwrap_or_default();
        let inflated = inflate(&mut self.zlib, stream, out, size);
        inflated.map(|()| 0).map_err(|reason| self.bad(node, &reason))
    }

    /// Nothing can be said of this object, nor of those built on it.
    fn fail(&self, node: u32, error: &Error) {
        let (mut open, mut seen) = (vec![node], HashSet::new());
        while let Some(node) = open.pop().filter(|node| seen.insert(*node)) {
            if let Some(oid) = self.forest.oid(node).filter(|oid| self.visitor.wants(*oid)) {
                self.visitor.failed(oid, error);
            }
            open.extend_from_slice(self.forest.children(node));
        }
    }

    fn bad(&self, node: u32, reason: &str) -> Error {
        self.forest.pack.bad(self.forest.node(node).map_or(0, |node| node.offset), reason)
    }
}
