//! Groups, loops, conditions and functions.

use std::rc::Rc;

use super::Parser;
use super::tree::{Compound, Flaw, Kind, Node, Word};

impl Parser<'_> {
    /// A compound command, where one begins here.
    pub(super) fn compound(&mut self) -> Option<Node> {
        if self.starts("((") {
            let words = self.arithmetic_words();
            return Some(Node::Words(words));
        }
        if self.take("(") {
            let body = self.nested(Self::list);
            if !self.take(")") {
                self.flawed(Flaw::Syntax);
            }
            return Some(self.with_redirects(Kind::Subshell, body));
        }
        let word = self.keyword();
        let length = word.len();
        let node = match word {
            "{" => self.block(length, Kind::Block, "}"),
            "if" => self.block(length, Kind::Block, "fi"),
            "while" | "until" => self.block(length, Kind::Loop, "done"),
            "for" | "select" => self.each(length),
            "case" => self.case(),
            "function" => self.named_function(),
            "coproc" => self.coprocess(),
            "[[" => self.test(),
            _ => return None,
        };
        Some(node)
    }

    /// Everything up to `end`, with the words between the parts passed over.
    fn block(&mut self, opening: usize, kind: Kind, end: &str) -> Node {
        self.at += opening;
        let body = self.nested(|parser| parser.body(end));
        self.with_redirects(kind, body)
    }

    fn body(&mut self, end: &str) -> Vec<Node> {
        let mut nodes = Vec::new();
        loop {
            nodes.append(&mut self.list());
            let word = self.keyword();
            let length = word.len();
            if word == end {
                self.at += length;
                return nodes;
            }
            if !matches!(word, "then" | "else" | "elif" | "do") {
                self.flawed(Flaw::Syntax);
                return nodes;
            }
            self.at += length;
        }
    }

    fn with_redirects(&mut self, kind: Kind, body: Vec<Node>) -> Node {
        let mut redirects = Vec::new();
        loop {
            self.skip_blanks();
            match self.redirect() {
                Some(redirect) => redirects.push(redirect),
                None => return Node::Compound(Compound { kind, body, redirects }),
            }
        }
    }

    /// `for name in words; do …; done`, `for ((…)); do …; done`
    fn each(&mut self, opening: usize) -> Node {
        self.at += opening;
        self.skip_blanks();
        let mut front = Vec::new();
        let kind = if self.starts("((") {
            front.push(Node::Words(self.arithmetic_words()));
            Kind::Loop
        } else {
            let name = self.word().bare().unwrap_or_default().to_owned();
            self.skip_separators();
            let words = (self.keyword() == "in").then(|| {
                self.at += 2;
                self.words_of_line()
            });
            Kind::For { name, words }
        };
        self.skip_separators();
        let end = if self.keyword() == "{" {
            self.at += 1;
            "}"
        } else {
            "done"
        };
        front.extend(self.nested(|parser| parser.body(end)));
        self.with_redirects(kind, front)
    }

    fn words_of_line(&mut self) -> Vec<Word> {
        let mut words = Vec::new();
        loop {
            self.skip_blanks();
            let here = self.at;
            let word = self.word();
            if self.at == here {
                return words;
            }
            words.push(word);
        }
    }

    /// `case word in pattern) …;; esac`
    fn case(&mut self) -> Node {
        self.at += 4;
        self.skip_blanks();
        let mut nodes = vec![Node::Words(vec![self.word()])];
        self.skip_separators();
        if self.keyword() == "in" {
            self.at += 2;
        }
        let mut branches = self.nested(Self::branches);
        nodes.append(&mut branches);
        self.with_redirects(Kind::Block, nodes)
    }

    fn branches(&mut self) -> Vec<Node> {
        let mut nodes = Vec::new();
        loop {
            self.skip_separators();
            while self.take(";;&") || self.take(";;") || self.take(";&") {
                self.skip_separators();
            }
            if self.keyword() == "esac" {
                self.at += 4;
                return nodes;
            }
            let here = self.at;
            self.take("(");
            nodes.push(Node::Words(self.patterns()));
            if !self.take(")") || self.at == here {
                self.flawed(Flaw::Syntax);
                return nodes;
            }
            nodes.append(&mut self.list());
        }
    }

    fn patterns(&mut self) -> Vec<Word> {
        let mut words = Vec::new();
        loop {
            words.append(&mut self.words_of_line());
            if !self.take("|") {
                return words;
            }
        }
    }

    /// `function name { … }`, with or without parentheses.
    fn named_function(&mut self) -> Node {
        self.at += "function".len();
        self.skip_blanks();
        let name = self.word().bare().unwrap_or_default().to_owned();
        self.skip_blanks();
        if self.take("(") {
            self.skip_blanks();
            self.take(")");
        }
        self.function(name).unwrap_or(Node::Words(Vec::new()))
    }

    /// The command that a function's name stands for.
    pub(super) fn function(&mut self, name: String) -> Option<Node> {
        self.skip_separators();
        let body = self.nested(Self::command)?;
        Some(Node::Function { name, body: Rc::new(body) })
    }

    /// `coproc [NAME] command`: a name stands only before a compound command.
    fn coprocess(&mut self) -> Node {
        self.at += "coproc".len();
        self.skip_blanks();
        let start = self.at;
        self.word();
        self.skip_blanks();
        let named = self.peek() == Some(b'(') || self.keyword() == "{";
        if !named {
            self.at = start;
        }
        self.nested(Self::command).unwrap_or(Node::Words(Vec::new()))
    }

    /// `[[ … ]]`: operators are only words of it.
    fn test(&mut self) -> Node {
        self.at += 2;
        let mut words = Vec::new();
        while self.peek().is_some() {
            self.skip_blanks();
            if self.take("]]") {
                return Node::Words(words);
            }
            let here = self.at;
            let word = self.nested(Self::word);
            if self.at == here {
                self.at += self.rest().chars().next().map_or(0, char::len_utf8);
            } else {
                words.push(word);
            }
        }
        self.flawed(Flaw::Syntax);
        Node::Words(words)
    }
}
