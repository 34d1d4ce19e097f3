//! Encodings that programs undo: base64, base32, hexadecimal, gzip.

use std::io::Read;

/// Most that is unpacked, in bytes.
const MAX_UNPACKED: u64 = 1 << 20;

/// Base64 in either alphabet; blanks and padding are passed over.
pub(in crate::command) fn base64(text: &str) -> Option<Vec<u8>> {
    let value = |byte: u8| match byte {
        b'A'..=b'Z' => Some(byte - b'A'),
        b'a'..=b'z' => Some(byte - b'a' + 26),
        b'0'..=b'9' => Some(byte - b'0' + 52),
        b'+' | b'-' => Some(62),
        b'/' | b'_' => Some(63),
        _ => None,
    };
    bits(text, 6, value)
}

/// Base32 as RFC 4648 has it.
pub(super) fn base32(text: &str) -> Option<Vec<u8>> {
    let value = |byte: u8| match byte {
        b'A'..=b'Z' => Some(byte - b'A'),
        b'a'..=b'z' => Some(byte - b'a'),
        b'2'..=b'7' => Some(byte - b'2' + 26),
        _ => None,
    };
    bits(text, 5, value)
}

fn bits(text: &str, width: u32, value: impl Fn(u8) -> Option<u8>) -> Option<Vec<u8>> {
    let mut out = Vec::with_capacity(text.len() * 3 / 4);
    let (mut buffer, mut held) = (0_u32, 0_u32);
    for byte in text.bytes().filter(|byte| !byte.is_ascii_whitespace()) {
        if byte == b'=' {
            continue;
        }
        buffer = (buffer << width) | u32::from(value(byte)?);
        held += width;
        if held >= 8 {
            held -= 8;
            out.push(u8::try_from((buffer >> held) & 0xff).ok()?);
        }
    }
    Some(out)
}

/// Pairs of hexadecimal digits; everything between them is passed over.
pub(super) fn hex(text: &str) -> Vec<u8> {
    let digits: Vec<u8> =
        text.replace("\\x", "").replace("0x", "").bytes().filter(u8::is_ascii_hexdigit).collect();
    let pair = |pair: &[u8]| {
        let text = std::str::from_utf8(pair).ok()?;
        u8::from_str_radix(text, 16).ok()
    };
    digits.chunks(2).filter_map(pair).collect()
}

/// What is in a gzip or zlib stream.
pub(super) fn unpack(bytes: &[u8]) -> Option<Vec<u8>> {
    let mut out = Vec::new();
    if bytes.starts_with(&[0x1f, 0x8b]) {
        flate2::read::GzDecoder::new(bytes).take(MAX_UNPACKED).read_to_end(&mut out).ok()?;
    } else {
        flate2::read::ZlibDecoder::new(bytes).take(MAX_UNPACKED).read_to_end(&mut out).ok()?;
    }
    Some(out)
}
