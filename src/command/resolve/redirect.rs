//! Where a command reads from and writes to.

use std::rc::Rc;

use super::Resolver;
use super::flow::Flow;
use crate::command::invocation::{Redirect, RedirectKind, Word};
use crate::command::parse::{self, Part, RedirectTo, Substitution};

/// A command's redirections, expanded.
pub(super) struct Redirected {
    pub(super) redirects: Vec<Redirect>,
    pub(super) input: Flow,
    /// Where standard output goes, and whether it is added there.
    output: Option<(Word, bool)>,
    /// `> >(…)`
    reader: Option<Rc<Substitution>>,
}

impl Resolver<'_> {
    pub(super) fn redirects(&mut self, list: &[parse::Redirect], input: &Flow) -> Redirected {
        let mut found =
            Redirected { redirects: Vec::new(), input: input.clone(), output: None, reader: None };
        for redirect in list {
            let is_output = redirect.descriptor.is_none_or(|number| number == 1);
            let is_input = redirect.descriptor.is_none_or(|number| number == 0);
            match &redirect.to {
                RedirectTo::Read(word) => {
                    let file = self.one(word);
                    if is_input {
                        found.input = self.content(&file);
                    }
                    found.redirects.push(Redirect { kind: RedirectKind::Read, file });
                }
                RedirectTo::Overwrite(word) => self.writes(&mut found, word, is_output, false),
                RedirectTo::Append(word) => self.writes(&mut found, word, is_output, true),
                RedirectTo::Both(word, appends) => self.writes(&mut found, word, true, *appends),
                RedirectTo::Duplicate => {}
                RedirectTo::Document(text) => {
                    if let Some(word) = text.get() {
                        found.input = Flow::Known(self.one(word));
                    }
                }
                RedirectTo::Text(word) => {
                    let mut text = self.one(word);
                    text.push_text("\n");
                    found.input = Flow::Known(text);
                }
            }
        }
        found
    }

    fn writes(&mut self, found: &mut Redirected, word: &parse::Word, output: bool, appends: bool) {
        if let [Part::Process { command, writes: true }] = word.parts.as_slice() {
            found.reader = Some(Rc::clone(command));
            return;
        }
        let file = self.one(word);
        if output {
            found.output = Some((file.clone(), appends));
        }
        let kind = if appends { RedirectKind::Append } else { RedirectKind::Overwrite };
        found.redirects.push(Redirect { kind, file });
    }

    /// What a file holds, as far as the line itself wrote it.
    pub(in crate::command) fn content(&self, file: &Word) -> Flow {
        match file.literal() {
            Some("-" | "/dev/stdin" | "/dev/fd/0" | "/proc/self/fd/0") => self.passing.clone(),
            Some(name) => {
                let known = self.shell.file(name).cloned();
                known.unwrap_or_else(|| Flow::File(name.to_owned()))
            }
            None => Flow::Unknown(format!("file {file}")),
        }
    }

    /// Takes a command's output to where its redirections lead; what is left
    /// for the next command.
    pub(super) fn deliver(&mut self, redirected: Redirected, output: Flow) -> Flow {
        if let Some(reader) = redirected.reader {
            return self.apart(|resolver| resolver.script(&reader.script, &output));
        }
        match redirected.output {
            Some((file, appends)) => {
                self.shell.write(&file, output, appends);
                Flow::nothing()
            }
            None => output,
        }
    }
}
