//! What stands in a row in every match of a pattern: so many digits, letters and
//! the like. A line without these need not be searched. Shared by `build.rs` and
//! by the loader of rules at run time.

use regex_syntax::ParserBuilder;
use regex_syntax::hir::{Class, Hir, HirKind};

/// How many kinds of bytes are told apart; each holds those before it.
const KINDS: usize = 5;

/// How many bytes of each kind stand in a row in every match: digits,
/// hexadecimal digits, letters and digits, those of names, those of values.
pub type Runs = [u16; KINDS];

/// The narrowest kind that the byte is of.
const fn kind(byte: u8) -> u8 {
    match byte {
        b'0'..=b'9' => 0,
        b'a'..=b'f' | b'A'..=b'F' => 1,
        b'g'..=b'z' | b'G'..=b'Z' => 2,
        b'_' | b'-' => 3,
        b'+' | b'/' | b'=' | b'.' | b'~' => 4,
        _ => KINDS as u8,
    }
}

const KIND: [u8; 256] = {
    let (mut table, mut byte) = ([0; 256], 0);
    while byte < 256 {
        table[byte] = kind(byte as u8);
        byte += 1;
    }
    table
};

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
pub fn least(pattern: &str) -> Runs {
    let parsed = ParserBuilder::new().unicode(false).utf8(false).build().parse(pattern);
    let Ok(parsed) = parsed else { return Runs::default() };
    let mut kind = 0..;
    Runs::default().map(|_| {
        let run = of(&parsed, kind.next().unwrap_or_default()).best;
        u16::try_from(run).unwrap_or(u16::MAX)
    })
}

/// Whether the text holds so many such bytes in a row.
#[must_use]
pub fn holds(text: &[u8], runs: &Runs) -> bool {
    let mut known = 0;
    (0..).zip(runs).all(|(kind, least)| {
        // As many of a narrower kind are as many of this one.
        let held = *least <= known || holds_run(text, kind, usize::from(*least));
        known = known.max(*least);
        held
    })
}

fn holds_run(text: &[u8], kind: u8, least: usize) -> bool {
    let mut start = 0;
    while let Some(window) = text.get(start..start + least) {
        match window.iter().rposition(|byte| KIND[usize::from(*byte)] > kind) {
            Some(stop) => start += stop + 1,
            None => return true,
        }
    }
    false
}

fn of(pattern: &Hir, kind: u8) -> Run {
    let inside = |byte: u8| KIND[usize::from(byte)] <= kind;
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
        HirKind::Capture(capture) => of(&capture.sub, kind),
        HirKind::Concat(parts) => {
            parts.iter().map(|part| of(part, kind)).fold(Run::of(0), Run::then)
        }
        HirKind::Alternation(branches) => {
            branches.iter().map(|branch| of(branch, kind)).reduce(Run::or).unwrap_or(Run::NONE)
        }
        HirKind::Repetition(repeated) => of(&repeated.sub, kind).repeated(repeated.min as usize),
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
    fn every_match_holds_the_runs_told() {
        for (pattern, runs) in [
            (r"\b(pat[A-Za-z0-9]{14}\.[a-f0-9]{64})\b", [0, 64, 64, 64, 82]),
            (r"(https://[a-f0-9]{32}:[a-f0-9]{32}@x)", [0, 32, 32, 32, 34]),
            (r"(?i:key)\s*=\s*([a-z]{8}|[0-9]{6}-[0-9]{6})", [0, 1, 6, 8, 8]),
            (r"a?[^b]{3}", [0; 5]),
            (r"(?:ab:){2}", [0, 2, 2, 2, 2]),
            (r"([a-c]{2})*x", [0, 0, 1, 1, 1]),
            (r"\d{10}:[\w-]{35}", [10, 10, 10, 35, 35]),
            ("(", [0; 5]),
        ] {
            assert_eq!(least(pattern), runs, "{pattern}");
        }
        let eight = [0, 0, 8, 8, 8];
        assert!(holds(b"a = b1234567;", &eight) && !holds(b"a = b123456;", &eight));
        assert!(!holds(b"a = b1_34567;", &eight) && holds(b"b1_34567", &[0, 0, 0, 8, 8]));
        assert!(holds(b"", &[0; 5]) && !holds(b"abc", &[0, 0, 4, 4, 4]));
    }
}
