//! Lines with the control sequences that colour them in a terminal, raw or
//! written as `\e[1m`, `\033[1m`, `\x1b[1m`, `\u001b[1m`: without these.

use memchr::{memchr, memrchr};

use super::{Decoded, LONGEST};

/// The character that begins a sequence.
pub(super) const ESCAPE: u8 = 0x1b;
/// How far before its first sequence a line is read.
const BEFORE: usize = 4096;
/// Longest sequence, bytes.
const SEQUENCE: usize = 32;
/// How the character that begins a sequence is written.
const WRITTEN: &[&[u8]] = &[b"\\e", b"\\033", b"\\x1b", b"\\x1B", b"\\u001b", b"\\u001B"];

/// Decodes the line around a sequence at `position`, where that stands after
/// `done`, and tells up to where.
pub(super) fn line(
    text: &[u8],
    position: usize,
    done: usize,
    found: &mut impl FnMut(Decoded),
) -> usize {
    if position < done || sequence(text, position).is_none() {
        return done;
    }
    let floor = position.saturating_sub(BEFORE).max(done);
    let before = text.get(floor..position).unwrap_or_default();
    let mut at = memrchr(b'\n', before).map_or(floor, |at| floor + at + 1);
    let rest = text.get(position..).unwrap_or_default();
    let rest = rest.get(..LONGEST).unwrap_or(rest);
    let end = position + memchr(b'\n', rest).unwrap_or(rest.len());
    let mut decoded = Decoded { text: Vec::new(), encoding: "escapes", places: Vec::new() };
    while let Some(byte) = text.get(at).filter(|_| at < end) {
        if let Some(length) = sequence(text, at) {
            at += length;
        } else {
            decoded.text.push(*byte);
            decoded.places.push((at, at + 1));
            at += 1;
        }
    }
    found(decoded);
    end
}

/// How long the control sequence at `at` is.
fn sequence(text: &[u8], at: usize) -> Option<usize> {
    let rest = text.get(at..)?;
    let escape = match rest.first()? {
        &ESCAPE => 1,
        b'\\' if !matches!(rest.get(1), Some(b'e' | b'0' | b'x' | b'u')) => return None,
        b'\\' => WRITTEN.iter().find(|written| rest.starts_with(written))?.len(),
        _ => return None,
    };
    let parameters = rest.get(escape..)?.strip_prefix(b"[")?;
    let length =
        parameters.iter().take(SEQUENCE).take_while(|byte| (b' '..=b'?').contains(byte)).count();
    parameters.get(length).filter(|last| last.is_ascii_alphabetic())?;
    Some(escape + 1 + length + 1)
}
