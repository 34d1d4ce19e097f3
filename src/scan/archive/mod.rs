//! Archives and compressed files: every file inside is scanned as a file of
//! its own, called `OUTER!INNER`.
//!
//! Bounded in depth, in the number of files and in what it all unpacks to; an
//! archive beyond that is reported, so that nothing hides in it unseen. What
//! can't be unpacked (damaged, encrypted) is scanned as the bytes it is.

mod kind;
mod unpack;

use std::io::{Cursor, Read};

pub(super) use kind::{Kind, SNIFFED};

use super::{Finding, Scanner};
use unpack::Unpacker;

/// The secrets in an archive that is held; nothing where `bytes` are none.
pub(super) fn scan(scanner: &Scanner, bytes: &[u8], path: &[u8]) -> Option<Vec<Finding>> {
    let kind = Kind::of(bytes)?;
    let mut unpacker = Unpacker::new(scanner, Some(bytes.len() as u64));
    let whole = match kind {
        Kind::Zip => unpacker.zip(Cursor::new(bytes), path, 0),
        other => unpacker.stream(other, &mut &*bytes, path, 0),
    };
    let mut found = unpacker.findings(path);
    if whole.is_err() {
        found.extend(scanner.scan_text(bytes, path));
    }
    Some(found)
}

/// The secrets in an archive that is read, and how many bytes it unpacked to.
pub(super) fn scan_reader(
    scanner: &Scanner,
    kind: Kind,
    reader: &mut dyn Read,
    path: &[u8],
) -> (Vec<Finding>, u64) {
    let mut unpacker = Unpacker::new(scanner, None);
    if unpacker.stream(kind, reader, path, 0).is_err() {
        unpacker.cut_short();
    }
    let bytes = unpacker.unpacked();
    (unpacker.findings(path), bytes)
}
