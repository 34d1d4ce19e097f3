//! Where an interpreter's words say that its code stands.

use super::Language;
use crate::command::invocation::Word;
use crate::command::resolve::{Call, split_at_equals};

/// Where the code is that stands in no option.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Source {
    /// In a file.
    File(Word),
    /// In what the interpreter reads.
    Input,
    /// In a module that is installed.
    Module,
}

/// The code in an interpreter's options, and where there is other.
pub(super) fn codes(language: Language, call: &Call) -> (Vec<Word>, Source) {
    if language == Language::Awk {
        return awk(call);
    }
    let mut found = Vec::new();
    let mut words = call.arguments().iter();
    while let Some(word) = words.next() {
        let text = word.start();
        match text {
            "eval" | "run" if found.is_empty() && language.is_javascript() => {
                if text == "eval" {
                    found.extend(words.next().cloned());
                }
            }
            "--eval" | "--print" | "--execute" => found.extend(words.next().cloned()),
            "-m" if language == Language::Python => return (found, Source::Module),
            "-" => return (found, Source::Input),
            "--require" | "--import" | "--loader" => {
                words.next();
            }
            _ if text.starts_with("--eval=") || text.starts_with("--print=") => {
                found.extend(split_at_equals(word).1);
            }
            _ if text.starts_with("--") => {}
            _ if text.starts_with('-') => match cluster(language, text) {
                Cluster::Nothing => {}
                Cluster::Value => {
                    words.next();
                }
                Cluster::Code("") => found.extend(words.next().cloned()),
                Cluster::Code(attached) => found.push(Word::text(attached)),
            },
            _ if found.is_empty() => return (found, Source::File(word.clone())),
            _ => break,
        }
    }
    (found, Source::Input)
}

/// The program is the first operand of awk, unless a file has it.
fn awk(call: &Call) -> (Vec<Word>, Source) {
    let mut words = call.arguments().iter();
    while let Some(word) = words.next() {
        match word.start() {
            "-f" | "--file" => {
                let file = words.next().cloned();
                return (Vec::new(), file.map_or(Source::Input, Source::File));
            }
            "-v" | "-F" | "--assign" | "--field-separator" => {
                words.next();
            }
            text if text.starts_with('-') && text.len() > 1 => {}
            _ => return (vec![word.clone()], Source::Module),
        }
    }
    (Vec::new(), Source::Module)
}

/// What letters behind one hyphen hold.
enum Cluster<'t> {
    Nothing,
    /// The next word belongs to them.
    Value,
    /// Code, attached or (where that is empty) in the next word.
    Code(&'t str),
}

fn cluster(language: Language, text: &str) -> Cluster<'_> {
    let (codes, values): (&[char], &[char]) = match language {
        Language::Python => (&['c'], &['W', 'X']),
        Language::Php => (&['r', 'B', 'R', 'E'], &['d', 'c', 'z']),
        Language::Perl => (&['e', 'E'], &['M', 'm', 'I', 'i', 'F', 'D', 'x', 'C']),
        Language::Ruby => (&['e'], &['r', 'I', 'i', 'F', 'C', 'E', 'T', 'x']),
        Language::JavaScript => (&['e', 'p'], &['r']),
        _ => (&['e', 'E'], &['l']),
    };
    for (at, letter) in text.char_indices().skip(1) {
        let rest = text.get(at + letter.len_utf8()..).unwrap_or_default();
        if codes.contains(&letter) {
            let more = rest.chars().all(|letter| codes.contains(&letter));
            return Cluster::Code(if more { "" } else { rest });
        }
        if values.contains(&letter) {
            let attached = !rest.is_empty() || matches!(letter, 'i' | 'x' | 'C');
            return if attached { Cluster::Nothing } else { Cluster::Value };
        }
    }
    Cluster::Nothing
}
