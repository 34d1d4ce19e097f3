//! A value with its line. Shared with the build script.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Number, Value};

/// A value and where it stands.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Node {
    /// Line, from 1; 0 where it is not known.
    pub line: usize,
    /// The value.
    pub content: Content,
}

/// What a node holds.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Content {
    /// `null`, `~` or nothing.
    Null,
    /// `true`, `yes`, `on` and their opposites.
    Bool(bool),
    /// An integer of at most 64 bits.
    Integer(i64),
    /// Any other number.
    Float(f64),
    /// Text.
    Text(String),
    /// A list.
    List(Vec<Node>),
    /// Keys in their order; the first node is the key.
    Map(Vec<(Node, Node)>),
}

impl Node {
    /// A node at `line`.
    #[must_use]
    pub fn new(line: usize, content: Content) -> Self {
        Self { line, content }
    }

    /// The text, where it is text.
    #[must_use]
    pub fn text(&self) -> Option<&str> {
        match &self.content {
            Content::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The entries, where it is a mapping.
    #[must_use]
    pub fn entries(&self) -> Option<&[(Node, Node)]> {
        match &self.content {
            Content::Map(entries) => Some(entries),
            _ => None,
        }
    }

    /// What it is, for errors.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self.content {
            Content::Null => "nothing",
            Content::Bool(_) => "a boolean",
            Content::Integer(_) => "an integer",
            Content::Float(_) => "a number",
            Content::Text(_) => "text",
            Content::List(_) => "a list",
            Content::Map(_) => "a mapping",
        }
    }

    /// The value as JSON. A number that JSON can't hold becomes text.
    #[must_use]
    pub fn to_json(&self) -> Value {
        match &self.content {
            Content::Null => Value::Null,
            Content::Bool(value) => Value::Bool(*value),
            Content::Integer(value) => Value::from(*value),
            Content::Float(value) => Number::from_f64(*value)
                .map_or_else(|| Value::from(value.to_string()), Value::Number),
            Content::Text(text) => Value::from(text.as_str()),
            Content::List(items) => items.iter().map(Self::to_json).collect(),
            Content::Map(entries) => Value::Object(self.members(entries)),
        }
    }

    /// The tree of a JSON value; its lines are not known.
    #[must_use]
    pub fn of_json(value: &Value) -> Self {
        let content = match value {
            Value::Null => Content::Null,
            Value::Bool(value) => Content::Bool(*value),
            Value::Number(number) => number
                .as_i64()
                .map(Content::Integer)
                .or_else(|| number.as_f64().map(Content::Float))
                .unwrap_or(Content::Null),
            Value::String(text) => Content::Text(text.clone()),
            Value::Array(items) => Content::List(items.iter().map(Self::of_json).collect()),
            Value::Object(members) => {
                let key = |name: &String| Self::new(0, Content::Text(name.clone()));
                let members = members.iter().map(|(name, value)| (key(name), Self::of_json(value)));
                Content::Map(members.collect())
            }
        };
        Self::new(0, content)
    }

    fn members(&self, entries: &[(Self, Self)]) -> Map<String, Value> {
        let name = |key: &Self| match &key.content {
            Content::Text(text) => text.clone(),
            _ => key.to_json().to_string(),
        };
        entries.iter().map(|(key, value)| (name(key), value.to_json())).collect()
    }
}
