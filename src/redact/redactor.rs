//! Redaction of more than the rules know: values of named variables, patterns
//! of one's own.

use std::borrow::Cow;
use std::fmt::Write as _;
use std::io::{self, Read, Write};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use regex::bytes::{Captures, Regex, RegexBuilder};
use thiserror::Error;

use super::{redact_bytes, stream};

/// Largest compiled pattern, in bytes.
const PATTERN_SIZE: usize = 1 << 20;
/// A value shorter than this is looked for only where its variable is assigned.
const SHORTEST_VALUE: usize = 4;

/// A pattern that can't be used.
#[derive(Debug, Error)]
#[error("the pattern of `{name}` can't be used: {reason}")]
pub struct BadPattern {
    /// Its name.
    pub name: String,
    /// Why.
    pub reason: String,
}

/// The rules, and what was added to them.
#[derive(Debug, Default)]
pub struct Redactor {
    added: Vec<Added>,
}

#[derive(Debug)]
struct Added {
    pattern: Regex,
    name: String,
    /// The variable in front of the value, as it is to be written.
    variable: Option<String>,
}

impl Redactor {
    /// Also hides what `pattern` matches, as `[REDACTED:NAME]`.
    ///
    /// # Errors
    /// [`BadPattern`] for one that is invalid, too large, or matches nothing
    /// at all.
    pub fn pattern(mut self, name: &str, pattern: &str) -> Result<Self, BadPattern> {
        let bad = |reason: String| BadPattern { name: name.to_owned(), reason };
        let built = compile(pattern).map_err(|error| bad(error.to_string()))?;
        if built.is_match(b"") {
            return Err(bad("it matches an empty text".to_owned()));
        }
        self.added.push(Added { pattern: built, name: name.to_owned(), variable: None });
        Ok(self)
    }

    /// Also hides the value of an environment variable: wherever something
    /// assigns it, in any case (`NAME=…`, `NAME: …`), and `value`, its value
    /// here, wherever it stands, also as JSON, URL or base64 has it.
    ///
    /// # Errors
    /// [`BadPattern`] for an empty name.
    pub fn variable(mut self, name: &str, value: Option<&str>) -> Result<Self, BadPattern> {
        let bad = |reason: &str| BadPattern { name: name.to_owned(), reason: reason.to_owned() };
        if name.is_empty() {
            return Err(bad("a variable has a name"));
        }
        let assigned = format!(
            r#"(?i)(?P<name>{})(?P<sign>["']?\s*[=:]\s*)("(?:[^"\\\n]|\\.)*"|'[^'\n]*'|[^\s"']+)"#,
            regex::escape(name)
        );
        let pattern = compile(&assigned).map_err(|_| bad("it is too long"))?;
        let variable = Some(name.to_owned());
        self.added.push(Added { pattern, name: "ENV_VAR".to_owned(), variable });
        for form in value.filter(|value| value.len() >= SHORTEST_VALUE).into_iter().flat_map(forms)
        {
            let pattern =
                compile(&regex::escape(&form)).map_err(|_| bad("its value is too long"))?;
            self.added.push(Added { pattern, name: "ENV_VAR".to_owned(), variable: None });
        }
        Ok(self)
    }

    /// The text without its secrets.
    #[must_use]
    pub fn redact<'a>(&self, text: &'a [u8]) -> Cow<'a, [u8]> {
        let mut text = Cow::Borrowed(text);
        for added in &self.added {
            if let Cow::Owned(changed) = added.hide(&text) {
                text = Cow::Owned(changed);
            }
        }
        match text {
            Cow::Borrowed(text) => redact_bytes(text),
            Cow::Owned(text) => Cow::Owned(redact_bytes(&text).into_owned()),
        }
    }

    /// Copies `from` to `to` without its secrets, also those that straddle two
    /// reads, in constant memory.
    ///
    /// # Errors
    /// What reading or writing fails with.
    pub fn redact_stream(&self, from: impl Read, to: impl Write) -> io::Result<()> {
        stream::copy(self, from, to)
    }

    /// The end of what was added and stands across `cut`, or `cut`.
    pub(super) fn end_across(&self, text: &[u8], cut: usize) -> usize {
        let across = self.added.iter().flat_map(|added| added.pattern.find_iter(text));
        let ends = across.filter(|found| found.start() < cut && cut < found.end());
        ends.map(|found| found.end()).max().unwrap_or(cut)
    }
}

impl Added {
    fn hide<'a>(&self, text: &'a [u8]) -> Cow<'a, [u8]> {
        let mark = format!("[REDACTED:{}]", self.name);
        self.pattern.replace_all(text, |found: &Captures<'_>| match &self.variable {
            Some(variable) => [assignment(variable, found).as_slice(), mark.as_bytes()].concat(),
            None => mark.clone().into_bytes(),
        })
    }
}

/// `NAME=`, or the name and sign as they stand where the sign is another.
fn assignment(variable: &str, found: &Captures<'_>) -> Vec<u8> {
    let group = |name| found.name(name).map_or(&b""[..], |group| group.as_bytes());
    let sign = group("sign");
    if sign.trim_ascii() == b"=" {
        format!("{variable}=").into_bytes()
    } else {
        [group("name"), sign].concat()
    }
}

/// A value as it is, and as JSON, URLs and base64 have it.
fn forms(value: &str) -> Vec<String> {
    let json = serde_json::Value::from(value).to_string();
    let json = json.trim_matches('"').to_owned();
    let mut percent = String::new();
    for byte in value.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => {
                percent.push(char::from(byte));
            }
            other => {
                let _ = write!(percent, "%{other:02X}");
            }
        }
    }
    let mut all = vec![value.to_owned(), json, percent, STANDARD_NO_PAD.encode(value)];
    all.dedup();
    all
}

fn compile(pattern: &str) -> Result<Regex, regex::Error> {
    RegexBuilder::new(pattern).size_limit(PATTERN_SIZE).build()
}
