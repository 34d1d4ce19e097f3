//! YAML to nodes. Bounded in size and depth, so that a hostile file can't
//! exhaust the machine: aliases count as often as they are used.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};

use saphyr_parser::{Event, Parser, ScalarStyle, Span, Tag};

use super::{Content, Node};

/// Most nodes of one file, aliases expanded.
const MOST_NODES: usize = 500_000;
/// Deepest nesting.
const DEEPEST: usize = 64;

type Failed = (usize, String);

/// Parses one document. An empty text is null. In text that is JSON, numbers
/// are those of JSON.
pub(super) fn parse(text: &str, json: bool) -> Result<Node, Failed> {
    let mut builder = Builder { json, ..Builder::default() };
    for event in Parser::new_from_str(text) {
        let (event, span) =
            event.map_err(|error| (error.marker().line(), error.info().to_owned()))?;
        builder.take(event, span)?;
    }
    Ok(builder.root.unwrap_or(Node::new(1, Content::Null)))
}

#[derive(Default)]
struct Builder {
    json: bool,
    open: Vec<Open>,
    anchors: HashMap<usize, Node>,
    nodes: usize,
    documents: usize,
    root: Option<Node>,
}

/// A collection whose end was not seen yet.
struct Open {
    node: Node,
    anchor: usize,
    key: Option<Node>,
}

impl Builder {
    fn take(&mut self, event: Event<'_>, span: Span) -> Result<(), Failed> {
        let line = span.start.line();
        match event {
            Event::DocumentStart(_) => {
                self.documents += 1;
                if self.documents > 1 {
                    return Err((line, "a second document in one file".into()));
                }
                Ok(())
            }
            Event::Alias(id) => match self.anchors.get(&id).cloned() {
                Some(node) => {
                    self.nodes += size(&node);
                    self.place(node, 0)
                }
                None => Err((line, "an alias of what is still open".into())),
            },
            Event::Scalar(text, style, anchor, tag) => {
                let content = scalar(&text, style, tag.as_deref(), self.json)
                    .ok_or_else(|| (line, format!("`{text}` is not what its tag says")))?;
                self.place(Node::new(line, content), anchor)
            }
            Event::SequenceStart(anchor, tag) => {
                self.open(line, Content::List(Vec::new()), anchor, tag)
            }
            Event::MappingStart(anchor, tag) => {
                self.open(line, Content::Map(Vec::new()), anchor, tag)
            }
            Event::SequenceEnd | Event::MappingEnd => match self.open.pop() {
                Some(done) => self.place(merged(done.node), done.anchor),
                None => Ok(()),
            },
            Event::Nothing | Event::StreamStart | Event::StreamEnd | Event::DocumentEnd => Ok(()),
        }
    }

    fn open(
        &mut self,
        line: usize,
        content: Content,
        anchor: usize,
        tag: Option<Cow<'_, Tag>>,
    ) -> Result<(), Failed> {
        if tag.is_some_and(|tag| !tag.is_yaml_core_schema()) {
            return Err((line, "a tag that is not one of YAML's own".into()));
        }
        if self.open.len() >= DEEPEST {
            return Err((line, format!("more than {DEEPEST} levels deep")));
        }
        self.open.push(Open { node: Node::new(line, content), anchor, key: None });
        Ok(())
    }

    /// Puts a whole node where it belongs.
    fn place(&mut self, node: Node, anchor: usize) -> Result<(), Failed> {
        self.nodes += 1;
        if self.nodes > MOST_NODES {
            return Err((node.line, format!("more than {MOST_NODES} values")));
        }
        if anchor > 0 {
            self.anchors.insert(anchor, node.clone());
        }
        let Some(parent) = self.open.last_mut() else {
            self.root = Some(node);
            return Ok(());
        };
        match &mut parent.node.content {
            Content::List(items) => items.push(node),
            Content::Map(entries) => match parent.key.take() {
                Some(key) => entries.push((key, node)),
                None => parent.key = Some(node),
            },
            _ => {}
        }
        Ok(())
    }
}

/// How many values a node holds, itself included.
fn size(node: &Node) -> usize {
    match &node.content {
        Content::List(items) => 1 + items.iter().map(size).sum::<usize>(),
        Content::Map(entries) => {
            1 + entries.iter().map(|(key, value)| size(key) + size(value)).sum::<usize>()
        }
        _ => 1,
    }
}

/// A mapping with its `<<` entries put in: what it says itself counts more.
fn merged(mut node: Node) -> Node {
    let Content::Map(entries) = &mut node.content else { return node };
    if !entries.iter().any(|(key, _)| key.text() == Some("<<")) {
        return node;
    }
    let (merges, mut own): (Vec<_>, Vec<_>) =
        std::mem::take(entries).into_iter().partition(|(key, _)| key.text() == Some("<<"));
    let sources = merges.into_iter().flat_map(|(_, value)| match value.content {
        Content::List(items) => items,
        content => vec![Node::new(value.line, content)],
    });
    let mut known: HashSet<String> =
        own.iter().filter_map(|(key, _)| key.text().map(str::to_owned)).collect();
    for source in sources {
        let Content::Map(more) = source.content else { continue };
        for (key, value) in more {
            if key.text().is_some_and(|name| known.insert(name.to_owned())) {
                own.push((key, value));
            }
        }
    }
    *entries = own;
    node
}

/// What a scalar means; none where it is not what its tag says.
fn scalar(text: &str, style: ScalarStyle, tag: Option<&Tag>, json: bool) -> Option<Content> {
    match tag {
        Some(tag) if tag.is_yaml_core_schema() => {
            let plain = plain(text);
            match (tag.suffix.as_str(), plain) {
                ("str", _) => Some(Content::Text(text.to_owned())),
                ("int", value @ Content::Integer(_))
                | ("bool", value @ Content::Bool(_))
                | ("null", value @ Content::Null)
                | ("float", value @ Content::Float(_)) => Some(value),
                ("float", Content::Integer(value)) => text
                    .parse()
                    .ok()
                    .map(Content::Float)
                    .or(i32::try_from(value).ok().map(|value| Content::Float(f64::from(value)))),
                _ => None,
            }
        }
        Some(_) => None,
        None if style == ScalarStyle::Plain && json => Some(
            serde_json::from_str(text).map_or(Content::Null, |value| Node::of_json(&value).content),
        ),
        None if style == ScalarStyle::Plain => Some(plain(text)),
        None => Some(Content::Text(text.to_owned())),
    }
}

/// A plain scalar by the rules of YAML 1.1, as PyYAML has them.
fn plain(text: &str) -> Content {
    match text {
        "" | "~" | "null" | "Null" | "NULL" => Content::Null,
        "yes" | "Yes" | "YES" | "true" | "True" | "TRUE" | "on" | "On" | "ON" => {
            Content::Bool(true)
        }
        "no" | "No" | "NO" | "false" | "False" | "FALSE" | "off" | "Off" | "OFF" => {
            Content::Bool(false)
        }
        _ => number(text).unwrap_or_else(|| Content::Text(text.to_owned())),
    }
}

fn number(text: &str) -> Option<Content> {
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    if !unsigned.starts_with(|c: char| c.is_ascii_digit() || c == '.') {
        return None;
    }
    if let Some(special) = unsigned.strip_prefix('.')
        && special.starts_with(|c: char| c.is_ascii_alphabetic())
    {
        let negative = text.starts_with('-');
        return match special {
            "inf" | "Inf" | "INF" => {
                Some(Content::Float(if negative { f64::NEG_INFINITY } else { f64::INFINITY }))
            }
            "nan" | "NaN" | "NAN" if unsigned == text => Some(Content::Float(f64::NAN)),
            _ => None,
        };
    }
    integer(text, unsigned).or_else(|| float(text, unsigned))
}

fn integer(text: &str, unsigned: &str) -> Option<Content> {
    let digits: String = unsigned.chars().filter(|c| *c != '_').collect();
    let (digits, radix) = match digits.as_bytes() {
        [b'0', b'b', ..] => (digits.get(2..)?.to_owned(), 2),
        [b'0', b'x', ..] => (digits.get(2..)?.to_owned(), 16),
        [b'0', _, ..] => (digits.get(1..)?.to_owned(), 8),
        _ => (digits, 10),
    };
    if digits.is_empty() || !digits.chars().all(|c| c.is_digit(radix)) {
        return None;
    }
    let sign = if text.starts_with('-') { "-" } else { "" };
    match i64::from_str_radix(&format!("{sign}{digits}"), radix) {
        Ok(value) => Some(Content::Integer(value)),
        // Beyond 64 bits it is still a number, and no integer that anything here takes.
        Err(_) if radix == 10 => format!("{sign}{digits}").parse().ok().map(Content::Float),
        Err(_) => None,
    }
}

/// A float has a point, and a sign in its exponent.
fn float(text: &str, unsigned: &str) -> Option<Content> {
    let (mantissa, exponent) = match unsigned.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, Some(exponent)),
        None => (unsigned, None),
    };
    let whole = mantissa.contains('.')
        && mantissa.chars().all(|c| c.is_ascii_digit() || c == '.' || c == '_')
        && mantissa.chars().any(|c| c.is_ascii_digit());
    let signed = exponent.is_none_or(|exponent| {
        exponent.strip_prefix(['+', '-']).is_some_and(|digits| {
            !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit())
        })
    });
    if !whole || !signed {
        return None;
    }
    text.replace('_', "").parse().ok().map(Content::Float)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scalars_mean_what_they_mean_to_pyyaml() {
        let cases = [
            ("yes", Content::Bool(true)),
            ("Off", Content::Bool(false)),
            ("y", Content::Text("y".into())),
            ("~", Content::Null),
            ("1_000", Content::Integer(1000)),
            ("010", Content::Integer(8)),
            ("0x1F", Content::Integer(31)),
            ("-7", Content::Integer(-7)),
            ("1.0.0", Content::Text("1.0.0".into())),
            ("1.5", Content::Float(1.5)),
            ("1e3", Content::Text("1e3".into())),
            ("1.0e+3", Content::Float(1000.0)),
            ("-.inf", Content::Float(f64::NEG_INFINITY)),
            ("09", Content::Text("09".into())),
            (".", Content::Text(".".into())),
            ("'yes'", Content::Text("yes".into())),
            ("!!str 5", Content::Text("5".into())),
        ];
        for (text, expected) in cases {
            assert_eq!(parse(text, false).expect(text).content, expected, "{text}");
        }
    }

    #[test]
    fn lines_merges_and_mistakes_are_told() {
        let node = parse("a: &x {p: 1, q: 2}\nb:\n  <<: *x\n  q: 3\n", false).expect("valid");
        let entries = node.entries().expect("a mapping");
        assert_eq!(entries[1].0.line, 2);
        assert_eq!(entries[1].1.to_json(), serde_json::json!({"q": 3, "p": 1}));
        assert_eq!(parse("a: 1\nb: [c", false).map_err(|(line, _)| line), Err(3));
        assert!(parse("a\n---\nb", false).is_err());
        assert!(parse(&"[".repeat(500), false).is_err());
    }

    #[test]
    fn aliases_of_aliases_come_to_an_end() {
        let mut text = String::from("a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n");
        for level in 1..12 {
            let alias = format!("*a{}", level - 1);
            text.push_str(&format!("a{level}: &a{level} [{}]\n", [alias.as_str(); 10].join(", ")));
        }
        assert!(parse(&text, false).is_err());
    }
}
