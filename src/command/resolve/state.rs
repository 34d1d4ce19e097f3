//! What a shell knows while it goes through a line.

use std::collections::HashMap;
use std::rc::Rc;

use super::flow::Flow;
use crate::command::invocation::{Piece, Word};
use crate::command::parse::Node;

/// Variables, functions, directory, files: as far as the line itself sets them.
#[derive(Debug, Clone, Default)]
pub(in crate::command) struct Shell {
    /// A scalar has one element.
    pub(in crate::command) variables: HashMap<String, Vec<Word>>,
    pub(in crate::command) exported: Vec<String>,
    pub(in crate::command) functions: HashMap<String, Rc<Node>>,
    pub(in crate::command) aliases: HashMap<String, String>,
    /// `$1`, `$2` …
    pub(in crate::command) positional: Vec<Word>,
    /// Where the line went, relative to where it began.
    pub(in crate::command) directory: Option<Word>,
    before: Vec<Option<Word>>,
    /// What the line wrote into files, by name as typed.
    pub(in crate::command) files: HashMap<String, Flow>,
    /// Programs put in the place of others (`hash -p`, copies, links).
    pub(in crate::command) renamed: HashMap<String, String>,
}

impl Shell {
    /// Sets a scalar.
    pub(in crate::command) fn set(&mut self, name: &str, value: Word) {
        self.variables.insert(name.to_owned(), vec![value]);
    }

    /// The value of a scalar.
    pub(in crate::command) fn get(&self, name: &str) -> Option<&Word> {
        self.variables.get(name).and_then(|values| values.first())
    }

    /// Goes to another directory.
    pub(in crate::command) fn enter(&mut self, to: Option<&Word>) {
        let here = self.directory.clone();
        self.directory = match to {
            None => Some(Word::of(Piece::Home)),
            Some(word) if word.literal() == Some("-") => self.before.last().cloned().flatten(),
            Some(word) => Some(join(here.as_ref(), word)),
        };
        self.before.push(here);
    }

    /// Goes back to where the line was before.
    pub(in crate::command) fn leave(&mut self) {
        if let Some(before) = self.before.pop() {
            self.directory = before;
        }
    }

    /// Notes what a file now holds; `appends` leaves what was there.
    pub(in crate::command) fn write(&mut self, file: &Word, flow: Flow, appends: bool) {
        let Some(name) = file.literal().filter(|name| *name != "/dev/null") else { return };
        let name = plain(name);
        let before = if appends { self.files.remove(&name) } else { None };
        let flow = before.map_or(flow.clone(), |before| before.then(flow));
        self.files.insert(name, flow);
    }

    /// What the line wrote into a file.
    pub(in crate::command) fn file(&self, name: &str) -> Option<&Flow> {
        self.files.get(&plain(name))
    }
}

/// A file's name without what changes nothing in it.
fn plain(name: &str) -> String {
    name.trim_start_matches("./").replace("//", "/").replace("/./", "/")
}

/// `to` as seen from `here`.
fn join(here: Option<&Word>, to: &Word) -> Word {
    let absolute =
        to.start().starts_with('/') || !matches!(to.pieces.first(), Some(Piece::Text(_)));
    let Some(here) = here.filter(|_| !absolute) else { return to.clone() };
    let mut joined = here.clone();
    joined.push_text("/");
    joined.append(to);
    match joined.literal().and_then(lexical) {
        Some(text) => Word::text(text),
        None => joined,
    }
}

/// The path without `.` and `..`, where they don't lead above its beginning.
fn lexical(path: &str) -> Option<String> {
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split('/').filter(|part| !part.is_empty() && *part != ".") {
        if part == ".." && parts.last().is_some_and(|last| *last != "..") {
            parts.pop();
        } else if part == ".." && path.starts_with('/') {
        } else {
            parts.push(part);
        }
    }
    let root = if path.starts_with('/') { "/" } else { "" };
    let joined = format!("{root}{}", parts.join("/"));
    Some(if joined.is_empty() { ".".to_owned() } else { joined })
}
