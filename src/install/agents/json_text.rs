//! Surgical edits of JSON that people write: comments and trailing commas are
//! understood, and everything that isn't changed keeps its bytes. An edit only
//! inserts, so that taking the same text out again gives back what was there.

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// How deep values may nest.
const DEPTH: usize = 64;

/// Text that was put in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Insertion {
    /// Byte offset in the text as it was before this insertion.
    pub at: usize,
    /// The text.
    pub text: String,
}

/// A value and where it stands.
#[derive(Debug, Clone)]
pub struct Node {
    /// First byte.
    pub start: usize,
    /// Byte after the last.
    pub end: usize,
    /// What it is.
    pub kind: Kind,
}

/// What stands there.
#[derive(Debug, Clone)]
pub enum Kind {
    /// Members in order: key, where the key begins, value.
    Object(Vec<(String, usize, Node)>),
    /// Items in order.
    Array(Vec<Node>),
    /// A string.
    Text(String),
    /// Anything else.
    Other,
}

/// Reads JSON with comments and trailing commas; none where it is neither.
#[must_use]
pub fn parse(text: &str) -> Option<Node> {
    let mut reader = Reader { text, at: 0 };
    reader.at += if text.starts_with('\u{feff}') { 3 } else { 0 };
    let node = reader.value(DEPTH)?;
    reader.blank()?;
    (reader.at == text.len()).then_some(node)
}

impl Node {
    /// The member called `key`.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&Self> {
        match &self.kind {
            Kind::Object(members) => {
                members.iter().find(|(name, _, _)| name == key).map(|(_, _, node)| node)
            }
            _ => None,
        }
    }

    /// The items of an array; none of anything else.
    #[must_use]
    pub fn items(&self) -> &[Self] {
        if let Kind::Array(items) = &self.kind { items } else { &[] }
    }

    /// The string that it is.
    #[must_use]
    pub fn as_str(&self) -> Option<&str> {
        if let Kind::Text(text) = &self.kind { Some(text) } else { None }
    }

    /// The children's places, from the key on.
    fn children(&self) -> Vec<(usize, usize)> {
        match &self.kind {
            Kind::Object(members) => {
                members.iter().map(|(_, key, node)| (*key, node.end)).collect()
            }
            Kind::Array(items) => items.iter().map(|item| (item.start, item.end)).collect(),
            _ => Vec::new(),
        }
    }
}

struct Reader<'a> {
    text: &'a str,
    at: usize,
}

impl Reader<'_> {
    fn rest(&self) -> &str {
        self.text.get(self.at..).unwrap_or_default()
    }

    fn next(&self) -> Option<char> {
        self.rest().chars().next()
    }

    /// Skips white space and comments; none where a comment doesn't end.
    fn blank(&mut self) -> Option<()> {
        loop {
            let rest = self.rest();
            let trimmed = rest.trim_start();
            self.at += rest.len() - trimmed.len();
            let rest = self.rest();
            if rest.starts_with("//") {
                self.at += rest.find('\n').unwrap_or(rest.len());
            } else if rest.starts_with("/*") {
                self.at += rest.find("*/")? + 2;
            } else {
                return Some(());
            }
        }
    }

    fn value(&mut self, depth: usize) -> Option<Node> {
        let depth = depth.checked_sub(1)?;
        self.blank()?;
        let start = self.at;
        let kind = match self.next()? {
            '{' => self.members(depth)?,
            '[' => self.items(depth)?,
            '"' => Kind::Text(self.string()?),
            _ => {
                let end = self.rest().find(|c: char| c.is_whitespace() || ",]}/".contains(c));
                let word = self.rest().get(..end.unwrap_or(self.rest().len()))?;
                serde_json::from_str::<Value>(word).ok()?;
                self.at += word.len();
                Kind::Other
            }
        };
        Some(Node { start, end: self.at, kind })
    }

    fn string(&mut self) -> Option<String> {
        let rest = self.rest();
        let mut escaped = false;
        let end = rest.char_indices().skip(1).find_map(|(at, c)| {
            let ends = c == '"' && !escaped;
            escaped = c == '\\' && !escaped;
            ends.then_some(at + 1)
        })?;
        let text = serde_json::from_str(rest.get(..end)?).ok()?;
        self.at += end;
        Some(text)
    }

    fn members(&mut self, depth: usize) -> Option<Kind> {
        let mut members = Vec::new();
        self.at += 1;
        loop {
            self.blank()?;
            match self.next()? {
                '}' => break,
                '"' => {
                    let key = self.at;
                    let name = self.string()?;
                    self.blank()?;
                    (self.next()? == ':').then(|| self.at += 1)?;
                    members.push((name, key, self.value(depth)?));
                    self.separator('}')?;
                }
                _ => return None,
            }
        }
        self.at += 1;
        Some(Kind::Object(members))
    }

    fn items(&mut self, depth: usize) -> Option<Kind> {
        let mut items = Vec::new();
        self.at += 1;
        loop {
            self.blank()?;
            if self.next()? == ']' {
                break;
            }
            items.push(self.value(depth)?);
            self.separator(']')?;
        }
        self.at += 1;
        Some(Kind::Array(items))
    }

    /// A comma, or the end that is left to read.
    fn separator(&mut self, end: char) -> Option<()> {
        self.blank()?;
        match self.next()? {
            ',' => self.at += 1,
            c if c == end => {}
            _ => return None,
        }
        Some(())
    }
}

/// Puts `element` at the end of the array at `keys`, making what is missing;
/// none where the text isn't JSON or something else stands there.
#[must_use]
pub fn append(text: &str, keys: &[&str], element: &Value) -> Option<(String, Vec<Insertion>)> {
    let root = parse(text)?;
    let mut node = &root;
    let mut left = keys;
    while let [key, rest @ ..] = left {
        match node.get(key) {
            Some(found) => (node, left) = (found, rest),
            None => break,
        }
    }
    let (name, value) = match left {
        [] => (None, element.clone()),
        [key, rest @ ..] => {
            let inner = Value::from(vec![element.clone()]);
            let wrap = |inner: Value, key: &&str| {
                Value::Object(serde_json::Map::from_iter([((*key).to_owned(), inner)]))
            };
            (Some(*key), rest.iter().rev().fold(inner, wrap))
        }
    };
    let fits = matches!((&node.kind, name), (Kind::Array(_), None) | (Kind::Object(_), Some(_)));
    let insertions = fits.then(|| put_in(text, node, name, &value))?;
    let mut after = text.to_owned();
    insertions.iter().for_each(|insertion| after.insert_str(insertion.at, &insertion.text));
    Some((after, insertions))
}

fn put_in(text: &str, node: &Node, name: Option<&str>, value: &Value) -> Vec<Insertion> {
    let unit = indent_unit(text);
    let spread = text.contains('\n') || node.children().is_empty();
    let around = line_indent(text, node.start);
    let children = node.children();
    let own_line = |at: usize| {
        text.get(..at).is_some_and(|before| before.trim_end_matches([' ', '\t']).ends_with('\n'))
    };
    let indent = match children.last() {
        Some((start, _)) if own_line(*start) => line_indent(text, *start),
        _ => format!("{around}{unit}"),
    };
    let key = name.map(|name| format!("{}: ", Value::from(name))).unwrap_or_default();
    let rendered = if spread { pretty(value, &unit, &indent) } else { value.to_string() };
    let item = format!("{key}{rendered}");
    let Some(&(start, end)) = children.last() else {
        return vec![Insertion { at: node.end - 1, text: format!("\n{indent}{item}\n{around}") }];
    };
    if !spread || !own_line(start) {
        let comma = if trailing_comma(text, end).is_some() { " " } else { ", " };
        let at = trailing_comma(text, end).unwrap_or(end);
        return vec![Insertion { at, text: format!("{comma}{item}") }];
    }
    let mut insertions = Vec::new();
    let mut at = match trailing_comma(text, end) {
        Some(after) => after,
        None => {
            insertions.push(Insertion { at: end, text: ",".to_owned() });
            end
        }
    };
    // A comment behind the last item stays with it.
    let rest = text.get(at..).unwrap_or_default();
    let line = rest.split('\n').next().unwrap_or_default();
    if line.trim_start().starts_with("//") {
        at += line.len();
    }
    insertions.push(Insertion { at: at + insertions.len(), text: format!("\n{indent}{item}") });
    insertions
}

/// Offset behind a comma that follows `end`.
fn trailing_comma(text: &str, end: usize) -> Option<usize> {
    let mut reader = Reader { text, at: end };
    reader.blank()?;
    (reader.next()? == ',').then_some(reader.at + 1)
}

/// The white space at the beginning of the line of `at`.
fn line_indent(text: &str, at: usize) -> String {
    let before = text.get(..at).unwrap_or_default();
    let line = before.rsplit('\n').next().unwrap_or_default();
    line.chars().take_while(|c| matches!(c, ' ' | '\t')).collect()
}

/// One step of indentation as the text uses it.
fn indent_unit(text: &str) -> String {
    let indent =
        |line: &str| -> String { line.chars().take_while(|c| matches!(c, ' ' | '\t')).collect() };
    let first = text.lines().skip(1).map(indent).find(|indent| !indent.is_empty());
    first.unwrap_or_else(|| "  ".to_owned())
}

fn pretty(value: &Value, unit: &str, indent: &str) -> String {
    let mut out = Vec::new();
    let formatter = serde_json::ser::PrettyFormatter::with_indent(unit.as_bytes());
    let mut serializer = serde_json::Serializer::with_formatter(&mut out, formatter);
    if serde::Serialize::serialize(value, &mut serializer).is_err() {
        return value.to_string();
    }
    String::from_utf8_lossy(&out).replace('\n', &format!("\n{indent}"))
}

/// Takes insertions out again, in the place where they were made or where their
/// text stands once; none where that is neither.
#[must_use]
pub fn take_out(text: &str, insertions: &[Insertion]) -> Option<String> {
    let mut out = text.to_owned();
    for Insertion { at, text } in insertions.iter().rev() {
        let here = out.get(*at..).is_some_and(|rest| rest.starts_with(text.as_str()));
        let at = if here {
            *at
        } else {
            let mut found = out.match_indices(text.as_str()).map(|(at, _)| at);
            let first = found.next().filter(|_| text.len() > 1)?;
            if found.next().is_some() {
                return None;
            }
            first
        };
        out.replace_range(at..at + text.len(), "");
    }
    parse(&out).map(|_| out)
}

/// Takes out every item of an array that is `ours`, and the events below `hooks`
/// (then `hooks` itself) that this leaves empty.
#[must_use]
pub fn remove(text: &str, ours: &dyn Fn(&Node) -> bool) -> Option<String> {
    let kept = empty_events(&parse(text)?);
    let mut out = text.to_owned();
    let mut found = false;
    for _ in 0..1000 {
        let root = parse(&out)?;
        let own = ours_in(&root, ours);
        found |= own.is_some();
        let Some((start, end)) = own.or_else(|| empty_in(&root, &kept).filter(|_| found)) else {
            return Some(out);
        };
        out.replace_range(start..end, "");
    }
    None
}

/// Names of the events below `hooks` that have no entries.
fn empty_events(root: &Node) -> Vec<String> {
    let Some(Kind::Object(events)) = root.get("hooks").map(|hooks| &hooks.kind) else {
        return Vec::new();
    };
    let empty = |node: &Node| matches!(&node.kind, Kind::Array(items) if items.is_empty());
    events.iter().filter(|(_, _, event)| empty(event)).map(|(name, _, _)| name.clone()).collect()
}

/// The range that goes with the first item that is ours.
fn ours_in(node: &Node, ours: &dyn Fn(&Node) -> bool) -> Option<(usize, usize)> {
    match &node.kind {
        Kind::Array(items) => match items.iter().position(ours) {
            Some(at) => Some(range_of(node, at)),
            None => items.iter().find_map(|item| ours_in(item, ours)),
        },
        Kind::Object(members) => members.iter().find_map(|(_, _, value)| ours_in(value, ours)),
        _ => None,
    }
}

/// The range of an empty event below `hooks` that is not to be kept, or of an
/// empty `hooks`.
fn empty_in(root: &Node, kept: &[String]) -> Option<(usize, usize)> {
    let hooks = root.get("hooks")?;
    let (Kind::Object(events), Kind::Object(members)) = (&hooks.kind, &root.kind) else {
        return None;
    };
    let gone = empty_events(root).into_iter().find(|name| !kept.contains(name));
    if let Some(gone) = gone {
        return Some(range_of(hooks, events.iter().position(|(name, _, _)| *name == gone)?));
    }
    let at = members.iter().position(|(name, _, _)| name == "hooks");
    Some(range_of(root, at.filter(|_| events.is_empty())?))
}

/// A child with the comma and white space that belong to it.
fn range_of(node: &Node, at: usize) -> (usize, usize) {
    let children = node.children();
    let (start, end) = children.get(at).copied().unwrap_or((node.end, node.end));
    let before = at.checked_sub(1).and_then(|before| children.get(before));
    match (before, children.get(at + 1)) {
        (Some((_, before)), _) => (*before, end),
        (None, Some((next, _))) => (start, *next),
        (None, None) => (node.start + 1, node.end - 1),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    const FILES: &[&str] = &[
        "{}",
        "{ }\n",
        "{\n}\n",
        "{\n  // mine\n  \"model\": \"x\", // best\n  \"hooks\": {\n    \"PreToolUse\": [\n      {\"matcher\": \"Bash\"}, // theirs\n    ],\n  },\n}\n",
        "{\n\t\"a\": 1,\n\t\"hooks\": {}\n}",
        "{\"hooks\":{\"PreToolUse\":[{\"x\":1}]}}",
        "{\r\n  \"a\": [1, 2],\r\n  \"b\": null\r\n}\r\n",
        "\u{feff}{\"a\": \"}\\\"//\"}",
        "{\n  \"a\": 1 /* one */\n}\n",
    ];

    #[test]
    fn what_is_put_in_can_be_read_and_taken_out() {
        let element = json!({"command": "saferun", "timeout": 30});
        for file in FILES {
            let (after, insertions) = append(file, &["hooks", "PreToolUse"], &element).expect(file);
            let root = parse(&after).expect(&after);
            let list = root.get("hooks").unwrap().get("PreToolUse").unwrap();
            let last = list.items().last().unwrap();
            assert_eq!(last.get("command").unwrap().as_str(), Some("saferun"), "{after}");
            assert_eq!(take_out(&after, &insertions).as_deref(), Some(*file), "{after}");
            let ours = |node: &Node| node.get("command").and_then(Node::as_str) == Some("saferun");
            let gone = remove(&after, &ours).expect(&after);
            assert!(!gone.contains("saferun"), "{gone}");
        }
        assert!(append("{\"hooks\": []}", &["hooks", "PreToolUse"], &element).is_none());
        assert!(append("not json", &["hooks"], &element).is_none());
    }

    proptest! {
        #[test]
        fn anything_is_read_without_a_panic(text in "[\\[\\]{}\",:/*a1 \\n\\\\]{0,60}") {
            if let Some((after, insertions)) = append(&text, &["hooks", "X"], &json!(1)) {
                prop_assert!(parse(&after).is_some(), "{after}");
                prop_assert_eq!(take_out(&after, &insertions), Some(text));
            }
        }
    }
}
