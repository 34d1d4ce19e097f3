//! The extension `TREE`: ids of directories as the index has them, so that
//! unchanged ones need not be looked into.
//!
//! Each directory: name, NUL, number of entries (-1: not known), space,
//! number of directories in it, newline, then its id if known.

use crate::git::{ObjectFormat, Oid};

/// Directories nested deeper are not remembered.
const MAX_DEPTH: usize = 512;

#[derive(Debug)]
struct Node {
    name: (usize, usize),
    oid: Option<Oid>,
    /// Number of the node after this one and all below it.
    next: usize,
}

/// Known directories, each before those below it.
#[derive(Debug)]
pub struct CacheTree {
    names: Vec<u8>,
    nodes: Vec<Node>,
}

impl CacheTree {
    /// Number of the root.
    pub const ROOT: usize = 0;

    /// Reads the extension; none where it is malformed, since it only saves
    /// work.
    pub fn parse(body: &[u8], format: ObjectFormat) -> Option<Self> {
        let mut tree = Self { names: Vec::new(), nodes: Vec::new() };
        let mut rest = body;
        // Numbers of the open directories, and how many each still lacks.
        let mut open: Vec<(usize, usize)> = Vec::new();
        loop {
            let children = tree.node(&mut rest, format)?;
            open.push((tree.nodes.len() - 1, children));
            while let Some((number, 0)) = open.last().copied() {
                let next = tree.nodes.len();
                tree.nodes.get_mut(number)?.next = next;
                open.pop();
            }
            if open.len() > MAX_DEPTH {
                return None;
            }
            match open.last_mut() {
                None => return Some(tree),
                Some((_, lacking)) => *lacking -= 1,
            }
        }
    }

    fn node(&mut self, rest: &mut &[u8], format: ObjectFormat) -> Option<usize> {
        let name = take_until(rest, 0)?;
        let count = take_until(rest, b' ')?;
        let children = std::str::from_utf8(take_until(rest, b'\n')?).ok()?.parse().ok()?;
        let oid = if count.starts_with(b"-") {
            None
        } else {
            let (id, after) = rest.split_at_checked(format.id_len())?;
            *rest = after;
            Oid::from_bytes(id)
        };
        let start = self.names.len();
        self.names.extend_from_slice(name);
        self.nodes.push(Node { name: (start, self.names.len()), oid, next: 0 });
        Some(children)
    }

    /// The directory's id, if git knew it.
    pub fn oid(&self, node: usize) -> Option<Oid> {
        self.nodes.get(node)?.oid
    }

    /// Directories right below `node`, by name.
    pub fn children(&self, node: usize) -> Vec<(&[u8], usize)> {
        let mut children = Vec::new();
        let end = self.nodes.get(node).map_or(0, |node| node.next);
        let mut child = node + 1;
        while let Some(found) = self.nodes.get(child).filter(|_| child < end) {
            let name = self.names.get(found.name.0..found.name.1).unwrap_or_default();
            children.push((name, child));
            child = found.next.max(child + 1);
        }
        children.sort_unstable();
        children
    }
}

fn take_until<'a>(rest: &mut &'a [u8], stop: u8) -> Option<&'a [u8]> {
    let end = rest.iter().position(|byte| *byte == stop)?;
    let (taken, after) = rest.split_at_checked(end)?;
    *rest = after.get(1..)?;
    Some(taken)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn nested_directories_are_found_by_name() {
        let id = [5; 20];
        let body = [b"\x003 2\n", &id[..], b"b\x00-1 1\n", b"c\x001 0\n", &id, b"a\x001 0\n", &id];
        let tree = CacheTree::parse(&body.concat(), ObjectFormat::Sha1).unwrap();
        assert_eq!(tree.oid(CacheTree::ROOT), Oid::from_bytes(&id));
        assert_eq!(tree.children(CacheTree::ROOT), [(&b"a"[..], 3), (&b"b"[..], 1)]);
        assert_eq!((tree.oid(1), tree.children(1)), (None, vec![(&b"c"[..], 2)]));
        assert!(CacheTree::parse(&body.concat()[..60], ObjectFormat::Sha1).is_none());
    }

    proptest! {
        #[test]
        fn any_bytes_end(body in "[a\\x00 0-9\n-]{0,80}") {
            if let Some(tree) = CacheTree::parse(body.as_bytes(), ObjectFormat::Sha1) {
                let _ = tree.children(CacheTree::ROOT);
            }
        }
    }
}
