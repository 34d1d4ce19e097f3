//! How a provider's name leads to its key: what stands between them, in all
//! the ways in which people write a setting.

use std::sync::LazyLock;

use memchr::memchr;
use regex::bytes::Regex;

use super::engine::compile;
use super::named::SPAN;
use super::rule::{List, Text};

/// Words that say that what follows is a credential.
const WORDS: &str = r"key|token|secret|passw|pwd|auth|cred|bearer|_pat\b|\bpat\b|[_-]sid\b|license|dsn|webhook|\binit\b|\blogin\b";
/// What stands between a name and its value.
const SIGNS: &str = r##"[\s"'`\[\]\\{}()=:><,|/?&]+"##;
/// Words between a name and its value: `value:`, `: String =`, `</key><string>`.
const FILLING: &str =
    "default|type|value|str(?:ing)?|bearer|basic|token|data|key|is|was|final|const";
/// The end of a line that opens a block: `name:`, `[name]`, `"name": {`, `Name({`.
const BLOCK: &str =
    r##"[\w.-]{0,24}["'`\]]{0,2}[ \t]{0,3}[:=]?>?[ \t]{0,3}[({\[]{0,2}[ \t\r]{0,3}"##;
/// What may stand below such a line before the word that names the value.
const INSIDE: &str = r"\n(?:[^\n]*\n){0,3}?[^\n]{0,32}?";
/// A name that is assigned at once: `name = "`, `Name("`.
const DIRECT: &str =
    r##"[\w.-]{0,24}["'`\]\\]{0,3}\s{0,4}(?:=>|:=|\|\||=|:|,|\()\s{0,4}["'`\\]{0,2}"##;

/// Patterns of what stands between the last letter of a name and some place.
struct Patterns {
    /// A value may begin at that place.
    value: Option<Regex>,
    /// The same, behind a name that says itself that it names a credential.
    value_of_credential: Option<Regex>,
    /// The line ends at that place, and the value may stand on one of the next.
    open: Option<Regex>,
    /// The same, behind a name that names a credential.
    open_of_credential: Option<Regex>,
}

static PATTERNS: LazyLock<Patterns> = LazyLock::new(|| {
    let signs = format!("{SIGNS}(?:(?i:{FILLING}){SIGNS})*");
    let worded = format!(r"(?:{BLOCK}{INSIDE}|[^\n]{{0,40}}?)(?i:{WORDS})[\w.-]{{0,24}}?");
    let value = format!("{worded}{signs}|{DIRECT}");
    let credential = format!(r"[\w.-]{{0,24}}?{signs}");
    let unfinished = format!(r"(?:{signs}(?i:{FILLING})?)?");
    let open = format!(
        r##"{BLOCK}|[^\n]{{0,40}}?(?i:{WORDS})[\w.-]{{0,24}}?{unfinished}|[\w.-]{{0,24}}{unfinished}"##
    );
    let whole = |pattern: &str| compile(&format!("^(?s:.)(?:{pattern})$")).ok();
    Patterns {
        value: whole(&value),
        value_of_credential: whole(&format!("{credential}|{value}")),
        open: whole(&open),
        open_of_credential: whole(&format!(r"[\w.-]{{0,24}}?{unfinished}|{open}")),
    }
});

/// The names of a rule.
#[derive(Debug, Clone)]
pub struct Named {
    /// Lower case; `_` stands for any sign between words, or none.
    pub by: List<Text>,
}

impl Named {
    /// The end of the longest name that stands at `position`, and whether that
    /// says that it names a credential.
    fn at(&self, text: &[u8], position: usize) -> Option<(usize, bool)> {
        let ends = self.by.iter().filter_map(|name| Some((end(text, position, name)?, name)));
        let (end, name) = ends.max_by_key(|(end, _)| *end)?;
        Some((end, says_credential(name)))
    }
}

/// The end of `name`, if it stands at `position`.
fn end(text: &[u8], position: usize, name: &str) -> Option<usize> {
    name.bytes().try_fold(position, |at, wanted| match (wanted, text.get(at)) {
        (b'_', Some(b' ' | b'_' | b'.' | b'-')) => Some(at + 1),
        (b'_', _) => Some(at),
        (_, Some(byte)) => byte.eq_ignore_ascii_case(&wanted).then_some(at + 1),
        (_, None) => None,
    })
}

/// Whether the name holds one of [`WORDS`] itself.
fn says_credential(name: &str) -> bool {
    WORDS.split('|').any(|word| name.contains(word))
}

/// A name in a text, and what follows it.
pub(super) struct Lead<'a> {
    text: &'a [u8],
    /// The name's last letter.
    last: usize,
    says_credential: bool,
    /// Up to where its value may stand.
    pub(super) end: usize,
    /// Bytes behind the name's line that may belong to it.
    pub(super) reach: usize,
}

impl<'a> Lead<'a> {
    /// What the name at `position` leads to, if one of the rule's stands there.
    pub(super) fn of(named: &Named, text: &'a [u8], position: usize) -> Option<Self> {
        // A keyword may begin with the quote before the name.
        let quotes = text.get(position..)?.iter().take_while(|byte| is_sign(**byte)).count();
        let (end, says_credential) = named.at(text, position + quotes)?;
        let last = end.checked_sub(1)?;
        let far = text.len().min(position + SPAN);
        let after = text.get(end..far)?;
        let line = memchr(b'\n', after).map_or(far, |stop| end + stop);
        let patterns = &*PATTERNS;
        let open = if says_credential { &patterns.open_of_credential } else { &patterns.open };
        let is_open = line < far && matches(open, text.get(last..line)?);
        let (end, reach) = if is_open { (far, SPAN) } else { (line, 0) };
        Some(Self { text, last, says_credential, end, reach })
    }

    /// What follows the name.
    pub(super) fn rest(&self) -> &'a [u8] {
        self.text.get(self.last + 1..self.end).unwrap_or_default()
    }

    /// Where words begin in it.
    pub(super) fn words(&self) -> impl Iterator<Item = usize> {
        let begins = |pair: &[u8]| match pair {
            [before, b'/'] => *before != b'/' && is_sign(*before),
            [before, first] => is_sign(*before) && !is_sign(*first),
            _ => false,
        };
        let pairs = self.rest().windows(2).zip(self.last + 2..);
        pairs.filter(move |(pair, _)| begins(pair)).map(|(_, start)| start)
    }

    /// Whether the word at `start` may be the value.
    pub(super) fn leads_to(&self, start: usize) -> bool {
        let patterns = &*PATTERNS;
        let pattern =
            if self.says_credential { &patterns.value_of_credential } else { &patterns.value };
        matches(pattern, self.text.get(self.last..start).unwrap_or_default())
    }
}

fn matches(pattern: &Option<Regex>, text: &[u8]) -> bool {
    pattern.as_ref().is_some_and(|pattern| pattern.is_match(text))
}

/// Whether the byte is one of [`SIGNS`].
fn is_sign(byte: u8) -> bool {
    byte.is_ascii_whitespace() || byte == 0x0b || b"\"'`[]\\{}()=:><,|/?&".contains(&byte)
}
