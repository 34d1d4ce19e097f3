//! Lists, pipelines and simple commands.

use super::Parser;
use super::expansion::{begins_name, in_name};
use super::tree::{Assigned, Assignment, Flaw, Node, Part, Simple, Word};
use super::word::{META, Until};

/// Words that close what another word opened; a list ends before them.
const CLOSING: &[&str] = &["then", "else", "elif", "fi", "do", "done", "esac", "}"];

impl Parser<'_> {
    /// Commands up to a closing word or parenthesis, `;;` or the end.
    pub(super) fn list(&mut self) -> Vec<Node> {
        let mut nodes = Vec::new();
        loop {
            self.skip_separators();
            let here = self.at;
            if self.ends_list() {
                return nodes;
            }
            nodes.extend(self.pipeline());
            if self.at == here {
                // An operator where a command should stand.
                self.flawed(Flaw::Syntax);
                self.at += self.rest().chars().next().map_or(0, char::len_utf8);
            }
        }
    }

    /// Whether a list that stands here is over.
    fn ends_list(&self) -> bool {
        match self.peek() {
            None | Some(b')') => true,
            Some(b';') => true,
            _ => CLOSING.contains(&self.keyword()),
        }
    }

    /// Passes over what closes nothing.
    pub(super) fn skip_closing(&mut self) {
        let length = self.keyword().len();
        self.at += length.max(1);
    }

    /// Blanks, newlines, comments and everything that only separates commands;
    /// `;;` is left.
    pub(super) fn skip_separators(&mut self) {
        loop {
            self.skip_blanks();
            match self.peek() {
                Some(b'\n') => self.newline(),
                Some(b'&') if self.peek_at(1) != Some(b'>') => self.at += 1,
                Some(b';') if !matches!(self.peek_at(1), Some(b';' | b'&')) => self.at += 1,
                Some(b'|') if self.starts("||") => self.at += 2,
                _ => return,
            }
        }
    }

    /// Blanks, continued lines and a comment.
    pub(super) fn skip_blanks(&mut self) {
        loop {
            match self.peek() {
                Some(b' ' | b'\t' | b'\r') => self.at += 1,
                Some(b'\\') if self.peek_at(1) == Some(b'\n') => self.at += 2,
                Some(b'\\') if self.starts("\\\r\n") => self.at += 3,
                Some(b'#') if self.is_word_start() => {
                    let rest = self.rest().as_bytes();
                    self.at += memchr::memchr(b'\n', rest).unwrap_or(rest.len());
                }
                _ => return,
            }
        }
    }

    fn is_word_start(&self) -> bool {
        let before = self.at.checked_sub(1).and_then(|at| self.text.as_bytes().get(at));
        before.is_none_or(|byte| META.contains(byte) || *byte == b'`')
    }

    fn newline(&mut self) {
        self.at += 1;
        self.fill_documents();
    }

    /// The bare word that stands here, where it may be reserved.
    pub(super) fn keyword(&self) -> &str {
        let rest = self.rest();
        let bytes = rest.as_bytes();
        let length = match bytes.first() {
            Some(b'{' | b'}' | b'!') => 1,
            Some(b'[') if bytes.get(1) == Some(&b'[') => 2,
            _ => bytes.iter().take(10).take_while(|byte| byte.is_ascii_lowercase()).count(),
        };
        let ends = bytes.get(length).is_none_or(|byte| META.contains(byte));
        let stands_alone = ends || bytes.first() == Some(&b'}');
        if stands_alone { rest.get(..length).unwrap_or_default() } else { "" }
    }

    /// Commands joined by `|`.
    fn pipeline(&mut self) -> Option<Node> {
        let mut stages = Vec::new();
        loop {
            self.skip_blanks();
            stages.extend(self.command());
            self.skip_blanks();
            if self.peek() != Some(b'|') || self.starts("||") {
                break;
            }
            self.at += 1;
            self.take("&");
            self.skip_lines();
        }
        if stages.len() > 1 { Some(Node::Pipeline(stages)) } else { stages.pop() }
    }

    fn skip_lines(&mut self) {
        self.skip_blanks();
        while self.peek() == Some(b'\n') {
            self.newline();
            self.skip_blanks();
        }
    }

    /// One command, with the words that may stand in front of any.
    pub(super) fn command(&mut self) -> Option<Node> {
        loop {
            self.skip_blanks();
            match self.keyword() {
                "!" => self.at += 1,
                "time" => {
                    self.at += 4;
                    self.skip_blanks();
                    while self.starts("-p") || self.starts("--") {
                        self.at += 2;
                        self.skip_blanks();
                    }
                }
                _ => break,
            }
        }
        match self.compound() {
            Some(node) => Some(node),
            None => self.simple(),
        }
    }

    /// Assignments, words and redirections in any order.
    fn simple(&mut self) -> Option<Node> {
        let start = self.at;
        let mut simple = Simple::default();
        let mut end = start;
        loop {
            self.skip_blanks();
            let here = self.at;
            if let Some(redirect) = self.redirect() {
                simple.redirects.push(redirect);
            } else if let Some(assignment) = self.assignment(simple.words.is_empty()) {
                simple.assignments.push(assignment);
            } else {
                let word = self.word();
                if self.at == here {
                    break;
                }
                simple.words.push(word);
                if let Some(name) = self.function_name(&simple) {
                    return self.function(name);
                }
            }
            end = self.at;
        }
        simple.span = (self.offset + start, self.offset + end);
        (end > start).then_some(Node::Simple(simple))
    }

    /// The name in `name ()`.
    fn function_name(&mut self, simple: &Simple) -> Option<String> {
        let [word] = simple.words.as_slice() else { return None };
        let [Part::Text { text, .. }] = word.parts.as_slice() else { return None };
        let mut ahead = 0;
        while self.peek_at(ahead).is_some_and(|byte| byte == b' ' || byte == b'\t') {
            ahead += 1;
        }
        if self.peek_at(ahead) != Some(b'(') {
            return None;
        }
        ahead += 1;
        while self.peek_at(ahead).is_some_and(|byte| byte == b' ' || byte == b'\t') {
            ahead += 1;
        }
        if self.peek_at(ahead) != Some(b')') {
            return None;
        }
        self.at += ahead + 1;
        Some(text.clone())
    }

    /// `name=value` in front of the program; behind it only `name=(…)`, as
    /// `declare` takes it.
    fn assignment(&mut self, in_front: bool) -> Option<Assignment> {
        let bytes = self.rest().as_bytes();
        if !bytes.first().copied().is_some_and(begins_name) {
            return None;
        }
        let mut length = bytes.iter().take_while(|byte| in_name(**byte)).count();
        let name = self.rest().get(..length)?.to_owned();
        let mut index = None;
        if bytes.get(length) == Some(&b'[') {
            let close = bytes.iter().skip(length).take(256).position(|byte| *byte == b']')?;
            index = self.rest().get(length + 1..length + close).map(str::to_owned);
            length += close + 1;
        }
        let append = bytes.get(length) == Some(&b'+');
        length += usize::from(append);
        if bytes.get(length) != Some(&b'=') {
            return None;
        }
        length += 1;
        let many = bytes.get(length) == Some(&b'(');
        if !in_front && !many {
            return None;
        }
        self.at += length;
        let value = if many {
            self.at += 1;
            Assigned::Many(self.elements())
        } else {
            Assigned::One(self.word())
        };
        Some(Assignment { name, index, append, value })
    }

    /// The words of an array, up to the closing parenthesis.
    fn elements(&mut self) -> Vec<Word> {
        let mut words = Vec::new();
        loop {
            self.skip_lines();
            let here = self.at;
            if self.take(")") {
                return words;
            }
            let word = self.nested(Self::word);
            if self.at == here {
                self.flawed(Flaw::Syntax);
                if self.peek().is_none() {
                    return words;
                }
                self.at += 1;
            } else {
                words.push(word);
            }
        }
    }

    /// Text whose expansions count though it is not a word: `((…))`.
    pub(super) fn arithmetic_words(&mut self) -> Vec<Word> {
        let mut word = Word::default();
        let from = self.at + 2;
        self.arithmetic(&mut word, from, "))");
        vec![word]
    }

    /// A here-document's text as a word.
    pub(super) fn document(&mut self, text: &str, at: usize) -> Word {
        self.apart(text, at, |inner| inner.parts(Until::End))
    }
}
