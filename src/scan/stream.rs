//! Input of any length in bounded memory: pieces that overlap.

use std::io::{self, Cursor, Read};

use memchr::memrchr;

use super::archive::{self, Kind};
use super::excerpt::{characters, newlines};
use super::text::{Encoding, SNIFFED, utf16};
use super::{Error, Finding, Result, Scanner};

/// Bytes of a piece.
const PIECE: usize = 1 << 20;
/// Bytes that two pieces share: longer than any rule's window.
const OVERLAP: usize = 64 << 10;
/// How far back a place to cut an endless line is looked for.
const BACK: usize = 8 << 10;

impl Scanner {
    /// [`Scanner::scan`] of a reader, in pieces of 1 MiB. Also returns how many
    /// bytes there were.
    ///
    /// # Errors
    /// [`Error::Io`] where reading fails.
    pub fn scan_reader(&self, mut reader: impl Read, path: &[u8]) -> Result<(Vec<Finding>, u64)> {
        let unreadable = || Error::io(String::from_utf8_lossy(path).into_owned());
        let mut head = Vec::with_capacity(archive::SNIFFED);
        let sniffed = reader.by_ref().take(archive::SNIFFED as u64).read_to_end(&mut head);
        sniffed.map_err(|error| unreadable()(error))?;
        let kind = Kind::of(&head);
        let mut all = Cursor::new(head).chain(reader);
        match kind {
            Some(kind) => Ok(archive::scan_reader(self, kind, &mut all, path)),
            None => self.scan_plain(all, path),
        }
    }

    /// As [`Scanner::scan_reader`], of what is no archive.
    pub(super) fn scan_plain(&self, reader: impl Read, path: &[u8]) -> Result<(Vec<Finding>, u64)> {
        let mut pieces = Pieces::new(reader);
        let mut findings = Vec::new();
        let (mut lines, mut columns) = (0, 0);
        loop {
            let unreadable = || Error::io(String::from_utf8_lossy(path).into_owned());
            let last = pieces.fill().map_err(|error| unreadable()(error))?;
            let text = pieces.text();
            let cut = if last { text.len() } else { cut(text) };
            for mut finding in self.scan_text(text, path) {
                if last || finding.offset < cut {
                    finding.moved(lines, columns);
                    findings.push(finding);
                }
            }
            if last {
                findings.extend(self.path_findings(path));
                return Ok((findings, pieces.bytes));
            }
            let done = text.get(..cut).unwrap_or_default();
            lines += newlines(done);
            columns = match memrchr(b'\n', done) {
                Some(end) => characters(done.get(end + 1..).unwrap_or_default()),
                None => columns + characters(done),
            };
            pieces.drop_front(cut);
        }
    }
}

/// Calls `each` with every line of `reader`, in bounded memory; a line longer
/// than a piece comes in parts.
///
/// # Errors
/// Where reading fails.
pub(super) fn lines(reader: impl Read, mut each: impl FnMut(&[u8])) -> io::Result<()> {
    let mut pieces = Pieces::new(reader);
    loop {
        let last = pieces.fill()?;
        let text = pieces.text();
        let cut = if last { text.len() } else { cut(text) };
        let done = text.get(..cut).unwrap_or_default();
        done.split(|byte| *byte == b'\n').for_each(&mut each);
        if last {
            return Ok(());
        }
        pieces.drop_front(cut);
    }
}

/// A reader's text, a piece at a time.
struct Pieces<R> {
    reader: R,
    encoding: Option<Encoding>,
    /// Bytes that are no text yet: half a character.
    raw: Vec<u8>,
    held: Vec<u8>,
    bytes: u64,
}

impl<R: Read> Pieces<R> {
    fn new(reader: R) -> Self {
        Self { reader, encoding: None, raw: Vec::new(), held: Vec::new(), bytes: 0 }
    }

    fn text(&self) -> &[u8] {
        &self.held
    }

    /// Reads until a piece is held; whether it is the last.
    fn fill(&mut self) -> io::Result<bool> {
        let encoding = match self.encoding {
            Some(known) => known,
            None => self.sniff()?,
        };
        let Encoding::Utf16 { unit, .. } = encoding else {
            self.held.append(&mut self.raw);
            let want = PIECE.saturating_sub(self.held.len()) as u64;
            let got = self.reader.by_ref().take(want).read_to_end(&mut self.held)? as u64;
            self.bytes += got;
            return Ok(got < want);
        };
        while self.held.len() < PIECE {
            let want = SNIFFED as u64 * 16;
            let got = self.reader.by_ref().take(want).read_to_end(&mut self.raw)? as u64;
            self.bytes += got;
            let used = utf16(&self.raw, unit, got < want, &mut self.held);
            self.raw.drain(..used);
            if got < want {
                return Ok(true);
            }
        }
        Ok(false)
    }

    fn sniff(&mut self) -> io::Result<Encoding> {
        let got = self.reader.by_ref().take(SNIFFED as u64).read_to_end(&mut self.raw)?;
        self.bytes += got as u64;
        let encoding = Encoding::of(&self.raw);
        if let Encoding::Utf16 { mark, .. } = encoding {
            self.raw.drain(..mark.min(got));
        }
        self.encoding = Some(encoding);
        Ok(encoding)
    }

    fn drop_front(&mut self, cut: usize) {
        self.held.drain(..cut.min(self.held.len()));
    }
}

/// Where a piece ends: after a line, else between words, and early enough that
/// what follows it is whole in the next piece.
fn cut(held: &[u8]) -> usize {
    let limit = held.len().saturating_sub(OVERLAP);
    let before = held.get(..limit).unwrap_or_default();
    let near = before.get(limit.saturating_sub(BACK)..).unwrap_or_default();
    let word = || near.iter().rposition(u8::is_ascii_whitespace).map(|at| limit - near.len() + at);
    memrchr(b'\n', before).or_else(word).map_or(limit, |at| at + 1)
}

impl Finding {
    /// To where it stands in the whole: after `lines` lines, and on the first
    /// of its piece after `columns` characters.
    fn moved(&mut self, lines: usize, columns: usize) {
        if self.start_line == 1 {
            self.start_column += columns;
        }
        if self.end_line == 1 {
            self.end_column += columns;
        }
        self.start_line += lines;
        self.end_line += lines;
        self.fingerprint = format!("{}:{}:{}", self.file, self.rule_id, self.start_line);
    }
}
