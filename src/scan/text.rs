//! Bytes as text: UTF-16 becomes UTF-8, everything else stays as it is.

use std::borrow::Cow;

use memchr::memchr;

/// How much of a file tells what it is.
pub(super) const SNIFFED: usize = 4096;

/// How a file's bytes are to be read.
#[derive(Debug, Clone, Copy)]
pub(super) enum Encoding {
    /// As they are.
    Plain,
    /// Two bytes a unit, after `mark` bytes that say so.
    Utf16 { unit: fn([u8; 2]) -> u16, mark: usize },
}

impl Encoding {
    /// The encoding of a file that begins with `head`. UTF-16 is known by its
    /// mark, or by zeros in every second byte.
    pub(super) fn of(head: &[u8]) -> Self {
        match head {
            [0xff, 0xfe, ..] => Self::Utf16 { unit: u16::from_le_bytes, mark: 2 },
            [0xfe, 0xff, ..] => Self::Utf16 { unit: u16::from_be_bytes, mark: 2 },
            _ => match zeros(head) {
                Some(Zeros::Odd) => Self::Utf16 { unit: u16::from_le_bytes, mark: 0 },
                Some(Zeros::Even) => Self::Utf16 { unit: u16::from_be_bytes, mark: 0 },
                None => Self::Plain,
            },
        }
    }
}

/// The text to scan.
pub(super) fn decoded(bytes: &[u8]) -> Cow<'_, [u8]> {
    match Encoding::of(bytes) {
        Encoding::Plain => Cow::Borrowed(bytes),
        Encoding::Utf16 { unit, mark } => {
            let mut text = Vec::with_capacity(bytes.len());
            utf16(bytes.get(mark..).unwrap_or_default(), unit, true, &mut text);
            Cow::Owned(text)
        }
    }
}

/// Appends the text of `bytes` to `out` and returns how many bytes that took:
/// half a character at the end is left unless it is the `last` there is.
pub(super) fn utf16(
    bytes: &[u8],
    unit: fn([u8; 2]) -> u16,
    last: bool,
    out: &mut Vec<u8>,
) -> usize {
    let mut used = bytes.len() & !1;
    let high = |at: usize| match bytes.get(at..at + 2) {
        Some(&[a, b]) => (0xd800..0xdc00).contains(&unit([a, b])),
        _ => false,
    };
    if !last && used >= 2 && high(used - 2) {
        used -= 2;
    }
    let pairs = bytes.get(..used).unwrap_or_default().chunks_exact(2);
    let units = pairs.filter_map(|pair| Some(unit(pair.try_into().ok()?)));
    for letter in char::decode_utf16(units) {
        let letter = letter.unwrap_or(char::REPLACEMENT_CHARACTER);
        out.extend_from_slice(letter.encode_utf8(&mut [0; 4]).as_bytes());
    }
    used
}

/// Whether the bytes are an image, an archive, a program: control characters
/// all over.
pub(super) fn binary(bytes: &[u8]) -> bool {
    let head = bytes.get(..SNIFFED).unwrap_or(bytes);
    let odd = |byte: &&u8| **byte < 9 || (14..27).contains(*byte) || **byte == 127;
    memchr(0, head).is_some() && head.iter().filter(odd).count() * 10 > head.len()
}

enum Zeros {
    Odd,
    Even,
}

fn zeros(bytes: &[u8]) -> Option<Zeros> {
    let head = bytes.get(..SNIFFED).unwrap_or(bytes);
    if head.len() < 8 || memchr(0, head).is_none() {
        return None;
    }
    let (mut even, mut odd) = (0, 0);
    for pair in head.chunks_exact(2) {
        if let [first, second] = pair {
            even += usize::from(*first == 0);
            odd += usize::from(*second == 0);
        }
    }
    let pairs = head.len() / 2;
    if odd * 10 > pairs * 7 && even * 20 < pairs {
        Some(Zeros::Odd)
    } else if even * 10 > pairs * 7 && odd * 20 < pairs {
        Some(Zeros::Even)
    } else {
        None
    }
}
