//! From words as typed to words as the command gets them.

use super::Resolver;
use super::brace;
use super::flow::Flow;
use crate::command::invocation::{Piece, Word};
use crate::command::parse::{self, Part, Substitution};
use crate::command::unwrap;

/// Characters that separate fields, as long as nothing sets `IFS`.
const BLANKS: &[char] = &[' ', '\t', '\n'];

/// Words that are being put together.
#[derive(Default)]
struct Fields {
    done: Vec<Word>,
    current: Option<Word>,
}

impl Fields {
    fn word(&mut self) -> &mut Word {
        self.current.get_or_insert_default()
    }

    fn end(&mut self) {
        self.done.extend(self.current.take());
    }

    /// Unquoted text as typed: patterns count, blanks do not.
    fn typed(&mut self, text: &str) {
        push_pattern(self.word(), text);
    }

    /// An unquoted value: split at `separators`, and patterns count.
    fn split(&mut self, value: &Word, separators: &[char]) {
        for piece in &value.pieces {
            let Piece::Text(text) = piece else {
                self.word().push(piece.clone());
                continue;
            };
            for (index, part) in text.split(|c| separators.contains(&c)).enumerate() {
                if index > 0 {
                    self.end();
                }
                if !part.is_empty() {
                    self.typed(part);
                }
            }
        }
    }
}

/// Adds text in which `*`, `?` and `[…]` are patterns.
fn push_pattern(word: &mut Word, text: &str) {
    let mut rest = text;
    while let Some(at) = rest.find(['*', '?', '[']) {
        let (before, from) = rest.split_at(at);
        let length = match from.as_bytes().first() {
            Some(b'[') => match from.find(']') {
                Some(end) => end + 1,
                None => break,
            },
            _ => from.find(|c| c != '*' && c != '?').unwrap_or(from.len()),
        };
        if !before.is_empty() {
            word.push_text(before);
        }
        word.push(Piece::Glob(from.get(..length).unwrap_or_default().to_owned()));
        rest = from.get(length..).unwrap_or_default();
    }
    if !rest.is_empty() || word.pieces.is_empty() {
        word.push_text(rest);
    }
}

impl Resolver<'_> {
    /// The words that a command gets.
    pub(super) fn words(&mut self, words: &[parse::Word]) -> Vec<Word> {
        let mut found = Vec::with_capacity(words.len());
        for word in words {
            if let Some(alternatives) = brace::expand(word) {
                for alternative in alternatives {
                    self.fields(&alternative, &mut found);
                }
            } else {
                self.fields(word, &mut found);
            }
        }
        found
    }

    /// The one word that an assignment or a redirection gets.
    pub(super) fn one(&mut self, word: &parse::Word) -> Word {
        let mut value = Word::default();
        for (index, part) in word.parts.iter().enumerate() {
            match part {
                Part::Text { text, quoted: false } if index == 0 => {
                    let rest = tilde(text, word.parts.len() > 1, &mut value);
                    value.push_text(rest);
                }
                Part::Text { text, .. } => value.push_text(text),
                Part::Parameter { parameter, .. } => {
                    for (index, part) in self.parameter(parameter).iter().enumerate() {
                        if index > 0 {
                            value.push_text(" ");
                        }
                        value.append(part);
                    }
                }
                Part::Command { command, .. } => {
                    let output = self.substitution(command);
                    value.append(&output);
                }
                Part::Process { command, writes } => {
                    let file = self.process(command, *writes);
                    value.append(&file);
                }
                Part::Arithmetic(inner) => {
                    let number = self.arithmetic(inner);
                    value.append(&number);
                }
            }
        }
        value
    }

    fn fields(&mut self, word: &parse::Word, found: &mut Vec<Word>) {
        if let Some(text) = word.bare()
            && !text.contains(['*', '?', '[', '~'])
        {
            return found.push(Word::text(text));
        }
        let mut fields = Fields::default();
        for (index, part) in word.parts.iter().enumerate() {
            match part {
                Part::Text { text, quoted: true } => fields.word().push_text(text),
                Part::Text { text, .. } if index == 0 => {
                    let rest = tilde(text, word.parts.len() > 1, fields.word());
                    fields.typed(rest);
                }
                Part::Text { text, .. } => fields.typed(text),
                Part::Parameter { parameter, quoted } => {
                    let values = self.parameter(parameter);
                    let each = *quoted && is_each(parameter);
                    self.values(&values, *quoted, each, &mut fields);
                }
                Part::Command { command, quoted } => {
                    let output = self.substitution(command);
                    self.values(&[output], *quoted, false, &mut fields);
                }
                Part::Process { command, writes } => {
                    let file = self.process(command, *writes);
                    fields.word().append(&file);
                }
                Part::Arithmetic(inner) => {
                    let number = self.arithmetic(inner);
                    fields.word().append(&number);
                }
            }
        }
        fields.end();
        found.append(&mut fields.done);
    }

    fn values(&self, values: &[Word], quoted: bool, each: bool, fields: &mut Fields) {
        let separators: Vec<char> = match self.shell.get("IFS").map(Word::literal) {
            Some(Some(set)) => set.chars().collect(),
            _ => BLANKS.to_vec(),
        };
        for (index, value) in values.iter().enumerate() {
            match (quoted, index) {
                (true, 0) | (false, 0) => {}
                (true, _) if !each => fields.word().push_text(" "),
                _ => fields.end(),
            }
            if quoted {
                fields.word().append(value);
            } else {
                fields.split(value, &separators);
            }
        }
        if quoted && values.is_empty() && !each {
            fields.word();
        }
    }

    /// Runs what is inside `$(…)`; its output, where that is known.
    pub(super) fn substitution(&mut self, command: &Substitution) -> Word {
        let output = self.apart(|resolver| resolver.script(&command.script, &Flow::Inherited));
        output.output(&command.text)
    }

    /// `<(…)` becomes a file that holds what the command writes.
    fn process(&mut self, command: &Substitution, writes: bool) -> Word {
        let name = format!("/dev/fd/{}", 63 - self.shell.files.len().min(50));
        let input = if writes { self.passing.clone() } else { Flow::Inherited };
        let mut output = self.apart(|resolver| resolver.script(&command.script, &input));
        if unwrap::is_trusted(&command.text) {
            output = Flow::nothing();
        }
        self.shell.files.insert(name.clone(), output);
        Word::text(name)
    }

    fn arithmetic(&mut self, inner: &parse::Word) -> Word {
        let text = self.one(inner);
        let number = text.literal().map(str::trim).and_then(|text| text.parse::<i64>().ok());
        match number {
            Some(number) => Word::text(number.to_string()),
            None => Word::of(Piece::Substitution(format!("({text})"))),
        }
    }
}

/// Whether `"$@"` or `"${name[@]}"` keeps its values apart.
fn is_each(parameter: &parse::Parameter) -> bool {
    parameter.name == "@" || parameter.index.as_deref() == Some("@")
}

/// Reads `~` at a word's beginning; what is left of its first text.
fn tilde<'t>(text: &'t str, goes_on: bool, word: &mut Word) -> &'t str {
    let Some(rest) = text.strip_prefix('~') else { return text };
    if (rest.is_empty() && !goes_on) || rest.starts_with('/') {
        word.push(Piece::Home);
        return rest;
    }
    if rest == "+" || rest.starts_with("+/") {
        word.push(Piece::Variable("PWD".to_owned()));
        return rest.get(1..).unwrap_or_default();
    }
    text
}
