//! Packs: objects whole, or as deltas on others (gitformat-pack).

use std::fs::File;
use std::os::unix::fs::FileExt as _;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock};

use super::blob::{PackFrom, Streamed};
use super::inflate::{At, Inflate};
use super::pack_index::PackIndex;
use super::{HARD_LIMIT, Odb, Shared, delta, lock};
use crate::git::{Error, Kind, ObjectFormat, Oid, Result};

/// git makes chains of at most 4095 deltas.
pub const MAX_CHAIN: usize = 5000;
/// Read at once: header, distance or base id, and with luck all the content.
const HEAD_BYTES: usize = 512;

/// A pack and its index.
#[derive(Debug)]
pub struct Pack {
    number: usize,
    path: PathBuf,
    index: PackIndex,
    file: OnceLock<File>,
    format: ObjectFormat,
}

#[derive(Debug, Clone, Copy)]
pub enum Form {
    Whole(Kind),
    /// A delta on the object at this offset.
    Offset(u64),
    /// A delta on this object.
    Reference(Oid),
}

#[derive(Debug)]
struct Entry {
    form: Form,
    /// Bytes after inflating: of the content, or of the delta.
    size: u64,
    /// The first bytes in the pack.
    head: Vec<u8>,
    /// Where in `head` the zlib stream begins.
    used: usize,
    /// Where in the pack `head` begins.
    offset: u64,
}

/// What an object is built on.
enum Base {
    /// Nothing: it is whole.
    Here(Kind),
    /// The object at this offset of the same pack.
    At(u64),
    /// An object that is not in this pack.
    Foreign(Shared),
}

impl Pack {
    /// Opens the index; the pack itself on first use. None where the pack is
    /// gone.
    pub fn open(index_path: &Path, format: ObjectFormat) -> Result<Option<Self>> {
        static NEXT: AtomicUsize = AtomicUsize::new(0);
        let path = index_path.with_extension("pack");
        if !path.is_file() {
            return Ok(None);
        }
        let index = PackIndex::open(index_path, format)?;
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        Ok(Some(Self { number, path, index, file: OnceLock::new(), format }))
    }

    pub fn find(&self, oid: Oid) -> Result<Option<u64>> {
        self.index.find(oid)
    }

    /// Where all objects begin, by their numbers in the index.
    pub fn offsets(&self) -> Result<Vec<u64>> {
        self.index.offsets()
    }

    /// The id of an object, by its number in the index.
    pub fn oid(&self, number: u32) -> Option<Oid> {
        self.index.oid(number)
    }

    /// Deltas that can stand upon each other: more than there are objects go
    /// in a circle.
    fn longest_chain(&self) -> usize {
        usize::try_from(self.index.count()).unwrap_or(MAX_CHAIN).min(MAX_CHAIN)
    }

    pub fn format(&self) -> ObjectFormat {
        self.format
    }

    fn file(&self) -> Result<&File> {
        if let Some(file) = self.file.get() {
            return Ok(file);
        }
        let file = File::open(&self.path).map_err(Error::io(&self.path))?;
        Ok(self.file.get_or_init(|| file))
    }

    fn entry(&self, offset: u64) -> Result<Entry> {
        let mut head = vec![0; HEAD_BYTES];
        let read = self.file()?.read_at(&mut head, offset).map_err(Error::io(&self.path))?;
        head.truncate(read);
        let parsed = parse_entry(&head, offset, self.format);
        let (form, size, used) =
            parsed.ok_or_else(|| self.bad(offset, "no object begins there"))?;
        Ok(Entry { form, size, head, used, offset })
    }

    fn stream(&self, entry: &Entry) -> Result<Inflate<At<'_>>> {
        let offset = entry.offset.saturating_add(entry.head.len() as u64);
        let source = At { file: self.file()?, offset };
        let head = entry.head.get(entry.used..).unwrap_or_default();
        Ok(Inflate::new(source, entry.size).begun(head))
    }

    /// The object at `offset` as a stream, where it is whole.
    pub fn stream_at(pack: &Arc<Self>, offset: u64) -> Result<Streamed> {
        let entry = pack.entry(offset)?;
        if !matches!(entry.form, Form::Whole(_)) {
            return pack.final_size(&entry).map(Streamed::Delta);
        }
        let offset = entry.offset.saturating_add(entry.head.len() as u64);
        let source = PackFrom { pack: Arc::clone(pack), offset };
        let head = entry.head.get(entry.used..).unwrap_or_default();
        Ok(Streamed::of_pack(entry.size, Inflate::new(source, entry.size).begun(head)))
    }

    pub fn read_at(&self, buffer: &mut [u8], offset: u64) -> std::io::Result<usize> {
        self.file().map_err(std::io::Error::other)?.read_at(buffer, offset)
    }

    fn inflate(&self, entry: &Entry) -> Result<Vec<u8>> {
        let inflated = self.stream(entry)?.whole(Vec::new(), entry.size);
        inflated.map_err(|error| self.bad(entry.offset, &error.to_string()))
    }

    /// Size of the object at `entry`: for a delta, of its result.
    fn final_size(&self, entry: &Entry) -> Result<u64> {
        if matches!(entry.form, Form::Whole(_)) {
            return Ok(entry.size);
        }
        let mut head = Vec::new();
        let filled = self.stream(entry)?.fill(&mut head, 20);
        filled.map_err(|error| self.bad(entry.offset, &error.to_string()))?;
        let sizes = delta::sizes(&head).map(|(_, result, _)| result);
        sizes.ok_or_else(|| self.bad(entry.offset, "the delta has no sizes"))
    }

    fn apply(&self, base: &[u8], entry: &Entry) -> Result<Vec<u8>> {
        let applied = delta::apply(base, &self.inflate(entry)?, HARD_LIMIT);
        applied.ok_or_else(|| self.bad(entry.offset, "its delta does not fit its base"))
    }

    pub fn endless(&self, offset: u64) -> Error {
        self.bad(offset, "its chain of deltas does not end")
    }

    pub fn bad(&self, offset: u64, reason: &str) -> Error {
        Error::corrupt(format!("object at offset {offset}"), &self.path, reason)
    }
}

pub fn parse_entry(bytes: &[u8], offset: u64, format: ObjectFormat) -> Option<(Form, u64, usize)> {
    let mut rest = bytes.iter().copied().enumerate();
    let (mut used, first) = rest.next()?;
    let mut byte = first;
    let (mut size, mut shift) = (u64::from(first & 15), 4);
    while byte & 0x80 != 0 {
        (used, byte) = rest.next()?;
        size |= u64::from(byte & 0x7f).checked_shl(shift).filter(|_| shift < 60)?;
        shift += 7;
    }
    used += 1;
    let form = match first >> 4 & 7 {
        1 => Form::Whole(Kind::Commit),
        2 => Form::Whole(Kind::Tree),
        3 => Form::Whole(Kind::Blob),
        4 => Form::Whole(Kind::Tag),
        6 => {
            let (distance, length) = distance(bytes.get(used..)?)?;
            used += length;
            Form::Offset(offset.checked_sub(distance).filter(|base| *base < offset)?)
        }
        7 => {
            let id = bytes.get(used..used + format.id_len())?;
            used += format.id_len();
            Form::Reference(Oid::from_bytes(id)?)
        }
        _ => return None,
    };
    Some((form, size, used))
}

/// The base's distance: seven bits a byte, each further byte adding one.
fn distance(bytes: &[u8]) -> Option<(u64, usize)> {
    let mut value = 0u64;
    for (index, byte) in bytes.iter().enumerate().take(9) {
        value = value.checked_shl(7)? | u64::from(byte & 0x7f);
        if byte & 0x80 == 0 {
            return Some((value, index + 1));
        }
        value += 1;
    }
    None
}

impl Odb {
    /// The object at `offset` of `pack`. Walks down to a whole object, then
    /// applies the deltas upwards; no recursion within a pack.
    pub(super) fn unpack(
        &self,
        pack: &Pack,
        offset: u64,
        oid: Oid,
        limit: u64,
        depth: usize,
    ) -> Result<Shared> {
        let mut chain = Vec::new();
        let mut at = offset;
        let (kind, mut data) = loop {
            let cached = lock(&self.cache).get((pack.number, at));
            if let Some(object) = cached {
                break object;
            }
            let entry = pack.entry(at)?;
            if at == offset {
                check_size(oid, pack.final_size(&entry)?, limit)?;
            }
            if chain.len() > MAX_CHAIN {
                return Err(pack.endless(offset));
            }
            check_size(oid, entry.size, HARD_LIMIT)?;
            match self.base(pack, &entry, depth)? {
                Base::Here(kind) => {
                    let object = (kind, Arc::new(pack.inflate(&entry)?));
                    if !chain.is_empty() {
                        lock(&self.cache).put((pack.number, at), &object);
                    }
                    break object;
                }
                Base::At(next) => {
                    if circles(chain.iter().map(|entry: &Entry| entry.offset), at, next) {
                        return Err(pack.endless(offset));
                    }
                    at = next;
                }
                Base::Foreign(object) => {
                    chain.push(entry);
                    break object;
                }
            }
            chain.push(entry);
        };
        if chain.is_empty() {
            check_size(oid, data.len() as u64, limit)?;
        }
        while let Some(entry) = chain.pop() {
            data = Arc::new(pack.apply(&data, &entry)?);
            if !chain.is_empty() {
                lock(&self.cache).put((pack.number, entry.offset), &(kind, Arc::clone(&data)));
            }
        }
        Ok((kind, data))
    }

    /// What `entry` builds on.
    fn base(&self, pack: &Pack, entry: &Entry, depth: usize) -> Result<Base> {
        Ok(match entry.form {
            Form::Whole(kind) => Base::Here(kind),
            Form::Offset(base) => Base::At(base),
            Form::Reference(base) => match pack.find(base)? {
                Some(next) => Base::At(next),
                None => {
                    let object = self.foreign_base(base, depth)?;
                    Base::Foreign((object.kind, Arc::new(object.data)))
                }
            },
        })
    }

    /// Kind and size, inflating no more than the sizes at a delta's head.
    pub(super) fn unpack_header(
        &self,
        pack: &Pack,
        offset: u64,
        depth: usize,
    ) -> Result<(Kind, u64)> {
        let mut entry = pack.entry(offset)?;
        let size = pack.final_size(&entry)?;
        for _ in 0..=pack.longest_chain() {
            match self.base(pack, &entry, depth)? {
                Base::Here(kind) | Base::Foreign((kind, _)) => return Ok((kind, size)),
                Base::At(next) => entry = pack.entry(next)?,
            }
        }
        Err(pack.endless(offset))
    }
}

/// Whether the chain that leads from `passed` to `at` and `next` goes in a
/// circle. Every circle goes forward somewhere.
pub(super) fn circles(mut passed: impl Iterator<Item = u64>, at: u64, next: u64) -> bool {
    next == at || next > at && passed.any(|offset| offset == next)
}

fn check_size(oid: Oid, size: u64, limit: u64) -> Result<()> {
    if size > limit {
        return Err(Error::TooLarge { oid, size, limit });
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::circles;

    #[test]
    fn a_chain_that_comes_back_is_a_circle_and_one_that_jumps_ahead_is_not() {
        let circle = |passed: &[u64], at, next| circles(passed.iter().copied(), at, next);
        assert!(circle(&[], 12, 12));
        assert!(circle(&[90, 40], 20, 90));
        assert!(!circle(&[90, 40], 20, 12));
        assert!(!circle(&[90, 40], 20, 120));
    }
}
