//! Code of several languages as names, texts and marks: enough to find calls
//! and what is handed to them.

use super::Language;
use crate::command::escapes::unescape;
use crate::command::invocation::{Piece, Word};

/// Longest code that is looked at, in bytes.
const MAX_CODE: usize = 256 * 1024;

/// A part of the code.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Token {
    /// `os.path.join`; with a dot in front where it follows a value.
    Name(String),
    Text(Word),
    /// Text that is a line of shell: backquotes in Perl, Ruby and PHP.
    Line(Word),
    Number(i64),
    Mark(char),
}

/// Takes code apart.
pub(super) fn tokens(code: &str, language: Language) -> Vec<Token> {
    let mut end = code.len().min(MAX_CODE);
    while !code.is_char_boundary(end) {
        end -= 1;
    }
    let mut lexer =
        Lexer { rest: code.get(..end).unwrap_or_default(), language, found: Vec::new() };
    lexer.run();
    lexer.found
}

struct Lexer<'c> {
    rest: &'c str,
    language: Language,
    found: Vec<Token>,
}

impl<'c> Lexer<'c> {
    fn run(&mut self) {
        while let Some(next) = self.rest.chars().next() {
            if self.comment() {
                continue;
            }
            match next {
                '\n' => self.mark('\n'),
                _ if next.is_whitespace() => self.skip(next.len_utf8()),
                '"' | '\'' => self.quoted(next, false, false),
                '$' if self.language.is_javascript() && self.rest.starts_with("$`") => {
                    self.skip(1);
                    self.delimited(true, true);
                }
                '`' => self.quoted('`', false, false),
                '0'..='9' => self.number(),
                '$' | '@' if !self.language.is_javascript() && begins_name(self.rest.get(1..)) => {
                    self.skip(1);
                    self.name();
                }
                '%' if self.rest.starts_with("%x") && self.language == Language::Ruby => {
                    self.skip(2);
                    self.delimited(true, true);
                }
                '%' if self.language == Language::Ruby
                    && ["%w", "%W", "%i"].iter().any(|list| self.rest.starts_with(list)) =>
                {
                    self.skip(2);
                    self.list();
                }
                _ if next.is_alphabetic() || next == '_' => self.name(),
                '.' if begins_name(self.rest.get(1..)) => self.name(),
                _ => self.mark(next),
            }
        }
    }

    fn skip(&mut self, length: usize) {
        self.rest = self.rest.get(length..).unwrap_or_default();
    }

    fn mark(&mut self, mark: char) {
        self.found.push(Token::Mark(mark));
        self.skip(mark.len_utf8());
    }

    fn comment(&mut self) -> bool {
        let slashes = self.language.is_javascript() || self.language == Language::Php;
        let begins = match self.language {
            Language::Lua | Language::AppleScript => self.rest.starts_with("--"),
            _ if slashes && self.rest.starts_with("//") => true,
            _ => !self.language.is_javascript() && self.rest.starts_with('#'),
        };
        if begins {
            let end = self.rest.find('\n').unwrap_or(self.rest.len());
            self.skip(end);
        } else if slashes && self.rest.starts_with("/*") {
            let end = self.rest.find("*/").map_or(self.rest.len(), |end| end + 2);
            self.skip(end);
            return true;
        }
        begins
    }

    fn number(&mut self) {
        let length =
            self.rest.find(|c: char| !c.is_ascii_alphanumeric()).unwrap_or(self.rest.len());
        let text = self.rest.get(..length).unwrap_or_default();
        let number = match text.get(..2) {
            Some("0x") => i64::from_str_radix(text.get(2..).unwrap_or_default(), 16).ok(),
            Some("0o") => i64::from_str_radix(text.get(2..).unwrap_or_default(), 8).ok(),
            _ => text.parse().ok(),
        };
        self.found.push(Token::Number(number.unwrap_or(0)));
        self.skip(length);
    }

    /// A name with everything that dots, `::` and `->` join to it; a string's
    /// prefix, or an operator that quotes.
    fn name(&mut self) {
        let mut name = String::new();
        loop {
            let dot = usize::from(self.rest.starts_with('.'));
            let tail = self.rest.get(dot..).unwrap_or_default();
            let length =
                tail.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(tail.len());
            name.push_str(self.rest.get(..dot + length).unwrap_or_default());
            self.skip(dot + length);
            let joins = ["::", "->", "?."].into_iter().find(|join| self.rest.starts_with(join));
            if let Some(join) = joins.filter(|join| begins_name(self.rest.get(join.len()..))) {
                name.push('.');
                self.skip(join.len());
            } else if !(self.rest.starts_with('.') && begins_name(self.rest.get(1..))) {
                break;
            }
        }
        if self.language == Language::Ruby && self.rest.starts_with("!(") {
            self.skip(1);
        }
        let next = self.rest.chars().next();
        let is_prefix = name.len() <= 2 && name.bytes().all(|b| b"rbfuRBFU".contains(&b));
        match (self.language, next) {
            (Language::Python, Some(quote @ ('"' | '\''))) if is_prefix => {
                let lower = name.to_ascii_lowercase();
                self.quoted(quote, lower.contains('r'), lower.contains('f'));
            }
            (Language::Perl, Some(open))
                if matches!(name.as_str(), "q" | "qq" | "qx" | "qw")
                    && !open.is_alphanumeric()
                    && !",;=".contains(open) =>
            {
                match name.as_str() {
                    "qw" => self.list(),
                    _ => self.delimited(name == "qx", name != "q"),
                }
            }
            _ => self.found.push(Token::Name(name)),
        }
    }

    /// Text between quotes; `raw` without escapes, `formatted` with values in
    /// braces.
    fn quoted(&mut self, quote: char, raw: bool, formatted: bool) {
        let triple: String = std::iter::repeat_n(quote, 3).collect();
        let is_triple = self.language == Language::Python && self.rest.starts_with(&triple);
        let marks = if is_triple { 3 } else { 1 };
        self.skip(marks);
        let closing = if is_triple { triple } else { quote.to_string() };
        let length = length_until(self.rest, &closing);
        let inside = self.rest.get(..length).unwrap_or_default();
        let expands = formatted
            || match self.language {
                Language::JavaScript => quote == '`',
                Language::Python | Language::Awk | Language::Lua | Language::AppleScript => false,
                Language::Ruby | Language::Perl | Language::Php => quote != '\'',
            };
        let plain = raw
            || (quote == '\''
                && matches!(self.language, Language::Perl | Language::Ruby | Language::Php));
        let word = interpolated(inside, self.language, expands, plain);
        let is_line = quote == '`' && !self.language.is_javascript();
        self.found.push(if is_line { Token::Line(word) } else { Token::Text(word) });
        self.skip((length + marks).min(self.rest.len()));
    }

    /// `qx{…}`, `%x(…)`: text between any two marks.
    fn delimited(&mut self, line: bool, expands: bool) {
        let inside = self.between();
        let word = interpolated(inside, self.language, expands, false);
        self.found.push(if line { Token::Line(word) } else { Token::Text(word) });
    }

    /// `qw(a b)`, `%w[a b]`: a list of words.
    fn list(&mut self) {
        let inside = self.between();
        self.found.push(Token::Mark('['));
        for word in inside.split_whitespace() {
            self.found.extend([Token::Text(Word::text(word)), Token::Mark(',')]);
        }
        self.found.push(Token::Mark(']'));
    }

    /// What stands between two marks, of which the first is next.
    fn between(&mut self) -> &'c str {
        let Some(open) = self.rest.chars().next() else { return "" };
        let close = match open {
            '{' => '}',
            '(' => ')',
            '[' => ']',
            '<' => '>',
            other => other,
        };
        self.skip(open.len_utf8());
        let length = length_until(self.rest, &close.to_string());
        let inside = self.rest.get(..length).unwrap_or_default();
        self.skip((length + close.len_utf8()).min(self.rest.len()));
        inside
    }
}

fn begins_name(rest: Option<&str>) -> bool {
    rest.is_some_and(|rest| rest.starts_with(|c: char| c.is_alphabetic() || c == '_'))
}

/// How far the closing quote is, escapes passed over.
fn length_until(text: &str, closing: &str) -> usize {
    let bytes = text.as_bytes();
    let mut at = 0;
    while at < bytes.len() {
        if bytes.get(at..).is_some_and(|rest| rest.starts_with(closing.as_bytes())) {
            return at;
        }
        at += if bytes.get(at) == Some(&b'\\') { 2 } else { 1 };
    }
    text.len()
}

/// A text with the values in it left open.
fn interpolated(text: &str, language: Language, expands: bool, plain: bool) -> Word {
    let resolve = |text: &str| if plain { text.to_owned() } else { unescape(text) };
    if !expands {
        return Word::text(resolve(text));
    }
    let opening = match language {
        Language::Python => "{",
        Language::Ruby => "#{",
        Language::JavaScript => "${",
        _ => "$",
    };
    let mut word = Word::default();
    let mut rest = text;
    while let Some(at) = rest.find(opening) {
        word.push_text(&resolve(rest.get(..at).unwrap_or_default()));
        rest = rest.get(at + opening.len()..).unwrap_or_default();
        let braces = opening.ends_with('{');
        let named = rest.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(rest.len());
        let length = if braces { rest.find('}').unwrap_or(rest.len()) } else { named };
        if length == 0 {
            word.push_text(opening);
            continue;
        }
        let name = rest.get(..length).unwrap_or_default();
        if name.contains("HOME") || name.contains("homedir") || name.starts_with("Dir.home") {
            word.push(Piece::Home);
        } else {
            word.push(Piece::Variable(name.to_owned()));
        }
        rest = rest.get(length + usize::from(braces)..).unwrap_or_default();
    }
    word.push_text(&resolve(rest));
    word
}
