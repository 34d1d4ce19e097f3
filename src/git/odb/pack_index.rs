//! Pack indexes, versions 1 and 2 (gitformat-pack): from object id to offset.

use std::borrow::Cow;
use std::fs::File;
use std::os::unix::fs::FileExt as _;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};

use crate::git::{Error, ObjectFormat, Oid, Result};

const MAGIC: [u8; 4] = [0xff, b't', b'O', b'c'];
/// Names read at once when the search has come this close.
const BULK: u64 = 256;
/// How far from where it is guessed an id is looked for first.
const NEAR: u64 = 24;
/// After so many searches the whole index is worth keeping in memory …
const MANY: u32 = 200;
/// … if it has no more bytes than this.
const MAX_KEPT: u64 = 32 << 20;

/// An open index. Keeps the 256 counts of ids by first byte, and the rest once
/// it has been searched often.
#[derive(Debug)]
pub struct PackIndex {
    path: PathBuf,
    file: File,
    id_len: u64,
    version: u8,
    fanout: Vec<u32>,
    size: u64,
    searches: AtomicU32,
    whole: OnceLock<Vec<u8>>,
}

impl PackIndex {
    pub fn open(path: &Path, format: ObjectFormat) -> Result<Self> {
        let file = File::open(path).map_err(Error::io(path))?;
        let size = file.metadata().map_err(Error::io(path))?.len();
        let mut head = [0; 8];
        file.read_exact_at(&mut head, 0).map_err(|_| bad(path, "it is cut off"))?;
        let version = match head {
            [a, b, c, d, 0, 0, 0, 2] if [a, b, c, d] == MAGIC => 2,
            [a, b, c, d, ..] if [a, b, c, d] == MAGIC => return Err(bad(path, "unknown version")),
            _ => 1,
        };
        let mut raw = [0; 1024];
        let start = if version == 2 { 8 } else { 0 };
        file.read_exact_at(&mut raw, start).map_err(|_| bad(path, "it is cut off"))?;
        let fanout: Vec<u32> = raw.chunks_exact(4).map(be32).collect();
        if !fanout.is_sorted() {
            return Err(bad(path, "its counts are not ascending"));
        }
        let index = Self {
            path: path.to_owned(),
            file,
            id_len: format.id_len() as u64,
            version,
            fanout,
            size,
            searches: AtomicU32::new(0),
            whole: OnceLock::new(),
        };
        if index.offsets64() > index.size {
            return Err(bad(path, "it is cut off"));
        }
        Ok(index)
    }

    /// Offset of the object in the pack.
    pub fn find(&self, oid: Oid) -> Result<Option<u64>> {
        if self.searches.fetch_add(1, Ordering::Relaxed) == MANY {
            self.keep()?;
        }
        let wanted = oid.as_bytes();
        let first = usize::from(wanted.first().copied().unwrap_or(0));
        let count = |at: usize| self.fanout.get(at).copied().map_or(0, u64::from);
        let (mut low, mut high) = (first.checked_sub(1).map_or(0, count), count(first));
        if self.whole.get().is_some() {
            (low, high) = self.near(wanted, low, high)?;
        }
        let bulk = if self.whole.get().is_some() { 1 } else { BULK };
        while high - low > bulk {
            let middle = low + (high - low) / 2;
            if *self.bytes(self.name(middle), self.id_len)? <= *wanted {
                low = middle;
            } else {
                high = middle;
            }
        }
        let stride = self.name(1) - self.name(0);
        let names = self.bytes(self.name(low), (high - low) * stride)?;
        let (stride, id_len) = (usize::try_from(stride).unwrap_or(1), wanted.len());
        let found = names.chunks(stride).position(|name| name.get(..id_len) == Some(wanted));
        found.map(|position| self.offset(low + position as u64)).transpose()
    }

    /// Reads the whole index, where it is not too large to be kept.
    fn keep(&self) -> Result<()> {
        if self.whole.get().is_none() && self.size <= MAX_KEPT {
            let whole = self.read(0, self.size)?;
            self.whole.get_or_init(|| whole);
        }
        Ok(())
    }

    /// A narrower range that holds `wanted`, if any does: ids are spread evenly,
    /// so its second and third byte tell about where it stands.
    fn near(&self, wanted: &[u8], low: u64, high: u64) -> Result<(u64, u64)> {
        let &[_, second, third, ..] = wanted else { return Ok((low, high)) };
        let share = u64::from(u16::from_be_bytes([second, third]));
        let guess = low + (high - low) * share / (1 << 16);
        let (from, to) = (guess.saturating_sub(NEAR).max(low), (guess + NEAR).min(high));
        let below = |number: u64| -> Result<bool> {
            Ok(*self.bytes(self.name(number), self.id_len)? <= *wanted)
        };
        let begins = from == low || below(from)?;
        let ends = to == high || !below(to)?;
        Ok((if begins { from } else { low }, if ends { to } else { high }))
    }

    /// The id of an object.
    pub fn oid(&self, number: u32) -> Option<Oid> {
        Oid::from_bytes(&self.bytes(self.name(u64::from(number)), self.id_len).ok()?)
    }

    /// Where in the pack every object begins, by the object's number.
    pub fn offsets(&self) -> Result<Vec<u64>> {
        self.keep()?;
        if self.version != 2 {
            return (0..self.count()).map(|number| self.offset(number)).collect();
        }
        let short =
            self.bytes(self.name(0) + self.count() * (self.id_len + 4), self.count() * 4)?;
        let long = self.bytes(self.offsets64(), self.size_of_offsets64())?;
        let offset = |short: u32| match short & 0x8000_0000 {
            0 => Some(u64::from(short)),
            _ => {
                let at = usize::try_from(short & 0x7fff_ffff).ok()?.checked_mul(8)?;
                let (high, low) = long.get(at..at.checked_add(8)?)?.split_at(4);
                Some(u64::from(be32(high)) << 32 | u64::from(be32(low)))
            }
        };
        let all = short.chunks_exact(4).map(|bytes| offset(be32(bytes)));
        all.collect::<Option<_>>().ok_or_else(|| bad(&self.path, "an offset is out of range"))
    }

    /// Bytes of the table of large offsets: what is left before the two
    /// checksums.
    fn size_of_offsets64(&self) -> u64 {
        self.size.saturating_sub(self.offsets64() + 2 * self.id_len)
    }

    pub fn count(&self) -> u64 {
        self.fanout.last().copied().map_or(0, u64::from)
    }

    /// Where the id of object `number` begins.
    fn name(&self, number: u64) -> u64 {
        match self.version {
            2 => 8 + 1024 + number * self.id_len,
            _ => 1024 + number * (self.id_len + 4) + 4,
        }
    }

    /// End of the fixed tables.
    fn offsets64(&self) -> u64 {
        match self.version {
            2 => self.name(0) + self.count() * (self.id_len + 8),
            _ => 1024 + self.count() * (self.id_len + 4),
        }
    }

    fn offset(&self, number: u64) -> Result<u64> {
        if self.version != 2 {
            return Ok(u64::from(be32(&self.bytes(self.name(number) - 4, 4)?)));
        }
        let table = self.name(0) + self.count() * (self.id_len + 4);
        let short = be32(&self.bytes(table + number * 4, 4)?);
        if short & 0x8000_0000 == 0 {
            return Ok(u64::from(short));
        }
        let at = self.offsets64() + u64::from(short & 0x7fff_ffff) * 8;
        let long = self.bytes(at, 8)?;
        let (high, low) = long.split_at(4);
        Ok(u64::from(be32(high)) << 32 | u64::from(be32(low)))
    }

    fn bytes(&self, at: u64, length: u64) -> Result<Cow<'_, [u8]>> {
        let Some(whole) = self.whole.get() else { return self.read(at, length).map(Cow::Owned) };
        let range = usize::try_from(at).ok().zip(usize::try_from(at.saturating_add(length)).ok());
        let found = range.and_then(|(start, end)| whole.get(start..end));
        found.map(Cow::Borrowed).ok_or_else(|| bad(&self.path, "it is cut off"))
    }

    fn read(&self, at: u64, length: u64) -> Result<Vec<u8>> {
        let mut buffer = vec![0; usize::try_from(length).unwrap_or(0)];
        self.file.read_exact_at(&mut buffer, at).map_err(|_| bad(&self.path, "it is cut off"))?;
        Ok(buffer)
    }
}

fn be32(bytes: &[u8]) -> u32 {
    bytes.iter().take(4).fold(0, |value, byte| value << 8 | u32::from(*byte))
}

fn bad(path: &Path, reason: &str) -> Error {
    Error::corrupt("pack index", path, reason)
}
