//! Which program a command starts.

use super::Resolver;
use super::call::Call;
use super::flow::Flow;
use crate::action::glob_match;
use crate::command::invocation::{Piece, Word};
use crate::command::parse::{self, Simple};
use crate::command::unwrap::TABLE;

impl Resolver<'_> {
    /// The name of the program without its directory; the first word is made
    /// literal. Nothing where only the running line knows.
    pub(super) fn program(&mut self, call: &mut Call) -> Option<String> {
        let first = call.words.first_mut()?;
        let typed = match first.literal() {
            Some(text) => text.to_owned(),
            None => {
                let text = guess(first)?;
                *first = Word::text(&text);
                text
            }
        };
        if let Some(real) = self.shell.renamed.get(typed.trim_start_matches("./")) {
            *first = Word::text(real);
            return Some(base_name(real).to_owned());
        }
        let name = base_name(&typed);
        (!name.is_empty()).then(|| name.to_owned())
    }

    /// A command whose first word is an alias that the line defines.
    pub(super) fn alias(&mut self, simple: &Simple, input: &Flow) -> Option<Flow> {
        if self.shell.aliases.is_empty() {
            return None;
        }
        let name = simple.words.first()?.bare()?;
        let body = self.shell.aliases.remove(name)?;
        let rest = self.words(simple.words.get(1..).unwrap_or_default());
        let plain = !body.contains([';', '|', '&', '$', '`', '(', '<', '>', '\n']);
        let flow = if plain {
            let mut words: Vec<Word> = parse::words(&body).into_iter().map(Word::text).collect();
            words.extend(rest);
            self.call(Call { words, input: input.clone(), ..Call::default() })
        } else {
            let mut line = body.clone();
            for word in rest {
                line.push(' ');
                line.push_str(&word.to_string());
            }
            self.text(&line, input)
        };
        self.shell.aliases.insert(name.to_owned(), body);
        Some(flow)
    }
}

/// A program that is partly known: patterns are tried on the programs that
/// matter, and variables that nothing sets are empty.
fn guess(word: &Word) -> Option<String> {
    // Whatever the directory, the name is known.
    if let Some(Piece::Text(last)) = word.pieces.last()
        && last.contains('/')
        && !last.ends_with('/')
    {
        return Some(format!("./{}", base_name(last)));
    }
    let mut text = String::new();
    let mut known = false;
    let mut pattern = false;
    for piece in &word.pieces {
        match piece {
            Piece::Text(part) => {
                text.push_str(part);
                known |= !part.is_empty();
            }
            Piece::Glob(part) => {
                text.push_str(part);
                pattern = true;
            }
            Piece::Home => text.push('~'),
            Piece::Variable(_) => {}
            Piece::Substitution(_) => return None,
        }
    }
    if pattern {
        let name = base_name(&text);
        let fits = TABLE.programs.iter().find(|program| glob_match(name, program))?;
        return Some(fits.clone());
    }
    (known && !text.ends_with('/')).then_some(text)
}

/// The program's name without its directory and Windows' ending.
pub(in crate::command) fn base_name(program: &str) -> &str {
    let name = program.rsplit(['/', '\\']).next().unwrap_or(program);
    name.strip_suffix(".exe").or_else(|| name.strip_suffix(".EXE")).unwrap_or(name)
}
