//! TOML to nodes. Shared with the build script.

use toml::de::{DeTable, DeValue};

use super::{Content, Node};

/// Parses a document.
pub fn parse(text: &str) -> Result<Node, (usize, String)> {
    let lines = Lines::of(text);
    let table = DeTable::parse(text).map_err(|error| {
        let at = error.span().map_or(0, |span| span.start);
        (lines.line(at), error.message().to_owned())
    })?;
    Ok(lines.table(1, table.get_ref()))
}

/// Where each line begins.
struct Lines(Vec<usize>);

impl Lines {
    fn of(text: &str) -> Self {
        Self(text.match_indices('\n').map(|(at, _)| at).collect())
    }

    fn line(&self, at: usize) -> usize {
        self.0.partition_point(|&end| end < at) + 1
    }

    /// Entries in the order of the text, which the parser doesn't keep.
    fn table(&self, line: usize, table: &DeTable<'_>) -> Node {
        let mut entries: Vec<_> = table.iter().collect();
        entries.sort_by_key(|(key, _)| key.span().start);
        let entries = entries.into_iter().map(|(key, value)| {
            let at = self.line(key.span().start);
            let key = Node::new(at, Content::Text(key.get_ref().to_string()));
            (key, self.value(at, value.get_ref()))
        });
        Node::new(line, Content::Map(entries.collect()))
    }

    fn value(&self, line: usize, value: &DeValue<'_>) -> Node {
        let content = match value {
            DeValue::String(text) => Content::Text(text.to_string()),
            DeValue::Boolean(value) => Content::Bool(*value),
            DeValue::Datetime(time) => Content::Text(time.to_string()),
            DeValue::Integer(value) => i64::from_str_radix(value.as_str(), value.radix())
                .map_or_else(|_| Content::Text(value.to_string()), Content::Integer),
            DeValue::Float(value) => value
                .as_str()
                .parse()
                .map_or_else(|_| Content::Text(value.to_string()), Content::Float),
            DeValue::Array(items) => Content::List(
                items
                    .iter()
                    .map(|item| self.value(self.line(item.span().start), item.get_ref()))
                    .collect(),
            ),
            DeValue::Table(table) => return self.table(line, table),
        };
        Node::new(line, content)
    }
}
