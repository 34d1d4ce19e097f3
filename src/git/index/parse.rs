//! The index file: header, entries, extensions, checksum. The checksum is not
//! looked at: git may write zeros for it.

use std::path::Path;

use super::{CacheTree, Index, Slot, split::Link};
use crate::git::{Error, ObjectFormat, Oid, Result, TreeEntry};

/// Stat data before the object id; the mode is at 24.
const STAT_LEN: usize = 40;
const MODE_AT: usize = 24;
const EXTENDED: u16 = 0x4000;
const INTENT_TO_ADD: u16 = 0x2000;

pub enum Parsed {
    Whole(Index),
    /// The changes on a shared index.
    Split(Index, Link),
    /// A version or a required extension not known here.
    Unknown,
}

/// Reads a whole index file. `path` is for messages only.
pub fn parse(data: Vec<u8>, format: ObjectFormat, path: &Path) -> Result<Parsed> {
    let cut_off = || Error::corrupt("index", path, "it is cut off");
    let head = data.get(..12).ok_or_else(cut_off)?;
    if !head.starts_with(b"DIRC") {
        return Err(Error::corrupt("index", path, "it does not begin as an index does"));
    }
    let version = be32(head, 4).unwrap_or(0);
    if !(2..=4).contains(&version) {
        return Ok(Parsed::Unknown);
    }
    let mut reader = Reader { data: &data, at: 12, format, version, names: Vec::new() };
    let count = be32(head, 8).unwrap_or(0) as usize;
    let mut slots = Vec::with_capacity(count.min(data.len() / (STAT_LEN + format.id_len())));
    let mut last = (0, 0);
    for _ in 0..count {
        let slot = reader.slot(last).ok_or_else(cut_off)?;
        last = (slot.path_at as usize, slot.path_len as usize);
        slots.push(slot);
    }
    let end = data.len().saturating_sub(format.id_len());
    let names = std::mem::take(&mut reader.names);
    let rest = data.get(reader.at..end).ok_or_else(cut_off)?;
    let Some(extensions) = extensions(rest, format).ok_or_else(cut_off)? else {
        return Ok(Parsed::Unknown);
    };
    let (cache_tree, link) = extensions;
    let paths = if version == 4 { names } else { data };
    let index = Index { slots, paths, cache_tree };
    Ok(match link {
        Some(link) => Parsed::Split(index, link),
        None => Parsed::Whole(index),
    })
}

struct Reader<'a> {
    data: &'a [u8],
    at: usize,
    format: ObjectFormat,
    version: u32,
    /// Version 4 only: whole paths, since the file holds them shortened.
    names: Vec<u8>,
}

impl Reader<'_> {
    fn slot(&mut self, last: (usize, usize)) -> Option<Slot> {
        let (start, id_len) = (self.at, self.format.id_len());
        let fixed = self.data.get(start..start + STAT_LEN + id_len + 2)?;
        let mode = be32(fixed, MODE_AT)?;
        let oid = Oid::from_bytes(fixed.get(STAT_LEN..STAT_LEN + id_len)?)?;
        let flags = be16(fixed, STAT_LEN + id_len)?;
        let mut name_at = start + fixed.len();
        let mut more = 0;
        if flags & EXTENDED != 0 {
            more = be16(self.data, name_at)?;
            name_at += 2;
        }
        let (path_at, path_len) = if self.version == 4 {
            self.shortened(name_at, last)?
        } else {
            let length = self.name_len(name_at, flags)?;
            self.at = start + ((name_at - start + length + 8) & !7);
            (name_at, length)
        };
        Some(Slot {
            path_at: u32::try_from(path_at).ok()?,
            path_len: u32::try_from(path_len).ok()?,
            entry: TreeEntry { mode, oid },
            stage: u8::try_from(flags >> 12 & 3).ok()?,
            intent_to_add: more & INTENT_TO_ADD != 0,
        })
    }

    /// Twelve bits hold the length; all set means "as far as the NUL".
    fn name_len(&self, at: usize, flags: u16) -> Option<usize> {
        let short = usize::from(flags & 0xfff);
        if short < 0xfff {
            return (self.data.get(at + short) == Some(&0)).then_some(short);
        }
        self.data.get(at..)?.iter().position(|byte| *byte == 0)
    }

    /// Version 4: how much of the last path to drop, then what to append.
    fn shortened(&mut self, at: usize, last: (usize, usize)) -> Option<(usize, usize)> {
        let (drop, used) = varint(self.data.get(at..)?)?;
        let suffix = self.data.get(at + used..)?;
        let length = suffix.iter().position(|byte| *byte == 0)?;
        let keep = last.1.checked_sub(usize::try_from(drop).ok()?)?;
        let start = self.names.len();
        self.names.extend_from_within(last.0..last.0 + keep);
        self.names.extend_from_slice(suffix.get(..length)?);
        self.at = at + used + length + 1;
        Some((start, keep + length))
    }
}

/// Seven bits a byte, most significant first, each further byte adding one.
fn varint(bytes: &[u8]) -> Option<(u64, usize)> {
    let mut value = 0u64;
    for (index, byte) in bytes.iter().enumerate().take(9) {
        value = value << 7 | u64::from(byte & 0x7f);
        if byte & 0x80 == 0 {
            return Some((value, index + 1));
        }
        value += 1;
    }
    None
}

type Extensions = (Option<CacheTree>, Option<Link>);

/// `None` for bytes that are no extension; `Some(None)` for one that must be
/// understood and is not.
fn extensions(mut rest: &[u8], format: ObjectFormat) -> Option<Option<Extensions>> {
    let (mut cache_tree, mut link) = (None, None);
    while !rest.is_empty() {
        let (name, length) = (rest.get(..4)?, be32(rest, 4)? as usize);
        let body = rest.get(8..8usize.checked_add(length)?)?;
        rest = rest.get(8 + length..)?;
        match name {
            b"TREE" => cache_tree = CacheTree::parse(body, format),
            b"link" => link = Some(Link::parse(body, format)?),
            b"sdir" => {}
            [first, ..] if !first.is_ascii_uppercase() => return Some(None),
            _ => {}
        }
    }
    Some(Some((cache_tree, link)))
}

impl Index {
    /// Reads `git ls-files --stage -z`: `<mode> <id> <stage>\t<path>\0`.
    pub(super) fn from_listing(listing: &[u8], path: &Path) -> Result<Self> {
        let mut index = Self::default();
        for record in listing.split(|byte| *byte == 0).filter(|record| !record.is_empty()) {
            let slot = index.listed(record);
            let slot = slot.ok_or_else(|| Error::corrupt("index", path, "unreadable listing"))?;
            index.slots.push(slot);
        }
        Ok(index)
    }

    fn listed(&mut self, record: &[u8]) -> Option<Slot> {
        let tab = record.iter().position(|byte| *byte == b'\t')?;
        let mut words = std::str::from_utf8(record.get(..tab)?).ok()?.split(' ');
        let mode = u32::from_str_radix(words.next()?, 8).ok()?;
        let oid = Oid::parse(words.next()?)?;
        let stage = words.next()?.parse().ok()?;
        let name = record.get(tab + 1..)?;
        let path_at = u32::try_from(self.paths.len()).ok()?;
        self.paths.extend_from_slice(name);
        let path_len = u32::try_from(name.len()).ok()?;
        let entry = TreeEntry { mode, oid };
        Some(Slot { path_at, path_len, entry, stage, intent_to_add: false })
    }
}

pub fn be32(data: &[u8], at: usize) -> Option<u32> {
    let bytes = data.get(at..at.checked_add(4)?)?;
    Some(bytes.iter().fold(0, |value, byte| value << 8 | u32::from(*byte)))
}

fn be16(data: &[u8], at: usize) -> Option<u16> {
    let bytes = data.get(at..at.checked_add(2)?)?;
    Some(bytes.iter().fold(0, |value, byte| value << 8 | u16::from(*byte)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn file(version: u8, count: u8, body: &[u8]) -> Vec<u8> {
        [b"DIRC\0\0\0", &[version, 0, 0, 0, count][..], body, &[0; 20]].concat()
    }

    #[test]
    fn an_unknown_required_extension_is_left_to_git() {
        let read = |data| parse(data, ObjectFormat::Sha1, Path::new("index")).unwrap();
        assert!(matches!(read(file(2, 0, b"abcd\0\0\0\0")), Parsed::Unknown));
        assert!(matches!(read(file(2, 0, b"ABCD\0\0\0\0")), Parsed::Whole(_)));
        assert!(matches!(read(file(9, 0, b"")), Parsed::Unknown));
        assert!(parse(file(2, 1, b""), ObjectFormat::Sha1, Path::new("index")).is_err());
    }

    proptest! {
        #[test]
        fn any_bytes_are_read_without_a_panic(
            version in 2u8..5, count in 0u8..4,
            body in proptest::collection::vec(prop_oneof![Just(0u8), any::<u8>()], 0..300),
            link in any::<bool>(),
        ) {
            let tail = [if link { b"link" } else { b"TREE" }, &[0, 0, 0, 60][..], &[7; 60]].concat();
            let _ = parse(file(version, count, &[&body[..], &tail].concat()), ObjectFormat::Sha1, Path::new("i"));
            let _ = parse(file(version, 0, &tail), ObjectFormat::Sha1, Path::new("i"));
            let _ = parse(body, ObjectFormat::Sha256, Path::new("i"));
        }
    }
}
