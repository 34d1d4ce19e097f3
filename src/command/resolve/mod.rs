//! From a tree to every simple command that could run.
//!
//! The resolver walks a line as a shell would, without running anything: it
//! keeps what the line itself sets (variables, functions, aliases, files, the
//! directory), follows text through pipes and substitutions as far as it is
//! known, and hands each command to [`Resolver::call`], which unwraps it (see
//! `unwrap/`) and passes what is left to the rules.
//!
//! Every branch counts as taken. What is known only when the line runs stays
//! symbolic; where that decides *which program* runs, it is noted as opaque.

mod brace;
mod builtin;
mod call;
mod decode;
mod expand;
mod filter;
mod flow;
mod limits;
mod mount;
mod output;
mod parameter;
mod printed;
mod program;
mod redirect;
mod state;
mod variable;

use std::rc::Rc;

use super::Classification;
use super::invocation::Word;
use super::parse::{self, Assigned, Assignment, Compound, Flaw, Kind, Node, Script, Simple};
use super::scope::Scope;
pub(in crate::command) use builtin::{operands, split_at_equals};
pub(in crate::command) use call::Call;
pub(in crate::command) use decode::base64;
pub(in crate::command) use flow::{Flow, origin};
pub(in crate::command) use limits::Limits;
pub(in crate::command) use mount::Mount;
pub(in crate::command) use program::base_name;
pub(in crate::command) use state::Shell;

/// How deep lines may nest before they count as unreadable.
const MAX_DEPTH: usize = 16;
/// Most rounds of a loop that are looked at.
const MAX_ROUNDS: usize = 64;

/// Walks one line and everything that it starts.
pub(in crate::command) struct Resolver<'r> {
    pub(in crate::command) scope: Scope<'r>,
    pub(in crate::command) seen: &'r mut Classification,
    pub(in crate::command) shell: Shell,
    /// Wrappers around what is looked at now.
    pub(in crate::command) through: Vec<String>,
    /// What the command that is being expanded reads.
    passing: Flow,
    /// Functions that are being called.
    calling: Vec<Rc<Node>>,
    /// Directories of this machine where what is looked at runs.
    pub(in crate::command) mounts: Vec<Mount>,
}

impl<'r> Resolver<'r> {
    pub(in crate::command) fn new(scope: Scope<'r>, seen: &'r mut Classification) -> Self {
        let mut shell = Shell::default();
        for (name, value) in &scope.assigned {
            shell.set(name, Word::text(value));
            shell.exported.push(name.clone());
        }
        if let Some(positional) = &scope.positional {
            shell.positional = positional.iter().map(Word::text).collect();
        }
        let through = scope.through.clone();
        let (calling, mounts) = (Vec::new(), Vec::new());
        Self { scope, seen, shell, through, passing: Flow::Inherited, calling, mounts }
    }

    /// Notes that what runs is known only when it runs.
    pub(in crate::command) fn hidden(&mut self, what: impl Into<String>) {
        if !self.scope.lenient {
            self.seen.hidden(what);
        }
    }

    /// Looks at a line inside this one.
    pub(in crate::command) fn text(&mut self, text: &str, input: &Flow) -> Flow {
        if self.scope.depth >= MAX_DEPTH {
            self.seen.hidden("too many lines inside one another");
            return Flow::nothing();
        }
        let script = parse::parse(text);
        self.deeper(|resolver| resolver.script(&script, input))
    }

    pub(in crate::command) fn deeper<T>(&mut self, run: impl FnOnce(&mut Self) -> T) -> T {
        self.scope.depth += 1;
        let done = run(self);
        self.scope.depth -= 1;
        done
    }

    /// Runs in a shell of its own: what it sets is gone afterwards, files stay.
    pub(in crate::command) fn apart<T>(&mut self, run: impl FnOnce(&mut Self) -> T) -> T {
        let before = self.shell.clone();
        let passing = self.passing.clone();
        let done = run(self);
        let files = std::mem::take(&mut self.shell.files);
        self.shell = before;
        self.shell.files = files;
        self.passing = passing;
        done
    }

    /// Runs behind another wrapper.
    pub(in crate::command) fn behind<T>(
        &mut self,
        wrapper: String,
        run: impl FnOnce(&mut Self) -> T,
    ) -> T {
        self.through.push(wrapper);
        let done = run(self);
        self.through.pop();
        done
    }

    /// Looks at every command of a script; what it writes.
    pub(in crate::command) fn script(&mut self, script: &Script, input: &Flow) -> Flow {
        if script.flaw == Some(Flaw::TooMuch) {
            self.seen.hidden("a line longer or deeper than can be read");
        }
        self.nodes(&script.nodes, input)
    }

    fn nodes(&mut self, nodes: &[Node], input: &Flow) -> Flow {
        let mut output = Flow::nothing();
        for node in nodes {
            let written = self.node(node, input);
            output = output.then(written);
        }
        output
    }

    fn node(&mut self, node: &Node, input: &Flow) -> Flow {
        match node {
            Node::Simple(simple) => self.simple(simple, input),
            Node::Pipeline(stages) => {
                let mut flow = input.clone();
                for stage in stages {
                    flow = self.node(stage, &flow);
                }
                flow
            }
            Node::Compound(compound) => self.compound(compound, input),
            Node::Function { name, body } => {
                self.shell.functions.insert(name.clone(), Rc::clone(body));
                Flow::nothing()
            }
            Node::Words(words) => {
                self.words(words);
                Flow::nothing()
            }
        }
    }

    fn compound(&mut self, compound: &Compound, input: &Flow) -> Flow {
        let redirected = self.redirects(&compound.redirects, input);
        let input = &redirected.input;
        let output = match &compound.kind {
            Kind::Block => self.nodes(&compound.body, input),
            Kind::Subshell => self.apart(|resolver| resolver.nodes(&compound.body, input)),
            Kind::Loop => self.rounds(&compound.body, input),
            Kind::For { name, words } => self.each(name, words.as_deref(), &compound.body, input),
        };
        if !redirected.redirects.is_empty() {
            self.emit(&Call::only("write", &redirected.redirects));
        }
        self.deliver(redirected, output)
    }

    /// `while read …`: one round for each line that is known, else one.
    fn rounds(&mut self, body: &[Node], input: &Flow) -> Flow {
        let Some(text) = input.literal().filter(|text| text.contains('\n') && reads(body)) else {
            return self.nodes(body, input);
        };
        let lines: Vec<String> = text.lines().take(MAX_ROUNDS).map(str::to_owned).collect();
        let mut output = Flow::nothing();
        for line in lines {
            let written = self.nodes(body, &Flow::text(line));
            output = output.then(written);
        }
        output
    }

    /// `for`: one round for each word.
    fn each(
        &mut self,
        name: &str,
        words: Option<&[parse::Word]>,
        body: &[Node],
        input: &Flow,
    ) -> Flow {
        let values = match words {
            Some(words) => self.words(words),
            None => self.shell.positional.clone(),
        };
        let mut output = Flow::nothing();
        if values.is_empty() {
            return self.nodes(body, input);
        }
        for value in values.into_iter().take(MAX_ROUNDS) {
            if self.scope.limits.is_spent() {
                break;
            }
            self.shell.set(name, value);
            let written = self.nodes(body, input);
            output = output.then(written);
        }
        output
    }

    /// One simple command as typed.
    fn simple(&mut self, simple: &Simple, input: &Flow) -> Flow {
        if !self.scope.limits.command() {
            self.seen.hidden_once("more commands than can be looked at");
            return Flow::nothing();
        }
        if self.scope.depth == 0 {
            self.scope.span = simple.span;
        }
        if let Some(flow) = self.alias(simple, input) {
            return flow;
        }
        let redirected = self.redirects(&simple.redirects, input);
        self.passing = redirected.input.clone();
        let words = self.words(&simple.words);
        if words.is_empty() {
            self.assign_all(&simple.assignments);
            if !redirected.redirects.is_empty() {
                self.emit(&Call::only(":", &redirected.redirects));
            }
            return self.deliver(redirected, Flow::nothing());
        }
        let (own, environment) = self.environment(simple);
        self.assign_all(own);
        for assignment in &simple.assignments {
            let set = environment.iter().rev().find(|(name, _)| *name == assignment.name);
            if let Some((name, value)) = set {
                self.started_by(name, value);
            }
        }
        let call = Call {
            words,
            environment,
            redirects: redirected.redirects.clone(),
            input: redirected.input.clone(),
        };
        let output = self.call(call);
        self.deliver(redirected, output)
    }

    /// Assignments to the shell itself, and those to the command only.
    fn environment<'s>(&mut self, simple: &'s Simple) -> (&'s [Assignment], Vec<(String, Word)>) {
        let mut found: Vec<(String, Word)> = Vec::new();
        for name in &self.shell.exported {
            found.extend(self.shell.get(name).map(|value| (name.clone(), value.clone())));
        }
        let mut declared: &[Assignment] = &[];
        for (index, assignment) in simple.assignments.iter().enumerate() {
            match &assignment.value {
                Assigned::One(word) => {
                    let value = self.one(word);
                    found.push((assignment.name.clone(), value));
                }
                Assigned::Many(_) => {
                    declared = simple.assignments.get(index..).unwrap_or_default();
                    break;
                }
            }
        }
        (declared, found)
    }

    fn assign_all(&mut self, assignments: &[Assignment]) {
        for assignment in assignments {
            self.assign(assignment);
        }
    }

    fn assign(&mut self, assignment: &Assignment) {
        let mut values = match &assignment.value {
            Assigned::One(word) => vec![self.one(word)],
            Assigned::Many(words) => self.words(words),
        };
        let before = self.shell.variables.get(&assignment.name).cloned().unwrap_or_default();
        let index = assignment.index.as_deref().map(|index| index.parse::<usize>().unwrap_or(0));
        if let Some(index) = index.filter(|index| *index < MAX_ROUNDS) {
            let mut all = before;
            all.resize(all.len().max(index + 1), Word::default());
            if let (Some(slot), Some(value)) = (all.get_mut(index), values.pop()) {
                *slot = value;
            }
            values = all;
        } else if assignment.append {
            let mut all = before;
            match (&assignment.value, all.last_mut()) {
                (Assigned::One(_), Some(last)) => {
                    values.iter().for_each(|value| last.append(value))
                }
                _ => all.append(&mut values),
            }
            values = all;
        }
        self.shell.variables.insert(assignment.name.clone(), values);
    }
}

/// Whether a loop takes its lines one by one.
fn reads(body: &[Node]) -> bool {
    body.iter().any(|node| {
        matches!(node, Node::Simple(simple)
            if simple.words.first().and_then(parse::Word::bare) == Some("read"))
    })
}
