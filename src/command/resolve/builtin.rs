//! What the shell does itself: directories, variables, aliases, `eval`.

use super::Resolver;
use super::call::Call;
use super::flow::Flow;
use crate::command::invocation::{Piece, Word};
use crate::command::unwrap;

impl Resolver<'_> {
    /// A builtin that changes what the shell knows or runs a line; nothing for
    /// every other command.
    pub(super) fn builtin(&mut self, name: &str, call: &Call) -> Option<Flow> {
        let arguments = call.arguments();
        match name {
            "cd" | "chdir" | "pushd" => self.shell.enter(operands(arguments).next()),
            "popd" => self.shell.leave(),
            "export" | "declare" | "typeset" | "local" | "readonly" => {
                self.declare(name, arguments)
            }
            "unset" => {
                for name in operands(arguments) {
                    self.shell.variables.insert(name.to_string(), Vec::new());
                }
            }
            "set" => self.set(arguments),
            "shift" => {
                let count = operands(arguments).next().and_then(Word::literal);
                let count = count.and_then(|count| count.parse().ok()).unwrap_or(1);
                let count = self.shell.positional.len().min(count);
                self.shell.positional.drain(..count);
            }
            "read" | "mapfile" | "readarray" => self.read(name, arguments, &call.input),
            "alias" => {
                for word in arguments {
                    let text = word.to_string();
                    if let Some((name, body)) = text.split_once('=') {
                        self.shell.aliases.insert(name.to_owned(), body.to_owned());
                    }
                }
            }
            "unalias" => {
                for word in arguments {
                    self.shell.aliases.remove(&word.to_string());
                }
            }
            "hash" => self.hash(arguments),
            "eval" => return Some(self.eval(call)),
            "trap" => {
                if let Some(line) = operands(arguments).next().filter(|_| arguments.len() > 1) {
                    self.line_of(line, &call.input);
                }
            }
            "." | "source" => {
                let file = arguments.iter().find(|word| word.literal() != Some("--"))?;
                let rest = arguments.get(1..).unwrap_or_default().to_vec();
                return Some(unwrap::script(self, call, file, rest));
            }
            "printf" if arguments.first().is_some_and(|word| word.literal() == Some("-v")) => {
                let name = arguments.get(1)?.to_string();
                let value = super::printed::printf(arguments.get(2..).unwrap_or_default());
                self.shell.set(&name, value);
            }
            _ => return None,
        }
        self.emit(call);
        Some(Flow::nothing())
    }

    fn declare(&mut self, name: &str, arguments: &[Word]) {
        for word in operands(arguments) {
            let (variable, value) = split_at_equals(word);
            if name == "export" || name == "declare" || name == "typeset" {
                self.shell.exported.push(variable.clone());
            }
            if let Some(value) = value {
                if name == "export" {
                    self.started_by(&variable, &value);
                }
                self.shell.set(&variable, value);
            }
        }
    }

    /// `set -- a b`; options alone leave the positions as they are.
    fn set(&mut self, arguments: &[Word]) {
        let is_option = |word: &Word| word.start().starts_with(['-', '+']);
        let at = match arguments.iter().position(|word| word.literal() == Some("--")) {
            Some(at) => at + 1,
            None => match arguments.iter().position(|word| !is_option(word)) {
                Some(at)
                    if at == 0 || arguments.get(at - 1).and_then(Word::literal) != Some("-o") =>
                {
                    at
                }
                _ => return,
            },
        };
        self.shell.positional = arguments.get(at..).unwrap_or_default().to_vec();
    }

    fn read(&mut self, program: &str, arguments: &[Word], input: &Flow) {
        let mut names: Vec<String> = Vec::new();
        let mut array = program != "read";
        let mut words = arguments.iter();
        while let Some(word) = words.next() {
            match word.literal() {
                Some("-a") => array = true,
                Some(
                    "-d" | "-n" | "-N" | "-p" | "-t" | "-u" | "-i" | "-O" | "-s" | "-c" | "-C",
                ) => {
                    words.next();
                }
                Some(text) if text.starts_with('-') => array |= text.ends_with('a'),
                _ => names.push(word.to_string()),
            }
        }
        if names.is_empty() {
            names.push(if array { "MAPFILE" } else { "REPLY" }.to_owned());
        }
        let Some(text) = input.literal() else {
            for name in names {
                let unknown = Piece::Substitution(program.to_owned());
                self.shell.set(&name, Word::of(unknown));
            }
            return;
        };
        if array {
            let lines = program != "read";
            let values = if lines { text.lines().collect() } else { fields(text) };
            let values = values.into_iter().map(Word::text).collect();
            self.shell.variables.extend(names.pop().map(|name| (name, values)));
            return;
        }
        let line = text.lines().next().unwrap_or_default();
        let mut rest = line.trim();
        let last = names.len() - 1;
        for (index, name) in names.iter().enumerate() {
            let (value, after) = match rest.split_once([' ', '\t']) {
                Some((value, after)) if index < last => (value, after.trim_start()),
                _ => (rest, ""),
            };
            self.shell.set(name, Word::text(value));
            rest = after;
        }
    }

    /// `hash -p PATH NAME`
    fn hash(&mut self, arguments: &[Word]) {
        if let [flag, path, name] = arguments
            && flag.literal() == Some("-p")
        {
            self.shell.renamed.insert(name.to_string(), path.to_string());
        }
    }

    fn eval(&mut self, call: &Call) -> Flow {
        let words = call.arguments();
        let skip = usize::from(words.first().and_then(Word::literal) == Some("--"));
        let line = unwrap::joined(words.get(skip..).unwrap_or_default());
        unwrap::line(self, call, &line)
    }

    /// A line of shell that is in a word.
    pub(in crate::command) fn line_of(&mut self, line: &Word, input: &Flow) -> Flow {
        match line.pieces.as_slice() {
            [Piece::Substitution(typed)] if unwrap::is_trusted(typed) => Flow::nothing(),
            [Piece::Substitution(typed) | Piece::Variable(typed)] => {
                self.hidden(format!("a line that only `{typed}` knows"));
                Flow::Unknown("output of an unknown line".to_owned())
            }
            _ => self.text(&line.to_string(), input),
        }
    }
}

/// The words that are not options.
pub(in crate::command) fn operands(words: &[Word]) -> impl Iterator<Item = &Word> {
    words.iter().filter(|word| {
        let start = word.start();
        !start.starts_with('-') || start == "-"
    })
}

fn fields(text: &str) -> Vec<&str> {
    text.split_whitespace().collect()
}

/// `name=value` as a name and a value.
pub(in crate::command) fn split_at_equals(word: &Word) -> (String, Option<Word>) {
    let Some(Piece::Text(first)) = word.pieces.first() else { return (word.to_string(), None) };
    let Some((name, start)) = first.split_once('=') else { return (word.to_string(), None) };
    let mut value = Word::default();
    if !start.is_empty() {
        value.push_text(start);
    }
    for piece in word.pieces.get(1..).unwrap_or_default() {
        value.push(piece.clone());
    }
    (name.to_owned(), Some(value))
}
