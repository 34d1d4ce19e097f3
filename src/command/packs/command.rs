//! A command as the rules see it: words as text, arguments read, and what
//! happens to which file.

use super::http::{self, Call};
use super::matching;
use super::own::OwnPacks;
use super::path::Place;
use super::schema::{Effect, Known, Program, Rule};
use super::sql;
use super::tables::{EFFECTS, PROGRAMS};
use crate::command::invocation::{Input, Invocation, Piece, RedirectKind, Word};
use crate::command::options::{self, Parsed, Style};

/// Longest text that is searched for SQL, in bytes.
const MAX_TEXT: usize = 64 * 1024;

/// Programs that take code in an option.
const INTERPRETERS: &[&str] = &[
    "sh", "bash", "zsh", "dash", "ksh", "python", "python2", "python3", "node", "nodejs", "ruby",
    "perl", "php", "lua", "deno", "bun",
];

/// A command, read.
#[derive(Debug)]
pub(super) struct Command<'a> {
    /// As it was handed over.
    pub(super) invocation: &'a Invocation,
    /// What is known about its program.
    pub(super) known: Option<&'static Known>,
    /// Its program, in lower case and without a directory.
    name: String,
    /// Its words; what is known only when it runs as `${NAME}` or `$(…)`.
    pub(super) words: Vec<String>,
    /// Its options and operands.
    pub(super) parsed: Parsed,
    /// What happens to files.
    pub(super) touched: Vec<(&'static str, Place)>,
    /// Kinds of SQL statements that it runs.
    pub(super) sql: Vec<&'static str>,
    /// The HTTP call that it makes.
    pub(super) call: Option<Call>,
}

impl<'a> Command<'a> {
    /// Reads a command; none where there is no word.
    pub(super) fn read(invocation: &'a Invocation, own: Option<&OwnPacks>) -> Option<Self> {
        let words: Vec<String> = invocation.words.iter().map(text_of).collect();
        let name = program_name(words.first()?);
        let known = Known::of(&name);
        let program = known.and_then(|known| PROGRAMS.get(known.program?));
        let arguments = words.get(1..).unwrap_or_default();
        let parsed = match program {
            Some(program) => options::parse(&program.options, style(program), arguments),
            None if known.is_some() || own.is_some_and(|own| own.names(&name)) => {
                options::parse("", Style::Git, arguments)
            }
            None => Parsed::default(),
        };
        let mut command = Self {
            invocation,
            known,
            name,
            words,
            parsed,
            touched: Vec::new(),
            sql: Vec::new(),
            call: None,
        };
        command.touched = command.effects();
        if let Some(program) = program {
            command.sql = command.statements(program);
            command.call = http::call(program, &command);
        }
        Some(command)
    }

    /// Whether a rule of one's own is about this program.
    pub(super) fn is_about(&self, rule: &Rule) -> bool {
        let mut programs = rule.programs.split_ascii_whitespace();
        rule.programs.is_empty() || programs.any(|program| program == self.name)
    }

    /// `--help`, or `--version` alone.
    pub(super) fn is_only_a_question(&self) -> bool {
        let version = self.words.len() == 2
            && self.words.get(1).is_some_and(|word| word == "--version" || word == "-V");
        version || self.parsed.asks_for_help()
    }

    /// Whether it is a shell or an interpreter that has its code in an option,
    /// so that what it reads is data.
    pub(super) fn has_its_code(&self) -> bool {
        INTERPRETERS.contains(&self.name.as_str())
            && ["c", "e", "eval"].iter().any(|option| self.parsed.has(option))
    }

    /// Whether rules without a program may be about it.
    pub(super) fn touches_anything(&self) -> bool {
        !self.touched.is_empty()
            || !self.sql.is_empty()
            || self.call.is_some()
            || !self.invocation.environment.is_empty()
    }

    /// The words at `places` (see the packs' `README.md`), operands counted
    /// from `first`.
    pub(super) fn at<'b>(&'b self, places: &str, first: usize) -> Vec<&'b str> {
        let operands = self.parsed.operands.get(first..).unwrap_or_default();
        let mut found = Vec::new();
        for place in places.split_ascii_whitespace() {
            let mut all = operands.iter().map(String::as_str);
            match place {
                "operands" => found.extend(all),
                "first" => found.extend(all.take(1)),
                "second" => found.extend(all.skip(1).take(1)),
                "last" => found.extend(all.next_back()),
                "rest" => found.extend(all.skip(1)),
                "init" => found.extend(all.take(operands.len().saturating_sub(1))),
                "words" => found.extend(self.words.iter().skip(1).map(String::as_str)),
                "cwd" if operands.is_empty() => found.push("."),
                "stdin" => found.extend(self.origin()),
                _ => match place.strip_prefix("opt:") {
                    Some(name) => found.extend(self.values(name)),
                    None => found.extend(all.filter_map(|word| word.strip_prefix(place))),
                },
            }
        }
        found
    }

    /// The file that the command's input was made of.
    fn origin(&self) -> Option<&str> {
        match &self.invocation.input {
            Input::Unknown(what) => crate::command::resolve::origin(what),
            _ => None,
        }
    }

    /// Values of an option; with an `@` behind its name, of `@FILE` or
    /// `name=@FILE` the file.
    fn values<'b>(&'b self, name: &str) -> Vec<&'b str> {
        let given = self.parsed.flags.iter().filter(|flag| flag.name == name.trim_end_matches('@'));
        let values = given.filter_map(|flag| flag.value.as_deref());
        if name.ends_with('@') {
            values.filter_map(|value| Some(value.split_once('@')?.1)).collect()
        } else {
            values.collect()
        }
    }

    /// A path, from where the command runs.
    pub(super) fn place(&self, path: &str) -> Place {
        let directory = self.invocation.directory.as_ref().map(text_of);
        Place::of(path, directory.as_deref())
    }

    /// The words and the input in lower case without blanks and quotes.
    pub(super) fn condensed(&self) -> String {
        let input = match &self.invocation.input {
            Input::Text(text) => head(text),
            _ => "",
        };
        let words = self.words.iter().skip(1).map(|word| head(word));
        let all = words.chain([input]).flat_map(|text| text.chars().chain(['\n']));
        all.filter(|c| !matches!(c, ' ' | '\t' | '"' | '\'' | '`'))
            .map(|c| c.to_ascii_lowercase())
            .collect()
    }

    fn effects(&self) -> Vec<(&'static str, Place)> {
        let own = self.known.map_or(&[][..], |known| &known.effects);
        let mut found = Vec::new();
        for entry in own.iter().filter_map(|number| EFFECTS.get(*number)) {
            if let Some(first) = self.has_effect(entry) {
                for path in self.at(&entry.at, first) {
                    let place = self.place(path);
                    let kinds = entry.effect.split_ascii_whitespace();
                    found.extend(kinds.map(|kind| (kind, place.clone())));
                }
            }
        }
        if self.name == "tee" && self.writes_nothing() {
            let written = found.iter().filter(|(effect, _)| *effect == "write");
            let emptied: Vec<_> = written.map(|(_, place)| ("emptied", place.clone())).collect();
            found.extend(emptied);
        }
        for redirect in &self.invocation.redirects {
            let effect = match redirect.kind {
                RedirectKind::Read => "input",
                RedirectKind::Overwrite => "overwrite",
                RedirectKind::Append => "append",
            };
            let place = self.place(&text_of(&redirect.file));
            if effect == "overwrite" && self.writes_nothing() {
                found.push(("emptied", place.clone()));
            }
            found.push((effect, place));
        }
        found
    }

    /// Whether its output is nothing: `: > FILE`, `cat /dev/null > FILE`.
    fn writes_nothing(&self) -> bool {
        let mut arguments = self.words.iter().skip(1);
        match self.name.as_str() {
            ":" | "true" => true,
            "cat" | "tee" => {
                let reads_nothing = arguments.any(|word| word == "/dev/null");
                reads_nothing || self.origin() == Some("/dev/null")
            }
            _ => false,
        }
    }

    fn has_effect(&self, entry: &Effect) -> Option<usize> {
        let first = matching::command(&entry.command, &self.parsed)?;
        let given = matching::all_flags(&entry.flags, &self.parsed)
            && !matching::any_flag(&entry.unless, &self.parsed);
        given.then_some(first)
    }

    fn statements(&self, program: &Program) -> Vec<&'static str> {
        let mut found = Vec::new();
        if program.sql.is_empty() {
            return found;
        }
        for text in self.at(&program.sql, 0) {
            found.extend(sql::kinds(head(text)));
        }
        if let Input::Text(text) = &self.invocation.input {
            found.extend(sql::kinds(head(text)));
        }
        found
    }
}

/// The part of a text that is looked at.
fn head(text: &str) -> &str {
    let mut end = text.len().min(MAX_TEXT);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    text.get(..end).unwrap_or_default()
}

/// A word as text.
pub(super) fn text_of(word: &Word) -> String {
    let mut text = String::new();
    for piece in &word.pieces {
        match piece {
            Piece::Text(part) | Piece::Glob(part) => text.push_str(part),
            Piece::Home => text.push('~'),
            Piece::Variable(name) => text.extend(["${", name, "}"]),
            Piece::Substitution(line) => text.extend(["$(", line, ")"]),
        }
    }
    text
}

fn program_name(word: &str) -> String {
    let name = word.rsplit(['/', '\\']).next().unwrap_or(word);
    name.trim_start_matches('@').to_ascii_lowercase()
}

fn style(program: &Program) -> Style {
    match program.style.as_ref() {
        "pflag" => Style::Pflag,
        "single" => Style::Single,
        "powershell" => Style::PowerShell,
        "slash" => Style::Slash,
        _ => Style::Git,
    }
}
