//! The object store: loose objects, packs, and the stores borrowed from.
//!
//! In: object ids. Out: kind, size and content. Never here: writing, or
//! trusting a length that a file declares.

mod blob;
mod delta;
mod forest;
mod inflate;
mod loose;
mod pack;
mod pack_cache;
mod pack_index;
pub mod shelf;
mod slots;
mod unfold;

use std::collections::HashSet;
use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use super::discover::Layout;
use super::{Error, Kind, Object, ObjectFormat, Oid, Result};
pub use blob::{Blob, Streamed};
pub use forest::Forest;
use pack::Pack;
use pack_cache::BaseCache;
pub use unfold::{Edit, Visitor, unfold};

/// No object larger than this is read, whatever the caller allows.
pub const HARD_LIMIT: u64 = 2 << 30;
/// git's own limit on stores that borrow from stores.
const MAX_ALTERNATE_DEPTH: usize = 5;
/// Deltas on objects of other packs may nest this deep.
const MAX_FOREIGN_BASES: usize = 16;

/// All places that objects of one repository are in.
#[derive(Debug)]
pub struct Odb {
    format: ObjectFormat,
    primary: PathBuf,
    borrowed: Vec<PathBuf>,
    dirs: OnceLock<Vec<PathBuf>>,
    packs: Mutex<Option<Arc<Vec<Arc<Pack>>>>>,
    cache: Mutex<BaseCache>,
}

/// An object, shared with the cache of delta bases.
pub type Shared = (Kind, Arc<Vec<u8>>);

impl Odb {
    pub fn new(layout: &Layout) -> Self {
        Self {
            format: layout.format,
            primary: layout.object_dir.clone(),
            borrowed: layout.alternates.clone(),
            dirs: OnceLock::new(),
            packs: Mutex::new(None),
            cache: Mutex::new(BaseCache::default()),
        }
    }

    /// The object, unless it has more than `limit` bytes.
    pub fn read(&self, oid: Oid, limit: u64) -> Result<Object> {
        if oid == self.format.empty_tree() {
            return Ok(Object { kind: Kind::Tree, data: Vec::new() });
        }
        self.retrying(oid, |odb| odb.read_at_depth(oid, limit.min(HARD_LIMIT), 0))
    }

    /// Kind and size in bytes, without the content.
    pub fn header(&self, oid: Oid) -> Result<(Kind, u64)> {
        if oid == self.format.empty_tree() {
            return Ok((Kind::Tree, 0));
        }
        self.retrying(oid, |odb| odb.header_at_depth(oid, 0))
    }

    pub fn contains(&self, oid: Oid) -> Result<bool> {
        let known = |odb: &Self| -> Result<Option<()>> {
            if odb.in_packs(oid)?.is_some() {
                return Ok(Some(()));
            }
            Ok(odb.dirs().iter().any(|dir| loose::path(dir, oid).is_file()).then_some(()))
        };
        match self.retrying(oid, known) {
            Ok(()) => Ok(true),
            Err(Error::Missing { .. }) => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// Looks once more, with the packs listed anew, before an object counts
    /// as missing: a `git gc` may have moved it meanwhile, or removed the pack.
    fn retrying<T>(&self, oid: Oid, find: impl Fn(&Self) -> Result<Option<T>>) -> Result<T> {
        match find(self) {
            Ok(Some(found)) => return Ok(found),
            Err(Error::Io { source, .. }) if source.kind() == ErrorKind::NotFound => {}
            other => drop(other?),
        }
        *lock(&self.packs) = None;
        find(self)?.ok_or(Error::Missing { oid })
    }

    fn read_at_depth(&self, oid: Oid, limit: u64, depth: usize) -> Result<Option<Object>> {
        if let Some((pack, offset)) = self.in_packs(oid)? {
            let (kind, data) = self.unpack(&pack, offset, oid, limit, depth)?;
            return Ok(Some(Object { kind, data: Arc::unwrap_or_clone(data) }));
        }
        for dir in self.dirs() {
            if let Some(object) = loose::read(dir, oid, limit)? {
                return Ok(Some(object));
            }
        }
        Ok(None)
    }

    fn header_at_depth(&self, oid: Oid, depth: usize) -> Result<Option<(Kind, u64)>> {
        if let Some((pack, offset)) = self.in_packs(oid)? {
            return self.unpack_header(&pack, offset, depth).map(Some);
        }
        for dir in self.dirs() {
            if let Some(header) = loose::header(dir, oid)? {
                return Ok(Some(header));
            }
        }
        Ok(None)
    }

    /// The ids of all loose objects.
    pub fn loose_ids(&self) -> HashSet<Oid> {
        self.dirs().iter().flat_map(|dir| loose::ids(dir)).collect()
    }

    /// The delta trees of all packs. A pack whose index can't be read is an
    /// error in its place.
    pub fn forests(&self) -> Result<Vec<Result<Forest>>> {
        Ok(self.packs()?.iter().map(|pack| Forest::of(Arc::clone(pack))).collect())
    }

    /// An object that a delta names as its base by id.
    fn foreign_base(&self, oid: Oid, depth: usize) -> Result<Object> {
        if depth >= MAX_FOREIGN_BASES {
            let reason = "deltas on objects of other packs nest too deep";
            return Err(Error::corrupt(format!("object `{oid}`"), &self.primary, reason));
        }
        self.read_at_depth(oid, HARD_LIMIT, depth + 1)?.ok_or(Error::Missing { oid })
    }

    fn in_packs(&self, oid: Oid) -> Result<Option<(Arc<Pack>, u64)>> {
        for pack in self.packs()?.iter() {
            if let Some(offset) = pack.find(oid)? {
                return Ok(Some((Arc::clone(pack), offset)));
            }
        }
        Ok(None)
    }

    fn packs(&self) -> Result<Arc<Vec<Arc<Pack>>>> {
        let mut slot = lock(&self.packs);
        if let Some(packs) = slot.as_ref() {
            return Ok(Arc::clone(packs));
        }
        let mut packs = Vec::new();
        for dir in self.dirs() {
            list_packs(&dir.join("pack"), self.format, &mut packs)?;
        }
        let packs = Arc::new(packs);
        *slot = Some(Arc::clone(&packs));
        Ok(packs)
    }

    /// This store, then those it borrows from.
    fn dirs(&self) -> &[PathBuf] {
        self.dirs.get_or_init(|| {
            let (mut dirs, mut seen) = (Vec::new(), HashSet::new());
            for dir in std::iter::once(&self.primary).chain(&self.borrowed) {
                add_with_alternates(dir, MAX_ALTERNATE_DEPTH, &mut seen, &mut dirs);
            }
            dirs
        })
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn list_packs(dir: &Path, format: ObjectFormat, out: &mut Vec<Arc<Pack>>) -> Result<()> {
    let Ok(entries) = fs::read_dir(dir) else { return Ok(()) };
    let mut found = Vec::new();
    for entry in entries.flatten() {
        let path = entry.path();
        if path.extension().is_some_and(|extension| extension == "idx") {
            let modified = entry.metadata().and_then(|meta| meta.modified()).ok();
            found.push((modified, path));
        }
    }
    found.sort_unstable_by(|a, b| b.cmp(a));
    for (_, path) in found {
        out.extend(Pack::open(&path, format)?.map(Arc::new));
    }
    Ok(())
}

/// `info/alternates`: one directory a line, relative to the store that names it.
fn add_with_alternates(
    dir: &Path,
    depth: usize,
    seen: &mut HashSet<PathBuf>,
    out: &mut Vec<PathBuf>,
) {
    use std::os::unix::ffi::OsStrExt as _;
    let real = fs::canonicalize(dir).unwrap_or_else(|_| dir.to_owned());
    if !seen.insert(real) {
        return;
    }
    out.push(dir.to_owned());
    let text = fs::read(dir.join("info/alternates")).unwrap_or_default();
    let lines = text.split(|byte| *byte == b'\n').map(<[u8]>::trim_ascii);
    for line in lines.filter(|line| !line.is_empty() && !line.starts_with(b"#")) {
        if depth > 0 {
            let next = dir.join(std::ffi::OsStr::from_bytes(line));
            add_with_alternates(&next, depth - 1, seen, out);
        }
    }
}
