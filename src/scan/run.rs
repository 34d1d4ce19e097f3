//! How many letters, digits and the like in a row every match of a pattern
//! holds at least: a line without so many need not be searched. Shared by
//! `build.rs` and by the loader of rules at run time.

use regex_syntax::ParserBuilder;
use regex_syntax::hir::{Class, Hir, HirKind};

/// Whether values consist of such bytes.
const fn inside(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'+' | b'/' | b'=' | b'.' | b'~')
}

/// What is certain of every match.
#[derive(Clone, Copy)]
struct Run {
    /// Whether it is one run.
    whole: bool,
    /// So many such bytes stand at its beginning,
    head: usize,
    /// at its end,
    tail: usize,
    /// and somewhere in it.
    best: usize,
}

/// The bytes in a row that every match of `pattern` holds; 0 where that can't
/// be told.
#[must_use]
pub fn least(pattern: &str) -> usize {
    let parsed = ParserBuilder::new().unicode(false).utf8(false).build().parse(pattern);
    parsed.map_or(0, |pattern| of(&pattern).best)
}

/// Whether the text holds so many such bytes in a row.
#[must_use]
pub fn holds(text: &[u8], least: usize) -> bool {
    let mut start = 0;
    while let Some(window) = text.get(start..start + least) {
        match window.iter().rposition(|byte| !INSIDE[usize::from(*byte)]) {
            Some(stop) => start += stop + 1,
            None => return true,
        }
    }
    false
}

const INSIDE: [bool; 256] = {
    let (mut table, mut byte) = ([false; 256], 0);
    while byte < 256 {
        table[byte] = inside(byte as u8);
        byte += 1;
    }
    table
};

fn of(pattern: &Hir) -> Run {
    match pattern.kind() {
        HirKind::Empty | HirKind::Look(_) => Run::of(0),
        HirKind::Literal(literal) => {
            let bytes = literal.0.iter().map(|byte| Run::of_class(inside(*byte)));
            bytes.fold(Run::of(0), Run::then)
        }
        HirKind::Class(Class::Bytes(class)) => Run::of_class(
            class.ranges().iter().all(|range| (range.start()..=range.end()).all(inside)),
        ),
        HirKind::Class(Class::Unicode(_)) => Run::NONE,
        HirKind::Capture(capture) => of(&capture.sub),
        HirKind::Concat(parts) => parts.iter().map(of).fold(Run::of(0), Run::then),
        HirKind::Alternation(branches) => {
            branches.iter().map(of).reduce(Run::or).unwrap_or(Run::NONE)
        }
        HirKind::Repetition(repeated) => of(&repeated.sub).repeated(repeated.min as usize),
    }
}

impl Run {
    const NONE: Self = Self { whole: false, head: 0, tail: 0, best: 0 };

    const fn of(length: usize) -> Self {
        Self { whole: true, head: length, tail: length, best: length }
    }

    fn of_class(inside: bool) -> Self {
        if inside { Self::of(1) } else { Self::NONE }
    }

    fn then(self, next: Self) -> Self {
        let joined = self.tail.saturating_add(next.head);
        Self {
            whole: self.whole && next.whole,
            head: if self.whole { joined } else { self.head },
            tail: if next.whole { joined } else { next.tail },
            best: joined.max(self.best).max(next.best),
        }
    }

    fn or(self, other: Self) -> Self {
        Self {
            whole: self.whole && other.whole,
            head: self.head.min(other.head),
            tail: self.tail.min(other.tail),
            best: self.best.min(other.best),
        }
    }

    fn repeated(self, times: usize) -> Self {
        match times {
            0 if self.whole => Self::of(0),
            0 => Self::NONE,
            1 => self,
            _ if self.whole => Self::of(self.best.saturating_mul(times)),
            _ => self.then(self),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_match_holds_the_run_told() {
        for (pattern, run) in [
            (r"\b(pat[A-Za-z0-9]{14}\.[a-f0-9]{64})\b", 82),
            (r"(https://[a-f0-9]{32}:[a-f0-9]{32}@x)", 34),
            (r"(?i:key)\s*=\s*([a-z]{8}|[0-9]{6}-[0-9]{6})", 8),
            (r"a?[^b]{3}", 0),
            (r"(?:ab:){2}", 2),
            (r"([a-c]{2})*x", 1),
            ("(", 0),
        ] {
            assert_eq!(least(pattern), run, "{pattern}");
        }
        assert!(holds(b"a = b1234567;", 8) && !holds(b"a = b123456;", 8));
        assert!(holds(b"", 0) && !holds(b"abc", 4));
    }
}
