//! The Merkle tree over a log's events, hashed as RFC 6962 asks: `0x00` before
//! a leaf, `0x01` before a pair. The data of a leaf is the 32 bytes of an
//! event's `entry_hash`.

use crate::action::Digest;

/// Hash of a leaf.
#[must_use]
pub fn leaf_hash(data: &[u8; 32]) -> Digest {
    let mut bytes = [0; 33];
    bytes[1..].copy_from_slice(data);
    Digest::of(&bytes)
}

fn node_hash(left: &Digest, right: &Digest) -> Digest {
    let mut bytes = [1; 65];
    bytes[1..33].copy_from_slice(left.as_bytes());
    bytes[33..].copy_from_slice(right.as_bytes());
    Digest::of(&bytes)
}

/// All of a tree that is needed to let it grow: its size and the roots of its
/// full subtrees, the largest first.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Frontier {
    size: u64,
    peaks: Vec<Digest>,
}

impl Frontier {
    /// The frontier of these parts; none where a tree of that size has another
    /// number of full subtrees.
    #[must_use]
    pub fn of(size: u64, peaks: Vec<Digest>) -> Option<Self> {
        (size.count_ones() as usize == peaks.len()).then_some(Self { size, peaks })
    }

    /// Number of leaves.
    #[must_use]
    pub fn size(&self) -> u64 {
        self.size
    }

    /// Roots of the full subtrees, the largest first.
    #[must_use]
    pub fn peaks(&self) -> &[Digest] {
        &self.peaks
    }

    /// Adds a leaf.
    pub fn push(&mut self, leaf: Digest) {
        let mut node = leaf;
        for _ in 0..self.size.trailing_ones() {
            if let Some(left) = self.peaks.pop() {
                node = node_hash(&left, &node);
            }
        }
        self.peaks.push(node);
        self.size += 1;
    }

    /// Root of the tree; of an empty one the hash of nothing.
    #[must_use]
    pub fn root(&self) -> Digest {
        let right_to_left = self.peaks.iter().rev().copied();
        let root = right_to_left.reduce(|right, left| node_hash(&left, &right));
        root.unwrap_or_else(|| Digest::of(&[]))
    }
}

/// Root of the tree with these leaves.
#[must_use]
pub fn root(leaves: &[Digest]) -> Digest {
    let mut frontier = Frontier::default();
    leaves.iter().for_each(|leaf| frontier.push(*leaf));
    frontier.root()
}

/// The largest power of two below `size`, which is at least 2.
fn split(size: usize) -> usize {
    size.next_power_of_two() / 2
}

/// Inclusion proof (RFC 6962, 2.1.1) of the leaf at `index`, counted from 0.
#[must_use]
pub fn inclusion(leaves: &[Digest], index: usize) -> Vec<Digest> {
    if leaves.len() < 2 {
        return Vec::new();
    }
    let (left, right) = leaves.split_at(split(leaves.len()));
    let (mut path, sibling) = match index.checked_sub(left.len()) {
        None => (inclusion(left, index), root(right)),
        Some(index) => (inclusion(right, index), root(left)),
    };
    path.push(sibling);
    path
}

/// Consistency proof (RFC 6962, 2.1.2) between the first `old` leaves and all.
#[must_use]
pub fn consistency(leaves: &[Digest], old: usize) -> Vec<Digest> {
    if old == 0 { Vec::new() } else { subproof(leaves, old, true) }
}

fn subproof(leaves: &[Digest], old: usize, whole: bool) -> Vec<Digest> {
    if old >= leaves.len() {
        return if whole { Vec::new() } else { vec![root(leaves)] };
    }
    let (left, right) = leaves.split_at(split(leaves.len()));
    let (mut path, sibling) = match old.checked_sub(left.len()) {
        Some(rest) if rest > 0 => (subproof(right, rest, false), root(left)),
        _ => (subproof(left, old, whole), root(right)),
    };
    path.push(sibling);
    path
}

/// The root that an inclusion proof leads to (RFC 9162, 2.1.3.2); none where
/// the proof doesn't fit the tree.
#[must_use]
pub fn root_of_inclusion(leaf: Digest, index: u64, size: u64, path: &[Digest]) -> Option<Digest> {
    let (mut at, mut last) = (index, size.checked_sub(1)?);
    if at > last {
        return None;
    }
    let mut node = leaf;
    for sibling in path {
        if last == 0 {
            return None;
        }
        if at & 1 == 1 || at == last {
            node = node_hash(sibling, &node);
            let level = at.trailing_zeros().min(63);
            (at, last) = (at >> level, last >> level);
        } else {
            node = node_hash(&node, sibling);
        }
        (at, last) = (at >> 1, last >> 1);
    }
    (last == 0).then_some(node)
}

/// Whether a consistency proof shows that the tree `new` begins with the tree
/// `old` (RFC 9162, 2.1.4.2).
#[must_use]
pub fn is_consistent(old: (u64, Digest), new: (u64, Digest), path: &[Digest]) -> bool {
    let ((old_size, old_root), (new_size, new_root)) = (old, new);
    if old_size > new_size {
        return false;
    }
    if old_size == new_size {
        return path.is_empty() && old_root == new_root;
    }
    if old_size == 0 {
        return path.is_empty() && old_root == root(&[]);
    }
    let level = (old_size - 1).trailing_ones();
    let (mut at, mut last) = ((old_size - 1) >> level, (new_size - 1) >> level);
    let mut path = path.iter();
    let first = if old_size.is_power_of_two() { Some(&old_root) } else { path.next() };
    let Some(first) = first else { return false };
    let (mut of_old, mut of_new) = (*first, *first);
    for sibling in path {
        if last == 0 {
            return false;
        }
        if at & 1 == 1 || at == last {
            of_old = node_hash(sibling, &of_old);
            of_new = node_hash(sibling, &of_new);
            let level = at.trailing_zeros().min(63);
            (at, last) = (at >> level, last >> level);
        } else {
            of_new = node_hash(&of_new, sibling);
        }
        (at, last) = (at >> 1, last >> 1);
    }
    last == 0 && of_old == old_root && of_new == new_root
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn leaves(count: u64) -> Vec<Digest> {
        (0..count).map(|n| Digest::of(&n.to_le_bytes())).collect()
    }

    /// The tree of the reference implementation of Certificate Transparency.
    #[test]
    fn the_root_is_that_of_certificate_transparency() {
        let data: [&[u8]; 8] = [
            &[],
            &[0x00],
            &[0x10],
            &[0x20, 0x21],
            &[0x30, 0x31],
            &[0x40, 0x41, 0x42, 0x43],
            &[0x50, 0x51, 0x52, 0x53, 0x54, 0x55, 0x56, 0x57],
            &[
                0x60, 0x61, 0x62, 0x63, 0x64, 0x65, 0x66, 0x67, 0x68, 0x69, 0x6a, 0x6b, 0x6c, 0x6d,
                0x6e, 0x6f,
            ],
        ];
        let leaf = |data: &&[u8]| Digest::of(&[&[0], *data].concat());
        let leaves: Vec<Digest> = data.iter().map(leaf).collect();
        let expected = "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328";
        assert_eq!(root(&leaves).to_string(), expected);
        let data = *Digest::of(b"data").as_bytes();
        assert_eq!(leaf_hash(&data), leaf(&data.as_slice()));
    }

    proptest! {
        #[test]
        fn proofs_prove_what_is_so_and_nothing_else(size in 1u64..200, a in 0u64..200, b in 0u64..200) {
            let leaves = leaves(size);
            let (index, other) = (a % size, b % size);
            let path = inclusion(&leaves, index as usize);
            let root_of = |leaf: u64, at| root_of_inclusion(leaves[leaf as usize], at, size, &path);
            prop_assert_eq!(root_of(index, index), Some(root(&leaves)));
            prop_assert_eq!(root_of(other, index) == Some(root(&leaves)), other == index);
            prop_assert!(root_of(index, size).is_none());
            let old = a % (size + 1);
            let path = consistency(&leaves, old as usize);
            let (was, is) = ((old, root(&leaves[..old as usize])), (size, root(&leaves)));
            prop_assert!(is_consistent(was, is, &path));
            let wrong = (old, Digest::of(b"another"));
            prop_assert!(!is_consistent(wrong, is, &path));
            let missing = path.get(1..).is_some_and(|rest| is_consistent(was, is, rest));
            prop_assert!(!missing);
        }
    }
}
