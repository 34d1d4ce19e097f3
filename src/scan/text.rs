//! Bytes as text: UTF-16 becomes UTF-8, everything else stays as it is.

use std::borrow::Cow;

/// How much of a file tells what it is.
const SNIFFED: usize = 4096;

/// The text to scan. UTF-16 is known by its mark, or by zeros in every second
/// byte.
pub(super) fn decoded(bytes: &[u8]) -> Cow<'_, [u8]> {
    match bytes {
        [0xff, 0xfe, rest @ ..] => Cow::Owned(utf16(rest, u16::from_le_bytes)),
        [0xfe, 0xff, rest @ ..] => Cow::Owned(utf16(rest, u16::from_be_bytes)),
        _ => match zeros(bytes) {
            Some(Zeros::Odd) => Cow::Owned(utf16(bytes, u16::from_le_bytes)),
            Some(Zeros::Even) => Cow::Owned(utf16(bytes, u16::from_be_bytes)),
            None => Cow::Borrowed(bytes),
        },
    }
}

/// Whether the bytes are an image, an archive, a program: control characters
/// all over.
pub(super) fn binary(bytes: &[u8]) -> bool {
    let head = bytes.get(..SNIFFED).unwrap_or(bytes);
    let odd =
        head.iter().filter(|byte| **byte < 9 || (14..27).contains(*byte) || **byte == 127).count();
    head.contains(&0) && odd * 20 > head.len()
}

enum Zeros {
    Odd,
    Even,
}

fn zeros(bytes: &[u8]) -> Option<Zeros> {
    let head = bytes.get(..SNIFFED).unwrap_or(bytes);
    if head.len() < 8 || !head.contains(&0) {
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

fn utf16(bytes: &[u8], unit: fn([u8; 2]) -> u16) -> Vec<u8> {
    let units = bytes.chunks_exact(2).map(|pair| match pair {
        [a, b] => unit([*a, *b]),
        _ => 0,
    });
    let text: String = char::decode_utf16(units)
        .map(|letter| letter.unwrap_or(char::REPLACEMENT_CHARACTER))
        .collect();
    text.into_bytes()
}
