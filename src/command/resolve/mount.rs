//! Directories of this machine that a container sees under another name: what
//! is deleted there is deleted here.

use crate::command::invocation::{Invocation, Piece, Word};

/// A directory here, and its name inside.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::command) struct Mount {
    source: Word,
    target: String,
}

impl Mount {
    /// `SOURCE:TARGET[:MODE]`; a volume's name is no directory of this machine.
    pub(in crate::command) fn volume(value: &Word) -> Option<Self> {
        let mut source = Word::default();
        for (at, piece) in value.pieces.iter().enumerate() {
            let Piece::Text(text) = piece else {
                source.push(piece.clone());
                continue;
            };
            let Some((front, target)) = text.split_once(':') else {
                source.push_text(text);
                continue;
            };
            if !front.is_empty() {
                source.push_text(front);
            }
            let target = target.split(':').next().unwrap_or(target);
            let is_last = at + 1 == value.pieces.len();
            return Self::of(source, target).filter(|_| is_last);
        }
        None
    }

    /// `type=bind,source=SOURCE,target=TARGET`
    pub(in crate::command) fn described(value: &str) -> Option<Self> {
        let named = |names: &[&str]| {
            value.split(',').find_map(|pair| {
                let (name, value) = pair.split_once('=')?;
                names.contains(&name).then_some(value)
            })
        };
        let source = named(&["source", "src"])?;
        Self::of(Word::text(source), named(&["target", "dst", "destination"])?)
    }

    /// All of this machine, where it is: for more mounts than are told apart.
    pub(in crate::command) fn everything() -> Self {
        Self { source: Word::text("/"), target: String::new() }
    }

    fn of(source: Word, target: &str) -> Option<Self> {
        let is_path = source.is_dynamic()
            || source.start().starts_with(['/', '.', '~'])
            || source.pieces.first() == Some(&Piece::Home);
        let target = target.trim_end_matches('/').to_owned();
        (is_path && target.starts_with('/')).then_some(Self { source, target })
    }

    /// Names the files of a command as they are called here.
    pub(super) fn applies_to(&self, command: &mut Invocation) {
        let files = command.redirects.iter_mut().map(|redirect| &mut redirect.file);
        let words = command.words.iter_mut().skip(1).chain(files).chain(&mut command.directory);
        for word in words {
            if let Some(here) = self.outside(word) {
                *word = here;
            }
        }
    }

    fn outside(&self, word: &Word) -> Option<Word> {
        let rest = word.start().strip_prefix(self.target.as_str())?;
        let inside = rest.is_empty() || rest.starts_with('/');
        let mut here = self.source.clone();
        if here.literal() == Some("/") && !rest.is_empty() {
            here = Word::default();
        }
        here.push_text(rest);
        for piece in word.pieces.get(1..).unwrap_or_default() {
            here.push(piece.clone());
        }
        inside.then_some(here)
    }
}
