//! Words: quotes and escapes, and where expansions begin.

use super::Parser;
use super::tree::{Flaw, Part, Word};

/// What ends a word, and so how quotes and blanks in it are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Until {
    /// A blank or an operator.
    Blank,
    /// The closing brace of `${…`, outside or inside double quotes.
    Brace { quoted: bool },
    /// The closing double quote.
    Quote,
    /// The end of the text: a here-document.
    End,
}

impl Until {
    /// Whether expansions here are not split, and quotes are only characters.
    fn is_quoted(self) -> bool {
        matches!(self, Self::Quote | Self::End | Self::Brace { quoted: true })
    }
}

/// Bytes that end an unquoted word.
pub(super) const META: &[u8] = b" \t\r\n;&|()<>";

impl Parser<'_> {
    /// A word of a command; empty where none begins here.
    pub(super) fn word(&mut self) -> Word {
        let start = self.at;
        while self.peek().is_some_and(is_ordinary) {
            self.at += 1;
        }
        let text = self.text.get(start..self.at).unwrap_or_default();
        if self.peek().is_none_or(|byte| META.contains(&byte) && !b"(<>".contains(&byte)) {
            let mut word = Word::default();
            if !text.is_empty() {
                word.push(text, false);
            }
            return word;
        }
        self.at = start;
        self.parts(Until::Blank)
    }

    /// A word whose every operator and expansion is only text.
    pub(super) fn plain_word(&mut self) -> String {
        let mut out = String::new();
        while let Some(byte) = self.peek().filter(|byte| !b" \t\r\n".contains(byte)) {
            match byte {
                b'\'' => {
                    let mut word = Word::default();
                    self.single_quoted(&mut word);
                    out.push_str(&plain_text(&word));
                }
                b'"' => {
                    self.at += 1;
                    while let Some(byte) = self.peek().filter(|byte| *byte != b'"') {
                        self.at += usize::from(byte == b'\\');
                        self.take_char(&mut out);
                    }
                    self.at += 1;
                }
                _ => {
                    self.at += usize::from(byte == b'\\');
                    self.take_char(&mut out);
                }
            }
        }
        self.at = self.at.min(self.text.len());
        out
    }

    fn take_char(&mut self, out: &mut String) {
        match self.rest().chars().next() {
            Some(next) => {
                out.push(next);
                self.at += next.len_utf8();
            }
            None => self.at = self.text.len(),
        }
    }

    /// Parts up to what `until` says; a closing quote or brace is passed over.
    pub(super) fn parts(&mut self, until: Until) -> Word {
        let mut word = Word::default();
        let quoted = until.is_quoted();
        while let Some(byte) = self.peek() {
            match (byte, until) {
                (b'"', Until::Quote) | (b'}', Until::Brace { .. }) => {
                    self.at += 1;
                    return word;
                }
                (b'<' | b'>', Until::Blank) if self.peek_at(1) == Some(b'(') => {
                    self.process(&mut word, byte == b'>');
                }
                (b'(', Until::Blank) if opens_pattern(&word) => self.pattern(&mut word),
                (_, Until::Blank) if META.contains(&byte) => return word,
                (b'\\', _) => self.escape(&mut word, until),
                (b'\'', _) if !quoted => self.single_quoted(&mut word),
                (b'"', Until::Blank | Until::Brace { .. }) => self.double_quoted(&mut word),
                (b'$', _) => self.dollar(&mut word, quoted),
                (b'`', _) => self.backquoted(&mut word, quoted),
                _ => self.text(&mut word, quoted),
            }
        }
        if matches!(until, Until::Quote | Until::Brace { .. }) {
            self.flawed(Flaw::Syntax);
        }
        word
    }

    /// Characters up to the next one that may mean something.
    fn text(&mut self, word: &mut Word, quoted: bool) {
        let start = self.at;
        self.at += 1;
        while self.peek().is_some_and(is_ordinary) {
            self.at += 1;
        }
        word.push(self.text.get(start..self.at).unwrap_or_default(), quoted);
    }

    fn escape(&mut self, word: &mut Word, until: Until) {
        self.at += 1;
        let Some(next) = self.rest().chars().next() else { return word.push("\\", true) };
        let special = match until {
            Until::Blank | Until::Brace { quoted: false } => true,
            Until::Quote => "$`\"\\\n".contains(next),
            Until::Brace { .. } => "$`\"\\\n}".contains(next),
            Until::End => "$`\\\n".contains(next),
        };
        if !special {
            return word.push("\\", true);
        }
        self.at += next.len_utf8();
        if next == '\r' && self.peek() == Some(b'\n') {
            self.at += 1;
        } else if next != '\n' {
            word.push(next.encode_utf8(&mut [0; 4]), true);
        }
    }

    pub(super) fn single_quoted(&mut self, word: &mut Word) {
        self.at += 1;
        let rest = self.rest();
        let end = memchr::memchr(b'\'', rest.as_bytes()).unwrap_or_else(|| {
            self.flawed(Flaw::Syntax);
            rest.len()
        });
        word.push(rest.get(..end).unwrap_or_default(), true);
        self.at += (end + 1).min(rest.len());
    }

    pub(super) fn double_quoted(&mut self, word: &mut Word) {
        self.at += 1;
        let inner = self.nested(|parser| parser.parts(Until::Quote));
        if inner.parts.is_empty() {
            word.push("", true);
        }
        for part in inner.parts {
            match part {
                Part::Text { text, .. } => word.push(&text, true),
                other => word.parts.push(other),
            }
        }
    }

    /// `@(a|b)` and its kin: one pattern up to the parenthesis that closes it.
    fn pattern(&mut self, word: &mut Word) {
        let start = self.at;
        let mut open = 0_usize;
        while let Some(byte) = self.peek() {
            match byte {
                b'(' => open += 1,
                b')' => open -= 1,
                b'\n' => break,
                _ => {}
            }
            self.at += 1;
            if open == 0 {
                break;
            }
        }
        word.push(self.text.get(start..self.at).unwrap_or_default(), false);
    }
}

/// Whether a byte is only itself wherever it stands.
fn is_ordinary(byte: u8) -> bool {
    !META.contains(&byte) && !b"\\'\"$`}".contains(&byte)
}

/// Whether a parenthesis after `word` belongs to a pattern.
fn opens_pattern(word: &Word) -> bool {
    matches!(word.parts.last(), Some(Part::Text { text, quoted: false })
        if text.ends_with(['@', '?', '*', '+', '!']))
}

/// The text of a word that has nothing else.
pub(super) fn plain_text(word: &Word) -> String {
    let text = |part: &Part| match part {
        Part::Text { text, .. } => text.clone(),
        _ => String::new(),
    };
    word.parts.iter().map(text).collect()
}
