//! Reads nodes into values and collects every mistake on the way.
//!
//! Conversions are those that Agent-Safe's models make: an integer may be
//! written as text or as a float without a fraction, a boolean as one of
//! YAML's words; text is text only.

use std::collections::HashSet;
use std::fmt;

use super::{Content, Node, SourceFile};
use crate::action::nearest;

/// One mistake in a file.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Problem {
    /// The file.
    pub file: String,
    /// Line, from 1; 0 where it is not known.
    pub line: usize,
    /// What is wrong.
    pub message: String,
    /// The nearest valid name, where a name is wrong.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub suggestion: Option<String>,
}

impl Problem {
    /// A mistake without a suggestion.
    #[must_use]
    pub fn new(file: &str, line: usize, message: impl Into<String>) -> Self {
        Self { file: file.to_owned(), line, message: message.into(), suggestion: None }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}`", self.file)?;
        if self.line > 0 {
            write!(f, ", line {}", self.line)?;
        }
        write!(f, ": {}", self.message)?;
        match &self.suggestion {
            Some(name) => write!(f, "; did you mean `{name}`?"),
            None => Ok(()),
        }
    }
}

/// The entries of a mapping whose keys are all known.
#[derive(Debug, Clone, Copy)]
pub struct Fields<'n> {
    /// Line of the mapping.
    pub line: usize,
    entries: &'n [(Node, Node)],
}

impl<'n> Fields<'n> {
    /// The value of a key.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&'n Node> {
        self.entries.iter().find(|(name, _)| name.text() == Some(key)).map(|(_, value)| value)
    }
}

/// Reads the nodes of one file.
#[derive(Debug)]
pub struct Reader<'a> {
    file: &'a str,
    /// What was found wrong so far.
    pub problems: Vec<Problem>,
}

impl<'a> Reader<'a> {
    /// A reader of `file`.
    #[must_use]
    pub fn new(file: &'a str) -> Self {
        Self { file, problems: Vec::new() }
    }

    /// The file that is read.
    #[must_use]
    pub fn file(&self) -> &str {
        self.file
    }

    /// Notes a mistake.
    pub fn problem(&mut self, line: usize, message: impl Into<String>) {
        self.problems.push(Problem::new(self.file, line, message));
    }

    /// Notes a name that is not one of `known`.
    pub fn unknown<'k>(
        &mut self,
        line: usize,
        what: &str,
        name: &str,
        known: impl IntoIterator<Item = &'k str>,
    ) {
        let known: Vec<&str> = known.into_iter().collect();
        let suggestion = nearest(name, known.iter().copied());
        let mut message = format!("unknown {what} `{name}`");
        if suggestion.is_none() && known.len() <= 24 {
            let names: Vec<String> = known.iter().map(|name| format!("`{name}`")).collect();
            message.push_str(&format!("; known are {}", names.join(", ")));
        }
        let mut problem = Problem::new(self.file, line, message);
        problem.suggestion = suggestion.map(str::to_owned);
        self.problems.push(problem);
    }

    /// The entries of a mapping; keys that are not `known`, and keys that stand
    /// twice, are mistakes. What begins with `x-` is its author's own, such as
    /// a place for anchors.
    pub fn fields<'n>(&mut self, node: &'n Node, what: &str, known: &[&str]) -> Option<Fields<'n>> {
        let Some(entries) = node.entries() else {
            self.problem(node.line, format!("{what} is a mapping, not {}", node.kind()));
            return None;
        };
        let mut seen = HashSet::new();
        for (key, _) in entries {
            match key.text() {
                Some(name) if name.starts_with("x-") => {}
                Some(name) if !known.contains(&name) => {
                    let what = format!("key of {what}");
                    self.unknown(key.line, &what, name, known.iter().copied());
                }
                Some(name) if !seen.insert(name) => {
                    self.problem(key.line, format!("`{name}` stands twice"));
                }
                Some(_) => {}
                None => self.problem(key.line, format!("a key of {what} is {}", key.kind())),
            }
        }
        Some(Fields { line: node.line, entries })
    }

    /// A key that must be there.
    pub fn required<T>(
        &mut self,
        fields: &Fields<'_>,
        key: &str,
        read: impl FnOnce(&mut Self, &Node) -> Option<T>,
    ) -> Option<T> {
        match fields.get(key) {
            Some(node) => read(self, node),
            None => {
                self.problem(fields.line, format!("`{key}` is missing"));
                None
            }
        }
    }

    /// A key that may be left out or null.
    pub fn optional<T>(
        &mut self,
        fields: &Fields<'_>,
        key: &str,
        read: impl FnOnce(&mut Self, &Node) -> Option<T>,
    ) -> Option<T> {
        fields
            .get(key)
            .filter(|node| node.content != Content::Null)
            .and_then(|node| read(self, node))
    }

    /// A key that may be left out, but not null.
    pub fn or_default<T: Default>(
        &mut self,
        fields: &Fields<'_>,
        key: &str,
        read: impl FnOnce(&mut Self, &Node) -> Option<T>,
    ) -> T {
        fields.get(key).and_then(|node| read(self, node)).unwrap_or_default()
    }

    fn expected<T>(&mut self, node: &Node, what: &str) -> Option<T> {
        self.problem(node.line, format!("expected {what}, found {}", node.kind()));
        None
    }

    /// Text.
    pub fn text(&mut self, node: &Node) -> Option<String> {
        match node.text() {
            Some(text) => Some(text.to_owned()),
            None => self.expected(node, "text"),
        }
    }

    /// A boolean.
    pub fn boolean(&mut self, node: &Node) -> Option<bool> {
        let word = |text: &str| match text.to_ascii_lowercase().as_str() {
            "1" | "true" | "t" | "yes" | "y" | "on" => Some(true),
            "0" | "false" | "f" | "no" | "n" | "off" => Some(false),
            _ => None,
        };
        let found = match &node.content {
            Content::Bool(value) => Some(*value),
            Content::Integer(value) => word(&value.to_string()),
            Content::Float(value) => word(&value.to_string()),
            Content::Text(text) => word(text),
            _ => None,
        };
        found.or_else(|| self.expected(node, "`true` or `false`"))
    }

    /// An integer.
    pub fn integer(&mut self, node: &Node) -> Option<i64> {
        let found = match &node.content {
            Content::Integer(value) => Some(*value),
            Content::Float(value) if value.fract() == 0.0 => format!("{value:.0}").parse().ok(),
            Content::Text(text) => whole(text.trim()),
            Content::Bool(value) => Some(i64::from(*value)),
            _ => None,
        };
        found.or_else(|| self.expected(node, "an integer"))
    }

    /// A finite number.
    pub fn number(&mut self, node: &Node) -> Option<f64> {
        let found = number(node).filter(|value| value.is_finite());
        found.or_else(|| self.expected(node, "a number"))
    }

    /// A number, or an infinity: a bound that bounds nothing.
    pub fn bound(&mut self, node: &Node) -> Option<f64> {
        let found = number(node).filter(|value| !value.is_nan());
        found.or_else(|| self.expected(node, "a number"))
    }

    /// A list, each item read by `read`.
    pub fn list<T>(
        &mut self,
        node: &Node,
        mut read: impl FnMut(&mut Self, &Node) -> Option<T>,
    ) -> Option<Vec<T>> {
        match &node.content {
            Content::List(items) => {
                Some(items.iter().filter_map(|item| read(self, item)).collect())
            }
            _ => self.expected(node, "a list"),
        }
    }

    /// A list of texts.
    pub fn texts(&mut self, node: &Node) -> Option<Vec<String>> {
        self.list(node, Self::text)
    }

    /// A mapping whose values are read by `read`.
    pub fn map<T>(
        &mut self,
        node: &Node,
        mut read: impl FnMut(&mut Self, &Node) -> Option<T>,
    ) -> Option<Vec<(String, T)>> {
        let Some(entries) = node.entries() else { return self.expected(node, "a mapping") };
        let pairs = entries.iter().filter_map(|(key, value)| {
            let key = self.text(key)?;
            Some((key, read(self, value)?))
        });
        Some(pairs.collect())
    }

    /// One of a few names.
    pub fn choice<T: Copy>(&mut self, node: &Node, what: &str, choices: &[(&str, T)]) -> Option<T> {
        let name = self.text(node)?;
        let found = choices.iter().find(|(known, _)| *known == name).map(|(_, value)| *value);
        if found.is_none() {
            self.unknown(node.line, what, &name, choices.iter().map(|(known, _)| *known));
        }
        found
    }
}

/// Reads file after file.
///
/// # Errors
/// Every mistake in all of them.
pub fn each_file(
    files: &[SourceFile],
    mut read: impl FnMut(&mut Reader<'_>, &Node),
) -> Result<(), Vec<Problem>> {
    let mut problems = Vec::new();
    for file in files {
        match file.parse() {
            Ok(root) => {
                let mut reader = Reader::new(&file.name);
                read(&mut reader, &root);
                problems.append(&mut reader.problems);
            }
            Err(problem) => problems.push(problem),
        }
    }
    if problems.is_empty() { Ok(()) } else { Err(problems) }
}

fn number(node: &Node) -> Option<f64> {
    match &node.content {
        Content::Integer(value) => value.to_string().parse().ok(),
        Content::Float(value) => Some(*value),
        Content::Text(text) => text.trim().parse().ok(),
        Content::Bool(value) => Some(f64::from(u8::from(*value))),
        _ => None,
    }
}

/// An integer as text: `1_000`, `+5`, `10.0`.
fn whole(text: &str) -> Option<i64> {
    let digits = text.split_once('.').map_or(Some(text), |(digits, zeros)| {
        zeros.bytes().all(|byte| byte == b'0').then_some(digits)
    })?;
    digits.replace('_', "").parse().ok()
}
