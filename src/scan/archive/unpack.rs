//! Walks an archive within its limits.

use std::cell::Cell;
use std::io::{self, Cursor, Read, Seek};
use std::rc::Rc;

use flate2::read::MultiGzDecoder;
use lzma_rust2::XzReader;
use ruzstd::decoding::StreamingDecoder;

use super::super::excerpt;
use super::{Finding, Kind, SNIFFED, Scanner};

/// Archives in archives in archives, and no further.
const MAX_DEPTH: usize = 4;
/// Files of one outermost archive.
const MAX_FILES: usize = 100_000;
/// Bytes that an outermost archive may unpack to, at least and at most.
const UNPACKED: (u64, u64) = (64 << 20, 4 << 30);
/// How many times its size an archive may unpack to, above that least.
const RATIO: u64 = 200;
/// A ZIP archive that can't be sought in is held up to this size; a larger one
/// is read front to back.
const HELD: u64 = 32 << 20;
/// Memory that a compressed file's dictionary may take.
const DICTIONARY: u64 = 66 << 20;

/// A walk through one outermost archive.
pub(super) struct Unpacker<'a> {
    scanner: &'a Scanner,
    allowed: u64,
    left: Rc<Cell<u64>>,
    files_left: usize,
    cut_short: bool,
    found: Vec<Finding>,
}

impl<'a> Unpacker<'a> {
    /// `size` is the archive's own, where it is known.
    pub(super) fn new(scanner: &'a Scanner, size: Option<u64>) -> Self {
        let (least, most) = UNPACKED;
        let allowed = size.map_or(most, |size| size.saturating_mul(RATIO).clamp(least, most));
        Self {
            scanner,
            allowed,
            left: Rc::new(Cell::new(allowed)),
            files_left: MAX_FILES,
            cut_short: false,
            found: Vec::new(),
        }
    }

    /// Notes that some of it was not looked at.
    pub(super) fn cut_short(&mut self) {
        self.cut_short = true;
    }

    /// How many bytes were scanned.
    pub(super) fn unpacked(&self) -> u64 {
        self.allowed - self.left.get()
    }

    /// What was found, and that not all was looked at where that is so.
    pub(super) fn findings(mut self, path: &[u8]) -> Vec<Finding> {
        if self.cut_short {
            self.found.push(excerpt::notice(
                path,
                "archive-not-scanned",
                "Archive that could not be scanned to its end: too large, nested too deep, or damaged",
            ));
        }
        self.found.extend(self.scanner.path_findings(path));
        self.found
    }

    /// Unpacks what is read front to back.
    pub(super) fn stream(
        &mut self,
        kind: Kind,
        reader: &mut dyn Read,
        path: &[u8],
        depth: usize,
    ) -> io::Result<()> {
        if depth >= MAX_DEPTH {
            self.cut_short = true;
            return Ok(());
        }
        let inner = || joined(path, &kind.inner_name(path));
        match kind {
            Kind::Tar => self.tar(reader, path, depth),
            Kind::Zip => self.zip_stream(reader, path, depth),
            Kind::Gzip => self.unpacked_file(MultiGzDecoder::new(reader), &inner(), depth),
            Kind::Xz => {
                let limit = u32::try_from(DICTIONARY >> 10).unwrap_or(u32::MAX);
                let decoder = XzReader::new_mem_limit(reader, true, limit);
                self.unpacked_file(decoder, &inner(), depth)
            }
            Kind::Zstd => {
                let decoder = StreamingDecoder::new_with_max_window_size(reader, DICTIONARY)
                    .map_err(io::Error::other)?;
                self.unpacked_file(decoder, &inner(), depth)
            }
        }
    }

    /// Unpacks a ZIP archive by its directory.
    pub(super) fn zip<R: Read + Seek>(
        &mut self,
        reader: R,
        path: &[u8],
        depth: usize,
    ) -> io::Result<()> {
        let mut archive = zip::ZipArchive::new(reader).map_err(io::Error::other)?;
        for index in 0..archive.len() {
            if self.is_spent() {
                break;
            }
            // An entry that can't be opened, such as an encrypted one, keeps its secret.
            let Ok(file) = archive.by_index(index) else { continue };
            if file.is_file() {
                let name = joined(path, file.name_raw());
                let _ = self.unpacked_file(file, &name, depth);
            }
        }
        Ok(())
    }

    fn zip_stream(&mut self, reader: &mut dyn Read, path: &[u8], depth: usize) -> io::Result<()> {
        let mut held = Vec::new();
        let length = (&mut *reader).take(HELD).read_to_end(&mut held)? as u64;
        if length < HELD {
            return self.zip(Cursor::new(held), path, depth);
        }
        let mut all = Cursor::new(held).chain(reader);
        while !self.is_spent() {
            let next = zip::read::read_zipfile_from_stream(&mut all).map_err(io::Error::other)?;
            let Some(file) = next else { return Ok(()) };
            let name = joined(path, file.name_raw());
            if file.is_file() {
                self.unpacked_file(file, &name, depth)?;
            }
        }
        Ok(())
    }

    fn tar(&mut self, reader: &mut dyn Read, path: &[u8], depth: usize) -> io::Result<()> {
        let mut archive = tar::Archive::new(reader);
        for entry in archive.entries()? {
            if self.is_spent() {
                break;
            }
            let mut entry = entry?;
            if entry.header().entry_type().is_file() {
                let name = joined(path, &entry.path_bytes());
                self.file(&mut entry, &name, depth + 1)?;
            }
        }
        Ok(())
    }

    /// Scans one file, itself an archive perhaps, as it is unpacked.
    fn unpacked_file(&mut self, reader: impl Read, path: &[u8], depth: usize) -> io::Result<()> {
        let mut metered = Metered { reader, left: Rc::clone(&self.left) };
        self.file(&mut metered, path, depth + 1)
    }

    fn file(&mut self, reader: &mut dyn Read, path: &[u8], depth: usize) -> io::Result<()> {
        self.files_left = self.files_left.saturating_sub(1);
        let mut head = Vec::with_capacity(SNIFFED);
        (&mut *reader).take(SNIFFED as u64).read_to_end(&mut head)?;
        if let Some(kind) = Kind::of(&head) {
            return self.stream(kind, &mut Cursor::new(head).chain(reader), path, depth);
        }
        let scanned = self.scanner.scan_plain(Cursor::new(head).chain(reader), path);
        let (found, _) = scanned.map_err(io::Error::other)?;
        self.found.extend(found);
        self.is_spent();
        Ok(())
    }

    fn is_spent(&mut self) -> bool {
        let spent = self.left.get() == 0 || self.files_left == 0;
        self.cut_short |= spent;
        spent
    }
}

/// What comes out of a decompressor, up to what is left for the archive: even
/// what is only skipped costs time.
struct Metered<R> {
    reader: R,
    left: Rc<Cell<u64>>,
}

impl<R: Read> Read for Metered<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let most = usize::try_from(self.left.get()).unwrap_or(usize::MAX).min(buffer.len());
        let got = self.reader.read(buffer.get_mut(..most).unwrap_or_default())?;
        self.left.set(self.left.get() - got as u64);
        Ok(got)
    }
}

fn joined(outer: &[u8], inner: &[u8]) -> Vec<u8> {
    [outer, b"!", inner].concat()
}
