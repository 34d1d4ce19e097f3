//! What a line is made of: words, settings, arguments.

/// Whether at most two words lead to a name: `IPSec secret`, `option key`.
pub(super) fn is_directive(before: &[u8]) -> bool {
    let word = |byte: &u8| byte.is_ascii_alphanumeric() || b"_-".contains(byte);
    let words = before.split(u8::is_ascii_whitespace).filter(|part| !part.is_empty());
    let mut count = 0;
    words.inspect(|_| count += 1).all(|part| part.iter().all(word)) && count <= 2
}

/// Where the next of several settings on a line begins: `;Database=`, `,uid=`,
/// or the line's last semicolon.
pub(super) fn next_setting(line: &[u8]) -> Option<usize> {
    line.iter().enumerate().find_map(|(at, byte)| {
        let rest = line.get(at + 1..).unwrap_or_default().trim_ascii_start();
        let ends = *byte == b';' && rest.is_empty();
        (matches!(byte, b';' | b',') && (ends || opens_setting(rest))).then_some(at)
    })
}

/// `name=`, `User Id=`
pub(super) fn opens_setting(text: &[u8]) -> bool {
    let name = text.split(|byte| *byte == b'=').next().unwrap_or_default();
    let inside = |byte: &u8| byte.is_ascii_alphanumeric() || b"_-. ".contains(byte);
    let letter = name.first().is_some_and(u8::is_ascii_alphabetic);
    letter && name.len() < text.len() && name.len() <= 24 && name.iter().all(inside)
}

/// Arguments before a name: none, or names alone, or the type of a constant.
pub(super) fn plain_arguments(text: &[u8]) -> bool {
    let quotes = text.iter().filter(|byte| matches!(byte, b'"' | b'\'')).count();
    let text = text.trim_ascii();
    text.is_empty() || text.ends_with(b",") && (quotes == 0 || text.starts_with(b"\"String\","))
}

/// Literals before a name, by twos: `"user", "ann", `
pub(super) fn is_pairs(text: &[u8]) -> bool {
    let text = text.trim_ascii();
    let commas = text.iter().filter(|byte| **byte == b',').count();
    text.ends_with(b",") && commas.is_multiple_of(2)
}

/// `abcd efgh ijkl mnop`, as mail providers print passwords for applications.
pub(super) fn in_fours(line: &[u8]) -> bool {
    line.len() == 19
        && line.split(|byte| *byte == b' ').count() == 4
        && line
            .split(|byte| *byte == b' ')
            .all(|four| four.len() == 4 && four.iter().all(u8::is_ascii_lowercase))
}

/// How many names of `a, b, c =` stand in `names`, before or behind another.
pub(super) fn names(names: &[u8]) -> Option<usize> {
    let inside = |byte: &u8| byte.is_ascii_alphanumeric() || b"_$@., \t".contains(byte);
    let opened = names.trim_ascii();
    let opened = opened.iter().rposition(|byte| b"([".contains(byte)).map_or(opened, |at| {
        let (before, list) = opened.split_at(at);
        let word = before.iter().all(|byte| byte.is_ascii_lowercase() || *byte == b' ');
        let declares = before.is_empty() || before == b"list" || before.ends_with(b" ") && word;
        if declares { list.get(1..).unwrap_or_default() } else { b"(" }
    });
    let fits = opened.iter().all(inside) && !opened.is_empty();
    fits.then(|| opened.iter().filter(|byte| **byte == b',').count())
}
