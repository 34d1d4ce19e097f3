//! `$name`, `${…}`, `$(…)`, backquotes, `$'…'`, `$((…))`, `<(…)`.

use std::rc::Rc;

use super::Parser;
use super::tree::{Flaw, Parameter, Part, Script, Substitution, Word};
use super::word::Until;

/// Operators inside `${…}`; of two that begin alike the longer stands first.
const OPERATORS: &[&str] = &[
    ":-", ":=", ":?", ":+", "-", "=", "?", "+", "##", "#", "%%", "%", "//", "/#", "/%", "/", "^^",
    "^", ",,", ",", "@", ":",
];

impl Parser<'_> {
    /// What begins with a dollar sign.
    pub(super) fn dollar(&mut self, word: &mut Word, quoted: bool) {
        let start = self.at;
        match self.peek_at(1) {
            Some(b'(') if self.peek_at(2) == Some(b'(') && self.is_arithmetic(start + 3) => {
                self.arithmetic(word, start + 3, "))");
            }
            Some(b'[') => self.arithmetic(word, start + 2, "]"),
            Some(b'(') => {
                self.at += 2;
                let command = self.substitution();
                word.parts.push(Part::Command { command, quoted });
            }
            Some(b'{') if matches!(self.peek_at(2), Some(b' ' | b'\t' | b'\n' | b'|')) => {
                self.at += 3;
                let command = self.in_braces();
                word.parts.push(Part::Command { command, quoted });
            }
            Some(b'{') => {
                self.at += 2;
                let parameter = Rc::new(self.nested(|parser| parser.parameter(quoted)));
                word.parts.push(Part::Parameter { parameter, quoted });
            }
            Some(b'\'') if !quoted => {
                self.at += 1;
                self.ansi_quoted(word);
            }
            Some(b'"') if !quoted => {
                self.at += 1;
                self.double_quoted(word);
            }
            _ => {
                self.at += 1;
                let name = self.name(false);
                if name.is_empty() {
                    return word.push("$", true);
                }
                let parameter = Rc::new(Parameter { name, ..Parameter::default() });
                word.parts.push(Part::Parameter { parameter, quoted });
            }
        }
    }

    /// The script up to its closing parenthesis.
    fn substitution(&mut self) -> Rc<Substitution> {
        let start = self.at;
        let nodes = self.nested(Self::list);
        let text = self.text.get(start..self.at).unwrap_or_default().to_owned();
        if !self.take(")") {
            self.flawed(Flaw::Syntax);
        }
        Rc::new(Substitution { script: Script { nodes, flaw: None }, text })
    }

    /// `${ commands; }`
    fn in_braces(&mut self) -> Rc<Substitution> {
        let start = self.at;
        let nodes = self.nested(Self::list);
        let text = self.text.get(start..self.at).unwrap_or_default().to_owned();
        if !self.take("}") {
            self.flawed(Flaw::Syntax);
        }
        Rc::new(Substitution { script: Script { nodes, flaw: None }, text })
    }

    /// `<(…)` and `>(…)`.
    pub(super) fn process(&mut self, word: &mut Word, writes: bool) {
        self.at += 2;
        let command = self.substitution();
        word.parts.push(Part::Process { command, writes });
    }

    /// The text between backquotes is a line of its own once one level of
    /// backslashes is gone.
    pub(super) fn backquoted(&mut self, word: &mut Word, quoted: bool) {
        let start = self.at;
        self.at += 1;
        let mut line = String::new();
        loop {
            let rest = self.rest();
            let end = rest.find(['`', '\\']).unwrap_or(rest.len());
            line.push_str(rest.get(..end).unwrap_or_default());
            self.at += end;
            match (self.peek(), self.peek_at(1)) {
                (None, _) => {
                    self.flawed(Flaw::Syntax);
                    break;
                }
                (Some(b'`'), _) => {
                    self.at += 1;
                    break;
                }
                (_, Some(b'`' | b'\\' | b'$')) => {
                    self.at += 1;
                    line.push_str(self.rest().get(..1).unwrap_or_default());
                    self.at += 1;
                }
                _ => {
                    line.push('\\');
                    self.at += 1;
                }
            }
        }
        let nodes = self.apart(&line, start + 1, |inner| {
            let script = std::mem::replace(inner, Parser::new("", 0, 0)).script();
            inner.flaw = script.flaw;
            script.nodes
        });
        let command = Rc::new(Substitution { script: Script { nodes, flaw: None }, text: line });
        word.parts.push(Part::Command { command, quoted });
    }

    /// Whether what begins at `from` closes with two parentheses.
    fn is_arithmetic(&self, from: usize) -> bool {
        let mut open = 0_usize;
        let bytes = self.text.as_bytes();
        for (index, byte) in bytes.iter().enumerate().skip(from).take(4096) {
            match byte {
                b'(' => open += 1,
                b')' if open > 0 => open -= 1,
                b')' => return bytes.get(index + 1) == Some(&b')'),
                _ => {}
            }
        }
        false
    }

    /// Commands inside arithmetic run too; its value is left open.
    pub(super) fn arithmetic(&mut self, word: &mut Word, from: usize, end: &str) {
        let rest = self.text.get(from..).unwrap_or_default();
        let length = length_of_arithmetic(rest, end);
        let text = rest.get(..length).unwrap_or_default();
        let inner = self.apart(text, from, |inner| inner.parts(Until::End));
        self.at = (from + length + end.len()).min(self.text.len());
        word.parts.push(Part::Arithmetic(Rc::new(inner)));
    }

    /// What follows `${`, up to and with the closing brace.
    fn parameter(&mut self, quoted: bool) -> Parameter {
        let mut found = Parameter::default();
        if self.peek() == Some(b'!') && self.peek_at(1).is_some_and(begins_name) {
            self.at += 1;
            found.indirect = true;
        } else if self.peek() == Some(b'#') && self.peek_at(1).is_some_and(|c| c != b'}') {
            self.at += 1;
            found.length = true;
        }
        found.name = self.name(true);
        if self.peek() == Some(b'[') {
            let rest = self.rest();
            let end = rest.find(']').unwrap_or(rest.len());
            found.index = Some(rest.get(1..end).unwrap_or_default().to_owned());
            self.at += (end + 1).min(rest.len());
        }
        if let Some(operator) = OPERATORS.iter().find(|operator| self.starts(operator)) {
            found.operator = operator;
            self.at += operator.len();
        }
        found.argument = self.parts(Until::Brace { quoted });
        found
    }

    /// A variable's name, a position or a special parameter; positions have
    /// several digits only in braces.
    fn name(&mut self, braced: bool) -> String {
        let rest = self.rest().as_bytes();
        let length = match rest.first() {
            Some(first) if first.is_ascii_digit() && !braced => 1,
            Some(first) if first.is_ascii_digit() => {
                rest.iter().take_while(|byte| byte.is_ascii_digit()).count()
            }
            Some(first) if begins_name(*first) => rest.iter().take_while(|b| in_name(**b)).count(),
            Some(b'@' | b'*' | b'#' | b'?' | b'$' | b'!' | b'-') => 1,
            _ => 0,
        };
        let name = self.rest().get(..length).unwrap_or_default().to_owned();
        self.at += length;
        name
    }

    /// `$'…'` with C's escapes.
    fn ansi_quoted(&mut self, word: &mut Word) {
        self.at += 1;
        let rest = self.rest();
        let bytes = rest.as_bytes();
        let mut end = 0;
        while let Some(byte) = bytes.get(end).filter(|byte| **byte != b'\'') {
            end += if *byte == b'\\' { 2 } else { 1 };
        }
        if end >= bytes.len() {
            self.flawed(Flaw::Syntax);
        }
        let inside = rest.get(..end.min(rest.len())).unwrap_or_default();
        word.push(&crate::command::escapes::unescape(inside), true);
        self.at = (self.at + end + 1).min(self.text.len());
    }
}

fn length_of_arithmetic(text: &str, end: &str) -> usize {
    let (opening, closing) = if end == "]" { (b'[', b']') } else { (b'(', b')') };
    let mut open = 0_usize;
    for (index, byte) in text.bytes().enumerate().take(4096) {
        if byte == opening {
            open += 1;
        } else if byte == closing {
            if open == 0 {
                return index;
            }
            open -= 1;
        }
    }
    text.len().min(4096)
}

pub(super) fn begins_name(byte: u8) -> bool {
    byte.is_ascii_alphabetic() || byte == b'_'
}

pub(super) fn in_name(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}
