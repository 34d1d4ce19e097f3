//! Signs that few languages have, and values put together of several literals.

use super::cursor::Cursor;
use super::{Form, Sign, Syntax};

/// Bytes that an array has at least to be a key.
const BYTES: usize = 8;
/// Longest array looked at, bytes of text.
const ARRAY: usize = 640;

/// Calls that put their argument into what was named.
const FILLS: &[&[u8]] = &[
    b").val(",
    b").value = ",
    b").setValue(",
    b").sendKeys(",
    b").send_keys(",
    b").type(",
    b").fill(",
    b").set(",
    b").value(",
    b").setText(",
    b").typeText(",
    b").perform(typeText(",
    b")).perform(typeText(",
    b")).perform(replaceText(",
];
/// The same behind a variable.
const TYPES: &[&[u8]] = &[
    b".typeText(",
    b".sendKeys(",
    b".send_keys(",
    b".setText(",
    b".fill(",
    b".setValue(",
    b".type(",
];

impl Cursor<'_> {
    /// `$("#password").val(`
    pub(super) fn fills_in(&mut self) -> bool {
        FILLS.iter().any(|fills| self.eat(fills))
    }

    /// `passwordField.typeText(`
    pub(super) fn types_in(&mut self) -> bool {
        TYPES.iter().any(|types| self.eat(types))
    }

    /// `changeText(getByTestId('password'), `, `type(getByLabel(/password/i), `
    pub(super) fn is_typed_into(&mut self, start: usize) -> bool {
        let signs = [&b"), "[..], b"/), ", b"/i), "];
        let Some(sign) = signs.iter().find(|sign| self.rest().starts_with(sign)) else {
            return false;
        };
        let literal = self.rest().get(sign.len()).is_some_and(|byte| b"\"'`".contains(byte));
        let before = if literal { self.line_before(start) } else { b"" };
        let types = [&b"hangeText("[..], b"type(", b"fireEvent.", b"fill("];
        let typed = types.iter().any(|call| memchr::memmem::find(before, call).is_some());
        self.at += if typed { sign.len() } else { 0 };
        typed
    }

    /// `assertEqual(password, "x")`
    pub(super) fn is_asserted(&self, start: usize) -> bool {
        if !matches!(self.rest(), [b',', b' ', b'"' | b'\'', ..]) {
            return false;
        }
        let before = self.line_before(start);
        let open = before.iter().rposition(|byte| *byte == b'(').unwrap_or(0);
        let (callee, inside) = before.split_at(open);
        let owner = |byte: &u8| byte.is_ascii_alphanumeric() || b"(_.$>-".contains(byte);
        callee.trim_ascii_start().len() < 40
            && memchr::memmem::find(callee, b"ssert").is_some()
            && inside.iter().all(owner)
    }

    /// `{password`, where no name is before the brace.
    pub(super) fn opens_term(&self, start: usize) -> bool {
        let before = self.line_before(start);
        before.ends_with(b"define(")
            || matches!(before, [b'{'] | [.., b' ' | b'[' | b'(' | b',', b'{'])
    }

    /// `, "x"`, `, <<"x"`: reads up to the quote.
    pub(super) fn opens_literal(&mut self) -> bool {
        let starts = [&b", \""[..], b", <<\"", b",\"", b",<<\""];
        let literal = starts.iter().find(|start| self.rest().starts_with(start));
        self.at += literal.map_or(0, |start| start.len() - 1);
        literal.is_some()
    }

    /// What closes a call around the name: `get("password") == "x"`,
    /// `let(:password) { "x" }`, `"x".equals(password)`.
    pub(super) fn closes(&mut self, start: usize, quoted: bool) -> Option<Sign> {
        self.at += 1;
        if !quoted && self.before(start, b"(:") {
            self.spaces(4);
            return self.eat(b"{").then_some(Sign::Assign);
        }
        if !quoted {
            return self.literal_before(start).then_some(Sign::Compare);
        }
        self.spaces(4);
        let compared = [&b"==="[..], b"==", b"!==", b"!=", b".equals("];
        compared.iter().any(|sign| self.eat(sign)).then_some(Sign::Compare)
    }

    /// Goes back to the literal of `"x".equals(name)`.
    fn literal_before(&mut self, start: usize) -> bool {
        let before = self.line_before(start);
        let Some(literal) = before.strip_suffix(b"\".equals(") else { return false };
        let Some(open) = literal.iter().rposition(|byte| *byte == b'"') else { return false };
        self.at = start - before.len() + open;
        true
    }

    /// `name{"x"}`, `Name { get; set; } = "x"`.
    pub(super) fn braced(&mut self) -> bool {
        let line = self.line(48);
        let property = line.starts_with(b"{ get").then(|| memchr::memmem::find(line, b"} = "));
        self.at += property.flatten().map_or(1, |at| at + 4);
        self.spaces(1);
        matches!(self.byte(), Some(b'"' | b'\'' | b'@'))
    }

    /// The literals that are joined to the one before the cursor, up to `end`.
    pub(super) fn joined(&mut self, mut end: usize) -> usize {
        loop {
            let at = self.at;
            self.spaces(2);
            let joins = self.eat(b"+ ") || self.eat(b". ") || self.eat(b".. ") || self.eat(b"<> ");
            let literal = matches!(self.byte(), Some(b'"' | b'\''));
            match literal.then(|| self.quoted()).flatten().filter(|_| joins) {
                Some((_, to)) => end = to,
                None => {
                    self.at = at;
                    return end;
                }
            }
        }
    }

    /// `name = "x` that ends here, and goes on in the next literal: `" + "y"`.
    pub(super) fn next_literal(&mut self, quote: u8) -> Option<(Form, usize, usize)> {
        self.at += 1;
        self.spaces(2);
        if !self.eat(b"+ ") && !self.eat(b". ") || self.byte() != Some(quote) {
            return None;
        }
        let (from, to) = self.quoted()?;
        Some((Form::Inline, from, to))
    }

    /// The numbers of an array: `{0x12, 0x34, …}`, `[]byte{1, 2, …}`.
    pub(super) fn bytes(&mut self) -> Option<(Form, usize, usize)> {
        if !matches!(self.byte(), Some(b'{' | b'[' | b'n' | b'v' | b'b')) {
            return None;
        }
        let line = self.line(24);
        let kinds =
            [&b"new byte["[..], b"[]byte{", b"vec![", b"bytes([", b"bytearray([", b"{", b"["];
        let kind = kinds.iter().find(|kind| line.starts_with(kind))?;
        let open = line.iter().rposition(|byte| matches!(byte, b'{' | b'['))?;
        let open = if kind.len() == 1 { 0 } else { open };
        let from = self.at + open + 1;
        let rest = self.text.get(from..)?;
        let rest = rest.get(..ARRAY).unwrap_or(rest);
        let inside = |byte: &u8| {
            byte.is_ascii_hexdigit() || byte.is_ascii_whitespace() || b"x,-u()byte".contains(byte)
        };
        let length = rest.iter().position(|byte| !inside(byte))?;
        let list = rest.get(..length)?;
        let closed = matches!(rest.get(length), Some(b'}' | b']'));
        let numbers =
            list.split(|byte| *byte == b',').filter(|number| !number.trim_ascii().is_empty());
        self.beyond |= list.contains(&b'\n');
        (closed && numbers.count() >= BYTES).then_some((Form::Bytes, from, from + length))
    }

    /// What a field of a form holds: `password.value`, `txtPassword.Text`.
    pub(super) fn property(&mut self) -> bool {
        let known = [&b".Text "[..], b".text ", b".value ", b".Value ", b".getText()"];
        known.iter().any(|property| self.eat(property))
    }

    /// Whether the name is a variable in a suite of keywords: `${PASSWORD}    x`.
    pub(super) fn keyword_variable(&mut self) -> bool {
        self.syntax == Syntax::Config && self.eat(b"}    ")
    }
}
