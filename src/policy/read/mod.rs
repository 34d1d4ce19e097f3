//! From YAML or TOML text to values: one tree for both formats, each node with
//! its line, and a reader that collects every mistake instead of stopping at
//! the first. YAML scalars mean what they mean to PyYAML's safe loader, the
//! one that Agent-Safe reads its files with.

mod node;
mod reader;
mod toml;
mod yaml;

pub use node::{Content, Node};
pub use reader::{Fields, Problem, Reader, each_file};

/// A file to read, by the name that people know it by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SourceFile {
    /// Path, shown in errors.
    pub name: String,
    /// Its text.
    pub text: String,
}

impl SourceFile {
    /// Parses the text: TOML where the name ends in `.toml`, else YAML (and
    /// so JSON).
    ///
    /// # Errors
    /// The first mistake in the syntax.
    pub fn parse(&self) -> Result<Node, Problem> {
        let parsed = if self.name.ends_with(".toml") {
            toml::parse(&self.text)
        } else {
            let json = self.json();
            yaml::parse(&self.text, json.is_some()).or_else(|error| json.ok_or(error))
        };
        parsed.map_err(|(line, message)| Problem::new(&self.name, line, message))
    }

    /// The text as JSON, some of which is no YAML, such as escaped surrogate
    /// pairs; its lines are not known.
    fn json(&self) -> Option<Node> {
        let json = self.text.trim_start().starts_with(['{', '[']);
        json.then(|| serde_json::from_str(&self.text).ok())
            .flatten()
            .map(|value| Node::of_json(&value))
    }
}

/// The tree of a TOML value that was parsed elsewhere; its lines are not known.
#[must_use]
pub fn node_of_toml(value: &::toml::Value) -> Node {
    use ::toml::Value;
    let content = match value {
        Value::String(text) => Content::Text(text.clone()),
        Value::Integer(value) => Content::Integer(*value),
        Value::Float(value) => Content::Float(*value),
        Value::Boolean(value) => Content::Bool(*value),
        Value::Datetime(time) => Content::Text(time.to_string()),
        Value::Array(items) => Content::List(items.iter().map(node_of_toml).collect()),
        Value::Table(table) => Content::Map(
            table
                .iter()
                .map(|(key, value)| (Node::new(0, Content::Text(key.clone())), node_of_toml(value)))
                .collect(),
        ),
    };
    Node::new(0, content)
}
