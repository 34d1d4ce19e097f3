//! Which blobs of a pack have to be scanned, found along its delta trees: of an
//! object that is built on another, only what that has not is looked at, with
//! the lines around it; what was copied as a whole holds what its base held.

use std::cmp::Reverse;
use std::ops::Range;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::super::Scanner;
use super::super::engine::{NEAR, Probe};
use super::super::job::File;
use super::super::text::{Encoding, binary, decoded};
use super::around::{context, lines, neighbours};
use crate::git::{Edit, Error, Oid, Origin, Origins, Visitor};
use foldhash::{HashMap, HashMapExt as _, HashSet};

/// How many comparisons of what is known with what was copied are worth it.
const MANY: usize = 1 << 20;
/// How often what has to be looked at may turn out to be more.
const ROUNDS: usize = 4;

/// Looks at every blob of the packs.
pub(super) struct Survey<'a> {
    scanner: &'a Scanner,
    origins: &'a Origins,
    /// By number of path.
    files: Vec<File<'a>>,
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
    /// With the lines around them, on which a marker may stand.
    suspicions: Vec<(u64, Range<usize>)>,
    /// Lines of names whose values may stand on the next ones, and those.
    open: Vec<Range<usize>>,
}

impl<'a> Survey<'a> {
    pub(super) fn new(scanner: &'a Scanner, origins: &'a Origins, all: bool) -> Self {
        let (found, bytes, suspicions) = Default::default();
        let files = origins.paths().map(|path| scanner.file(path)).collect();
        Self { scanner, origins, files, all, suspicions, found, bytes }
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
        let (Some(first), Some(second)) = (self.file(one), self.file(other)) else { return false };
        let alike = self.scanner.alike(first, second);
        self.found().alike.insert(pair, alike);
        alike
    }

    fn file(&self, origin: Origin) -> Option<&File<'a>> {
        self.files.get(origin.path as usize)
    }

    /// Looks at all of a blob.
    fn whole(&self, content: &[u8], file: &File<'_>, known: &mut Known) {
        let text = decoded(content);
        let mut probe = self.scanner.probe(&text, file);
        let plain = matches!(Encoding::of(content), Encoding::Plain);
        if !plain {
            probe.hits.extend(self.scanner.probe(content, file).hits);
        }
        known.usable = plain && !binary(content);
        self.keep(content, &probe, 0, known);
        known.open = opened(&probe, 0);
        tidy(&mut known.open);
    }

    /// Looks at what a blob has that its base has not. False where that is not
    /// enough.
    fn parts(
        &self,
        content: &[u8],
        file: &File<'_>,
        base: &Known,
        edit: &Edit,
        known: &mut Known,
    ) -> bool {
        if (base.suspicions.len() + base.open.len()) * edit.pieces() > MANY {
            return false;
        }
        let mut regions = carry(content, base, edit, known).into_iter().peekable();
        let mut open = Vec::new();
        while let Some(mut region) = regions.next() {
            let mut rounds = 0;
            let probe = loop {
                while let Some(next) = regions.next_if(|next| next.start <= region.end) {
                    region.end = region.end.max(next.end);
                }
                let text = content.get(region.clone()).unwrap_or_default();
                let probe = self.scanner.probe(text, file);
                let opened = opened(&probe, region.start);
                let more = opened.iter().filter(|open| !lies_in(open, &known.open));
                let wanted = more.fold(region.clone(), |wanted, open| {
                    wanted.start.min(open.start)..wanted.end.max(open.end.min(content.len()))
                });
                if wanted == region {
                    open.extend(opened);
                    break probe;
                }
                region = lines(content, &wanted);
                rounds += 1;
                if rounds == ROUNDS {
                    return false;
                }
            };
            self.keep(content, &probe, region.start, known);
        }
        known.open.extend(open);
        tidy(&mut known.open);
        known.usable = true;
        true
    }

    /// Keeps the hits that are not known yet.
    fn keep(&self, content: &[u8], probe: &Probe, start: usize, known: &mut Known) {
        for hit in &probe.hits {
            let hit = start + hit.start..start + hit.end;
            let inside =
                |(_, held): &(u64, Range<usize>)| held.start <= hit.start && hit.end <= held.end;
            if !known.suspicions.iter().any(inside) {
                known.suspicions.push((self.number(), neighbours(content, &hit)));
            }
        }
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
        let (name, nameless);
        let file = match origin.and_then(|origin| self.file(origin)) {
            Some(file) => file,
            None => {
                name = oid.to_string();
                nameless = self.scanner.file(name.as_bytes());
                &nameless
            }
        };
        let mut known = Known { origin, ..Known::default() };
        let plain = || matches!(Encoding::of(content), Encoding::Plain) && !binary(content);
        let partly = base
            .filter(|(base, _)| base.usable && self.alike(base.origin, origin))
            .filter(|_| plain() && !self.scanner.reads_whole(file))
            .is_some_and(|(base, edit)| self.parts(content, file, base, edit, &mut known));
        if !partly {
            known = Known { origin, ..Known::default() };
            self.whole(content, file, &mut known);
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

/// Takes over what is known of what was copied as a whole. What has to be
/// looked at is left: what is new, and what of known places is still there.
fn carry(content: &[u8], base: &Known, edit: &Edit, known: &mut Known) -> Vec<Range<usize>> {
    // The line behind may have begun before what was copied of it.
    let touched = |fresh: Range<usize>| fresh.start..content.len().min(fresh.end + 1);
    let mut regions: Vec<_> =
        edit.fresh().map(touched).map(|fresh| context(content, &fresh)).collect();
    let mut left = |stretch: &Range<usize>| {
        regions.extend(edit.images(stretch).map(|image| context(content, &image)));
    };
    for (number, stretch) in &base.suspicions {
        match edit.carried(stretch) {
            Some(stretch) => known.suspicions.push((*number, stretch)),
            None => left(stretch),
        }
    }
    for stretch in &base.open {
        match edit.carried(stretch) {
            Some(stretch) => known.open.push(stretch),
            None => left(stretch),
        }
    }
    tidy(&mut known.open);
    regions.sort_unstable_by_key(|region| region.start);
    regions
}

/// What of a text that begins at `start` counts for something on another line.
fn opened(probe: &Probe, start: usize) -> Vec<Range<usize>> {
    let moved = |range: &Range<usize>| start + range.start..start + range.end;
    let near = |range: Range<usize>| range.start.saturating_sub(NEAR)..range.end + NEAR;
    let doubtful = probe.doubtful.iter().map(moved).map(near);
    probe.open.iter().map(moved).chain(doubtful).collect()
}

/// Whether the range lies in one of those that [`tidy`] left.
fn lies_in(range: &Range<usize>, tidy: &[Range<usize>]) -> bool {
    let after = tidy.partition_point(|known| known.start <= range.start);
    let last = after.checked_sub(1).and_then(|last| tidy.get(last));
    last.is_some_and(|last| range.end <= last.end)
}

/// Without those that lie in others.
fn tidy(open: &mut Vec<Range<usize>>) {
    open.sort_unstable_by_key(|range| (range.start, Reverse(range.end)));
    let mut end = 0;
    open.retain(|range| {
        let sticks_out = range.end > end;
        end = end.max(range.end);
        sticks_out
    });
}
