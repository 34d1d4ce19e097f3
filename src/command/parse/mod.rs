//! A line of shell as a tree.
//!
//! In: text. Out: every command in it with its words, quotes resolved and
//! expansions kept symbolic. The grammar is bash's (with what zsh and the POSIX
//! shells share); what is wrong with a line is noted as its [`Flaw`] and read on,
//! because a shell may have run the part before it, and another shell all of it.
//!
//! One pass, without going back: time is linear in the length, and depth is
//! bounded by [`MAX_NESTING`].

mod compound;
mod expansion;
mod grammar;
mod redirect;
mod tree;
mod word;

pub(super) use tree::{
    Assigned, Assignment, Compound, Flaw, Kind, Node, Parameter, Part, Redirect, RedirectTo,
    Script, Simple, Substitution, Word,
};

/// Longest text that is read, in bytes.
const MAX_LENGTH: usize = 1 << 20;
/// Most constructs inside one another.
const MAX_NESTING: usize = 200;

/// Reads `text`.
pub(super) fn parse(text: &str) -> Script {
    if text.len() > MAX_LENGTH {
        return Script { nodes: Vec::new(), flaw: Some(Flaw::TooMuch) };
    }
    if text.contains('\0') {
        return Parser::new(&text.replace('\0', ""), 0, 0).script();
    }
    Parser::new(text, 0, 0).script()
}

/// The words of `text`, quotes resolved, where nothing in it is an operator:
/// as programs split lines that no shell runs.
pub(super) fn words(text: &str) -> Vec<String> {
    let mut parser = Parser::new(text, 0, 0);
    let mut words = Vec::new();
    loop {
        while parser.peek().is_some_and(|byte| b" \t\r\n".contains(&byte)) {
            parser.at += 1;
        }
        if parser.peek().is_none() {
            return words;
        }
        words.push(parser.plain_word());
    }
}

/// Where the reading stands.
struct Parser<'a> {
    text: &'a str,
    at: usize,
    /// Where this text begins in the outermost one.
    offset: usize,
    depth: usize,
    flaw: Option<Flaw>,
    /// Here-documents whose lines come after the current one.
    documents: Vec<redirect::Pending>,
}

impl<'a> Parser<'a> {
    fn new(text: &'a str, offset: usize, depth: usize) -> Self {
        Self { text, at: 0, offset, depth, flaw: None, documents: Vec::new() }
    }

    /// Reads everything; closing words that nothing opened are passed over.
    fn script(mut self) -> Script {
        let mut nodes = Vec::new();
        loop {
            nodes.append(&mut self.list());
            if self.at >= self.text.len() {
                break;
            }
            self.flawed(Flaw::Syntax);
            self.skip_closing();
        }
        self.fill_documents();
        Script { nodes, flaw: self.flaw }
    }

    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn peek_at(&self, ahead: usize) -> Option<u8> {
        self.text.as_bytes().get(self.at + ahead).copied()
    }

    fn rest(&self) -> &'a str {
        self.text.get(self.at..).unwrap_or_default()
    }

    fn starts(&self, text: &str) -> bool {
        self.text.as_bytes().get(self.at..).is_some_and(|rest| rest.starts_with(text.as_bytes()))
    }

    /// Passes over `text` where it stands here.
    fn take(&mut self, text: &str) -> bool {
        let here = self.starts(text);
        if here {
            self.at += text.len();
        }
        here
    }

    fn flawed(&mut self, flaw: Flaw) {
        self.flaw = self.flaw.max(Some(flaw));
    }

    /// Reads one level deeper; past the deepest the rest of the text is dropped.
    fn nested<T: Default>(&mut self, read: impl FnOnce(&mut Self) -> T) -> T {
        if self.depth >= MAX_NESTING {
            self.flawed(Flaw::TooMuch);
            self.at = self.text.len();
            return T::default();
        }
        self.depth += 1;
        let read = read(self);
        self.depth -= 1;
        read
    }

    /// Reads a piece of text that stands at `offset` by itself.
    fn apart<T: Default>(
        &mut self,
        text: &str,
        at: usize,
        read: impl FnOnce(&mut Parser<'_>) -> T,
    ) -> T {
        if self.depth >= MAX_NESTING {
            self.flawed(Flaw::TooMuch);
            return T::default();
        }
        let mut inner = Parser::new(text, self.offset + at, self.depth + 1);
        let found = read(&mut inner);
        inner.fill_documents();
        self.flaw = self.flaw.max(inner.flaw);
        found
    }
}

#[cfg(test)]
mod tests;
