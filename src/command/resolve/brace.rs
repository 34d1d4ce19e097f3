//! Brace expansion: `{a,b}`, `{1..3}`.

use crate::command::parse::{Part, Word};

/// Most words that one word becomes.
const MAX_WORDS: usize = 256;
/// Longest word that is expanded, in characters and other parts.
const MAX_LENGTH: usize = 1024;

/// A character that may be a brace, or a part that can't.
#[derive(Debug, Clone)]
enum Atom {
    Character(char),
    Part(Part),
}

/// The words that `word` stands for; nothing where it has no braces.
pub(super) fn expand(word: &Word) -> Option<Vec<Word>> {
    let has =
        |part: &Part| matches!(part, Part::Text { text, quoted: false } if text.contains('{'));
    if !word.parts.iter().any(has) {
        return None;
    }
    let mut atoms = Vec::new();
    for part in &word.parts {
        match part {
            Part::Text { text, quoted: false } => atoms.extend(text.chars().map(Atom::Character)),
            other => atoms.push(Atom::Part(other.clone())),
        }
    }
    if atoms.len() > MAX_LENGTH {
        return None;
    }
    let mut budget = MAX_WORDS * 4;
    let found = alternatives(&atoms, &mut budget);
    (found.len() > 1).then(|| found.into_iter().map(|atoms| word_of(&atoms)).collect())
}

fn is(atom: Option<&Atom>, wanted: char) -> bool {
    matches!(atom, Some(Atom::Character(found)) if *found == wanted)
}

/// All readings of `atoms`.
fn alternatives(atoms: &[Atom], budget: &mut usize) -> Vec<Vec<Atom>> {
    *budget = budget.saturating_sub(1);
    let Some((start, end, members)) = first_group(atoms).filter(|_| *budget > 0) else {
        return vec![atoms.to_vec()];
    };
    let before = atoms.get(..start).unwrap_or_default();
    let rests = alternatives(atoms.get(end + 1..).unwrap_or_default(), budget);
    let mut found = Vec::new();
    for member in members {
        for middle in alternatives(&member, budget) {
            for rest in &rests {
                if found.len() >= MAX_WORDS {
                    return found;
                }
                found.push([before, &middle, rest].concat());
            }
        }
    }
    found
}

/// The first brace that has alternatives: where it opens and closes, and they.
fn first_group(atoms: &[Atom]) -> Option<(usize, usize, Vec<Vec<Atom>>)> {
    let closes = closing(atoms);
    for (start, end) in closes.iter().enumerate().filter_map(|(at, end)| Some((at, (*end)?))) {
        let inside = atoms.get(start + 1..end).unwrap_or_default();
        let mut members = vec![Vec::new()];
        let mut depth = 0_usize;
        for atom in inside {
            match atom {
                Atom::Character(',') if depth == 0 => {
                    members.push(Vec::new());
                    continue;
                }
                Atom::Character('{') => depth += 1,
                Atom::Character('}') => depth = depth.saturating_sub(1),
                _ => {}
            }
            if let Some(member) = members.last_mut() {
                member.push(atom.clone());
            }
        }
        if members.len() > 1 {
            return Some((start, end, members));
        }
        if let Some(members) = sequence(inside) {
            return Some((start, end, members));
        }
    }
    None
}

/// For each opening brace, where it closes.
fn closing(atoms: &[Atom]) -> Vec<Option<usize>> {
    let mut closes = vec![None; atoms.len()];
    let mut open = Vec::new();
    for index in 0..atoms.len() {
        if is(atoms.get(index), '{') {
            open.push(index);
        } else if is(atoms.get(index), '}')
            && let Some(start) = open.pop()
            && let Some(slot) = closes.get_mut(start)
        {
            *slot = Some(index);
        }
    }
    closes
}

/// `1..5`, `a..e`, with a step.
fn sequence(inside: &[Atom]) -> Option<Vec<Vec<Atom>>> {
    let text: Option<String> = inside
        .iter()
        .map(|atom| match atom {
            Atom::Character(character) => Some(*character),
            Atom::Part(_) => None,
        })
        .collect();
    let text = text?;
    let mut parts = text.split("..");
    let (first, last) = (parts.next()?, parts.next()?);
    let step = parts.next().map_or(Some(1), |step| step.parse::<i64>().ok())?.unsigned_abs();
    let step = usize::try_from(step.max(1)).ok()?;
    let words: Vec<String> = match (first.parse::<i64>(), last.parse::<i64>()) {
        (Ok(a), Ok(b)) if a <= b => {
            (a..=b).step_by(step).take(MAX_WORDS).map(|n| n.to_string()).collect()
        }
        (Ok(a), Ok(b)) => {
            (b..=a).rev().step_by(step).take(MAX_WORDS).map(|n| n.to_string()).collect()
        }
        _ => {
            let (a, b) = (single(first)?, single(last)?);
            let range = a.min(b)..=a.max(b);
            let mut all: Vec<String> = range.map(String::from).collect();
            if a > b {
                all.reverse();
            }
            all.into_iter().step_by(step).collect()
        }
    };
    Some(words.into_iter().map(|word| word.chars().map(Atom::Character).collect()).collect())
}

fn single(text: &str) -> Option<char> {
    let mut characters = text.chars();
    let only = characters.next().filter(char::is_ascii_alphabetic)?;
    characters.next().is_none().then_some(only)
}

fn word_of(atoms: &[Atom]) -> Word {
    let mut word = Word::default();
    for atom in atoms {
        match atom {
            Atom::Character(character) => word.push(character.encode_utf8(&mut [0; 4]), false),
            Atom::Part(part) => word.parts.push(part.clone()),
        }
    }
    word
}
