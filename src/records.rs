//! Tables that the build script makes of `rules/`: bytes without a pointer in
//! them, of which a record is read when it is first asked for. A process that
//! asks for three rules of a thousand pays for three.

use std::sync::OnceLock;

use serde::de::DeserializeOwned;

/// A record, once it was asked for; none where it can't be read.
type Cell<T> = OnceLock<Option<Box<T>>>;

/// Records of one kind, by number.
#[derive(Debug)]
pub struct Records<T: 'static> {
    bytes: &'static [u8],
    ends: &'static [u32],
    read: fn(&[u8]) -> Option<T>,
    cells: OnceLock<Box<[Cell<T>]>>,
}

impl<T> Records<T> {
    /// The records that lie one behind the other in `bytes`, each up to one of
    /// `ends`; `read` makes one of its bytes.
    #[must_use]
    pub const fn new(
        bytes: &'static [u8],
        ends: &'static [u32],
        read: fn(&[u8]) -> Option<T>,
    ) -> Self {
        Self { bytes, ends, read, cells: OnceLock::new() }
    }

    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    /// The record of this number. One that can't be read is none; a test reads
    /// every one.
    #[must_use]
    pub fn get(&self, number: usize) -> Option<&T> {
        let cells = self.cells.get_or_init(|| self.ends.iter().map(|_| OnceLock::new()).collect());
        cells.get(number)?.get_or_init(|| (self.read)(self.slice(number)?).map(Box::new)).as_deref()
    }

    /// All of them, in order.
    pub fn iter(&self) -> impl Iterator<Item = &T> {
        (0..self.len()).filter_map(|number| self.get(number))
    }

    fn slice(&self, number: usize) -> Option<&'static [u8]> {
        let end = |number: usize| self.ends.get(number).and_then(|end| usize::try_from(*end).ok());
        let start = number.checked_sub(1).map_or(Some(0), end)?;
        self.bytes.get(start..end(number)?)
    }
}

/// A record as the build script writes it.
#[must_use]
pub fn read<T: DeserializeOwned>(bytes: &[u8]) -> Option<T> {
    postcard::from_bytes(bytes).ok()
}

/// The document of this name among `DOCUMENTS` of the build script. One that
/// can't be read is empty; a test of its room reads it.
macro_rules! document {
    ($name:literal) => {
        serde_json::from_str(include_str!(concat!(env!("OUT_DIR"), "/", $name, ".json")))
            .unwrap_or_default()
    };
}
pub(crate) use document;
