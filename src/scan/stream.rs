//! Input of any length in bounded memory: pieces that overlap.

use std::io::Read;

use super::excerpt::newlines;
use super::{Error, Finding, Result, Scanner};

/// Bytes of a piece.
const PIECE: usize = 8 << 20;
/// Bytes that two pieces share: longer than any rule's window.
const OVERLAP: usize = 64 << 10;

impl Scanner {
    /// [`Scanner::scan`] of a reader, in pieces of 8 MiB. Also returns how many
    /// bytes there were.
    ///
    /// # Errors
    /// [`Error::Io`] where reading fails.
    pub fn scan_reader(&self, mut reader: impl Read, path: &[u8]) -> Result<(Vec<Finding>, u64)> {
        let (mut findings, mut bytes, mut lines) = (Vec::new(), 0u64, 0usize);
        let mut held: Vec<u8> = Vec::new();
        loop {
            let want = (PIECE - held.len().min(PIECE)) as u64;
            let got = reader
                .by_ref()
                .take(want)
                .read_to_end(&mut held)
                .map_err(Error::io(String::from_utf8_lossy(path).into_owned()))?;
            bytes += got as u64;
            let last = (got as u64) < want;
            let cut = if last { held.len() } else { cut(&held) };
            let line_limit = newlines(held.get(..cut).unwrap_or_default());
            for mut finding in self.scan(&held, path) {
                if last || finding.offset < cut {
                    finding.moved(lines);
                    findings.push(finding);
                }
            }
            if last {
                return Ok((findings, bytes));
            }
            lines += line_limit;
            held.drain(..cut);
        }
    }
}

/// Where a piece ends: after a line, and early enough that what follows it is
/// whole in the next piece.
fn cut(held: &[u8]) -> usize {
    let limit = held.len().saturating_sub(OVERLAP);
    let before = held.get(..limit).unwrap_or_default();
    before.iter().rposition(|byte| *byte == b'\n').map_or(limit, |at| at + 1)
}

impl Finding {
    fn moved(&mut self, lines: usize) {
        self.start_line += lines;
        self.end_line += lines;
        self.fingerprint = format!("{}:{}:{}", self.file, self.rule_id, self.start_line);
    }
}
