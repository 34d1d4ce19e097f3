//! Which blobs of a pack have to be scanned, found along its delta trees: of an
//! object that is built on another, only what that has not is looked at, with
//! the lines around it; what was copied as a whole holds what its base held.

use std::ops::Range;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use foldhash::{HashMap, HashMapExt as _, HashSet};
use memchr::{memchr_iter, memrchr_iter};

use super::super::Scanner;
use super::super::text::{Encoding, binary, decoded};
use crate::git::{Edit, Error, Oid, Origin, Origins, Visitor};

/// What a rule may look at before and after a keyword on the same line, and
/// some more: a line longer than this is looked at in part.
const NEAR: usize = 8 << 10;
/// Longest run of digits that is decoded.
const DIGITS: usize = 64 << 10;

/// Looks at every blob of the packs.
pub(super) struct Survey<'a> {
    scanner: &'a Scanner,
    origins: &'a Origins,
    /// Whether blobs that no commit brings are looked at too.
    all: bool,
    suspicions: AtomicU64,
    found: Mutex<Found>,
    bytes: AtomicU64,
}

#[derive(Default)]
struct Found {
    seen: HashSet<Oid>,
    suspects: Vec<Suspect>,
    /// Not held here: to be read as a whole.
    left: Vec<Oid>,
    unread: Vec<String>,
    alike: HashMap<(u32, u32), bool>,
}

/// A blob that holds something, and what: equal numbers stand for the same
/// lines.
struct Suspect {
    blob: Oid,
    suspicions: Vec<u64>,
}

/// What a survey leaves to be done.
pub(super) struct Leads {
    /// Blobs to be scanned.
    pub(super) blobs: Vec<Oid>,
    /// Blobs that were looked at.
    pub(super) seen: HashSet<Oid>,
    /// Bytes of the blobs that were looked at.
    pub(super) bytes: u64,
    /// What can't be read, and why.
    pub(super) unread: Vec<String>,
}

/// What is known of a blob when those built on it are looked at.
#[derive(Default)]
pub(super) struct Known {
    /// Whether it was looked at, and what is built on it may be looked at in
    /// part.
    usable: bool,
    origin: Option<Origin>,
    /// How far rules look beyond the lines.
    reach: usize,
    suspicions: Vec<(u64, Range<usize>)>,
}

impl<'a> Survey<'a> {
    pub(super) fn new(scanner: &'a Scanner, origins: &'a Origins, all: bool) -> Self {
        let (found, bytes, suspicions) = Default::default();
        Self { scanner, origins, all, suspicions, found, bytes }
    }

    fn found(&self) -> MutexGuard<'_, Found> {
        self.found.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Of all blobs that hold the same lines at the same path, the oldest.
    pub(super) fn leads(self) -> Leads {
        let found = self.found.into_inner().unwrap_or_else(PoisonError::into_inner);
        let mut oldest: HashMap<(u64, Option<u32>), (u32, Oid)> = HashMap::new();
        for suspect in &found.suspects {
            let origin = self.origins.of(suspect.blob);
            let age = origin.map_or(0, |origin| origin.commit);
            for suspicion in &suspect.suspicions {
                let place = (*suspicion, origin.map(|origin| origin.path));
                let known = oldest.entry(place).or_insert((age, suspect.blob));
                *known = (*known).max((age, suspect.blob));
            }
        }
        let mut blobs: Vec<Oid> = oldest.into_values().map(|(_, blob)| blob).collect();
        blobs.extend(found.left);
        blobs.sort_unstable();
        blobs.dedup();
        Leads { blobs, seen: found.seen, bytes: self.bytes.into_inner(), unread: found.unread }
    }

    fn alike(&self, one: Option<Origin>, other: Option<Origin>) -> bool {
        let (Some(one), Some(other)) = (one, other) else {
            return one.is_none() && other.is_none();
        };
        if one.path == other.path {
            return true;
        }
        let pair = (one.path.min(other.path), one.path.max(other.path));
        if let Some(known) = self.found().alike.get(&pair) {
            return *known;
        }
        let path = |origin: Origin| self.origins.path(origin.path);
        let alike = self.scanner.alike(path(one), path(other));
        self.found().alike.insert(pair, alike);
        alike
    }

    /// Looks at all of a blob.
    fn whole(&self, content: &[u8], path: &[u8], known: &mut Known) {
        let text = decoded(content);
        let (mut hits, reach) = self.scanner.probe(&text, path);
        let plain = matches!(Encoding::of(content), Encoding::Plain);
        if !plain {
            hits.extend(self.scanner.probe(content, path).0);
        }
        known.usable = plain && !binary(content);
        known.reach = reach;
        for hit in hits {
            known.suspicions.push((self.number(), surroundings(content, &hit)));
        }
    }

    /// Looks at what a blob has that its base has not. False where that is not
    /// enough.
    fn parts(
        &self,
        content: &[u8],
        path: &[u8],
        base: &Known,
        edit: &Edit,
        known: &mut Known,
    ) -> bool {
        known.reach = base.reach;
        let carried = base.suspicions.iter().filter_map(|(number, stretch)| {
            edit.carried(stretch).map(|stretch| (*number, stretch))
        });
        known.suspicions.extend(carried);
        let (mut end, mut open) = (0, None::<Range<usize>>);
        let regions = edit.fresh().map(|fresh| widened(content, fresh, base.reach));
        for region in regions.map(Some).chain([None]) {
            match (&mut open, region) {
                (Some(open), Some(region)) if region.start <= open.end => {
                    open.end = region.end.max(open.end);
                }
                (slot, region) => {
                    let Some(ready) = std::mem::replace(slot, region) else { continue };
                    let text = content.get(ready.start.max(end)..ready.end).unwrap_or_default();
                    let start = ready.start.max(end);
                    end = ready.end;
                    let (hits, reach) = self.scanner.probe(text, path);
                    if reach > base.reach {
                        return false;
                    }
                    for hit in hits {
                        let hit = start + hit.start..start + hit.end;
                        let inside = |(_, held): &(u64, Range<usize>)| {
                            held.start <= hit.start && hit.end <= held.end
                        };
                        if !known.suspicions.iter().any(inside) {
                            known.suspicions.push((self.number(), surroundings(content, &hit)));
                        }
                    }
                }
            }
        }
        known.usable = true;
        true
    }

    fn number(&self) -> u64 {
        self.suspicions.fetch_add(1, Ordering::Relaxed)
    }
}

impl Visitor for Survey<'_> {
    type State = Known;

    fn wants(&self, oid: Oid) -> bool {
        self.all || self.origins.of(oid).is_some()
    }

    fn visit(&self, oid: Oid, content: &[u8], base: Option<(&Known, &Edit)>) -> Known {
        let origin = self.origins.of(oid);
        let name = oid.to_string();
        let path = origin.map_or(name.as_bytes(), |origin| self.origins.path(origin.path));
        let mut known = Known { origin, ..Known::default() };
        let plain = || matches!(Encoding::of(content), Encoding::Plain) && !binary(content);
        let partly = base
            .filter(|(base, _)| base.usable && self.alike(base.origin, origin))
            .filter(|_| plain() && !self.scanner.reads_whole(path))
            .is_some_and(|(base, edit)| self.parts(content, path, base, edit, &mut known));
        if !partly {
            known = Known { origin, ..Known::default() };
            self.whole(content, path, &mut known);
        }
        self.bytes.fetch_add(content.len() as u64, Ordering::Relaxed);
        let mut found = self.found();
        found.seen.insert(oid);
        if !known.suspicions.is_empty() {
            let suspicions = known.suspicions.iter().map(|(number, _)| *number).collect();
            found.suspects.push(Suspect { blob: oid, suspicions });
        }
        known
    }

    fn failed(&self, oid: Oid, error: &Error) {
        let mut found = self.found();
        found.seen.insert(oid);
        match error {
            Error::TooLarge { .. } => found.left.push(oid),
            _ => found.unread.push(format!("blob `{oid}` was not scanned: {error}")),
        }
    }
}

/// The lines of a hit, and those before and after, on which a marker may stand.
fn surroundings(content: &[u8], hit: &Range<usize>) -> Range<usize> {
    widened(content, hit.start.min(content.len())..hit.end.min(content.len()), 0)
}

/// A range to what a rule that looks at it may also look at: whole lines and
/// their neighbours, or `reach` bytes where that is more.
fn widened(content: &[u8], range: Range<usize>, reach: usize) -> Range<usize> {
    let floor = range.start.saturating_sub(NEAR);
    let before = content.get(floor..range.start).unwrap_or_default();
    let second = memrchr_iter(b'\n', before).nth(1);
    let start = second.map_or_else(|| digits_before(content, floor), |at| floor + at + 1);
    let ceiling = content.len().min(range.end + NEAR);
    let after = content.get(range.end..ceiling).unwrap_or_default();
    let end = memchr_iter(b'\n', after)
        .nth(1)
        .map_or_else(|| digits_after(content, ceiling), |at| range.end + at + 1);
    let far = range.start.saturating_sub(reach)..content.len().min(range.end + reach);
    if reach == 0 { start..end } else { start.min(far.start)..end.max(far.end) }
}

/// The beginning of the encoded text that `at` lies in: cut elsewhere it says
/// something else.
fn digits_before(content: &[u8], at: usize) -> usize {
    let before = content.get(at.saturating_sub(DIGITS)..at).unwrap_or_default();
    at - before.iter().rev().position(is_no_digit).unwrap_or(before.len())
}

/// The end of the encoded text that `at` lies in.
fn digits_after(content: &[u8], at: usize) -> usize {
    let after = content.get(at..content.len().min(at + DIGITS)).unwrap_or_default();
    at + after.iter().position(is_no_digit).unwrap_or(after.len())
}

fn is_no_digit(byte: &u8) -> bool {
    !(byte.is_ascii_alphanumeric() || b"+/-_".contains(byte))
}
