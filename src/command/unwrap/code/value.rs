//! What an expression in code is worth, as far as it can be told.

use std::collections::HashMap;

use super::lexer::Token;
use crate::command::invocation::{Piece, Word};
use crate::command::resolve::base64;

/// Most expressions inside one another.
const MAX_NESTING: usize = 24;

/// An argument of a call.
#[derive(Debug, Clone, Default)]
pub(super) struct Argument {
    /// The name in `name=value` or `{name: value}`.
    pub(super) name: Option<String>,
    pub(super) words: Vec<Word>,
    /// The words stand in a list.
    pub(super) list: bool,
}

/// Reads expressions, with the variables that are set to something known.
#[derive(Debug, Default)]
pub(super) struct Values {
    pub(super) variables: HashMap<String, Vec<Word>>,
    depth: usize,
}

impl Values {
    /// The arguments from `at`, which is right behind the opening parenthesis
    /// (or the function's name, where there is none), and where they end.
    pub(super) fn arguments(
        &mut self,
        tokens: &[Token],
        at: usize,
        closed: bool,
    ) -> (Vec<Argument>, usize) {
        let mut found = Vec::new();
        let mut at = at;
        loop {
            match tokens.get(at) {
                None => return (found, at),
                Some(Token::Mark(')' | ']' | '}')) => return (found, at + 1),
                Some(Token::Mark('\n' | ';')) if !closed => return (found, at),
                Some(Token::Mark(_)) if !self.begins(tokens.get(at)) => at += 1,
                _ => {
                    let name = label(tokens, at);
                    let before = if name.is_some() { at + 2 } else { at };
                    let (words, list, end) = self.expression(tokens, before);
                    at = end.max(before + 1);
                    found.push(Argument { name, words, list });
                }
            }
        }
    }

    fn begins(&self, token: Option<&Token>) -> bool {
        matches!(token, Some(Token::Mark('[' | '{' | '(')))
    }

    /// An expression: its words, whether it is a list, and where it ends.
    pub(super) fn expression(&mut self, tokens: &[Token], at: usize) -> (Vec<Word>, bool, usize) {
        if self.depth >= MAX_NESTING {
            return (vec![open("…")], false, tokens.len());
        }
        self.depth += 1;
        let found = self.terms(tokens, at);
        self.depth -= 1;
        found
    }

    fn terms(&mut self, tokens: &[Token], at: usize) -> (Vec<Word>, bool, usize) {
        let (mut words, mut list, mut at) = self.term(tokens, at);
        loop {
            match tokens.get(at) {
                Some(Token::Mark('+' | '.')) => {
                    let (more, is_list, next) = self.term(tokens, at + 1);
                    at = next;
                    if list || is_list {
                        words.extend(more);
                        list = true;
                    } else if let (Some(word), Some(more)) = (words.last_mut(), more.first()) {
                        word.append(more);
                    }
                }
                Some(Token::Text(more)) if !list => {
                    if let Some(word) = words.last_mut() {
                        word.append(more);
                    }
                    at += 1;
                }
                Some(Token::Mark('%' | '*' | '/' | '|' | '?')) => {
                    let (_, _, next) = self.term(tokens, at + 1);
                    at = next;
                    if let Some(word) = words.last_mut() {
                        word.push(Piece::Variable("value".to_owned()));
                    }
                }
                Some(Token::Name(method)) if method.starts_with('.') => {
                    (words, list, at) = self.method(method, words, list, tokens, at + 1);
                }
                Some(Token::Mark('[')) => {
                    let reversed = matches!(
                        tokens.get(at + 1..at + 6),
                        Some([
                            Token::Mark(':'),
                            Token::Mark(':'),
                            Token::Mark('-'),
                            Token::Number(1),
                            Token::Mark(']')
                        ])
                    );
                    let (_, end) = self.arguments(tokens, at + 1, true);
                    at = end;
                    if reversed {
                        words = words.iter().map(reverse).collect();
                    }
                }
                _ => return (words, list, at),
            }
        }
    }

    fn term(&mut self, tokens: &[Token], at: usize) -> (Vec<Word>, bool, usize) {
        match tokens.get(at) {
            Some(Token::Text(word) | Token::Line(word)) => (vec![word.clone()], false, at + 1),
            Some(Token::Number(number)) => (vec![Word::text(number.to_string())], false, at + 1),
            Some(Token::Mark('[')) => {
                let (arguments, end) = self.arguments(tokens, at + 1, true);
                (arguments.into_iter().flat_map(|argument| argument.words).collect(), true, end)
            }
            Some(Token::Mark('(')) => {
                let (arguments, end) = self.arguments(tokens, at + 1, true);
                let list = arguments.len() > 1;
                (arguments.into_iter().flat_map(|argument| argument.words).collect(), list, end)
            }
            Some(Token::Mark('{')) => {
                let (arguments, end) = self.arguments(tokens, at + 1, true);
                let method = arguments.into_iter().filter(|argument| {
                    argument
                        .name
                        .as_deref()
                        .is_some_and(|name| name == "args" || name.eq_ignore_ascii_case("method"))
                });
                (method.flat_map(|argument| argument.words).collect(), true, end)
            }
            Some(Token::Name(name)) => self.named(name, tokens, at + 1),
            _ => (Vec::new(), false, at + 1),
        }
    }

    /// A variable, or what a function that only changes its argument makes.
    fn named(&mut self, name: &str, tokens: &[Token], at: usize) -> (Vec<Word>, bool, usize) {
        let last = name.rsplit('.').next().unwrap_or(name);
        if tokens.get(at) != Some(&Token::Mark('(')) {
            let upper = name.to_ascii_uppercase();
            if upper.ends_with("ENV.HOME") || name == "Dir.home" {
                return (vec![Word::of(Piece::Home)], false, at);
            }
            if matches!(name, "new" | "await" | "return" | "not" | "lambda") {
                return self.term(tokens, at);
            }
            let indexed = upper.contains("ENV")
                && matches!(tokens.get(at + 1), Some(Token::Text(word)) if word.literal() == Some("HOME"));
            if indexed {
                return (vec![Word::of(Piece::Home)], false, at + 3);
            }
            return match self.variables.get(name) {
                Some(words) => (words.clone(), words.len() > 1, at),
                None => (vec![open(name)], false, at),
            };
        }
        let (arguments, end) = self.arguments(tokens, at + 1, true);
        let words: Vec<Word> = arguments.into_iter().flat_map(|argument| argument.words).collect();
        (vec![changed(last, &words).unwrap_or_else(|| open(name))], false, end)
    }

    /// `.join(list)`, `.replace(a, b)`, and methods that change nothing here.
    fn method(
        &mut self,
        name: &str,
        words: Vec<Word>,
        list: bool,
        tokens: &[Token],
        at: usize,
    ) -> (Vec<Word>, bool, usize) {
        if tokens.get(at) != Some(&Token::Mark('(')) {
            let reversed = name == ".reverse";
            let words = if reversed { words.iter().map(reverse).collect() } else { words };
            return (words, list, at);
        }
        let (arguments, end) = self.arguments(tokens, at + 1, true);
        let given: Vec<Word> = arguments.into_iter().flat_map(|argument| argument.words).collect();
        let text = words.first().and_then(Word::literal).map(str::to_owned);
        let first = given.first().and_then(Word::literal);
        let done = match (name, text) {
            (".homedir" | ".home", _) => vec![Word::of(Piece::Home)],
            (".expanduser", _) => words.iter().map(home).collect(),
            (".join", _) if list => vec![joined(&words, first.unwrap_or(","))],
            (".join", Some(mark)) => vec![joined(&given, &mark)],
            (".replace" | ".gsub", Some(text)) => {
                let with = given.get(1).and_then(Word::literal).unwrap_or_default();
                vec![Word::text(text.replace(first.unwrap_or("\0"), with))]
            }
            (".reverse", _) if list => words.into_iter().rev().collect(),
            (".toLowerCase" | ".lower" | ".downcase", Some(text)) => {
                vec![Word::text(text.to_lowercase())]
            }
            (".concat", Some(text)) => vec![Word::text(format!("{text}{}", joined(&given, "")))],
            (".split", Some(text)) if first == Some("") => {
                let letters = text.chars().map(|letter| Word::text(letter.to_string()));
                return (letters.collect(), true, end);
            }
            _ => match changed(name.trim_start_matches('.'), &given) {
                Some(word) if name.contains("decode") || name == ".from" => vec![word],
                _ => words,
            },
        };
        let list = list && name != ".join";
        (done, list, end)
    }
}

/// What a function that only changes its argument makes of it.
fn changed(name: &str, words: &[Word]) -> Option<Word> {
    let first = words.first().cloned();
    match name {
        "b64decode" | "atob" | "decode64" | "strict_decode64" | "base64_decode"
        | "decode_base64" | "urlsafe_b64decode" | "b64_decode" => {
            first.and_then(|word| decoded(&word, "base64"))
        }
        "from" => match words.get(1).and_then(Word::literal) {
            Some(encoding @ ("base64" | "hex")) => first.and_then(|word| decoded(&word, encoding)),
            _ => first,
        },
        "fromhex" | "unhexlify" | "hex2bin" => first.and_then(|word| decoded(&word, "hex")),
        "chr" | "fromCharCode" | "char" => characters(words),
        "home" | "homedir" | "gethomedir" => Some(Word::of(Piece::Home)),
        "getcwd" | "cwd" | "pwd" => Some(Word::text(".")),
        "expanduser" => first.map(|word| home(&word)),
        "join" if words.len() > 1 => Some(path(words)),
        "glob" | "str" | "String" | "Path" | "bytes" | "resolve" | "abspath" | "realpath"
        | "PurePath" | "quote" | "split" | "decode" | "encode" | "compile" | "strrev"
        | "PosixPath" | "normalize" => {
            first.map(|word| if name == "strrev" { reverse(&word) } else { word })
        }
        "getenv" | "get" if words.first().and_then(Word::literal) == Some("HOME") => {
            Some(Word::of(Piece::Home))
        }
        _ => None,
    }
}

/// The name in `name = value` (not `==`) or `name: value`.
fn label(tokens: &[Token], at: usize) -> Option<String> {
    let name = match tokens.get(at)? {
        Token::Name(name) => name.clone(),
        Token::Text(word) => word.literal()?.to_owned(),
        _ => return None,
    };
    let assigns = match tokens.get(at + 1)? {
        Token::Mark('=') => !matches!(tokens.get(at + 2), Some(Token::Mark('=' | '>' | '~'))),
        Token::Mark(':') => true,
        _ => false,
    };
    assigns.then_some(name)
}

/// A value that only the running code knows.
fn open(name: &str) -> Word {
    Word::of(Piece::Variable(name.trim_start_matches('.').to_owned()))
}

fn reverse(word: &Word) -> Word {
    word.literal()
        .map_or_else(|| word.clone(), |text| Word::text(text.chars().rev().collect::<String>()))
}

fn joined(words: &[Word], mark: &str) -> Word {
    let mut out = Word::default();
    for (index, word) in words.iter().enumerate() {
        if index > 0 && !mark.is_empty() {
            out.push_text(mark);
        }
        out.append(word);
    }
    out
}

fn path(words: &[Word]) -> Word {
    joined(words, "/")
}

fn home(word: &Word) -> Word {
    match word.literal().and_then(|text| text.strip_prefix('~')) {
        Some(rest) => {
            let mut out = Word::of(Piece::Home);
            out.push_text(rest);
            out
        }
        None => word.clone(),
    }
}

fn characters(words: &[Word]) -> Option<Word> {
    let letter = |word: &Word| char::from_u32(word.literal()?.parse().ok()?);
    words.iter().map(letter).collect::<Option<String>>().map(Word::text)
}

fn decoded(word: &Word, encoding: &str) -> Option<Word> {
    let text = word.literal()?;
    let bytes = if encoding == "hex" {
        let pairs = text.as_bytes().chunks(2);
        pairs
            .map(|pair| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok())
            .collect::<Option<Vec<u8>>>()?
    } else {
        base64(text)?
    };
    String::from_utf8(bytes).ok().map(Word::text)
}
