//! Content too large to hold: read piece by piece, whole objects straight from
//! their zlib stream.

use std::io::{self, Read};
use std::sync::Arc;

use super::inflate::Inflate;
use super::pack::Pack;
use super::{Odb, loose};
use crate::git::{Oid, Result};

/// The content of one object, as a stream. Ends with an error where it has not
/// exactly the declared size.
pub struct Blob {
    size: u64,
    read: u64,
    content: Box<dyn Read + Send>,
}

impl Blob {
    /// A stream that must give `size` bytes.
    pub fn new(size: u64, content: Box<dyn Read + Send>) -> Self {
        Self { size, read: 0, content }
    }

    /// Size in bytes, as the store declares it.
    #[must_use]
    pub fn size(&self) -> u64 {
        self.size
    }
}

impl Read for Blob {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let got = self.content.read(buffer)?;
        self.read = self.read.saturating_add(got as u64);
        let ended = got == 0 && !buffer.is_empty();
        if self.read > self.size || ended && self.read < self.size {
            return Err(io::Error::other("its content has not the declared size"));
        }
        Ok(got)
    }
}

/// What a stream can be made of without holding the object.
pub enum Streamed {
    /// Its content.
    Blob(Blob),
    /// It is a delta, and has this size.
    Delta(u64),
}

impl Odb {
    /// The content of an object as a stream, where it is stored whole.
    pub fn stream(&self, oid: Oid) -> Result<Streamed> {
        self.retrying(oid, |odb| {
            if let Some((pack, offset)) = odb.in_packs(oid)? {
                return Pack::stream_at(&pack, offset).map(Some);
            }
            for dir in odb.dirs() {
                if let Some((size, content)) = loose::stream(dir, oid)? {
                    return Ok(Some(Streamed::Blob(Blob::new(size, Box::new(content)))));
                }
            }
            Ok(None)
        })
    }
}

/// A pack from some offset on, kept open as long as it is read.
pub struct PackFrom {
    pub pack: Arc<Pack>,
    pub offset: u64,
}

impl Read for PackFrom {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.pack.read_at(buffer, self.offset)?;
        self.offset = self.offset.saturating_add(read as u64);
        Ok(read)
    }
}

impl Streamed {
    /// A stream of the zlib data in a pack.
    pub fn of_pack(size: u64, stream: Inflate<PackFrom>) -> Self {
        Self::Blob(Blob::new(size, Box::new(stream)))
    }
}
