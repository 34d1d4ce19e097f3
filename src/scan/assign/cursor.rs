//! A place in a text, and what stands around it.

use super::line::{is_directive, is_pairs, plain_arguments};
use super::{Form, Syntax};

/// Longest value, bytes.
pub(super) const LONGEST: usize = 1024;
/// How far back a quote that a name stands in is looked for.
const BACK: usize = 400;
/// Longest expression looked through for what it falls back to.
pub(super) const EXPRESSION: usize = 160;
/// Backslashes before one quote, at most.
const ESCAPES: usize = 7;
/// Calls about what people read.
const TALK: &[&[u8]] =
    &[b"error", b"valid", b"label", b"assert", b"expect", b"text", b"message", b"warn", b"log"];
/// Options on command lines that take what follows as a value.
const OPTION: &[u8] = b"-";

/// A place in a text.
pub(super) struct Cursor<'a> {
    pub(super) text: &'a [u8],
    pub(super) at: usize,
    pub(super) syntax: Syntax,
    pub(super) beyond: bool,
}

impl<'a> Cursor<'a> {
    pub(super) fn new(text: &'a [u8], at: usize, syntax: Syntax) -> Self {
        Self { text, at, syntax, beyond: false }
    }

    pub(super) fn byte(&self) -> Option<u8> {
        self.text.get(self.at).copied()
    }

    /// What stands from `start` up to the cursor.
    pub(super) fn name(&self, start: usize) -> &'a [u8] {
        self.text.get(start..self.at).unwrap_or_default()
    }

    /// The byte before the cursor.
    pub(super) fn before_cursor(&self) -> Option<u8> {
        self.text.get(self.at.checked_sub(1)?).copied()
    }

    pub(super) fn rest(&self) -> &'a [u8] {
        self.text.get(self.at..).unwrap_or_default()
    }

    /// The rest of the line, of at most so many bytes.
    pub(super) fn line(&self, most: usize) -> &'a [u8] {
        let rest = self.rest();
        let rest = rest.get(..most).unwrap_or(rest);
        rest.split(|byte| *byte == b'\n').next().unwrap_or_default()
    }

    pub(super) fn eat(&mut self, literal: &[u8]) -> bool {
        let there = self.rest().starts_with(literal);
        self.at += if there { literal.len() } else { 0 };
        there
    }

    pub(super) fn spaces(&mut self, most: usize) -> usize {
        let blank = |byte: &&u8| matches!(**byte, b' ' | b'\t');
        let count = self.rest().iter().take(most).take_while(blank).count();
        self.at += count;
        count
    }

    /// Quotes and brackets that end a quoted name; whether there were any.
    pub(super) fn closers(&mut self) -> bool {
        let escapes = self.escapes();
        let quotes = [&b"\""[..], b"'", b"`", b"&quot;", b"&#34;"];
        let quoted = quotes.iter().any(|quote| self.eat(quote));
        self.at -= if quoted { 0 } else { escapes };
        let bracket = self.eat(b"]");
        quoted || bracket
    }

    /// Backslashes before a quote, as text in text in text has them.
    pub(super) fn escapes(&mut self) -> usize {
        let count = self.rest().iter().take(ESCAPES).take_while(|byte| **byte == b'\\').count();
        self.at += count;
        count
    }

    /// `[32]` of a declaration.
    pub(super) fn subscript(&mut self) -> Option<()> {
        let inside = self.line(8).get(1..)?.iter().position(|byte| *byte == b']')?;
        let digits = self.rest().get(1..=inside)?;
        self.at += inside + 2;
        digits.iter().all(u8::is_ascii_digit).then_some(())
    }

    pub(super) fn before(&self, start: usize, literal: &[u8]) -> bool {
        self.text.get(..start).unwrap_or_default().ends_with(literal)
    }

    /// Whether the name opens an element: `<name`, `<prefix:name`.
    pub(super) fn opens_tag(&self, start: usize) -> bool {
        let before = self.text.get(..start).unwrap_or_default();
        let prefix = before.strip_suffix(b":").unwrap_or(before);
        let named = prefix.len() < before.len();
        let word = prefix.iter().rev().take(16).take_while(|byte| byte.is_ascii_alphanumeric());
        let length = if named { word.count() } else { 0 };
        prefix.len().checked_sub(length + 1).and_then(|at| prefix.get(at)) == Some(&b'<')
    }

    /// Whether a quoted name is the first of several arguments, of a call that
    /// is not about what people read.
    pub(super) fn opens_pair(&self, start: usize) -> bool {
        let mut before = self.line_before(start);
        let quote = before.trim_ascii_start();
        let mut inside = &b""[..];
        if let [b'"' | b'\''] = quote {
            inside = quote;
            before = self.line_before(start.saturating_sub(before.len() + 1)).trim_ascii_end();
        }
        let Some(open) = before.iter().rposition(|byte| matches!(byte, b'(' | b'{')) else {
            return false;
        };
        if inside.is_empty() {
            inside = before.get(open + 1..).unwrap_or_default();
        } else if open + 1 < before.len() {
            return false;
        }
        let named = inside.iter().rposition(|byte| matches!(byte, b'"' | b'\''));
        let (others, name) = inside.split_at(named.unwrap_or(0));
        let callee = before.get(..open).unwrap_or_default();
        let callee = callee
            .rsplit(|byte| !byte.is_ascii_alphanumeric() && *byte != b'_')
            .next()
            .unwrap_or_default();
        let callee = callee.to_ascii_lowercase();
        let talks = TALK.iter().any(|word| memchr::memmem::find(&callee, word).is_some())
            || callee.first() == Some(&b'_');
        let by_pairs = callee == b"of" && is_pairs(others);
        let falls_back =
            [&b", fallback="[..], b", default="].iter().any(|other| self.rest().starts_with(other));
        !talks
            && matches!(name, [b'"' | b'\'', name @ ..] if !name.iter().any(|byte| b", ".contains(byte)))
            && (plain_arguments(others) || by_pairs || falls_back)
    }

    /// What stands before `start` on its line.
    pub(super) fn line_before(&self, start: usize) -> &'a [u8] {
        let before = self.text.get(start.saturating_sub(BACK)..start).unwrap_or_default();
        before.rsplit(|byte| *byte == b'\n').next().unwrap_or_default()
    }

    /// Whether `start` stands between `<` and `>`.
    pub(super) fn inside_tag(&self, start: usize) -> bool {
        let before = self.line_before(start);
        before.iter().rev().find(|byte| matches!(byte, b'<' | b'>')) == Some(&b'<')
    }

    /// ` value=`, after an attribute that names.
    pub(super) fn value_attribute(&mut self) -> bool {
        let line = self.line(EXPRESSION);
        let inside = line.split(|byte| *byte == b'>').next().unwrap_or_default();
        let lower = inside.to_ascii_lowercase();
        let found = [&b"value="[..], b"content="]
            .iter()
            .find_map(|attribute| Some(memchr::memmem::find(&lower, attribute)? + attribute.len()));
        self.at += found.unwrap_or(0);
        found.is_some()
    }

    /// The attributes of an element, up to its `>`.
    pub(super) fn attributes(&mut self) -> bool {
        let end = self.line(EXPRESSION).iter().position(|byte| *byte == b'>');
        self.at += end.map_or(0, |end| end + 1);
        end.is_some() && self.text.get(self.at.saturating_sub(2)) != Some(&b'/')
    }

    /// Whether a quoted value may follow without a sign.
    pub(super) fn takes_spaces(&self, start: usize) -> bool {
        let first = self.text.get(start).copied().unwrap_or(b'a');
        first.is_ascii_uppercase()
            || self.is_option(start)
            || self.syntax != Syntax::Prose && self.in_literal().is_none()
    }

    /// Whether the name begins as options do.
    pub(super) fn is_dashed(&self, start: usize) -> bool {
        self.text.get(start..).is_some_and(|name| name.starts_with(OPTION))
    }

    /// Whether the name is a word of sentences and of names too: `if we pass 'x'`.
    pub(super) fn is_verb(&self, start: usize) -> bool {
        let name = self.text.get(start..).unwrap_or_default();
        let word = name.iter().take_while(|byte| byte.is_ascii_alphanumeric()).count();
        let name = name.get(..word).unwrap_or_default();
        [&b"pass"[..], b"passes", b"mdp", b"pw"].iter().any(|verb| name.eq_ignore_ascii_case(verb))
    }

    /// `"PASS: it works"`: what a test says of itself.
    pub(super) fn reports(&self, start: usize) -> bool {
        self.rest().starts_with(b": ")
            && self.text.get(start..self.at).is_some_and(|name| name == b"PASS")
            && self.syntax != Syntax::Config
    }

    /// Whether the name is an option on a command line, or stands in a format
    /// whose names and values have a space between them.
    pub(super) fn is_option(&self, start: usize) -> bool {
        let before = self.line_before(start);
        let dashed = before.ends_with(OPTION) || self.is_dashed(start);
        let sets = || {
            [&b"ENV"[..], b"ARG", b"setenv", b"set", b"SetEnv", b"setx"]
                .contains(&before.trim_ascii())
        };
        let upstream = self.text.get(start..).is_some_and(|name| name.starts_with(b"proxy_pass"));
        dashed
            || self.syntax == Syntax::Config && !upstream && is_directive(before)
            || self.syntax != Syntax::Code && sets()
    }

    /// `String = `, `[]byte = `: a type after the name, up to its sign.
    pub(super) fn typed(&mut self) -> bool {
        if !matches!(self.syntax, Syntax::Code | Syntax::Prose) {
            return false;
        }
        let line = self.line(EXPRESSION);
        let Some(sign) = line.iter().position(|byte| *byte == b'=') else { return false };
        let kind = line.get(..sign).unwrap_or_default().trim_ascii_end();
        let kind = kind.strip_prefix(b"As ").unwrap_or(kind);
        let word = |byte: &u8| {
            byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'*' | b'[' | b']' | b'.')
        };
        let fits = !kind.is_empty() && kind.iter().all(word) && line.get(sign + 1) != Some(&b'=');
        self.at += if fits { sign + 1 } else { 0 };
        fits
    }

    /// `: &'static str = `: a type after a colon, where code has one.
    pub(super) fn annotation(&mut self) {
        if self.syntax != Syntax::Code
            || !matches!(self.byte(), Some(b'a'..=b'z' | b'A'..=b'Z' | b'&' | b'['))
        {
            return;
        }
        let line = self.line(EXPRESSION);
        let Some(sign) = line.iter().position(|byte| *byte == b'=') else { return };
        let inside = |byte: &u8| byte.is_ascii_alphanumeric() || b"_&'<>[]?.|: !;".contains(byte);
        let kind = line.get(..sign).unwrap_or_default();
        if kind.iter().all(inside) && !matches!(line.get(sign + 1), Some(b'=' | b'>')) {
            self.at += sign + 1;
            self.spaces(8);
        }
    }

    /// The quote that the cursor stands inside of.
    pub(super) fn in_literal(&self) -> Option<u8> {
        let mut open = None;
        let mut escaped = false;
        for byte in self.line_before(self.at) {
            match (byte, open) {
                _ if escaped => escaped = false,
                (b'\\', _) => escaped = true,
                (b'"' | b'\'' | b'`', None) => open = Some(*byte),
                (byte, Some(quote)) if *byte == quote => open = None,
                _ => {}
            }
        }
        open
    }

    pub(super) fn until(
        &mut self,
        ends: impl Fn(u8) -> bool,
        form: Form,
    ) -> Option<(Form, usize, usize)> {
        let rest = self.rest();
        let length = rest.iter().take(LONGEST).position(|byte| ends(*byte)).unwrap_or(rest.len());
        (0 < length && length < LONGEST).then_some((form, self.at, self.at + length))
    }
}
