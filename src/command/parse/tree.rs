//! What a line consists of.

use std::cell::OnceCell;
use std::rc::Rc;

/// What is wrong with a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::command) enum Flaw {
    /// Something is not closed, or closed twice.
    Syntax,
    /// It is longer or deeper than what is read.
    TooMuch,
}

/// Commands that run one after the other.
#[derive(Debug, Default)]
pub(in crate::command) struct Script {
    pub(in crate::command) nodes: Vec<Node>,
    pub(in crate::command) flaw: Option<Flaw>,
}

/// A command of any kind.
#[derive(Debug)]
pub(in crate::command) enum Node {
    Simple(Simple),
    /// Each reads what the one before it writes.
    Pipeline(Vec<Node>),
    Compound(Compound),
    Function {
        name: String,
        body: Rc<Node>,
    },
    /// Words that are expanded without being a command: `[[ … ]]`, `case … in`.
    Words(Vec<Word>),
}

/// A program and its arguments.
#[derive(Debug, Default)]
pub(in crate::command) struct Simple {
    pub(in crate::command) assignments: Vec<Assignment>,
    pub(in crate::command) words: Vec<Word>,
    pub(in crate::command) redirects: Vec<Redirect>,
    pub(in crate::command) span: (usize, usize),
}

/// `name=value`
#[derive(Debug)]
pub(in crate::command) struct Assignment {
    pub(in crate::command) name: String,
    /// `name[index]=`
    pub(in crate::command) index: Option<String>,
    /// `name+=`
    pub(in crate::command) append: bool,
    pub(in crate::command) value: Assigned,
}

/// What is assigned.
#[derive(Debug)]
pub(in crate::command) enum Assigned {
    One(Word),
    Many(Vec<Word>),
}

/// A group, a loop, a condition.
#[derive(Debug)]
pub(in crate::command) struct Compound {
    pub(in crate::command) kind: Kind,
    /// Every command in it, conditions and all branches, in order.
    pub(in crate::command) body: Vec<Node>,
    pub(in crate::command) redirects: Vec<Redirect>,
}

/// How a compound command runs its body.
#[derive(Debug)]
pub(in crate::command) enum Kind {
    /// In this shell: `{ … }`, `if`, `case`.
    Block,
    /// In a shell of its own.
    Subshell,
    /// Repeatedly: `while`, `until`.
    Loop,
    /// Once for each word; for each argument where no words are given.
    For { name: String, words: Option<Vec<Word>> },
}

/// A redirection.
#[derive(Debug)]
pub(in crate::command) struct Redirect {
    /// The file descriptor, where one is named.
    pub(in crate::command) descriptor: Option<u32>,
    pub(in crate::command) to: RedirectTo,
}

/// Where it leads.
#[derive(Debug)]
pub(in crate::command) enum RedirectTo {
    Read(Word),
    Overwrite(Word),
    Append(Word),
    /// `&>` and `>&` with a file's name: both outputs.
    Both(Word, bool),
    /// `2>&1`, `<&3`, `>&-`
    Duplicate,
    /// The text of a here-document, known once its lines are read.
    Document(Rc<OnceCell<Word>>),
    /// `<<<`
    Text(Word),
}

/// A word before expansion.
#[derive(Debug, Clone, Default)]
pub(in crate::command) struct Word {
    pub(in crate::command) parts: Vec<Part>,
}

/// A part of a word.
#[derive(Debug, Clone)]
pub(in crate::command) enum Part {
    /// Unquoted text may hold patterns, braces and a tilde.
    Text {
        text: String,
        quoted: bool,
    },
    Parameter {
        parameter: Rc<Parameter>,
        quoted: bool,
    },
    Command {
        command: Rc<Substitution>,
        quoted: bool,
    },
    /// `<(…)`, and `>(…)` where `writes`.
    Process {
        command: Rc<Substitution>,
        writes: bool,
    },
    /// The parts inside `$((…))`.
    Arithmetic(Rc<Word>),
}

/// A command inside a word.
#[derive(Debug)]
pub(in crate::command) struct Substitution {
    pub(in crate::command) script: Script,
    /// As typed, without what surrounds it.
    pub(in crate::command) text: String,
}

/// `$name` and everything that `${…}` can do.
#[derive(Debug, Default)]
pub(in crate::command) struct Parameter {
    pub(in crate::command) name: String,
    /// `${name[index]}`
    pub(in crate::command) index: Option<String>,
    /// `${!name}`
    pub(in crate::command) indirect: bool,
    /// `${#name}`
    pub(in crate::command) length: bool,
    /// `:-`, `%%`, `//` and so on; empty where there is none.
    pub(in crate::command) operator: &'static str,
    pub(in crate::command) argument: Word,
}

impl Word {
    /// Its text where that is unquoted and there is nothing else.
    pub(in crate::command) fn bare(&self) -> Option<&str> {
        match self.parts.as_slice() {
            [Part::Text { text, quoted: false }] => Some(text),
            _ => None,
        }
    }

    /// Adds text, to the last part where that is of the same kind.
    pub(in crate::command) fn push(&mut self, more: &str, quoted: bool) {
        if let Some(Part::Text { text, quoted: before }) = self.parts.last_mut()
            && *before == quoted
        {
            text.push_str(more);
        } else {
            self.parts.push(Part::Text { text: more.to_owned(), quoted });
        }
    }
}
