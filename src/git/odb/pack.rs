//! Packs: objects whole, or as deltas on others (gitformat-pack).

use std::fs::File;
use std::os::unix::fs::FileExt as _;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock};

use super::inflate::{At, Inflate};
use super::pack_index::PackIndex;
use super::{HARD_LIMIT, Odb, Shared, delta, lock};
use crate::git::{Error, Kind, ObjectFormat, Oid, Result};

/// git makes chains of at most 4095 deltas.
const MAX_CHAIN: usize = 5000;
/// Header, distance or base id, and some to spare.
const HEADER_BYTES: usize = 64;

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
enum Form {
    Whole(Kind),
    /// A delta on the object at this offset.
    Offset(u64),
    /// A delta on this object.
    Reference(Oid),
}

#[derive(Debug, Clone, Copy)]
struct Entry {
    form: Form,
    /// Bytes after inflating: of the content, or of the delta.
    size: u64,
    /// Where the zlib stream begins.
    data: u64,
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

    fn file(&self) -> Result<&File> {
        if let Some(file) = self.file.get() {
            return Ok(file);
        }
        let file = File::open(&self.path).map_err(Error::io(&self.path))?;
        Ok(self.file.get_or_init(|| file))
    }

    fn entry(&self, offset: u64) -> Result<Entry> {
        let mut buffer = [0; HEADER_BYTES];
        let read = self.file()?.read_at(&mut buffer, offset).map_err(Error::io(&self.path))?;
        let parsed = parse_entry(buffer.get(..read).unwrap_or_default(), offset, self.format);
        parsed.ok_or_else(|| self.bad(offset, "no object begins there"))
    }

    fn inflate(&self, entry: Entry, offset: u64) -> Result<Vec<u8>> {
        let source = At { file: self.file()?, offset: entry.data };
        let inflated = Inflate::new(source, entry.size).whole(Vec::new(), entry.size);
        inflated.map_err(|error| self.bad(offset, &error.to_string()))
    }

    /// Size of the result of the delta at `entry`.
    fn delta_result(&self, entry: Entry, offset: u64) -> Result<u64> {
        let source = At { file: self.file()?, offset: entry.data };
        let mut head = Vec::new();
        let filled = Inflate::new(source, 64).fill(&mut head, 20);
        filled.map_err(|error| self.bad(offset, &error.to_string()))?;
        let sizes = delta::sizes(&head).map(|(_, result, _)| result);
        sizes.ok_or_else(|| self.bad(offset, "the delta has no sizes"))
    }

    fn bad(&self, offset: u64, reason: &str) -> Error {
        Error::corrupt(format!("object at offset {offset}"), &self.path, reason)
    }
}

fn parse_entry(bytes: &[u8], offset: u64, format: ObjectFormat) -> Option<Entry> {
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
    Some(Entry { form, size, data: offset.checked_add(used as u64)? })
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
        let (kind, mut data): Shared = loop {
            let cached = lock(&self.cache).get((pack.number, at));
            if let Some(object) = cached {
                break object;
            }
            let entry = pack.entry(at)?;
            if at == offset {
                let whole = matches!(entry.form, Form::Whole(_));
                let size = if whole { entry.size } else { pack.delta_result(entry, at)? };
                check_size(oid, size, limit)?;
            }
            match entry.form {
                Form::Whole(kind) => {
                    check_size(oid, entry.size, HARD_LIMIT)?;
                    let object = (kind, Arc::new(pack.inflate(entry, at)?));
                    if !chain.is_empty() {
                        lock(&self.cache).put((pack.number, at), &object);
                    }
                    break object;
                }
                Form::Offset(base) => {
                    chain.push((at, entry));
                    at = base;
                }
                Form::Reference(base) => {
                    chain.push((at, entry));
                    match pack.find(base)? {
                        Some(next) => at = next,
                        None => {
                            let object = self.foreign_base(base, depth)?;
                            break (object.kind, Arc::new(object.data));
                        }
                    }
                }
            }
            if chain.len() > MAX_CHAIN {
                return Err(pack.bad(offset, "its chain of deltas does not end"));
            }
        };
        check_size(oid, data.len() as u64, if chain.is_empty() { limit } else { HARD_LIMIT })?;
        while let Some((at, entry)) = chain.pop() {
            check_size(oid, entry.size, HARD_LIMIT)?;
            let delta = pack.inflate(entry, at)?;
            let applied = delta::apply(&data, &delta, HARD_LIMIT);
            data = applied
                .map(Arc::new)
                .ok_or_else(|| pack.bad(at, "its delta does not fit its base"))?;
            if !chain.is_empty() {
                lock(&self.cache).put((pack.number, at), &(kind, Arc::clone(&data)));
            }
        }
        Ok((kind, data))
    }

    pub(super) fn unpack_header(
        &self,
        pack: &Pack,
        offset: u64,
        oid: Oid,
        depth: usize,
    ) -> Result<(Kind, u64)> {
        let first = pack.entry(offset)?;
        let size = match first.form {
            Form::Whole(kind) => return Ok((kind, first.size)),
            _ => pack.delta_result(first, offset)?,
        };
        let mut form = first.form;
        for _ in 0..MAX_CHAIN {
            let next = match form {
                Form::Whole(kind) => return Ok((kind, size)),
                Form::Offset(base) => Some(base),
                Form::Reference(base) => pack.find(base)?,
            };
            match (next, form) {
                (Some(at), _) => form = pack.entry(at)?.form,
                (None, Form::Reference(base)) => {
                    return Ok((self.foreign_base(base, depth)?.kind, size));
                }
                (None, _) => break,
            }
        }
        Err(Error::corrupt(
            format!("object `{oid}`"),
            &pack.path,
            "its chain of deltas does not end",
        ))
    }
}

fn check_size(oid: Oid, size: u64, limit: u64) -> Result<()> {
    if size > limit {
        return Err(Error::TooLarge { oid, size, limit });
    }
    Ok(())
}
