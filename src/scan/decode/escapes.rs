//! Escapes in strings, addresses and mails: `%41`, `\u0041`, `\n`, `=3D`.

use std::borrow::Cow;

use memchr::{memchr3_iter, memmem};

use super::{Decoded, LONGEST, colours, nibble};

/// How far before its first escape an escaped stretch may begin.
const BEFORE: usize = 256;
/// Characters that stand behind a delimiter which is worth decoding alone.
const TOKEN: usize = 16;
/// The same behind the sign of an assignment.
const VALUE: usize = 4;

/// Stretches without spaces and quotes that hold two escaped characters, or
/// one that parts a token from what stands before it; lines with colours.
pub(super) fn each(text: &[u8], found: &mut impl FnMut(Decoded)) {
    let (mut done, mut coloured) = (0, 0);
    memchr3_iter(b'%', b'\\', colours::ESCAPE, text).for_each(|at| {
        coloured = colours::line(text, at, coloured, found);
        done = stretch(text, at, done, found);
    });
    done = 0;
    memmem::find_iter(text, b"=3D").for_each(|at| done = stretch(text, at, done, found));
}

/// Decodes what stands around the escape at `position` and after `done`, and
/// tells up to where.
fn stretch(text: &[u8], position: usize, done: usize, found: &mut impl FnMut(Decoded)) -> usize {
    if position < done || !escape(text, position).is_some_and(|escape| escape.promises(text)) {
        return done;
    }
    let floor = position.saturating_sub(BEFORE).max(done);
    let before = text.get(floor..position).unwrap_or_default();
    let start = before.iter().rposition(|byte| ends(*byte)).map_or(floor, |at| floor + at + 1);
    let percent = text.get(position) == Some(&b'%');
    let encoding = if percent { "percent" } else { "escapes" };
    let (decoded, worth, end) = unescape(text, start, encoding);
    if worth {
        found(decoded);
    }
    end.max(position + 1)
}

/// What is written as `\u0041` or `\x41` throughout, as it reads.
pub(in crate::scan) fn unescaped(text: &[u8]) -> Cow<'_, [u8]> {
    if !text.starts_with(b"\\u00") && !text.starts_with(b"\\x") {
        return Cow::Borrowed(text);
    }
    let (decoded, _, end) = unescape(text, 0, "escapes");
    if end == text.len() { Cow::Owned(decoded.text) } else { Cow::Borrowed(text) }
}

/// The text from `start` on, whether that is worth a look, and where it ends.
fn unescape(text: &[u8], start: usize, encoding: &'static str) -> (Decoded, bool, usize) {
    let mut decoded = Decoded { text: Vec::new(), encoding, places: Vec::new() };
    let (mut at, mut count, mut parts) = (start, 0, false);
    while let Some(byte) = text.get(at).filter(|byte| !ends(**byte) && at - start < LONGEST) {
        let (byte, end) = match escape(text, at) {
            Some(escape) => {
                count += usize::from(escape.spelled);
                parts = parts || escape.parts(text);
                (escape.byte, escape.end)
            }
            None => (*byte, at + 1),
        };
        decoded.text.push(byte);
        decoded.places.push((at, end));
        at = end;
    }
    (decoded, count >= 2 || parts, at)
}

fn ends(byte: u8) -> bool {
    byte.is_ascii_whitespace() || matches!(byte, b'"' | b'\'' | b'`' | b'<' | b'>')
}

/// An escape.
struct Escape {
    /// What it stands for.
    byte: u8,
    /// Whether it spells a character that could stand there itself.
    spelled: bool,
    /// Byte after it.
    end: usize,
}

impl Escape {
    /// Whether the stretch around it may be worth decoding.
    fn promises(&self, text: &[u8]) -> bool {
        self.spelled || self.parts(text)
    }

    /// Whether it stands for what parts a token or a value from what stands
    /// before it.
    fn parts(&self, text: &[u8]) -> bool {
        let least = if b"=:".contains(&self.byte) { VALUE } else { TOKEN };
        let inside = |byte: &u8| byte.is_ascii_alphanumeric() || b"_-./:@+=".contains(byte);
        !self.byte.is_ascii_alphanumeric()
            && text.get(self.end..self.end + least).is_some_and(|run| run.iter().all(inside))
    }
}

/// The escape at `at`, where it stands for ASCII.
fn escape(text: &[u8], at: usize) -> Option<Escape> {
    let (digits, length) = match text.get(at..)? {
        [b'%', digits @ ..] => (digits.get(..2)?, 3),
        [b'\\', b'x', digits @ ..] => (digits.get(..2)?, 4),
        [b'\\', b'u', b'0', b'0', digits @ ..] => (digits.get(..2)?, 6),
        [b'\\', b'n' | b'r', ..] => {
            return Some(Escape { byte: b'\n', spelled: false, end: at + 2 });
        }
        [b'\\', b't' | b'0', ..] => {
            return Some(Escape { byte: b'\t', spelled: false, end: at + 2 });
        }
        [b'=', b'3', b'D', ..] => return Some(Escape { byte: b'=', spelled: false, end: at + 3 }),
        _ => return None,
    };
    let &[high, low] = digits else { return None };
    let byte = nibble(high)? << 4 | nibble(low)?;
    let spelled = (b' '..=b'~').contains(&byte);
    let shown = spelled || matches!(byte, b'\t' | b'\n' | b'\r' | 0);
    shown.then_some(Escape { byte, spelled, end: at + length })
}
