//! The value that stands behind a sign: literals in any language, bare text.

use super::cursor::{Cursor, EXPRESSION, LONGEST};
use super::line::{in_fours, next_setting, opens_setting};
use super::{Form, Sign, Syntax};

impl Cursor<'_> {
    /// The value that stands here: how, its first byte, the byte after it.
    pub(super) fn value(&mut self, sign: Sign, start: usize) -> Option<(Form, usize, usize)> {
        let quoted_form = match sign {
            Sign::Compare => Form::Compared,
            Sign::Call | Sign::Fill | Sign::Pair => Form::Argument,
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
        if sign == Sign::Pair && !matches!(self.byte(), Some(b'"' | b'\'')) {
            let at = self.at;
            if !self.falls_back() {
                self.at = at;
            }
        } else if sign == Sign::Pair && self.is_dashed(start) {
            self.falls_back();
        }
        if let Some(found) = self.bytes() {
            return Some(found);
        }
        if sign == Sign::Assign && self.byte() == Some(b'{') {
            return self.inside_block();
        }
        if sign == Sign::Assign && self.syntax == Syntax::Code {
            self.skip_to_same_place(start);
        }
        self.cast();
        for _ in 0..2 {
            if matches!(self.byte(), Some(b'(' | b'[')) {
                self.at += 1;
                self.spaces(4);
            }
        }
        let ends = (self.before_cursor() == Some(b'=')).then(|| self.byte()).flatten();
        let ends = ends.filter(|byte| matches!(byte, b'"' | b'\''));
        if let Some(quote) = ends.filter(|quote| self.in_literal() == Some(*quote)) {
            return self.next_literal(quote);
        }
        let argument = matches!(sign, Sign::Call | Sign::Pair) && self.next_line();
        let below = sign == Sign::Assign && !argument && (self.next_line() || self.folded());
        if let Some((from, to)) = self.quoted() {
            let named = (below || argument) && self.byte() == Some(b':')
                || self.line(8).trim_ascii_start().starts_with(b"=>");
            let end = self.joined(to);
            let form = if end > to { Form::Joined } else { quoted_form };
            return Some((form, from, end)).filter(|_| !named && self.stands_alone());
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
            Sign::Call | Sign::Fill | Sign::Pair => self.handed_on(quoted_form),
            Sign::Markup => None,
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
        let quote = [
            &b"\"\"\""[..],
            b"'''",
            b"``",
            b"\\\\\\\"",
            b"\\\"",
            b"\\'",
            b"&quot;",
            b"&#34;",
            b"\"",
            b"'",
            b"`",
        ]
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
        // `password 7 x` of network devices.
        if matches!(self.rest(), [b'0' | b'7', b' ', ..]) {
            self.at += 2;
        }
        if self.syntax == Syntax::Config && !self.eat(b"!!str ") && self.byte() == Some(b'&') {
            let line = self.line(EXPRESSION);
            self.at += line.iter().position(|byte| *byte == b' ').map_or(0, |blank| blank + 1);
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
        let inline = after.split(|byte| *byte == b' ').next().unwrap_or_default().contains(&b'=');
        let free = self.syntax == Syntax::Prose
            || cut.is_some()
            || opens_setting(after) && !after.contains(&b';')
            || after.starts_with(b"-") && self.is_dashed(start)
            || after.iter().all(|byte| b"}], ".contains(byte))
            || matches!(after.first(), None | Some(b'#' | b';' | b'/'))
            || after.starts_with(b"--")
            || inline
            || self.line_before(start).contains(&b'{')
                && (after.starts_with(b"}") || value.ends_with(b","));
        let value = if self.syntax == Syntax::Prose {
            value.split(|byte| b",;)\"'`<".contains(byte)).next()?
        } else {
            value
        };
        let value = value.strip_suffix(b",").unwrap_or(value);
        (free && !value.is_empty()).then_some((form, from, from + value.len()))
    }
}
