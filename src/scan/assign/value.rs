//! Reading what follows a name: signs, and literals in any language.

use super::line::{in_fours, is_directive, next_setting, opens_setting, plain_arguments};
use super::{Form, Sign, Syntax};

/// Longest value, bytes.
const LONGEST: usize = 1024;
/// How far back a quote that a name stands in is looked for.
const BACK: usize = 400;
/// Longest expression looked through for what it falls back to.
pub(super) const EXPRESSION: usize = 160;
/// Calls that hand on their first argument.
const WRAPPERS: &[&str] = &[
    "string",
    "from",
    "str",
    "some",
    "new",
    "bytes",
    "bytearray",
    "encode",
    "decode",
    "atob",
    "b64decode",
    "securestring",
    "secretstring",
    "secret",
    "secretstr",
    "quote",
    "trim",
    "text",
    "buffer",
    "of",
    "just",
    "value",
    "tobytes",
    "encrypted",
    "sensitive",
    "symmetricsecuritykey",
    "secretkeyspec",
    "getbytes",
    "qstring",
    "qstringliteral",
    "fromhex",
    "unhexlify",
    "hextobytes",
    "decodehex",
    "frombase64string",
    "base64decode",
    "decodestring",
];
/// Calls whose second argument is used where there is no first.
const LOOKUPS: &[&str] = &[
    "getenv",
    "get",
    "env",
    "fetch",
    "getproperty",
    "config",
    "getstring",
    "getordefault",
    "pop",
    "setdefault",
    "defaultifempty",
    "defaultifblank",
    "defaultstring",
    "coalesce",
];
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
        let quoted = [&b"\\\""[..], b"\\'", b"\"", b"'", b"`", b"&quot;", b"&#34;"]
            .iter()
            .any(|quote| self.eat(quote));
        let bracket = self.eat(b"]");
        quoted || bracket
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
        let before = self.line_before(start);
        let Some(open) = before.iter().rposition(|byte| matches!(byte, b'(' | b'{')) else {
            return false;
        };
        let inside = before.get(open + 1..).unwrap_or_default();
        let named = inside.iter().rposition(|byte| matches!(byte, b'"' | b'\''));
        let (others, name) = inside.split_at(named.unwrap_or(0));
        let callee = before.get(..open).unwrap_or_default();
        let callee = callee
            .rsplit(|byte| !byte.is_ascii_alphanumeric() && *byte != b'_')
            .next()
            .unwrap_or_default();
        let callee = callee.to_ascii_lowercase();
        let talks = TALK.iter().any(|word| memchr::memmem::find(&callee, word).is_some());
        !talks
            && matches!(name, [b'"' | b'\'', name @ ..] if !name.contains(&b','))
            && plain_arguments(others)
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
            || !matches!(self.byte(), Some(b'a'..=b'z' | b'A'..=b'Z' | b'&'))
        {
            return;
        }
        let line = self.line(EXPRESSION);
        let Some(sign) = line.iter().position(|byte| *byte == b'=') else { return };
        let inside = |byte: &u8| byte.is_ascii_alphanumeric() || b"_&'<>[]?.|: !".contains(byte);
        let kind = line.get(..sign).unwrap_or_default();
        if kind.iter().all(inside) && !matches!(line.get(sign + 1), Some(b'=' | b'>')) {
            self.at += sign + 1;
            self.spaces(8);
        }
    }

    /// The value that stands here: how, its first byte, the byte after it.
    pub(super) fn value(&mut self, sign: Sign, start: usize) -> Option<(Form, usize, usize)> {
        let quoted_form = match sign {
            Sign::Compare => Form::Compared,
            Sign::Call | Sign::Pair => Form::Argument,
            Sign::Assign | Sign::Markup | Sign::Space => Form::Quoted,
        };
        if sign == Sign::Markup && !matches!(self.byte(), Some(b'"' | b'\'')) {
            return self.element();
        }
        if sign == Sign::Assign && self.before(start, b"${") {
            if matches!(self.byte(), Some(b'?' | b'+')) {
                return None;
            }
            self.eat(b"-");
            return self.until(|byte| matches!(byte, b'}' | b'\n' | b'$'), Form::Fallback);
        }
        if sign == Sign::Pair {
            let _ = self.eat(b"default=") || self.eat(b"default: ") || self.eat(b"fallback=");
        }
        if sign == Sign::Assign && self.byte() == Some(b'{') {
            return self.inside_block();
        }
        self.cast();
        for _ in 0..2 {
            if matches!(self.byte(), Some(b'(' | b'[')) {
                self.at += 1;
                self.spaces(4);
            }
        }
        let below = sign == Sign::Assign && (self.next_line() || self.folded());
        if let Some((from, to)) = self.quoted() {
            let named = below && self.byte() == Some(b':');
            return Some((quoted_form, from, to)).filter(|_| !named && self.stands_alone());
        }
        match sign {
            Sign::Assign | Sign::Compare => match (self.in_literal(), self.syntax) {
                (Some(quote), _) => self.inline(quote),
                (None, Syntax::Code) if self.in_comment() => self.said(),
                (None, Syntax::Code) => self.expression(quoted_form),
                (None, _) => {
                    let at = self.at;
                    self.expression(quoted_form).or_else(|| {
                        self.at = at;
                        self.bare(start)
                    })
                }
            },
            Sign::Space => self.bare(start),
            _ => None,
        }
    }

    /// A quoted literal, and the cursor after it.
    pub(super) fn quoted(&mut self) -> Option<(usize, usize)> {
        let prefix = self
            .rest()
            .iter()
            .take(2)
            .take_while(|byte| byte.is_ascii_alphabetic() || **byte == b'@')
            .count();
        let rest = self.text.get(self.at + prefix..)?;
        let quote =
            [&b"\"\"\""[..], b"'''", b"\\\"", b"\\'", b"&quot;", b"&#34;", b"\"", b"'", b"`"]
                .into_iter()
                .find(|quote| rest.starts_with(quote))?;
        let from = self.at + prefix + quote.len();
        let body = self.text.get(from..self.text.len().min(from + LONGEST))?;
        let escaped = quote.len() == 1 && body.starts_with(b"\\\"");
        let (from, body, quote) = match body.get(2..).filter(|_| escaped) {
            Some(inner) => (from + 2, inner, &b"\\\""[..]),
            None => (from, body, quote),
        };
        let escapes = quote.first() != Some(&b'\\');
        let mut length = 0;
        loop {
            let here = body.get(length..)?;
            match here.first()? {
                b'\n' => return None,
                _ if here.starts_with(quote) => break,
                b'\\' if escapes => length += 2,
                _ => length += 1,
            }
        }
        self.at = from + length + quote.len();
        Some((from, from + length))
    }

    /// Whether no literal or name is joined to the literal before the cursor.
    fn stands_alone(&self) -> bool {
        let line = self.line(16).trim_ascii_start();
        !matches!(line, [b'+', b' ' | b'a'..=b'z' | b'A'..=b'Z', ..] | [b'%', b' ' | b'(', ..] | [b'.', b' ', b'$', ..])
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

    /// A value inside a longer literal: right behind its `=`, and no template.
    fn inline(&mut self, quote: u8) -> Option<(Form, usize, usize)> {
        let before = self.text.get(..self.at).unwrap_or_default();
        if before.ends_with(b" ") && before.trim_ascii_end().ends_with(b"=") {
            return None;
        }
        let ends = |byte| byte == quote || b"\"'`;&,) \t\n<>{}[]|\\".contains(&byte);
        let found = self.until(ends, Form::Inline)?;
        Some(found).filter(|(_, _, end)| !matches!(self.text.get(*end), Some(b'{' | b'<')))
    }

    /// A value without quotes.
    fn bare(&mut self, start: usize) -> Option<(Form, usize, usize)> {
        if self.in_query(start) {
            return self.until(|byte| b" \t\r\n\0&#;|\"'`()<>{}".contains(&byte), Form::Inline);
        }
        if self.syntax == Syntax::Shell && self.eat(b"$(echo ") {
            let (from, to) = self.quoted()?;
            return Some((Form::Bare, from, to));
        }
        if self.syntax == Syntax::Shell {
            return self.until(|byte| b" \t\r\n\0;|\"'`()<>".contains(&byte), Form::Bare);
        }
        let (form, from, to) = self.until(|byte| matches!(byte, b'\n' | 0), Form::Bare)?;
        let line = self.text.get(from..to)?.trim_ascii_end();
        if in_fours(line) {
            return Some((form, from, from + line.len()));
        }
        let blank = line.iter().position(|byte| matches!(byte, b' ' | b'\t'));
        let value = line.get(..blank.unwrap_or(line.len()))?;
        let after = line.get(value.len()..)?.trim_ascii_start();
        let closed = !value.contains(&b'{') && !value.contains(&b'[');
        let closers = |byte: &&u8| closed && b"}],".contains(byte);
        let value = value.get(..value.len() - value.iter().rev().take_while(closers).count())?;
        let cut = next_setting(line).filter(|cut| *cut < value.len());
        let value = value.get(..cut.unwrap_or(value.len()))?;
        let free = self.syntax == Syntax::Prose
            || cut.is_some()
            || matches!(after.first(), None | Some(b'#' | b';' | b'/'))
            || opens_setting(after) && !after.contains(&b';')
            || after.starts_with(b"-") && self.is_dashed(start)
            || after.iter().all(|byte| b"}], ".contains(byte));
        let value = if self.syntax == Syntax::Prose {
            value.split(|byte| b",;)\"'`<".contains(byte)).next()?
        } else {
            value
        };
        let value = value.strip_suffix(b",").unwrap_or(value);
        (free && !value.is_empty()).then_some((form, from, from + value.len()))
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

    /// The literal that an expression hands on or falls back to.
    fn expression(&mut self, form: Form) -> Option<(Form, usize, usize)> {
        let line = self.line(EXPRESSION);
        if !line.first()?.is_ascii_alphabetic() && !matches!(line.first()?, b'$' | b'_') {
            return None;
        }
        let chosen = line.contains(&b'?');
        let signs = [&b"||"[..], b"??", b" or ", b"?:", b" : "];
        for sign in signs.iter().take(if chosen { signs.len() } else { signs.len() - 1 }) {
            if let Some(found) = memchr::memmem::find(line, sign) {
                self.at += found + sign.len();
                self.spaces(4);
                let (from, to) = self.quoted()?;
                return Some((Form::Fallback, from, to));
            }
        }
        if line.starts_with(b"ConvertTo-SecureString ") {
            self.at += line.iter().position(|byte| matches!(byte, b'"' | b'\''))?;
            let (from, to) = self.quoted()?;
            return Some((form, from, to));
        }
        let open = line.iter().position(|byte| *byte == b'(')?;
        let callee = line.get(..open)?;
        let name = callee.rsplit(|byte| !byte.is_ascii_alphanumeric()).next()?.to_ascii_lowercase();
        let is = |names: &[&str]| names.iter().any(|known| known.as_bytes() == name);
        if callee.len() > 60 {
            return None;
        }
        self.at += open + 1;
        self.spaces(2);
        if is(LOOKUPS) {
            if self.quoted().is_none() {
                self.at += memchr::memmem::find(self.line(EXPRESSION), b"), ")? + 1;
            }
            self.spaces(2);
            if !self.eat(b",") {
                return None;
            }
            self.spaces(2);
            self.eat(b"default=");
            let (from, to) = self.quoted()?;
            return Some((Form::Fallback, from, to));
        }
        if !is(WRAPPERS) {
            return None;
        }
        match self.quoted() {
            Some((from, to)) => Some((form, from, to)),
            None => self.expression(form),
        }
    }
}
