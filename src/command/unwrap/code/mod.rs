//! Code of other languages: `python -c`, `node -e`, `perl -e`, awk programs.
//!
//! No language is parsed. Calls that start programs, lose files, write files
//! or send requests are found by name (`rules/commands/code.toml`), and what is
//! handed to them is looked at as the command it stands for. What only the
//! running code knows stays open.

mod calls;
mod lexer;
mod options;
mod value;

use crate::command::invocation::{Redirect, RedirectKind, Word};
use crate::command::resolve::{Call, Flow, Resolver};
use calls::Kind;
use lexer::Token;
use options::{Source, codes};
use value::{Argument, Values};

/// A family of languages whose texts and comments look alike.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Language {
    Python,
    JavaScript,
    Ruby,
    Perl,
    Php,
    Lua,
    AppleScript,
    Awk,
}

impl Language {
    /// Whether a call needs no parentheses.
    fn calls_openly(self) -> bool {
        matches!(self, Self::Perl | Self::Ruby | Self::Php | Self::AppleScript)
    }

    fn is_javascript(self) -> bool {
        self == Self::JavaScript
    }

    fn of(name: &str) -> Option<Self> {
        let name = name.trim_end_matches(|c: char| c.is_ascii_digit() || c == '.');
        Some(match name {
            "python" | "pypy" | "ipython" | "py" | "micropython" | "jython" => Self::Python,
            "node" | "nodejs" | "deno" | "bun" | "ts-node" | "tsx" | "qjs" | "go" => {
                Self::JavaScript
            }
            "ruby" | "irb" | "jruby" | "crystal" | "rails" | "elixir" | "iex" => Self::Ruby,
            "perl" => Self::Perl,
            "php" => Self::Php,
            "lua" | "luajit" | "julia" | "R" | "Rscript" | "groovy" => Self::Lua,
            "osascript" => Self::AppleScript,
            "awk" | "gawk" | "mawk" | "nawk" => Self::Awk,
            _ => return None,
        })
    }
}

/// Whether a program runs code of a language that is looked at.
pub(super) fn is_interpreter(name: &str) -> bool {
    Language::of(name).is_some()
}

/// Whether code stands in the first of a program's words.
pub(super) fn is_code(call: &Call) -> bool {
    let first = call.arguments().first().and_then(Word::literal);
    matches!(first, Some("-e" | "--eval" | "-p" | "--print"))
}

/// The language in a script's first line.
pub(super) fn language_of(text: &str) -> Option<Language> {
    let first = text.lines().next()?.strip_prefix("#!")?;
    let program = first.split_whitespace().find(|word| !word.ends_with("env"))?;
    Language::of(program.rsplit('/').next()?)
}

/// Looks at what an interpreter would run.
pub(super) fn run(resolver: &mut Resolver, name: &str, call: &Call) -> Flow {
    let Some(language) = Language::of(name) else { return resolver.leaf(name, call) };
    let found = resolver.emit(call);
    let (codes, source_of) = codes(language, call);
    let mut output = Flow::nothing();
    for code in &codes {
        let next = match code.literal() {
            Some(text) => source(resolver, call, language, text),
            None => source(resolver, call, language, &code.to_string()),
        };
        output = output.then(next);
    }
    if !codes.is_empty() {
        return output;
    }
    let content = match &source_of {
        Source::File(file) => resolver.content(file),
        Source::Input if call.input != Flow::Inherited => call.input.clone(),
        Source::Input | Source::Module => return Flow::Unknown(format!("output of {name}")),
    };
    match &content {
        Flow::Known(text) => source(resolver, call, language, &text.to_string()),
        Flow::Unknown(what) => {
            let from = Call { input: content.clone(), ..call.clone() };
            if found == 0 && resolver.emit(&from) == 0 {
                resolver.hidden(format!("`{name}` with code from {what}"));
            }
            Flow::Unknown(format!("output of {name}"))
        }
        _ => Flow::Unknown(format!("output of {name}")),
    }
}

/// Looks at code; what it prints.
pub(super) fn source(resolver: &mut Resolver, call: &Call, language: Language, code: &str) -> Flow {
    let tokens = lexer::tokens(code, language);
    let label = call.words.first().map(Word::to_string).unwrap_or_default();
    let mut reader = Reader { call, language, code, values: Values::default(), printed: None };
    resolver.deeper(|resolver| resolver.behind(label, |resolver| reader.read(resolver, &tokens)));
    let unknown =
        || Flow::Unknown(format!("output of {}", call.words.first().cloned().unwrap_or_default()));
    reader.printed.map_or_else(unknown, Flow::Known)
}

fn last_of(name: &str) -> &str {
    name.rsplit('.').next().unwrap_or(name)
}

struct Reader<'c> {
    call: &'c Call,
    language: Language,
    code: &'c str,
    values: Values,
    printed: Option<Word>,
}

impl Reader<'_> {
    fn read(&mut self, resolver: &mut Resolver, tokens: &[Token]) {
        let mut at = 0;
        while let Some(token) = tokens.get(at) {
            match token {
                Token::Line(line) => {
                    resolver.line_of(line, &Flow::nothing());
                }
                Token::Name(name) => self.name(resolver, name, tokens, at),
                Token::Mark('|') if self.language == Language::Awk => {
                    let next = tokens.get(at + 1).filter(|next| **next != Token::Mark('&'));
                    let next = next.or_else(|| tokens.get(at + 2));
                    if let Some(Token::Text(line)) = next {
                        resolver.line_of(line, &Flow::nothing());
                    }
                }
                Token::Text(line)
                    if self.language == Language::Awk
                        && tokens.get(at + 1) == Some(&Token::Mark('|')) =>
                {
                    resolver.line_of(line, &Flow::nothing());
                }
                Token::Mark('>') if self.language == Language::Awk => {
                    if let Some(Token::Text(file)) = tokens.get(at + 1) {
                        self.writes(resolver, file, RedirectKind::Overwrite);
                    }
                }
                _ => {}
            }
            at += 1;
        }
    }

    /// A call, or a variable that is set.
    fn name(&mut self, resolver: &mut Resolver, name: &str, tokens: &[Token], at: usize) {
        let assigns = tokens.get(at + 1) == Some(&Token::Mark('='))
            && !matches!(tokens.get(at + 2), Some(Token::Mark('=' | '>' | '~')));
        if assigns && !name.starts_with('.') {
            let (words, _, _) = self.values.expression(tokens, at + 2);
            self.values.variables.insert(name.to_owned(), words);
            return;
        }
        let closed = tokens.get(at + 1) == Some(&Token::Mark('('));
        let mut name = name.to_owned();
        let mut from = at + 1;
        if closed && name == "getattr" {
            let Some(Token::Text(attribute)) = tokens.get(at + 4).or(None) else { return };
            let end = tokens.iter().skip(at).position(|token| *token == Token::Mark(')'));
            let Some(end) = end.map(|end| at + end + 1) else { return };
            name = attribute.to_string();
            from = end;
        }
        let open_call = self.language.calls_openly()
            && matches!(tokens.get(from), Some(Token::Text(_) | Token::Name(_) | Token::Mark('[')));
        if !closed && !open_call {
            return self.handed_on(resolver, &name, tokens, at);
        }
        let Some(kind) = calls::kind(&name, self.code, self.language) else { return };
        let (mut arguments, _) = self.values.arguments(tokens, from + usize::from(closed), closed);
        if arguments.is_empty() && name.starts_with('.') {
            arguments = self.receiver(tokens, at);
        }
        self.found(resolver, kind, &name, &arguments);
    }

    /// A function that another one gets to call: `.then(eval)`.
    fn handed_on(&self, resolver: &mut Resolver, name: &str, tokens: &[Token], at: usize) {
        let is_alone = at.checked_sub(1).and_then(|before| tokens.get(before))
            == Some(&Token::Mark('('))
            && tokens.get(at + 1) == Some(&Token::Mark(')'));
        if is_alone && calls::kind(name, self.code, self.language) == Some(Kind::Code) {
            resolver.hidden("code that is known only when it runs");
        }
    }

    /// The arguments of the call that a method is called on: `Path("x").unlink()`.
    fn receiver(&mut self, tokens: &[Token], at: usize) -> Vec<Argument> {
        if let Some(Token::Text(word)) = at.checked_sub(1).and_then(|before| tokens.get(before)) {
            return vec![Argument { words: vec![word.clone()], ..Argument::default() }];
        }
        let mut open = 0_usize;
        let mut begin = at;
        while let Some(before) = begin.checked_sub(1) {
            begin = before;
            match tokens.get(begin) {
                Some(Token::Mark(')')) => open += 1,
                Some(Token::Mark('(')) => open = open.saturating_sub(1),
                _ => {}
            }
            if open == 0 {
                break;
            }
        }
        self.values.arguments(tokens, begin + 1, true).0
    }

    fn found(&mut self, resolver: &mut Resolver, kind: Kind, name: &str, arguments: &[Argument]) {
        let plain: Vec<&Argument> = arguments.iter().filter(|given| given.name.is_none()).collect();
        let words: Vec<Word> = plain.iter().flat_map(|given| given.words.iter().cloned()).collect();
        let Some(first) = words.first().cloned() else { return };
        match kind {
            Kind::Run
                if plain.first().is_some_and(|given| given.list)
                    || plain.get(1).is_some_and(|given| given.list && !given.words.is_empty())
                    || (plain.len() > 1 && self.separate()) =>
            {
                self.program(resolver, words);
            }
            Kind::Run => {
                resolver.line_of(&first, &Flow::nothing());
            }
            Kind::Program if plain.len() > 1 && last_of(name).starts_with("exec") => {
                self.program(resolver, words.get(1..).unwrap_or_default().to_vec());
            }
            Kind::Program => self.program(resolver, words),
            Kind::Tree => self.command(resolver, &["rm", "-rf"], &words),
            Kind::Remove => self.command(resolver, &["rm", "-f"], &words),
            Kind::Mode => {
                let mode = words
                    .iter()
                    .filter_map(Word::literal)
                    .find_map(|word| word.parse::<u32>().ok());
                let mode = mode.map_or_else(|| "u+w".to_owned(), |mode| format!("{mode:o}"));
                let files: Vec<Word> = words
                    .iter()
                    .filter(|word| word.literal().is_none_or(|word| word.parse::<u32>().is_err()))
                    .cloned()
                    .collect();
                self.command(resolver, &["chmod", &mode], &files);
            }
            Kind::Move => self.command(resolver, &["mv"], &words),
            Kind::Write => {
                let opens = name.ends_with("open");
                let mode = words.get(1).and_then(Word::literal).unwrap_or_default();
                let given = arguments.iter().find(|given| given.name.as_deref() == Some("mode"));
                let mode = given.and_then(|given| given.words.first()?.literal()).unwrap_or(mode);
                if mode.starts_with('a') && opens {
                    self.writes(resolver, &first, RedirectKind::Append);
                } else if !opens || mode.contains('w') {
                    self.writes(resolver, &first, RedirectKind::Overwrite);
                } else {
                    self.command(resolver, &["cat"], std::slice::from_ref(&first));
                }
                if let Some(line) = first.literal().and_then(|text| text.strip_prefix('|')) {
                    resolver.text(line, &Flow::nothing());
                }
            }
            Kind::Read => self.command(resolver, &["cat"], std::slice::from_ref(&first)),
            Kind::Code => match first.literal() {
                Some(code) => {
                    let code = code.to_owned();
                    source(resolver, self.call, self.language, &code);
                }
                None => resolver.hidden("code that is known only when it runs"),
            },
            Kind::Sql => self.command(resolver, &["sqlite3", ":memory:"], &words),
            Kind::Print => {
                let mut text = first;
                text.push_text("\n");
                self.printed.get_or_insert_default().append(&text);
            }
            Kind::Request => self.request(resolver, name, &words, arguments),
        }
    }

    /// Whether several arguments are a program and its own arguments.
    fn separate(&self) -> bool {
        matches!(self.language, Language::Perl | Language::Ruby)
    }

    fn program(&self, resolver: &mut Resolver, words: Vec<Word>) {
        let call = Call { words, ..Call::default() };
        resolver.call(call);
    }

    fn command(&self, resolver: &mut Resolver, front: &[&str], words: &[Word]) {
        let mut all: Vec<Word> = front.iter().map(|word| Word::text(*word)).collect();
        all.extend(words.iter().cloned());
        self.program(resolver, all);
    }

    fn writes(&self, resolver: &mut Resolver, file: &Word, kind: RedirectKind) {
        let redirects = vec![Redirect { kind, file: file.clone() }];
        resolver.emit(&Call { words: vec![Word::text("write")], redirects, ..Call::default() });
    }

    fn request(&self, resolver: &mut Resolver, name: &str, words: &[Word], arguments: &[Argument]) {
        let last = name.rsplit('.').next().unwrap_or(name).to_ascii_uppercase();
        let named = arguments.iter().find(|given| given.name.as_deref() == Some("method"));
        let named = named.and_then(|given| given.words.first()?.literal());
        let inner = words
            .get(1)
            .and_then(Word::literal)
            .filter(|word| word.bytes().all(|b| b.is_ascii_alphabetic()));
        let method = match last.as_str() {
            "FETCH" | "REQUEST" => named.or(inner).unwrap_or("GET").to_owned(),
            _ => last,
        };
        let address = words.iter().find(|word| word.to_string().contains("://")).or(words.first());
        let address: Vec<Word> = address.cloned().into_iter().collect();
        self.command(resolver, &["curl", "-X", &method], &address);
    }
}
