//! `$name` and `${…}`: values as far as the line itself sets them.

use super::Resolver;
use crate::action::glob_match;
use crate::command::invocation::{Piece, Word};
use crate::command::parse::Parameter;

/// Variables that hold an absolute path wherever a shell runs.
const PATHS: &[&str] = &["HOME", "PWD", "OLDPWD", "SHELL", "PATH", "BASH"];

impl Resolver<'_> {
    /// The values of a parameter: one for a scalar, none where it is empty.
    pub(super) fn parameter(&mut self, parameter: &Parameter) -> Vec<Word> {
        if parameter.length {
            return self.length(parameter);
        }
        let mut values = self.raw(parameter);
        if parameter.indirect
            && let Some(name) = values.as_ref().and_then(|values| values.first()?.literal())
        {
            let name = name.to_owned();
            values = self.named(&name, None);
        }
        let operator = parameter.operator;
        match operator.trim_start_matches(':') {
            "" if operator == ":" => self.substring(parameter, values),
            "" => values.unwrap_or_else(|| unset(&parameter.name)),
            "-" | "=" => self.default(parameter, values),
            "+" => match values {
                Some(values) if values.iter().all(Word::is_empty) => Vec::new(),
                _ => vec![self.one(&parameter.argument)],
            },
            "?" => values.unwrap_or_else(|| unset(&parameter.name)),
            _ => {
                let argument = self.one(&parameter.argument);
                let values = values.unwrap_or_else(|| unset(&parameter.name));
                values.iter().map(|value| transformed(operator, value, &argument)).collect()
            }
        }
    }

    /// What is assigned; nothing where the line does not tell.
    fn raw(&mut self, parameter: &Parameter) -> Option<Vec<Word>> {
        let index = parameter.index.as_deref();
        self.named(&parameter.name, index)
    }

    fn named(&mut self, name: &str, index: Option<&str>) -> Option<Vec<Word>> {
        if name == "@" || name == "*" {
            return Some(self.shell.positional.clone());
        }
        if let Ok(number) = name.parse::<usize>() {
            return match number.checked_sub(1) {
                Some(at) => Some(self.shell.positional.get(at).cloned().into_iter().collect()),
                None => {
                    Some(vec![self.shell.get("0").cloned().unwrap_or_else(|| Word::text("bash"))])
                }
            };
        }
        if let Some(values) = self.shell.variables.get(name) {
            let size: usize = values.iter().flat_map(|value| &value.pieces).map(size).sum();
            if !self.scope.limits.expand(size) {
                self.seen.hidden_once("more text in variables than can be looked at");
                return None;
            }
            return Some(match index {
                Some("@" | "*") => values.clone(),
                Some(at) => {
                    let at = at.trim().parse::<usize>().unwrap_or(0);
                    values.get(at).cloned().into_iter().collect()
                }
                None => values.first().cloned().into_iter().collect(),
            });
        }
        let word = match name {
            "HOME" => Word::of(Piece::Home),
            "IFS" => Word::text(" \t\n"),
            "PWD" => self.shell.directory.clone()?,
            "SHELL" | "BASH" => Word::text("/bin/sh"),
            "#" => Word::text(self.shell.positional.len().to_string()),
            "?" => Word::text("0"),
            _ => return None,
        };
        Some(vec![word])
    }

    /// `${name:-word}` and `${name:=word}`. What the line does not set is
    /// taken for empty, unless the word is.
    fn default(&mut self, parameter: &Parameter, values: Option<Vec<Word>>) -> Vec<Word> {
        if let Some(values) = values.filter(|values| !values.iter().all(Word::is_empty)) {
            return values;
        }
        let word = self.one(&parameter.argument);
        if parameter.operator.ends_with('=') {
            self.shell.set(&parameter.name, word.clone());
        }
        if word.is_empty() { unset(&parameter.name) } else { vec![word] }
    }

    fn length(&mut self, parameter: &Parameter) -> Vec<Word> {
        let values = self.raw(parameter).unwrap_or_default();
        let many = matches!(parameter.index.as_deref(), Some("@" | "*")) || parameter.name == "@";
        let length = match values.first().and_then(Word::literal) {
            _ if many => values.len(),
            Some(text) => text.chars().count(),
            None => return unset(&parameter.name),
        };
        vec![Word::text(length.to_string())]
    }

    /// `${name:offset:length}`
    fn substring(&mut self, parameter: &Parameter, values: Option<Vec<Word>>) -> Vec<Word> {
        let argument = self.one(&parameter.argument);
        let (offset, length) = numbers(argument.literal().unwrap_or_default());
        if parameter.name == "@" || matches!(parameter.index.as_deref(), Some("@" | "*")) {
            let skip = usize::try_from(offset - i64::from(parameter.name == "@")).unwrap_or(0);
            let take = length.and_then(|length| usize::try_from(length).ok());
            let values = values.unwrap_or_default().into_iter().skip(skip);
            return values.take(take.unwrap_or(usize::MAX)).collect();
        }
        let first = values.and_then(|values| values.into_iter().next());
        match first.as_ref().and_then(Word::literal) {
            Some(text) => vec![Word::text(part_of(text, offset, length))],
            None if PATHS.contains(&parameter.name.as_str())
                && offset == 0
                && length == Some(1) =>
            {
                vec![Word::text("/")]
            }
            None => first.map_or_else(|| unset(&parameter.name), |word| vec![word]),
        }
    }
}

/// How much text a part of a value is, in bytes.
fn size(piece: &Piece) -> usize {
    match piece {
        Piece::Text(text) | Piece::Glob(text) | Piece::Substitution(text) => text.len(),
        Piece::Home | Piece::Variable(_) => 1,
    }
}

/// A variable that the line does not set.
fn unset(name: &str) -> Vec<Word> {
    vec![Word::of(Piece::Variable(name.to_owned()))]
}

fn numbers(text: &str) -> (i64, Option<i64>) {
    let (offset, length) = text.split_once(':').map_or((text, None), |(a, b)| (a, Some(b)));
    let number = |text: &str| text.trim().trim_matches(['(', ')']).parse::<i64>().unwrap_or(0);
    (number(offset), length.map(number))
}

fn part_of(text: &str, offset: i64, length: Option<i64>) -> String {
    let count = i64::try_from(text.chars().count()).unwrap_or(i64::MAX);
    let start = if offset < 0 { (count + offset).max(0) } else { offset.min(count) };
    let end = match length {
        None => count,
        Some(length) if length < 0 => count + length,
        Some(length) => start.saturating_add(length).min(count),
    };
    let (start, take) = (usize::try_from(start), usize::try_from(end - start));
    text.chars().skip(start.unwrap_or(0)).take(take.unwrap_or(0)).collect()
}

/// Pattern removal, replacement and change of case; what is not known
/// altogether stays as it is.
fn transformed(operator: &str, value: &Word, argument: &Word) -> Word {
    let (Some(text), Some(pattern)) = (value.literal(), argument.literal()) else {
        return value.clone();
    };
    let done = match operator {
        "#" => cut(text, pattern, true, false),
        "##" => cut(text, pattern, true, true),
        "%" => cut(text, pattern, false, false),
        "%%" => cut(text, pattern, false, true),
        "/" | "//" | "/#" | "/%" => replaced(operator, text, pattern),
        "^^" => text.to_uppercase(),
        ",," => text.to_lowercase(),
        "^" => first_in(text, str::to_uppercase),
        "," => first_in(text, str::to_lowercase),
        "@" => match pattern {
            "U" => text.to_uppercase(),
            "L" => text.to_lowercase(),
            "u" => first_in(text, str::to_uppercase),
            "E" => crate::command::escapes::unescape(text),
            _ => text.to_owned(),
        },
        _ => text.to_owned(),
    };
    Word::text(done)
}

fn first_in(text: &str, change: impl Fn(&str) -> String) -> String {
    let length = text.chars().next().map_or(0, char::len_utf8);
    let (first, rest) = text.split_at(length);
    format!("{}{rest}", change(first))
}

/// Longest value that patterns are tried on, in bytes.
const MAX_PATTERN_TEXT: usize = 512;

/// Removes what matches at one end.
fn cut(text: &str, pattern: &str, front: bool, longest: bool) -> String {
    if text.len() > MAX_PATTERN_TEXT {
        return text.to_owned();
    }
    let mut places: Vec<usize> = text.char_indices().map(|(at, _)| at).collect();
    places.push(text.len());
    if front == longest {
        places.reverse();
    }
    let kept = places.into_iter().find_map(|at| {
        let (head, tail) = text.split_at(at);
        let (gone, kept) = if front { (head, tail) } else { (tail, head) };
        glob_match(pattern, gone).then(|| kept.to_owned())
    });
    kept.unwrap_or_else(|| text.to_owned())
}

/// `${name/pattern/with}`
fn replaced(operator: &str, text: &str, argument: &str) -> String {
    let (pattern, with) = argument.split_once('/').unwrap_or((argument, ""));
    if pattern.is_empty() || text.len() > MAX_PATTERN_TEXT {
        return text.to_owned();
    }
    let mut out = String::new();
    let mut rest = text;
    while !rest.is_empty() {
        let ends = rest.char_indices().map(|(at, c)| at + c.len_utf8()).rev();
        let fits = ends.into_iter().find(|end| {
            let whole = operator != "/%" || *end == rest.len();
            whole && rest.get(..*end).is_some_and(|part| glob_match(pattern, part))
        });
        match fits {
            Some(end) => {
                out.push_str(with);
                rest = rest.get(end..).unwrap_or_default();
                if operator != "//" {
                    break;
                }
            }
            None if operator == "/#" => break,
            None => {
                let length = rest.chars().next().map_or(0, char::len_utf8);
                let (first, after) = rest.split_at(length);
                out.push_str(first);
                rest = after;
            }
        }
    }
    out + rest
}
