//! Trees: the entries of a directory, read from borrowed bytes.
//!
//! Format (git's `object/tree`): octal mode, space, name, NUL, raw id.

use memchr::memchr;

use super::{ObjectFormat, Oid};

/// What a path has in a tree or in the index: its mode and its object.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct TreeEntry {
    /// Mode as git stores it: `0o100644`, `0o100755`, `0o120000` (symbolic
    /// link), `0o160000` (submodule), `0o040000` (directory).
    pub mode: u32,
    /// The object; for a submodule a commit of another repository.
    pub oid: Oid,
}

impl TreeEntry {
    /// A directory.
    #[must_use]
    pub fn is_tree(self) -> bool {
        self.mode & 0o170_000 == 0o040_000
    }

    /// A file, executable or not.
    #[must_use]
    pub fn is_file(self) -> bool {
        self.mode & 0o170_000 == 0o100_000
    }

    /// A symbolic link; its blob is the target.
    #[must_use]
    pub fn is_symlink(self) -> bool {
        self.mode & 0o170_000 == 0o120_000
    }

    /// A submodule's commit, which is not in this repository.
    #[must_use]
    pub fn is_gitlink(self) -> bool {
        self.mode & 0o170_000 == 0o160_000
    }
}

/// One path that differs between two sides. `None` is "not there".
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// Path from the repository's root, `/`-separated, any bytes but NUL.
    pub path: Vec<u8>,
    /// The entry before.
    pub old: Option<TreeEntry>,
    /// The entry after.
    pub new: Option<TreeEntry>,
}

/// Iterator over a tree's entries, in the tree's own order. Ends with one
/// error at bytes that are no entry.
#[derive(Debug, Clone)]
pub struct TreeEntries<'a> {
    rest: &'a [u8],
    id_len: usize,
}

impl<'a> TreeEntries<'a> {
    /// Reads `data`, the content of a tree object.
    #[must_use]
    pub fn new(data: &'a [u8], format: ObjectFormat) -> Self {
        Self { rest: data, id_len: format.id_len() }
    }

    /// Steps over the entries that `other` begins with too.
    pub(super) fn skip_same(&mut self, other: &mut Self) {
        let same = same_bytes(self.rest, other.rest);
        let (mut end, mut next) = (0, 0);
        while next <= same {
            end = next;
            let rest = self.rest.get(end..).unwrap_or_default();
            match memchr(0, rest) {
                Some(name) => next = end + name + 1 + self.id_len,
                None => break,
            }
        }
        self.rest = self.rest.get(end..).unwrap_or_default();
        other.rest = other.rest.get(end..).unwrap_or_default();
    }

    fn entry(&mut self) -> Option<(&'a [u8], TreeEntry)> {
        let space = self.rest.iter().take(8).position(|byte| *byte == b' ')?;
        let mode = octal(self.rest.get(..space)?)?;
        let after = self.rest.get(space + 1..)?;
        let end = memchr(0, after)?;
        let name = after.get(..end)?;
        let oid = Oid::from_bytes(after.get(end + 1..end + 1 + self.id_len)?)?;
        if name.is_empty() || name.contains(&b'/') {
            return None;
        }
        self.rest = after.get(end + 1 + self.id_len..)?;
        Some((name, TreeEntry { mode: canonical(mode), oid }))
    }
}

/// How many bytes both begin with.
fn same_bytes(one: &[u8], other: &[u8]) -> usize {
    const STRIDE: usize = 64;
    let strides = one.chunks_exact(STRIDE).zip(other.chunks_exact(STRIDE));
    let same = strides.take_while(|(one, other)| one == other).count() * STRIDE;
    let rest = one.iter().skip(same).zip(other.iter().skip(same));
    same + rest.take_while(|(one, other)| one == other).count()
}

/// Bytes that are not a tree entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BadEntry;

impl<'a> Iterator for TreeEntries<'a> {
    type Item = Result<(&'a [u8], TreeEntry), BadEntry>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.rest.is_empty() {
            return None;
        }
        let entry = self.entry();
        if entry.is_none() {
            self.rest = &[];
        }
        Some(entry.ok_or(BadEntry))
    }
}

/// Old trees hold modes such as `100664`; git reads them as one of five.
fn canonical(mode: u32) -> u32 {
    match mode & 0o170_000 {
        0o100_000 if mode & 0o100 != 0 => 0o100_755,
        0o100_000 => 0o100_644,
        kind @ (0o120_000 | 0o040_000) => kind,
        _ => 0o160_000,
    }
}

fn octal(digits: &[u8]) -> Option<u32> {
    if digits.is_empty() {
        return None;
    }
    digits.iter().try_fold(0u32, |value, byte| match byte {
        b'0'..=b'7' => value.checked_mul(8)?.checked_add(u32::from(byte - b'0')),
        _ => None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn entries_are_read_and_a_cut_off_entry_is_an_error() {
        let mut data = b"100644 a b\xff\0".to_vec();
        data.extend([7; 20]);
        data.extend(b"40000 d\0");
        data.extend([9; 20]);
        let entries: Vec<_> = TreeEntries::new(&data, ObjectFormat::Sha1).collect();
        let (name, entry) = entries[0].unwrap();
        assert_eq!((name, entry.mode), (&b"a b\xff"[..], 0o100_644));
        assert!(entries[1].unwrap().1.is_tree());
        data.pop();
        let entries: Vec<_> = TreeEntries::new(&data, ObjectFormat::Sha1).collect();
        assert_eq!((entries.len(), entries[1]), (2, Err(BadEntry)));
    }

    #[test]
    fn a_name_with_a_slash_is_refused() {
        let data = [&b"100644 ../x\0"[..], &[1; 20]].concat();
        assert_eq!(TreeEntries::new(&data, ObjectFormat::Sha1).next(), Some(Err(BadEntry)));
    }

    proptest! {
        #[test]
        fn any_bytes_end(data in proptest::collection::vec(any::<u8>(), 0..300)) {
            let read = TreeEntries::new(&data, ObjectFormat::Sha256).count();
            prop_assert!(read <= data.len());
        }
    }
}
