//! Values that don't stand right behind their name's sign: on the next line, in
//! an element, in a block, beside the name in a list.

use super::cursor::{Cursor, EXPRESSION};
use super::{Form, Syntax};

/// Blanks and line ends between a sign and a value on the next line, at most.
const GAP: usize = 80;
/// How far into a block its value is looked for.
const BLOCK: usize = 320;
/// How much of a sentence is read for what it says.
const TOLD: usize = 80;
/// Words between a name and its value.
const TELLS: &[&[u8]] = &[b"is", b"was", b"ist", b"lautet", b"est", b"es"];
/// Words between a name and whose it is.
const ABOUT: &[&[u8]] = &[b"for", b"of", b"on", b"to", b"in"];

impl Cursor<'_> {
    /// The value of an element: its text, also on a line of its own or in an
    /// element of its own.
    pub(super) fn element(&mut self) -> Option<(Form, usize, usize)> {
        self.gap();
        for open in [&b"<value>"[..], b"<string>", b"<![cdata["] {
            let head = self.rest().get(..open.len()).unwrap_or_default();
            if head.eq_ignore_ascii_case(open) {
                self.at += open.len();
                self.gap();
            }
        }
        let (form, from, to) = self.until(|byte| matches!(byte, b'<' | b'"'), Form::Quoted)?;
        let text = self.text.get(from..to)?;
        let text = text.strip_suffix(b"]]>").unwrap_or(text).trim_ascii_end();
        let closed = self.text.get(to) == Some(&b'<') || text.len() < to - from;
        (closed && !text.is_empty() && !text.contains(&b'\n')).then_some((
            form,
            from,
            from + text.len(),
        ))
    }

    /// The literal called `default` or `value` in the block that begins here.
    pub(super) fn inside_block(&mut self) -> Option<(Form, usize, usize)> {
        let rest = self.rest();
        let block = rest.get(..BLOCK).unwrap_or(rest).split(|byte| *byte == b'}').next()?;
        let called = |name: &[u8]| {
            let at = memchr::memmem::find(block, name)?;
            let before = at.checked_sub(1).and_then(|at| block.get(at))?;
            (!before.is_ascii_alphanumeric() && *before != b'_').then_some(at + name.len())
        };
        self.beyond |= block.contains(&b'\n');
        let at = called(b"default").or_else(|| called(b"value"))?;
        self.at += at;
        let _ = self.eat(b"\"") || self.eat(b"'");
        self.spaces(8);
        if !self.eat(b"=>") && !self.eat(b"=") && !self.eat(b":") {
            return None;
        }
        self.spaces(8);
        let (from, to) = self.quoted()?;
        Some((Form::Quoted, from, to))
    }

    /// `put(CONSTANT, "value")`: a constant that names what follows it.
    pub(super) fn is_constant_argument(&self, start: usize) -> bool {
        let name = self.name(start);
        let name = name.rsplit(|byte| *byte == b'.').next().unwrap_or(name).trim_ascii();
        name.contains(&b'_')
            && !name.iter().any(u8::is_ascii_lowercase)
            && self.line_before(start).contains(&b'(')
    }

    /// `variable "name" {`: a block that says what the value is.
    pub(super) fn opens_block(&self, start: usize) -> bool {
        self.line_before(start).trim_ascii_start().starts_with(b"variable")
    }

    /// `(char *)` or `[]byte(` before a literal.
    pub(super) fn cast(&mut self) {
        if self.rest().starts_with(b"<<\"") {
            self.at += 2;
            return;
        }
        if self.eat(b"[]byte(") || self.eat(b"[]rune(") {
            return;
        }
        let line = self.line(32);
        let Some(close) = line.iter().position(|byte| *byte == b')') else { return };
        let inside = |byte: &u8| byte.is_ascii_alphanumeric() || b"_* [].:&".contains(byte);
        let kind = line.get(..close).and_then(|kind| kind.strip_prefix(b"("));
        let after = line.get(close + 1..).unwrap_or_default().trim_ascii_start();
        let literal = matches!(after.first(), Some(b'"' | b'\''));
        if literal && kind.is_some_and(|kind| !kind.is_empty() && kind.iter().all(inside)) {
            self.at += close + 1;
            self.spaces(4);
        }
    }

    /// Goes on to a literal that begins the next line, where nothing follows
    /// the sign on its own; whether there is one.
    pub(super) fn next_line(&mut self) -> bool {
        let at = self.at;
        if !matches!(self.syntax, Syntax::Code | Syntax::Config) {
            return false;
        }
        if self.line(8).trim_ascii().is_empty() && self.rest().len() > 1 || self.eat(b"\\\n") {
            self.gap();
            if matches!(self.byte(), Some(b'"' | b'\'' | b'`')) {
                return true;
            }
            self.at = at;
        }
        false
    }

    /// The line below `>-` or `|`, where YAML has its text.
    pub(super) fn folded(&mut self) -> bool {
        let line = self.line(8).trim_ascii();
        if self.syntax != Syntax::Config || ![&b"|"[..], b">", b"|-", b">-"].contains(&line) {
            return false;
        }
        self.at += line.len();
        self.gap();
        true
    }

    fn gap(&mut self) {
        let rest = self.rest();
        let blank = rest.iter().take(GAP).take_while(|byte| byte.is_ascii_whitespace()).count();
        self.beyond |= rest.get(..blank).is_some_and(|gap| gap.contains(&b'\n'));
        self.at += blank;
    }

    /// Whether the name is one of a query: `?name=x&name=y`.
    pub(super) fn in_query(&self, start: usize) -> bool {
        let before = start.checked_sub(1).and_then(|at| self.text.get(at));
        matches!(before, Some(b'&' | b'?')) && self.before_cursor() == Some(b'=')
    }

    /// Whether the line is a comment in code.
    pub(super) fn in_comment(&self) -> bool {
        let line = self.line_before(self.at).trim_ascii_start();
        [&b"#"[..], b"//", b"/*", b"* ", b"--", b"<!--", b";", b"%", b"' "]
            .iter()
            .any(|mark| line.starts_with(mark))
    }

    /// A value that a comment tells, up to the next blank.
    pub(super) fn said(&mut self) -> Option<(Form, usize, usize)> {
        self.until(|byte| byte.is_ascii_whitespace() || b"\"'`,;)<>".contains(&byte), Form::Said)
    }

    /// The value of a pair whose name is a value itself: `name: X` and
    /// `value: y` on the next line, `<key>X</key><string>y</string>`.
    pub(super) fn next_value(&mut self, start: usize) -> bool {
        let before = self.line_before(start).trim_ascii_end();
        let before = before
            .strip_suffix(b"\"")
            .or_else(|| before.strip_suffix(b"'"))
            .unwrap_or(before)
            .trim_ascii_end();
        let lower = before.to_ascii_lowercase();
        let names = [&b"name:"[..], b"name\":", b"key:", b"key\":", b"<key>", b"<name>"];
        if !names.iter().any(|name| lower.ends_with(name)) {
            return false;
        }
        self.beyond = true;
        let rest = self.rest();
        let near = rest.get(..EXPRESSION).unwrap_or(rest).to_ascii_lowercase();
        let mut at = near
            .strip_prefix(b"</key>")
            .or_else(|| near.strip_prefix(b"</name>"))
            .map_or(0, |rest| near.len() - rest.len());
        let gap = |at: usize| {
            near.iter()
                .skip(at)
                .take_while(|byte| byte.is_ascii_whitespace() || **byte == b',')
                .count()
        };
        at += gap(at);
        let Some(word) = near.get(at..) else { return false };
        let signs = [
            &b"value: "[..],
            b"value:",
            b"\"value\":",
            b"'value':",
            b"<string>",
            b"<value>",
            b"value =",
        ];
        let Some(sign) = signs.iter().find(|sign| word.starts_with(sign)) else { return false };
        self.at += at + sign.len();
        true
    }

    /// How far behind the name's line its value may stand.
    pub(super) fn reach(&self) -> usize {
        if self.beyond { BLOCK } else { 0 }
    }

    /// `**Password**: x`, `| password | x |`, `the password for db1 is x`: reads
    /// up to the value.
    pub(super) fn prose(&mut self) -> bool {
        let tells = matches!(self.byte(), Some(b'i' | b'w' | b'l' | b'e'));
        if self.syntax != Syntax::Prose && !tells {
            return false;
        }
        let line = self.line(TOLD);
        let bare = line.trim_ascii_start();
        let lead = line.len() - bare.len();
        let first = bare.split(|byte| *byte == b' ').next().unwrap_or_default();
        if self.syntax != Syntax::Prose && !(TELLS.contains(&first) && self.in_comment()) {
            return false;
        }
        let value = match bare.first() {
            Some(b'|') => Some(1),
            Some(b'*' | b'_') => {
                let marks = bare.iter().take_while(|byte| b"*_".contains(byte)).count();
                (bare.get(marks) == Some(&b':')).then_some(marks + 1)
            }
            _ if TELLS.contains(&first) => Some(first.len()),
            _ if ABOUT.contains(&first) => {
                let said = TELLS.iter().map(|word| [b" ", *word, b" "].concat());
                said.chain([b": ".to_vec()])
                    .find_map(|said| memchr::memmem::find(bare, &said).map(|at| at + said.len()))
            }
            _ => None,
        };
        self.at += value.map_or(0, |value| value + lead);
        value.is_some()
    }

    /// Stars around what is set in bold.
    pub(super) fn marks(&mut self) {
        if self.syntax == Syntax::Prose {
            self.spaces(4);
            let _ = self.eat(b"**") || self.eat(b"__");
            self.spaces(4);
        }
    }
}
