//! What of a text has to be looked at around a place in it.

use std::ops::Range;

use memchr::{memchr, memrchr};

use super::super::decode::{WRAP, is_digit};

/// What a rule may look at before and after a keyword on the same line, and
/// some more: a line longer than this is looked at in part.
const NEAR: usize = 8 << 10;
/// Longest list of names whose head counts, bytes.
const LIST: usize = 1 << 10;
/// Longest encoded text that is decoded.
const DIGITS: usize = 64 << 10;

/// The lines that a range touches, and those that are one encoded text with
/// them.
pub(super) fn lines(content: &[u8], range: &Range<usize>) -> Range<usize> {
    let mut start = line_start(content, range.start);
    let mut end = line_end(content, range.end);
    while range.start - start < DIGITS
        && let Some(newline) = start.checked_sub(1).filter(|at| goes_on(content, *at))
    {
        start = line_start(content, newline);
    }
    while end - range.end < DIGITS
        && let Some(newline) = end.checked_sub(1).filter(|at| goes_on(content, *at))
    {
        end = line_end(content, newline + 2);
    }
    start..end
}

/// What says how the lines that a range touches are to be read: the lines before
/// and after, and the head of a list of names that goes on to them.
pub(super) fn context(content: &[u8], range: &Range<usize>) -> Range<usize> {
    let near = lines(content, &neighbours(content, range));
    let floor = near.start.saturating_sub(LIST);
    let names = |byte: &u8| {
        byte.is_ascii_alphanumeric() || byte.is_ascii_whitespace() || b"_,`\"[].\\".contains(byte)
    };
    let mut start = near.start;
    while let Some(newline) = start.checked_sub(1).filter(|at| *at >= floor) {
        let line = content.get(start..line_end(content, start + 1)).unwrap_or_default();
        if !line.iter().all(names) {
            break;
        }
        start = line_start(content, newline);
    }
    start..near.end
}

/// The lines that a range touches, and those before and after.
pub(super) fn neighbours(content: &[u8], range: &Range<usize>) -> Range<usize> {
    let start = line_start(content, range.start);
    let end = line_end(content, range.end);
    let above = start.checked_sub(1).map_or(0, |newline| line_start(content, newline));
    let below = if end < content.len() { line_end(content, end + 1) } else { end };
    above..below
}

/// Where the line of the byte at `at` begins.
fn line_start(content: &[u8], at: usize) -> usize {
    let floor = at.saturating_sub(NEAR);
    match memrchr(b'\n', content.get(floor..at).unwrap_or_default()) {
        Some(newline) => floor + newline + 1,
        None => digits_before(content, floor),
    }
}

/// Behind the line that holds the byte before `at`.
fn line_end(content: &[u8], at: usize) -> usize {
    if at.checked_sub(1).and_then(|last| content.get(last)) == Some(&b'\n') {
        return at;
    }
    let ceiling = content.len().min(at + NEAR);
    match memchr(b'\n', content.get(at..ceiling).unwrap_or_default()) {
        Some(newline) => at + newline + 1,
        None => digits_after(content, ceiling),
    }
}

/// Whether an encoded text is wrapped at this newline.
fn goes_on(content: &[u8], newline: usize) -> bool {
    let (Some(before), Some([b'\n', after @ ..])) =
        (content.get(..newline), content.get(newline..))
    else {
        return false;
    };
    let before = before.strip_suffix(b"\r").unwrap_or(before);
    let full = before.last_chunk::<WRAP>().is_some_and(|end| end.iter().all(is_digit));
    full && after.iter().take(WRAP + 1).find(|byte| !b" \t".contains(byte)).is_some_and(is_digit)
}

/// The beginning of the encoded text that `at` lies in: cut elsewhere it says
/// something else.
fn digits_before(content: &[u8], at: usize) -> usize {
    let before = content.get(at.saturating_sub(DIGITS)..at).unwrap_or_default();
    at - before.iter().rev().position(|byte| !is_digit(byte)).unwrap_or(before.len())
}

/// The end of the encoded text that `at` lies in.
fn digits_after(content: &[u8], at: usize) -> usize {
    let after = content.get(at..content.len().min(at + DIGITS)).unwrap_or_default();
    at + after.iter().position(|byte| !is_digit(byte)).unwrap_or(after.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &[u8] = b"one\ntwo\n\nfour";

    #[test]
    fn a_range_is_widened_to_the_lines_that_it_touches() {
        for (range, wide) in
            [(1..2, 0..4), (3..5, 0..8), (4..8, 4..8), (5..5, 4..8), (10..13, 9..13)]
        {
            assert_eq!(lines(TEXT, &range), wide, "{range:?}");
        }
        assert_eq!(neighbours(TEXT, &(5..6)), 0..9);
        assert_eq!(neighbours(TEXT, &(0..13)), 0..13);
    }

    #[test]
    fn wrapped_text_is_taken_as_a_whole() {
        let line = "QUJD".repeat(16);
        let text = format!("a: |\n  {line}\n  {line}\n  {line}\n#b: 1\n");
        let first = text.find("QUJD").unwrap() - 2;
        let last = text.find("#b: 1").unwrap();
        for at in [first + 5, first + 100, last - 3] {
            assert_eq!(lines(text.as_bytes(), &(at..at + 1)), first..last);
        }
        let second = first + 3 + line.len();
        assert_eq!(lines(text.as_bytes(), &(second..second + 1)), first..last);
        assert_eq!(lines(text.as_bytes(), &(last..last + 1)), last..text.len());
    }
}
