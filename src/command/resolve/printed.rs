//! `echo` and `printf`: text whose every part may be known.

use crate::command::escapes::unescape;
use crate::command::invocation::{Piece, Word};

/// What `echo` writes.
pub(super) fn echo(arguments: &[Word]) -> Word {
    let mut escapes = false;
    let mut newline = true;
    let mut at = 0;
    while let Some(text) = arguments.get(at).and_then(Word::literal) {
        let flags = text.strip_prefix('-').filter(|flags| !flags.is_empty());
        let Some(flags) = flags.filter(|flags| flags.bytes().all(|b| b"neE".contains(&b))) else {
            break;
        };
        newline &= !flags.contains('n');
        escapes = flags.rfind('e') > flags.rfind('E') || (escapes && !flags.contains('E'));
        at += 1;
    }
    let mut out = Word::default();
    for (index, word) in arguments.get(at..).unwrap_or_default().iter().enumerate() {
        if index > 0 {
            out.push_text(" ");
        }
        append(&mut out, word, escapes);
    }
    if newline {
        out.push_text("\n");
    }
    out
}

fn append(out: &mut Word, word: &Word, escapes: bool) {
    for piece in &word.pieces {
        match piece {
            Piece::Text(text) if escapes => out.push_text(&unescape(text)),
            other => out.push(other.clone()),
        }
    }
}

/// What `printf` writes; the format is used again while arguments are left.
pub(super) fn printf(arguments: &[Word]) -> Word {
    let arguments = match arguments.split_first() {
        Some((first, rest)) if first.literal() == Some("--") => rest,
        _ => arguments,
    };
    let Some((format, values)) = arguments.split_first() else { return Word::default() };
    let Some(format) = format.literal() else { return format.clone() };
    let format = unescape(format);
    let mut out = Word::default();
    let mut values = values.iter();
    loop {
        let before = values.len();
        one_round(&format, &mut values, &mut out);
        if values.len() == 0 || values.len() == before {
            return out;
        }
    }
}

fn one_round<'w>(format: &str, values: &mut impl Iterator<Item = &'w Word>, out: &mut Word) {
    let mut rest = format;
    while let Some(at) = rest.find('%') {
        out.push_text(rest.get(..at).unwrap_or_default());
        rest = rest.get(at + 1..).unwrap_or_default();
        let length = rest.find(|c: char| c.is_ascii_alphabetic() || c == '%').unwrap_or(rest.len());
        let kind = rest.get(length..).and_then(|rest| rest.chars().next());
        rest = rest.get(length + kind.map_or(0, char::len_utf8)..).unwrap_or_default();
        let value = if kind == Some('%') { None } else { values.next() };
        match (kind, value) {
            (Some('%') | None, _) => out.push_text("%"),
            (_, None) => {}
            (Some('b'), Some(value)) => append(out, value, true),
            (Some('c'), Some(value)) => match value.literal() {
                Some(text) => out.push_text(&text.chars().take(1).collect::<String>()),
                None => out.append(value),
            },
            (Some('x'), Some(value)) => number(value, out, |number| format!("{number:x}")),
            (Some('o'), Some(value)) => number(value, out, |number| format!("{number:o}")),
            (_, Some(value)) => out.append(value),
        }
    }
    out.push_text(rest);
}

fn number(value: &Word, out: &mut Word, format: impl Fn(i64) -> String) {
    match value.literal().and_then(|text| text.parse::<i64>().ok()) {
        Some(number) => out.push_text(&format(number)),
        None => out.append(value),
    }
}
