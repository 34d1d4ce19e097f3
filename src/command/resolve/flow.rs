//! What runs from one command to the next: what is known of a pipe, a file or
//! the output of a substitution.

use crate::command::invocation::{Input, Piece, Word};

/// The file that something unknown was made of.
pub(in crate::command) fn origin(what: &str) -> Option<&str> {
    what.rsplit_once("file ").map(|(_, file)| file)
}

/// Text on its way.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(in crate::command) enum Flow {
    /// Whatever the caller's standard input is.
    #[default]
    Inherited,
    /// Text, as far as a word can be known.
    Known(Word),
    /// Bytes that are no text.
    Bytes(Vec<u8>),
    /// The content of a file, by its name.
    File(String),
    /// Something else; says what.
    Unknown(String),
}

impl Flow {
    /// Nothing at all.
    pub(in crate::command) fn nothing() -> Self {
        Self::Known(Word::default())
    }

    /// Text that is known altogether.
    pub(in crate::command) fn text(text: impl Into<String>) -> Self {
        Self::Known(Word::text(text))
    }

    /// Its text, where all of it is known.
    pub(in crate::command) fn literal(&self) -> Option<&str> {
        match self {
            Self::Known(word) => word.literal(),
            _ => None,
        }
    }

    /// What follows this one behind it.
    pub(in crate::command) fn then(self, next: Self) -> Self {
        match (self, next) {
            (Self::Known(mut first), Self::Known(second)) => {
                first.append(&second);
                Self::Known(first)
            }
            (Self::Known(first), other) if first.is_empty() => other,
            (first, Self::Known(second)) if second.is_empty() => first,
            (first @ Self::Unknown(_), _) => first,
            (_, second) => second,
        }
    }

    /// As a command's input.
    pub(in crate::command) fn input(&self) -> Input {
        match self {
            Self::Inherited => Input::Inherited,
            Self::Known(word) => match word.literal() {
                Some(text) => Input::Text(text.to_owned()),
                None if word.is_dynamic() => Input::Unknown(word.to_string()),
                None => Input::Text(word.to_string()),
            },
            Self::File(name) => Input::Unknown(format!("file {name}")),
            Self::Bytes(_) => Input::Unknown("data".to_owned()),
            Self::Unknown(what) => Input::Unknown(what.clone()),
        }
    }

    /// As what `$(…)` puts in its place; `line` is what is inside.
    pub(in crate::command) fn output(self, line: &str) -> Word {
        match self {
            Self::Known(mut word) => {
                if let Some(Piece::Text(text)) = word.pieces.last_mut() {
                    text.truncate(text.trim_end_matches('\n').len());
                }
                word
            }
            _ => Word::of(Piece::Substitution(line.to_owned())),
        }
    }
}
