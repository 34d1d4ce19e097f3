//! zlib streams, read piece by piece: never more memory than content that is
//! really there.

use std::fs::File;
use std::io::{self, Read};
use std::os::unix::fs::FileExt as _;

use flate2::{Decompress, FlushDecompress, Status};

/// Grown by this much at a time, so that a declared size reserves nothing.
const STEP: usize = 1 << 20;

/// A file from some offset on, by positioned reads.
pub struct At<'a> {
    pub file: &'a File,
    pub offset: u64,
}

impl Read for At<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.file.read_at(buffer, self.offset)?;
        self.offset = self.offset.saturating_add(read as u64);
        Ok(read)
    }
}

/// One zlib stream.
pub struct Inflate<R> {
    source: R,
    zlib: Decompress,
    input: Vec<u8>,
    start: usize,
    end: usize,
    ended: bool,
}

impl<R: Read> Inflate<R> {
    /// `expected` is a guess of the content's size, for the read buffer.
    pub fn new(source: R, expected: u64) -> Self {
        let guess = usize::try_from(expected).unwrap_or(STEP);
        let buffer = guess.saturating_add(128).clamp(512, 64 << 10);
        let (zlib, input) = (Decompress::new(true), vec![0; buffer]);
        Self { source, zlib, input, start: 0, end: 0, ended: false }
    }

    /// Appends content to `out` until that holds `total` bytes or the stream
    /// ends.
    pub fn fill(&mut self, out: &mut Vec<u8>, total: usize) -> io::Result<()> {
        while out.len() < total && !self.ended {
            let room = (total - out.len()).min(STEP);
            out.reserve_exact(room);
            let before = out.len();
            self.pump(out)?;
            if out.len() > total {
                out.truncate(total);
            }
            if out.len() == before && !self.ended && self.start == self.end {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
        }
        Ok(())
    }

    /// The whole content, which must have exactly `size` bytes.
    pub fn whole(&mut self, mut out: Vec<u8>, size: u64) -> io::Result<Vec<u8>> {
        let size = usize::try_from(size).map_err(|_| io::ErrorKind::OutOfMemory)?;
        self.fill(&mut out, size.saturating_add(1))?;
        match out.len() == size && self.ended {
            true => Ok(out),
            false => Err(io::Error::other("its content has not the declared size")),
        }
    }

    fn pump(&mut self, out: &mut Vec<u8>) -> io::Result<()> {
        if self.start == self.end {
            self.start = 0;
            self.end = self.source.read(&mut self.input)?;
        }
        let input = self.input.get(self.start..self.end).unwrap_or_default();
        let before = self.zlib.total_in();
        let status = self.zlib.decompress_vec(input, out, FlushDecompress::None);
        let used = usize::try_from(self.zlib.total_in() - before).unwrap_or(usize::MAX);
        self.start = self.start.saturating_add(used).min(self.end);
        match status.map_err(io::Error::other)? {
            Status::StreamEnd => self.ended = true,
            Status::Ok => {}
            Status::BufError if self.end == 0 => return Err(io::ErrorKind::UnexpectedEof.into()),
            Status::BufError => {}
        }
        Ok(())
    }
}
