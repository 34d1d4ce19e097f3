//! Reads many small objects that lie near each other in packs, as a walk over
//! trees meets them: one thread's memory of the pieces of packs and of the
//! objects that the next ones are built on.

use std::sync::Arc;

use flate2::Decompress;

use super::Odb;
use super::delta;
use super::inflate::inflate;
use super::pack::{Form, MAX_CHAIN, Pack, circles, parse_entry};
use super::slots::Slots;
use crate::git::{Kind, Oid, Result};

/// Bytes of a pack read at once: the versions of one directory lie together,
/// and a walk goes to and fro between many.
const PIECE: u64 = 1 << 10;
/// Bytes read beyond, for the entry that ends there.
const BEYOND: u64 = 1 << 10;
/// Objects kept.
const OBJECTS: usize = 8192;
/// Bytes of them that are kept where all of a history is read.
pub const MUCH: usize = 6 << 20;
/// The same where some of it is.
pub const SOME: usize = 2 << 20;
/// Larger ones are only kept when asked for, not where others are built on
/// them.
const LIGHT: usize = 4 << 10;
/// Places remembered.
const PLACES: usize = 16 << 10;
/// Larger entries are not kept here; nor are they read here.
const SMALL: u64 = 1 << 20;
/// Nor is what is built to more than this.
const BUILT: u64 = 4 << 20;

/// Number of a pack here, and offset.
type Key = (usize, u64);

/// What one thread remembers.
pub struct Shelf<'a> {
    odb: &'a Odb,
    packs: Arc<Vec<Arc<Pack>>>,
    pieces: Slots<Key, Arc<Vec<u8>>>,
    kept: Slots<Key, Kept>,
    /// Where objects asked for lately are.
    places: Slots<Oid, Key>,
    zlib: Decompress,
    /// Deltas on the way down to what is kept.
    chain: Vec<(u64, Vec<u8>)>,
    /// A buffer to use again.
    spare: Vec<u8>,
}

type Kept = (Kind, Arc<Vec<u8>>);

impl Odb {
    /// An empty shelf for so many bytes of objects, and two thirds of that of
    /// pieces.
    pub fn shelf(&self, room: usize) -> Result<Shelf<'_>> {
        let packs = self.packs()?;
        let pieces = room / 3 / PIECE as usize;
        let (pieces, kept) = (Slots::new(pieces, pieces), Slots::new(OBJECTS, room));
        let places = Slots::new(PLACES, PLACES);
        let zlib = Decompress::new(true);
        let (chain, spare) = Default::default();
        Ok(Shelf { odb: self, packs, pieces, kept, places, zlib, chain, spare })
    }
}

impl Shelf<'_> {
    /// Kind and content of an object of at most `limit` bytes.
    pub fn read(&mut self, oid: Oid, limit: u64) -> Result<Kept> {
        // What can't be read here is tried anew below, and reported there.
        if let Some((number, offset)) = self.place(oid)?
            && let Some(pack) = self.packs.get(number).cloned()
            && let Ok(Some(found)) = self.unpack(number, &pack, offset)
        {
            return Ok(found);
        }
        let object = self.odb.read(oid, limit)?;
        Ok((object.kind, Arc::new(object.data)))
    }

    fn place(&mut self, oid: Oid) -> Result<Option<Key>> {
        if let Some(place) = self.places.get(&oid) {
            return Ok(Some(place));
        }
        for (number, pack) in self.packs.iter().enumerate() {
            if let Some(offset) = pack.find(oid)? {
                self.places.put(oid, (number, offset), 1);
                return Ok(Some((number, offset)));
            }
        }
        Ok(None)
    }

    /// None for what is too large or built on something elsewhere.
    fn unpack(&mut self, number: usize, pack: &Pack, offset: u64) -> Result<Option<Kept>> {
        let mut at = offset;
        let mut depth = 0;
        let (kind, mut data) = loop {
            if let Some(kept) = self.kept.get(&(number, at)) {
                break kept;
            }
            if depth > MAX_CHAIN {
                return Err(pack.endless(offset));
            }
            if self.chain.len() <= depth {
                self.chain.push((0, Vec::new()));
            }
            let mut slot = self.chain.get_mut(depth).map(std::mem::take).unwrap_or_default();
            let form = self.entry(number, pack, at, &mut slot.1);
            slot.0 = at;
            let base = match form? {
                None => return Ok(None),
                Some(Form::Whole(kind)) => {
                    let kept = (kind, Arc::new(std::mem::take(&mut slot.1)));
                    self.keep((number, at), &kept);
                    break kept;
                }
                Some(Form::Offset(base)) => base,
                Some(Form::Reference(base)) => match pack.find(base)? {
                    Some(base) => base,
                    None => return Ok(None),
                },
            };
            let passed = self.chain.iter().take(depth).map(|(offset, _)| *offset);
            if circles(passed, at, base) {
                return Err(pack.endless(offset));
            }
            if let Some(place) = self.chain.get_mut(depth) {
                *place = slot;
            }
            (at, depth) = (base, depth + 1);
        };
        for level in (0..depth).rev() {
            let Some((at, delta)) = self.chain.get(level) else { break };
            let mut built = std::mem::take(&mut self.spare);
            delta::apply_into(&mut built, &data, delta, BUILT, |_, _| {})
                .ok_or_else(|| pack.bad(*at, "its delta does not fit its base"))?;
            let key = (number, *at);
            self.spare =
                Arc::try_unwrap(std::mem::replace(&mut data, Arc::new(built))).unwrap_or_default();
            if level == 0 || data.len() <= LIGHT {
                self.keep(key, &(kind, Arc::clone(&data)));
            }
        }
        Ok(Some((kind, data)))
    }

    /// The form of an entry, and its inflated bytes. None where it is large.
    fn entry(
        &mut self,
        number: usize,
        pack: &Pack,
        offset: u64,
        out: &mut Vec<u8>,
    ) -> Result<Option<Form>> {
        let begin = offset - offset % PIECE;
        let piece = match self.pieces.get(&(number, begin)) {
            Some(piece) => piece,
            None => {
                let piece = Arc::new(read(pack, begin, PIECE + BEYOND)?);
                self.pieces.put((number, begin), Arc::clone(&piece), 1);
                piece
            }
        };
        let bytes = piece.get(usize::try_from(offset - begin).unwrap_or(0)..).unwrap_or_default();
        let Some((form, size, used)) = parse_entry(bytes, offset, pack.format()) else {
            return Err(pack.bad(offset, "no object begins there"));
        };
        if size > SMALL {
            return Ok(None);
        }
        let stream = bytes.get(used..).unwrap_or_default();
        if inflate(&mut self.zlib, stream, out, size).is_err() {
            // It may go on after the piece.
            let stream = read(pack, offset + used as u64, size + BEYOND)?;
            inflate(&mut self.zlib, &stream, out, size)
                .map_err(|reason| pack.bad(offset, &reason))?;
        }
        Ok(Some(form))
    }

    fn keep(&mut self, key: Key, kept: &Kept) {
        self.kept.put(key, (kept.0, Arc::clone(&kept.1)), kept.1.len());
    }
}

fn read(pack: &Pack, offset: u64, length: u64) -> Result<Vec<u8>> {
    let mut bytes = vec![0; usize::try_from(length).unwrap_or(0)];
    let read = pack.read_at(&mut bytes, offset);
    let read = read.map_err(|error| pack.bad(offset, &error.to_string()))?;
    bytes.truncate(read);
    Ok(bytes)
}
