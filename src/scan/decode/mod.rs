//! Text that is written as something else: base64, hexadecimal digits, `%41`,
//! `\u0041`, colours of a terminal. Each decoded stretch knows where its bytes
//! stand in the original.

mod colours;
mod escapes;

pub(super) use escapes::unescaped;

/// Shortest run of base64 or hexadecimal digits worth decoding: a secret of 16
/// bytes has 22 digits.
const RUN: usize = 22;
/// Bytes of a decoded stretch that must look like text before the rest is
/// decoded: random bytes pass once in a hundred thousand times.
const LOOK: usize = 12;
/// Shortest line of a text that is wrapped, and longest indentation of one.
pub(super) const WRAP: usize = 40;
/// Longest run that is decoded, bytes.
const LONGEST: usize = 64 << 10;

/// A stretch of text, and where it was written.
pub(super) struct Decoded {
    /// What it says.
    pub(super) text: Vec<u8>,
    /// How it was written.
    pub(super) encoding: &'static str,
    /// For each byte of `text`: its first byte in the original, and the byte
    /// after its last.
    places: Vec<(usize, usize)>,
}

impl Decoded {
    /// Where `start..end` of the text stands in the original.
    pub(super) fn place(&self, start: usize, end: usize) -> (usize, usize) {
        let first = self.places.get(start).map_or(0, |place| place.0);
        let last = end.checked_sub(1).and_then(|last| self.places.get(last));
        (first, last.map_or(first, |place| place.1).max(first))
    }
}

/// Calls `found` with every stretch of `text` that can be decoded to text.
pub(super) fn each(text: &[u8], mut found: impl FnMut(Decoded)) {
    digits(text, &mut found);
    escapes::each(text, &mut found);
}

/// Runs of base64 or hexadecimal digits. Looks at the end of where a run could
/// be first, so that most bytes of ordinary text are never looked at.
fn digits(text: &[u8], found: &mut impl FnMut(Decoded)) {
    let outside = |byte: &u8| !DIGIT[usize::from(*byte)];
    let mut start = 0;
    while let Some(shortest) = text.get(start..start + RUN) {
        if let Some(stop) = shortest.iter().rposition(outside) {
            start += stop + 1;
            continue;
        }
        let after = text.get(start + RUN..).unwrap_or_default();
        let end = after.iter().position(outside).map_or(text.len(), |stop| start + RUN + stop);
        let run = text.get(start..end.min(start + LONGEST)).unwrap_or_default();
        let (decoded, end) = match hexadecimal(run, start) {
            Some(decoded) => (Some(decoded), end),
            None => base64_lines(text, run, start),
        };
        decoded.into_iter().for_each(&mut *found);
        start = end + 1;
    }
}

fn hexadecimal(run: &[u8], start: usize) -> Option<Decoded> {
    if !run.len().is_multiple_of(2) {
        return None;
    }
    let bytes = run.chunks_exact(2).map(|pair| match pair {
        [high, low] => Some(nibble(*high)? << 4 | nibble(*low)?),
        _ => None,
    });
    let place = |index: usize| (start + index * 2, start + index * 2 + 2);
    readable(bytes, place, "hex")
}

/// Base64 that begins with the line `run`, and where it ends.
fn base64_lines(text: &[u8], run: &[u8], start: usize) -> (Option<Decoded>, usize) {
    let end = start + run.len();
    let Some(first) = base64(run, |digit| start + digit) else { return (None, end) };
    let (mut joined, mut places) = (run.to_vec(), (start..end).collect::<Vec<usize>>());
    let mut line = (start, end);
    while let Some(next) = next_line(text, line).filter(|_| joined.len() < LONGEST) {
        joined.extend_from_slice(text.get(next.0..next.1).unwrap_or_default());
        places.extend(next.0..next.1);
        line = next;
    }
    if line.1 == end {
        return (Some(first), end);
    }
    let last = line.1;
    let all = base64(&joined, |digit| places.get(digit).copied().unwrap_or(last));
    (Some(all.unwrap_or(first)), last)
}

/// The digits on the line after those of `line`, where both are one wrapped
/// text: the line before them is full, and nothing else stands there.
fn next_line(text: &[u8], line: (usize, usize)) -> Option<(usize, usize)> {
    let length = line.1 - line.0;
    let rest = text.get(line.1..)?;
    let after = rest.strip_prefix(b"\r").unwrap_or(rest).strip_prefix(b"\n")?;
    let indent = after.iter().take(WRAP).take_while(|byte| matches!(byte, b' ' | b'\t')).count();
    let digits = after.get(indent..)?;
    let count =
        digits.iter().take(length + 1).take_while(|byte| DIGIT[usize::from(**byte)]).count();
    let start = text.len() - digits.len();
    (length >= WRAP && (1..=length).contains(&count)).then_some((start, start + count))
}

/// Both alphabets of RFC 4648, padding not needed. `at` tells where a digit stands.
fn base64(run: &[u8], at: impl Fn(usize) -> usize) -> Option<Decoded> {
    let bytes = run.chunks(4).flat_map(|group| {
        let digits = group.iter().filter_map(|byte| sextet(*byte));
        let word = digits.fold(0u32, |word, digit| word << 6 | u32::from(digit));
        let [_, bytes @ ..] = (word << (6 * (4 - group.len()))).to_be_bytes();
        bytes.into_iter().take(group.len() * 6 / 8).map(Some)
    });
    let place = |index: usize| (at(index * 8 / 6), at((index * 8 + 8).div_ceil(6) - 1) + 1);
    readable(bytes, place, "base64")
}

/// The bytes, if they are text, or text in UTF-16.
fn readable(
    bytes: impl Iterator<Item = Option<u8>>,
    place: impl Fn(usize) -> (usize, usize),
    encoding: &'static str,
) -> Option<Decoded> {
    let (mut text, mut places, mut wide) = (Vec::new(), Vec::new(), false);
    for (index, byte) in bytes.enumerate() {
        let byte = byte?;
        if index == 1 {
            wide = byte == 0;
        }
        if wide && index % 2 == 1 {
            if byte != 0 {
                return None;
            }
            continue;
        }
        let shown = matches!(byte, b' '..=b'~' | b'\t' | b'\n' | b'\r');
        if !shown && (index < LOOK || byte < 0x80) {
            return None;
        }
        text.push(byte);
        places.push(place(index));
    }
    (text.len() >= LOOK).then_some(Decoded { text, encoding, places })
}

fn nibble(byte: u8) -> Option<u8> {
    match byte {
        b'0'..=b'9' => Some(byte - b'0'),
        b'a'..=b'f' => Some(byte - b'a' + 10),
        b'A'..=b'F' => Some(byte - b'A' + 10),
        _ => None,
    }
}

/// Whether the byte is a digit of base64.
pub(super) fn is_digit(byte: &u8) -> bool {
    DIGIT[usize::from(*byte)]
}

const DIGIT: [bool; 256] = {
    let (mut table, mut byte) = ([false; 256], 0);
    while byte < 256 {
        table[byte] = sextet(byte as u8).is_some();
        byte += 1;
    }
    table
};

const fn sextet(byte: u8) -> Option<u8> {
    match byte {
        b'A'..=b'Z' => Some(byte - b'A'),
        b'a'..=b'z' => Some(byte - b'a' + 26),
        b'0'..=b'9' => Some(byte - b'0' + 52),
        b'+' | b'-' => Some(62),
        b'/' | b'_' => Some(63),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(text: &str) -> Vec<(String, String)> {
        let mut found = Vec::new();
        each(text.as_bytes(), |decoded| {
            let (start, end) = decoded.place(0, decoded.text.len());
            let said = String::from_utf8_lossy(&decoded.text).into_owned();
            found.push((said, text[start..end].to_owned()));
        });
        found
    }

    #[test]
    fn text_is_read_where_it_is_written() {
        for (written, said) in [
            ("dGhlIHF1aWNrIGJyb3duIGZveA", "the quick brown fox"),
            ("74686520717569636b2062726f776e20666f78", "the quick brown fox"),
            ("%74%68e+quick", "the+quick"),
            ("\\u0074\\x68e-quick", "the-quick"),
            ("the%3Dquick", "the=quick"),
            ("the\\nquick-brown-fox-jumps", "the\nquick-brown-fox-jumps"),
            ("the=3Dquick-brown-fox-jumps", "the=quick-brown-fox-jumps"),
            ("dABoAGUAIABxAHUAaQBjAGsAIABiAHIAbwB3AG4A", "the quick brown"),
        ] {
            for text in [format!("a = \"{written}\";"), written.to_owned()] {
                let found = all(&text);
                assert_eq!(found.len(), 1, "{text}");
                assert_eq!(found[0].0, said);
                assert!(written.starts_with(&found[0].1), "{} {written}", found[0].1);
            }
        }
    }

    #[test]
    fn digests_names_and_formats_are_left_alone() {
        for text in [
            "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
            "AuthenticationTokenProviderFactory",
            "printf(\"%d %s %5d\")",
            "a%20short.html",
            "first\\nsecond",
            "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk",
        ] {
            assert!(all(text).is_empty(), "{text}");
        }
    }
}
