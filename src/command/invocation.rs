//! One simple command as it would run, with everything around it unwrapped:
//! what the resolver hands to the rules.

use std::fmt;

/// Part of a word after expansion, as far as it is known before the line runs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Piece {
    /// Known text; quotes and escapes are gone.
    Text(String),
    /// Unquoted pattern characters that the shell will match against files.
    Glob(String),
    /// The caller's home directory (`~`, `$HOME`).
    Home,
    /// A variable that nothing in the line assigns, by name.
    Variable(String),
    /// Output of a command that is known only when it runs: the line inside
    /// `$(…)` as typed.
    Substitution(String),
}

/// A word of a command.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Word {
    /// Its parts, in order; two texts never stand side by side.
    pub pieces: Vec<Piece>,
}

impl Word {
    /// A word that is known altogether.
    #[must_use]
    pub fn text(text: impl Into<String>) -> Self {
        Self { pieces: vec![Piece::Text(text.into())] }
    }

    /// The word's text where all of it is known; patterns are not.
    #[must_use]
    pub fn literal(&self) -> Option<&str> {
        match self.pieces.as_slice() {
            [] => Some(""),
            [Piece::Text(text)] => Some(text),
            _ => None,
        }
    }

    /// Adds text behind what is there.
    pub(super) fn push_text(&mut self, more: &str) {
        if let Some(Piece::Text(text)) = self.pieces.last_mut() {
            text.push_str(more);
        } else {
            self.pieces.push(Piece::Text(more.to_owned()));
        }
    }

    /// Adds a part behind what is there.
    pub(super) fn push(&mut self, piece: Piece) {
        match piece {
            Piece::Text(text) => self.push_text(&text),
            other => self.pieces.push(other),
        }
    }

    /// Adds all of another word.
    pub(super) fn append(&mut self, other: &Self) {
        for piece in &other.pieces {
            self.push(piece.clone());
        }
    }

    /// Whether there is nothing in it.
    pub(super) fn is_empty(&self) -> bool {
        self.pieces.iter().all(|piece| matches!(piece, Piece::Text(text) if text.is_empty()))
    }

    /// A word of one part.
    pub(super) fn of(piece: Piece) -> Self {
        Self { pieces: vec![piece] }
    }

    /// What it begins with, where that is known.
    pub(super) fn start(&self) -> &str {
        match self.pieces.first() {
            Some(Piece::Text(text)) => text,
            _ => "",
        }
    }

    /// Whether some of it is known only when the line runs.
    #[must_use]
    pub fn is_dynamic(&self) -> bool {
        self.pieces.iter().any(|piece| matches!(piece, Piece::Variable(_) | Piece::Substitution(_)))
    }
}

impl fmt::Display for Word {
    /// As it would be typed, without quotes.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for piece in &self.pieces {
            match piece {
                Piece::Text(text) | Piece::Glob(text) => formatter.write_str(text)?,
                Piece::Substitution(line) => write!(formatter, "$({line})")?,
                Piece::Home => formatter.write_str("~")?,
                Piece::Variable(name) => write!(formatter, "${name}")?,
            }
        }
        Ok(())
    }
}

/// What a redirection does to its file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RedirectKind {
    /// `< FILE`
    Read,
    /// `> FILE`, `>| FILE`, `&> FILE`: the old content is lost.
    Overwrite,
    /// `>> FILE`
    Append,
}

/// A redirection to or from a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Redirect {
    /// What it does.
    pub kind: RedirectKind,
    /// The file.
    pub file: Word,
}

/// What reaches a command's standard input.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Input {
    /// Whatever the caller's standard input is.
    #[default]
    Inherited,
    /// Text that is known: a here-document, a here-string, `echo … |`.
    Text(String),
    /// Something else; the text says what, such as `output of curl`.
    Unknown(String),
}

/// A simple command that would run.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Invocation {
    /// Program and arguments; the first word is the program as typed.
    pub words: Vec<Word>,
    /// Redirections to files.
    pub redirects: Vec<Redirect>,
    /// Variables set for it, by assignment or `env`.
    pub environment: Vec<(String, Word)>,
    /// Where it runs when the line went elsewhere first (`cd`); relative to
    /// the directory where the line starts.
    pub directory: Option<Word>,
    /// What it reads.
    pub input: Input,
    /// Wrappers that it runs through, outermost first: `sudo`, `ssh HOST`,
    /// `docker exec NAME`, `xargs`.
    pub through: Vec<String>,
    /// Byte range in the outermost line.
    pub span: (usize, usize),
}

impl Invocation {
    /// Name of the program without its directory, where it is known.
    #[must_use]
    pub fn program(&self) -> Option<&str> {
        let typed = self.words.first()?.literal()?;
        typed.rsplit(['/', '\\']).next()
    }
}
