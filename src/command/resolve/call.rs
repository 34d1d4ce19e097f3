//! One command with its words known: what is inside it, and what the rules say.

use std::rc::Rc;

use super::Resolver;
use super::flow::Flow;
use crate::command::intent::Intent;
use crate::command::invocation::{Invocation, Redirect, Word};
use crate::command::parse::{self, Node};
use crate::command::{dispatch, unwrap};

/// A command about to run.
#[derive(Debug, Clone, Default)]
pub(in crate::command) struct Call {
    pub(in crate::command) words: Vec<Word>,
    pub(in crate::command) environment: Vec<(String, Word)>,
    pub(in crate::command) redirects: Vec<Redirect>,
    pub(in crate::command) input: Flow,
}

impl Call {
    /// Redirections without a simple command: of none (`:`), or of a group of
    /// several.
    pub(super) fn only(program: &str, redirects: &[Redirect]) -> Self {
        Self { words: vec![Word::text(program)], redirects: redirects.to_vec(), ..Self::default() }
    }

    /// The words behind the program.
    pub(in crate::command) fn arguments(&self) -> &[Word] {
        self.words.get(1..).unwrap_or_default()
    }

    /// The command that begins at word `at` of this one.
    pub(in crate::command) fn from(&self, at: usize) -> Self {
        Self {
            words: self.words.get(at..).unwrap_or_default().to_vec(),
            environment: self.environment.clone(),
            redirects: Vec::new(),
            input: self.input.clone(),
        }
    }

    /// A command of these words, in the same surroundings.
    pub(in crate::command) fn with(&self, words: Vec<Word>) -> Self {
        Self { words, ..self.from(self.words.len()) }
    }
}

impl Resolver<'_> {
    /// Looks at a command; what it writes to its standard output.
    pub(in crate::command) fn call(&mut self, mut call: Call) -> Flow {
        if !self.scope.limits.command() {
            self.seen.hidden_once("more commands than can be looked at");
            return Flow::nothing();
        }
        if self.scope.depth >= super::MAX_DEPTH {
            self.seen.hidden("too many commands inside one another");
            return Flow::nothing();
        }
        let Some(name) = self.program(&mut call) else {
            let what = call.words.first().map(Word::to_string).unwrap_or_default();
            if !what.is_empty() && self.emit(&call) == 0 {
                self.hidden(format!("`{what}` is known only when it runs"));
            }
            return Flow::Unknown(format!("output of {what}"));
        };
        if let Some(flow) = self.function(&name, &call) {
            return flow;
        }
        if let Some(flow) = self.builtin(&name, &call) {
            return flow;
        }
        self.deeper(|resolver| unwrap::command(resolver, &name, call))
    }

    /// A command that has nothing more inside it: the rules judge it.
    pub(in crate::command) fn leaf(&mut self, name: &str, call: &Call) -> Flow {
        self.emit(call);
        self.output(name, call)
    }

    /// Hands a command to the rules; how much they found in it.
    pub(in crate::command) fn emit(&mut self, call: &Call) -> usize {
        let mut invocation = Invocation {
            words: call.words.clone(),
            redirects: call.redirects.clone(),
            environment: call.environment.clone(),
            directory: self.shell.directory.clone(),
            input: call.input.input(),
            through: self.through.clone(),
            span: self.scope.span,
        };
        for mount in &self.mounts {
            mount.applies_to(&mut invocation);
        }
        dispatch::judge(invocation, &self.scope, self.seen)
    }

    /// A function that the line defines: its body, with the arguments at hand.
    fn function(&mut self, name: &str, call: &Call) -> Option<Flow> {
        let body = self.shell.functions.get(name)?.clone();
        if self.calling.iter().any(|caller| Rc::ptr_eq(caller, &body)) {
            if multiplies(&body, name) {
                let message = "a function that starts itself twice over and never ends";
                let intent = Intent::new("process.multiply", message);
                self.scope.report(self.seen, intent, &[name.to_owned()]);
            }
            return Some(Flow::nothing());
        }
        self.calling.push(Rc::clone(&body));
        let before = std::mem::replace(&mut self.shell.positional, call.arguments().to_vec());
        for (name, value) in &call.environment {
            self.shell.set(name, value.clone());
        }
        let flow = self.deeper(|resolver| resolver.node(&body, &call.input));
        self.shell.positional = before;
        self.calling.pop();
        // A name that matters may be the real program again a moment later.
        if unwrap::TABLE.programs.iter().any(|program| program == name) {
            self.emit(call);
        }
        Some(flow)
    }
}

/// Whether a function starts itself on both sides of a pipe.
fn multiplies(body: &Node, name: &str) -> bool {
    let calls = |node: &Node| {
        matches!(node, Node::Simple(simple)
            if simple.words.first().and_then(parse::Word::bare) == Some(name))
    };
    match body {
        Node::Pipeline(stages) => stages.iter().filter(|stage| calls(stage)).count() > 1,
        Node::Compound(compound) => compound.body.iter().any(|node| multiplies(node, name)),
        _ => false,
    }
}
