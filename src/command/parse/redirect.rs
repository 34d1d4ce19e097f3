//! Redirections and here-documents.

use std::cell::OnceCell;
use std::rc::Rc;

use super::Parser;
use super::tree::{Part, Redirect, RedirectTo, Word};
use super::word::{META, plain_text};

/// A here-document whose lines are still to come.
pub(super) struct Pending {
    end: String,
    expands: bool,
    strips_tabs: bool,
    text: Rc<OnceCell<Word>>,
}

impl Parser<'_> {
    /// A redirection, where one begins here.
    pub(super) fn redirect(&mut self) -> Option<Redirect> {
        let start = self.at;
        let descriptor = self.descriptor();
        if self.take("&>>") {
            let to = RedirectTo::Both(self.target(), true);
            return Some(Redirect { descriptor, to });
        }
        if self.take("&>") {
            let to = RedirectTo::Both(self.target(), false);
            return Some(Redirect { descriptor, to });
        }
        let process = matches!(self.peek(), Some(b'<' | b'>')) && self.peek_at(1) == Some(b'(');
        if process || !matches!(self.peek(), Some(b'<' | b'>')) {
            self.at = start;
            return None;
        }
        let to = self.direction();
        Some(Redirect { descriptor, to })
    }

    /// Digits or `{name}` right before the operator.
    fn descriptor(&mut self) -> Option<u32> {
        let rest = self.rest().as_bytes();
        let digits = rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
        let length = match rest.first() {
            Some(b'{') => rest.iter().take(64).position(|byte| *byte == b'}')? + 1,
            _ => digits,
        };
        let follows = matches!(rest.get(length), Some(b'<' | b'>'));
        if length == 0 || !follows {
            return None;
        }
        let number = self.rest().get(..digits).and_then(|text| text.parse().ok());
        self.at += length;
        number.or(Some(u32::MAX))
    }

    fn direction(&mut self) -> RedirectTo {
        if self.take("<<<") {
            RedirectTo::Text(self.target())
        } else if self.take("<<-") {
            self.here_document(true)
        } else if self.take("<<") {
            self.here_document(false)
        } else if self.take("<>") || self.take(">>") {
            RedirectTo::Append(self.target())
        } else if self.take(">|") || self.take(">!") {
            RedirectTo::Overwrite(self.target())
        } else if self.take("<&") {
            self.target();
            RedirectTo::Duplicate
        } else if self.take(">&") {
            let target = self.target();
            let duplicates = target
                .bare()
                .is_some_and(|text| text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'-'));
            if duplicates { RedirectTo::Duplicate } else { RedirectTo::Both(target, false) }
        } else if self.take("<") {
            RedirectTo::Read(self.target())
        } else {
            self.at += 1;
            RedirectTo::Overwrite(self.target())
        }
    }

    fn target(&mut self) -> Word {
        self.skip_blanks();
        self.nested(Self::word)
    }

    fn here_document(&mut self, strips_tabs: bool) -> RedirectTo {
        self.skip_blanks();
        let start = self.at;
        let mut word = Word::default();
        while let Some(byte) = self.peek().filter(|byte| !META.contains(byte)) {
            match byte {
                b'\'' => self.single_quoted(&mut word),
                b'"' => self.double_quoted(&mut word),
                b'\\' => self.at += 1,
                _ => {
                    let length = self.rest().chars().next().map_or(1, char::len_utf8);
                    word.push(self.rest().get(..length).unwrap_or_default(), false);
                    self.at += length;
                }
            }
        }
        let typed = self.text.get(start..self.at).unwrap_or_default();
        let text = Rc::new(OnceCell::new());
        self.documents.push(Pending {
            end: plain_text(&word),
            expands: !typed.contains(['\'', '"', '\\']),
            strips_tabs,
            text: Rc::clone(&text),
        });
        RedirectTo::Document(text)
    }

    /// Reads the lines of the here-documents that begin on this one.
    pub(super) fn fill_documents(&mut self) {
        for pending in std::mem::take(&mut self.documents) {
            let start = self.at;
            let (body, end) = lines_until(self.rest(), &pending);
            self.at += end;
            let word = if pending.expands {
                self.document(&body, start)
            } else {
                Word { parts: vec![Part::Text { text: body, quoted: true }] }
            };
            let _ = pending.text.set(word);
        }
    }
}

/// The lines before the closing one, and where what follows it begins.
fn lines_until(text: &str, pending: &Pending) -> (String, usize) {
    let mut body = String::new();
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        at += line.len();
        let shown = if pending.strips_tabs { line.trim_start_matches('\t') } else { line };
        if shown.trim_end_matches(['\n', '\r']) == pending.end {
            return (body, at);
        }
        body.push_str(shown);
    }
    (body, at)
}
