//! zlib streams, read piece by piece: never more memory than content that is
//! really there.

use std::cell::Cell;
use std::fs::File;
use std::io::{self, Read};
use std::os::unix::fs::FileExt as _;

use flate2::{Decompress, FlushDecompress, Status};

/// Grown by this much at a time, so that a declared size reserves nothing.
const STEP: usize = 1 << 20;

thread_local! {
    /// The state of the last stream, since making a new one costs more than
    /// most objects do.
    static SPARE: Cell<Option<Decompress>> = const { Cell::new(None) };
}

/// Room that lets zlib write in strides up to the end.
const STRIDE: usize = 300;

/// Inflates one stream that is held whole, to exactly `size` bytes.
pub fn inflate(
    zlib: &mut Decompress,
    stream: &[u8],
    out: &mut Vec<u8>,
    size: u64,
) -> Result<(), String> {
    let size = usize::try_from(size).map_err(|error| error.to_string())?;
    // Filled anew: what was in it need not be zeros.
    out.resize(size + STRIDE, 0);
    zlib.reset(true);
    let status = zlib.decompress(stream, out, FlushDecompress::Finish);
    let complete = zlib.total_out() == size as u64;
    out.truncate(size);
    match status {
        Ok(Status::StreamEnd) if complete => Ok(()),
        Ok(_) => Err("its content has not the declared size".to_owned()),
        Err(error) => Err(error.to_string()),
    }
}

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
    zlib: State,
    input: Vec<u8>,
    /// Bytes to read at a time.
    buffer: usize,
    start: usize,
    end: usize,
    ended: bool,
}

/// zlib's state, which goes back to [`SPARE`] afterwards.
struct State(Option<Decompress>);

impl State {
    fn take() -> Self {
        let mut spare = SPARE.take();
        if let Some(zlib) = &mut spare {
            zlib.reset(true);
        }
        Self(spare)
    }
}

impl Drop for State {
    fn drop(&mut self) {
        SPARE.set(self.0.take());
    }
}

impl<R: Read> Inflate<R> {
    /// `expected` is a guess of the content's size, for the read buffer.
    pub fn new(source: R, expected: u64) -> Self {
        let guess = usize::try_from(expected).unwrap_or(STEP);
        let buffer = guess.saturating_add(128).clamp(512, 64 << 10);
        let (zlib, input) = (State::take(), Vec::new());
        Self { source, zlib, input, buffer, start: 0, end: 0, ended: false }
    }

    /// Begins with `head`, which was read already; `source` is what follows.
    pub fn begun(mut self, head: &[u8]) -> Self {
        self.input.clear();
        self.input.extend_from_slice(head);
        self.end = head.len();
        self
    }

    /// Appends content to `out` until that holds `total` bytes or the stream
    /// ends.
    pub fn fill(&mut self, out: &mut Vec<u8>, total: usize) -> io::Result<()> {
        while out.len() < total && !self.ended {
            let room = (total - out.len()).min(STEP);
            out.reserve_exact(room);
            self.pump(out)?;
            if out.len() > total {
                out.truncate(total);
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

    /// Reads more of the stream when all of it so far is used.
    fn refill(&mut self) -> io::Result<()> {
        if self.start == self.end {
            self.start = 0;
            self.input.resize(self.buffer, 0);
            self.end = self.source.read(&mut self.input)?;
        }
        Ok(())
    }

    fn pump(&mut self, out: &mut Vec<u8>) -> io::Result<()> {
        self.refill()?;
        let input = self.input.get(self.start..self.end).unwrap_or_default();
        let zlib = self.zlib.0.get_or_insert_with(|| Decompress::new(true));
        let (before, length) = (zlib.total_in(), out.len());
        let status = zlib.decompress_vec(input, out, FlushDecompress::None);
        let used = usize::try_from(zlib.total_in() - before).unwrap_or(usize::MAX);
        self.start = self.start.saturating_add(used).min(self.end);
        match status.map_err(io::Error::other)? {
            Status::StreamEnd => self.ended = true,
            _ if self.end == 0 && out.len() == length => {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
            Status::Ok | Status::BufError => {}
        }
        Ok(())
    }
}

impl<R: Read> Read for Inflate<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while !self.ended && !buffer.is_empty() {
            self.refill()?;
            let input = self.input.get(self.start..self.end).unwrap_or_default();
            let zlib = self.zlib.0.get_or_insert_with(|| Decompress::new(true));
            let (before_in, before_out) = (zlib.total_in(), zlib.total_out());
            let status = zlib.decompress(input, buffer, FlushDecompress::None);
            let count = |now: u64, before: u64| usize::try_from(now - before).unwrap_or(0);
            let (used, made) =
                (count(zlib.total_in(), before_in), count(zlib.total_out(), before_out));
            self.start = self.start.saturating_add(used).min(self.end);
            self.ended = status.map_err(io::Error::other)? == Status::StreamEnd;
            if made > 0 {
                return Ok(made);
            }
            if self.end == 0 && !self.ended {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
        }
        Ok(0)
    }
}
