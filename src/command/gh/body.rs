//! The body of an API call, as far as the command line or a file tells it.

use serde_json::Value;

use crate::action::Digest;
use crate::command::line::Scope;
use crate::command::options::Parsed;

/// Fields of a request's body.
#[derive(Debug, Default)]
pub(super) struct Body {
    /// Name and value; a value that only the running command knows is `None`.
    pub(super) fields: Vec<(String, Option<String>)>,
    /// The body, or a part of it, could not be read.
    pub(super) opaque: bool,
    /// Anything at all is sent.
    pub(super) present: bool,
}

impl Body {
    /// Reads `-f`, `-F` and `--input`.
    pub(super) fn read(parsed: &Parsed, scope: &Scope) -> Self {
        let mut body = Self::default();
        for flag in &parsed.flags {
            let Some(value) = flag.value.as_deref() else { continue };
            match flag.name.as_str() {
                "raw-field" => body.field(value, false, scope),
                "field" => body.field(value, true, scope),
                "input" => body.input(value, scope),
                _ => {}
            }
        }
        body
    }

    fn field(&mut self, text: &str, typed: bool, scope: &Scope) {
        self.present = true;
        let (name, value) = text.split_once('=').unwrap_or((text, ""));
        let file = value.strip_prefix('@').filter(|_| typed);
        let value = match file {
            Some(path) => read_text(path, scope),
            None => Some(value.to_owned()),
        };
        let unknown = value.is_none() || (scope.dynamic && text.contains('$'));
        self.opaque |= unknown;
        self.fields.push((name.to_owned(), value.filter(|_| !unknown)));
    }

    fn input(&mut self, path: &str, scope: &Scope) {
        match read_text(path, scope) {
            Some(text) => self.json(&text),
            None => (self.present, self.opaque) = (true, true),
        }
    }

    /// A body of JSON.
    pub(super) fn of_json(text: &str) -> Self {
        let mut body = Self::default();
        body.json(text);
        body
    }

    fn json(&mut self, text: &str) {
        self.present = true;
        let Ok(Value::Object(members)) = serde_json::from_str(text) else {
            self.opaque = true;
            return;
        };
        for (name, value) in members {
            let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
            self.fields.push((name, Some(text)));
        }
    }

    /// Whether the body has `name` (also as `name[…]`) with `value`, where one
    /// is given. An unknown value may be any.
    pub(super) fn has(&self, name: &str, value: &str) -> bool {
        self.fields.iter().any(|(field, given)| {
            let base = field.split('[').next().unwrap_or(field);
            base == name
                && (value.is_empty()
                    || given.as_deref().is_none_or(|given| given.eq_ignore_ascii_case(value)))
        })
    }

    /// A field's value.
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.fields.iter().rev().find(|(field, _)| field == name)?.1.as_deref()
    }

    /// All the body's text, for a search.
    pub(super) fn text(&self) -> String {
        let pairs = self
            .fields
            .iter()
            .map(|(name, value)| format!("{name}:{}", value.as_deref().unwrap_or_default()));
        pairs.collect::<Vec<_>>().join(",")
    }

    /// What tells this body from another without showing it.
    pub(super) fn digest(&self) -> String {
        Digest::of(self.text().as_bytes()).to_string()
    }
}

fn read_text(path: &str, scope: &Scope) -> Option<String> {
    if path == "-" || path.contains('$') {
        return None;
    }
    String::from_utf8(scope.lookup.read_file(path)?).ok()
}
