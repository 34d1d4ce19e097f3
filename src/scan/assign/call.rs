//! Expressions that hand on a literal or fall back to one.

use super::Form;
use super::cursor::{Cursor, EXPRESSION};

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
    "make",
    "bcrypt",
    "hashpw",
    "stringvalue",
    "field",
    "usestate",
    "parse",
    "hex",
    "input",
    "md5",
    "sha1",
    "sha2",
    "sha256",
    "sha512",
    "hash",
    "password",
    "crypt",
    "encrypt",
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

/// How arguments are named that say what is used in place of another.
const DEFAULTS: &[&[u8]] = &[b"default=", b"default: ", b"fallback=", b"fallback: ", b"orElse("];

impl Cursor<'_> {
    /// The literal that an expression hands on or falls back to.
    pub(super) fn expression(&mut self, form: Form) -> Option<(Form, usize, usize)> {
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
        if let Some((from, to)) = self.perl() {
            return Some((form, from, to));
        }
        if let Some(chained) = chained(line) {
            self.at += chained;
            let (from, to) = self.quoted()?;
            return Some((form, from, to));
        }
        self.handed_on(form)
    }

    /// The literal that a call hands on: `encode("x")`, `Some("x")`.
    pub(super) fn handed_on(&mut self, form: Form) -> Option<(Form, usize, usize)> {
        let line = self.line(EXPRESSION);
        let open = line.iter().position(|byte| *byte == b'(')?;
        let callee = line.get(..open)?;
        let callee = callee.strip_suffix(b"!").unwrap_or(callee);
        let generic = callee.strip_suffix(b">").and_then(|callee| memchr::memchr(b'<', callee));
        let callee = callee.get(..generic.unwrap_or(callee.len()))?;
        let name = callee.rsplit(|byte| !byte.is_ascii_alphanumeric()).next()?.to_ascii_lowercase();
        let is = |names: &[&str]| names.iter().any(|known| known.as_bytes() == name);
        if callee.len() > 60 {
            return None;
        }
        self.at += open + 1;
        self.spaces(2);
        self.next_line();
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
        if is(WRAPPERS) {
            let at = self.at;
            if let Some((from, to)) = self.quoted() {
                return Some((form, from, to));
            }
            self.at = at;
        }
        if self.falls_back() {
            let (from, to) = self.quoted()?;
            return Some((Form::Fallback, from, to));
        }
        if is(WRAPPERS) { self.expression(form) } else { None }
    }
}

impl Cursor<'_> {
    /// Goes on to the argument that says what is used in place of another.
    pub(super) fn falls_back(&mut self) -> bool {
        let line = self.line(EXPRESSION);
        let found =
            DEFAULTS.iter().find_map(|name| Some(memchr::memmem::find(line, name)? + name.len()));
        self.at += found.unwrap_or(0);
        found.is_some()
    }

    /// `q{x}`, `qq(x)`
    pub(super) fn perl(&mut self) -> Option<(usize, usize)> {
        let line = self.line(EXPRESSION);
        let open = line.iter().take_while(|byte| **byte == b'q').count();
        let close = match line.get(open)? {
            b'{' => b'}',
            b'(' => b')',
            b'[' => b']',
            _ => return None,
        };
        let inside = line.get(open + 1..)?;
        let length = inside.iter().position(|byte| *byte == close)?;
        let literal = inside.get(..length)?.iter().all(|byte| !b"\"'$, ".contains(byte));
        ((1..=2).contains(&open) && literal && length > 0)
            .then(|| (self.at + open + 1, self.at + open + 1 + length))
    }
}

/// `user.confirmation = "x"`, behind `user.password = `: where the literal begins.
fn chained(line: &[u8]) -> Option<usize> {
    let at = memchr::memmem::find(line, b" = ")?;
    let name = |byte: &u8| byte.is_ascii_alphanumeric() || b"_.$@>-".contains(byte);
    let literal = matches!(line.get(at + 3), Some(b'"' | b'\''));
    (literal && line.get(..at)?.iter().all(name)).then_some(at + 3)
}
