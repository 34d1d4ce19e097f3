//! The delta trees of a pack: which object is built on which.

use std::ops::Range;
use std::sync::Arc;

use super::pack::{Form, Pack, parse_entry};
use crate::git::work;
use crate::git::{Kind, Oid, Result};

/// No node.
const NONE: u32 = u32::MAX;
/// Longest head of an entry: sizes, then a distance or an id.
const HEAD: usize = 48;
/// Entries whose heads a thread reads at once.
const RUN: usize = 4096;

/// One object of a pack.
#[derive(Debug, Clone, Copy)]
pub struct Node {
    /// Where its entry begins.
    pub offset: u64,
    /// Its number in the pack's index.
    number: u32,
    /// What it is; none for what is built on nothing that is here.
    pub kind: Option<Kind>,
    /// Where its children begin in `Forest::children`.
    children: u32,
}

/// Every object of a pack, each below the one that it is a delta on.
#[derive(Debug)]
pub struct Forest {
    pub pack: Arc<Pack>,
    /// By offset.
    nodes: Vec<Node>,
    children: Vec<u32>,
    roots: Vec<u32>,
}

impl Forest {
    /// Reads the head of every entry.
    pub fn of(pack: Arc<Pack>) -> Result<Self> {
        let offsets = pack.offsets()?;
        let mut nodes: Vec<Node> = (0u32..)
            .zip(offsets)
            .map(|(number, offset)| Node { offset, number, kind: None, children: 0 })
            .collect();
        nodes.sort_unstable_by_key(|node| node.offset);
        let at = |offset: u64| nodes.binary_search_by_key(&offset, |node| node.offset).ok();
        let base = |form: Option<Form>| {
            let (kind, base) = match form {
                Some(Form::Whole(kind)) => (Some(kind), None),
                Some(Form::Offset(base)) => (None, at(base)),
                Some(Form::Reference(base)) => (None, pack.find(base).ok().flatten().and_then(at)),
                None => (None, None),
            };
            (kind, base.and_then(|base| u32::try_from(base).ok()).unwrap_or(NONE))
        };
        let runs: Vec<&[Node]> = nodes.chunks(RUN).collect();
        let heads: Vec<Vec<(Option<Kind>, u32)>> =
            work::map(&runs, 1, |run| heads(&pack, run).map(base).collect());
        let heads: Vec<(Option<Kind>, u32)> = heads.into_iter().flatten().collect();
        for (node, (kind, _)) in nodes.iter_mut().zip(&heads) {
            node.kind = *kind;
        }
        let bases: Vec<u32> = heads.into_iter().map(|(_, base)| base).collect();
        let children = children_of(&bases, &mut nodes);
        let mut forest = Self { pack, nodes, children, roots: Vec::new() };
        forest.grow();
        Ok(forest)
    }

    /// Gives every node its root's kind, and puts its heaviest child last, so
    /// that few of the objects on the way are needed at the same time; the
    /// heaviest root first.
    fn grow(&mut self) {
        let whole = |(index, node): (u32, &Node)| node.kind.map(|_| index);
        self.roots = (0u32..).zip(&self.nodes).filter_map(whole).collect();
        let mut order = self.roots.clone();
        let mut next = 0;
        while let Some(node) = order.get(next).copied() {
            next += 1;
            let kind = self.node(node).and_then(|node| node.kind);
            for child in self.child_range(node) {
                let Some(child) = self.children.get(child).copied() else { continue };
                if let Some(node) = self.nodes.get_mut(child as usize) {
                    node.kind = kind;
                }
                order.push(child);
            }
        }
        let mut weights = vec![0u64; self.nodes.len()];
        for node in order.iter().rev() {
            let range = self.child_range(*node);
            let weight = |child: u32| weights.get(child as usize).copied().unwrap_or(0);
            if let Some(children) = self.children.get_mut(range) {
                children.sort_unstable_by_key(|child| weight(*child));
                let below: u64 = children.iter().map(|child| weight(*child)).sum();
                let own = self.length(*node);
                if let Some(weight) = weights.get_mut(*node as usize) {
                    *weight = below + own;
                }
            }
        }
        let weight = |root: &u32| weights.get(*root as usize).copied().unwrap_or(0);
        let large = weights.iter().max().map_or(0, |most| most / 8);
        self.roots.sort_by_key(|root| std::cmp::Reverse(Some(weight(root)).filter(|w| *w > large)));
    }

    /// How many bytes lie between the entry's beginning and the next one's.
    fn length(&self, node: u32) -> u64 {
        let offset = |index: usize| self.nodes.get(index).map(|node| node.offset);
        let begin = offset(node as usize).unwrap_or(0);
        offset(node as usize + 1).map_or(0, |end| end.saturating_sub(begin))
    }

    /// Where the entry ends at the latest.
    pub fn end(&self, node: u32) -> u64 {
        let next = self.nodes.get(node as usize + 1).map(|next| next.offset);
        next.unwrap_or(u64::MAX)
    }

    pub fn node(&self, index: u32) -> Option<&Node> {
        self.nodes.get(index as usize)
    }

    /// The object's id.
    pub fn oid(&self, index: u32) -> Option<Oid> {
        self.pack.oid(self.node(index)?.number)
    }

    /// Whole objects of a kind.
    pub fn roots(&self, kind: Kind) -> Vec<u32> {
        let wanted = |root: &u32| self.node(*root).is_some_and(|node| node.kind == Some(kind));
        self.roots.iter().copied().filter(wanted).collect()
    }

    /// Every object of a kind; with none, those that are built on nothing that
    /// is here.
    pub fn of_kind(&self, kind: Option<Kind>) -> impl Iterator<Item = Oid> {
        let nodes = (0u32..).zip(&self.nodes).filter(move |(_, node)| node.kind == kind);
        nodes.filter_map(|(index, _)| self.oid(index))
    }

    /// The objects built on this one, the heaviest last.
    pub fn children(&self, node: u32) -> &[u32] {
        self.children.get(self.child_range(node)).unwrap_or_default()
    }

    fn child_range(&self, node: u32) -> Range<usize> {
        let first = |index: usize| {
            self.nodes.get(index).map_or(self.children.len(), |node| node.children as usize)
        };
        first(node as usize)..first(node as usize + 1)
    }
}

fn children_of(bases: &[u32], nodes: &mut [Node]) -> Vec<u32> {
    for base in bases {
        if let Some(node) = nodes.get_mut(*base as usize) {
            node.children += 1;
        }
    }
    let mut total = 0;
    for node in nodes.iter_mut() {
        total += std::mem::replace(&mut node.children, total);
    }
    let mut children = vec![NONE; total as usize];
    let mut filled: Vec<u32> = nodes.iter().map(|node| node.children).collect();
    for (child, base) in (0u32..).zip(bases) {
        if let Some(place) = filled.get_mut(*base as usize) {
            if let Some(slot) = children.get_mut(*place as usize) {
                *slot = child;
            }
            *place += 1;
        }
    }
    children
}

/// The forms of neighbouring entries, read in one go where they lie close.
fn heads(pack: &Pack, run: &[Node]) -> impl Iterator<Item = Option<Form>> {
    let mut buffer = vec![0; 256 << 10];
    let (mut begin, mut held) = (0u64, 0usize);
    run.iter().map(move |node| {
        let inside = |begin: u64, held: usize| {
            let at = usize::try_from(node.offset.checked_sub(begin)?).ok()?;
            (at + HEAD <= held).then_some(at)
        };
        let at = match inside(begin, held) {
            Some(at) => at,
            None => {
                begin = node.offset;
                held = pack.read_at(&mut buffer, begin).unwrap_or(0);
                0
            }
        };
        let head = buffer.get(at..held.min(at + HEAD))?;
        parse_entry(head, node.offset, pack.format()).map(|(form, _, _)| form)
    })
}
