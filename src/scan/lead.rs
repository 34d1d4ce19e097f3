//! How a provider's name leads to its key: what stands between them, in all
//! the ways in which people write a setting.

use std::ops::Range;
use std::sync::LazyLock;

use memchr::memchr;
use regex::bytes::Regex;

use super::engine::compile;
use super::named::SPAN;
use super::rule::{List, Text};

/// Words that say that what follows is a credential, and their patterns.
const WORDS: &[(&str, &str)] = &[
    ("key", "key"),
    ("token", "token"),
    ("secret", "secret"),
    ("passw", "passw"),
    ("pwd", "pwd"),
    ("auth", "auth"),
    ("cred", "cred"),
    ("bearer", "bearer"),
    ("pat", r"_pat\b|\bpat\b"),
    ("sid", r"[_-]sid\b"),
    ("license", "license"),
    ("dsn", "dsn"),
    ("webhook", "webhook"),
    ("init", r"\binit\b"),
    ("login", r"\blogin\b"),
];
/// What stands between a name and its value.
const SIGNS: &str = r##"[\s"'`\[\]\\{}()=:><,|/?&]+"##;
/// Words between a name and its value: `value:`, `: String =`, `</key><string>`.
const FILLING: &[&str] = &[
    "default", "type", "value", "string", "str", "bearer", "basic", "token", "data", "key", "is",
    "was", "final", "const",
];
/// Bytes on the name's line before a word that says what the value is.
const WORDY: usize = 40;
/// What may follow such a word: `key_for_x`.
const TAIL: usize = 24;
/// What goes on with a provider's name without a sign between: `acmeapikey`.
const TAILS: &[&str] = &[
    "api", "key", "token", "secret", "pass", "pwd", "auth", "cred", "bearer", "license", "dsn",
    "hook", "webhook", "init", "login", "access", "client", "app", "sdk", "user", "server",
    "private", "prod", "live", "test", "dev", "io", "ai", "com", "org", "net", "so", "cloud",
    "bot", "pat", "service", "account", "project", "rest", "url", "stack", "admin", "master", "db",
    "ml", "hq",
];
/// The end of a line that opens a block: `name:`, `[name]`, `"name": {`, `Name({`,
/// and what stands in it before the word that says what the value is.
const BLOCK: &str = r##"[\w.-]{0,24}["'`\]]{0,2}[ \t]{0,3}[:=]?>?[ \t]{0,3}[({\[]{0,2}[ \t\r]{0,3}\n(?:[^\n]*\n){0,3}?[^\n]{0,32}?"##;
/// A name that is assigned at once: `name = "`, `Name("`, `name = new Client("`,
/// `name.New(nil, "`.
const DIRECT: &str = r##"[\w.-]{0,24}["'`\]\\]{0,3}\s*(?:=>|:=|\|\||=|:|,|\((?:\s*\w+,){0,3})\s*(?:[A-Za-z_][\w.: ]*\(\s*(?:\w+\s*[=:]\s*)?["'`])?["'`\\]{0,2}"##;

/// Patterns of what stands between the last letter of a name and some place.
struct Patterns {
    /// A value may begin at that place.
    value: Option<Regex>,
    /// The same, behind a name that says itself that it names a credential.
    value_of_credential: Option<Regex>,
}

static PATTERNS: LazyLock<Patterns> = LazyLock::new(|| {
    let filling = FILLING.join("|");
    let words: Vec<&str> = WORDS.iter().map(|(_, pattern)| *pattern).collect();
    let words = words.join("|");
    let signs = format!("{SIGNS}(?:(?i:{filling}){SIGNS})*");
    let worded = format!(r"(?:{BLOCK}|[^\n]{{0,{WORDY}}}?)(?i:{words})[\w.-]{{0,{TAIL}}}?");
    let value = format!("{worded}{signs}|{DIRECT}");
    let credential = format!(r"[\w.-]{{0,24}}?{signs}");
    let whole = |pattern: &str| compile(&format!("^(?s:.)(?:{pattern})$")).ok();
    Patterns { value: whole(&value), value_of_credential: whole(&format!("{credential}|{value}")) }
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
        let whole = ends.filter(|(end, _)| is_word(text, position, *end));
        let (end, name) = whole.max_by_key(|(end, _)| *end)?;
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

/// Whether a name is a word there: no letter of the same case goes on before
/// it, or behind it but to say what it is.
fn is_word(text: &[u8], start: usize, end: usize) -> bool {
    let same_case = |at: usize| match text.get(at.wrapping_sub(1)..=at) {
        Some([a, b]) => {
            a.is_ascii_lowercase() && b.is_ascii_lowercase()
                || a.is_ascii_uppercase() && b.is_ascii_uppercase()
        }
        _ => false,
    };
    let tail = text.get(end..).unwrap_or_default();
    let says = |word: &str| {
        tail.get(..word.len()).is_some_and(|tail| tail.eq_ignore_ascii_case(word.as_bytes()))
    };
    !same_case(start) && (!same_case(end) || TAILS.iter().any(|word| says(word)))
}

/// Whether the name holds one of [`WORDS`] itself, in whatever place.
fn says_credential(name: &str) -> bool {
    WORDS.iter().any(|(word, pattern)| word == pattern && name.contains(word))
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
        let is_open = line < far && is_open(text.get(end..line)?);
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

    /// Whether what stands at `place` is the name of something in code, not a
    /// literal.
    pub(super) fn is_code(&self, place: Range<usize>) -> bool {
        let floor = place.start.saturating_sub(SPAN);
        let before = self.text.get(floor..place.start).unwrap_or_default();
        let line = before.rsplit(|byte| *byte == b'\n').next().unwrap_or_default();
        let quoted = |quote: u8| line.iter().filter(|byte| **byte == quote).count() % 2 == 1;
        let open = [b'"', b'\'', b'`'].into_iter().any(quoted);
        !open && self.text.get(place).is_some_and(|value| value.contains(&b'_'))
    }

    /// Whether the word at `start` may be the value.
    pub(super) fn leads_to(&self, start: usize) -> bool {
        let patterns = &*PATTERNS;
        let pattern =
            if self.says_credential { &patterns.value_of_credential } else { &patterns.value };
        matches(pattern, self.text.get(self.last..start).unwrap_or_default())
    }
}

/// Whether the value may stand on one of the next lines: after the name, or a
/// word that says what it is, nothing more is said on this one, or a call opens.
fn is_open(line: &[u8]) -> bool {
    if line.trim_ascii_end().ends_with(b"(") {
        return true;
    }
    let mut rest = line;
    loop {
        let stop = rest.iter().rposition(|byte| !is_sign(*byte)).map_or(0, |at| at + 1);
        rest = rest.get(..stop).unwrap_or_default();
        let start = rest.iter().rposition(|byte| is_sign(*byte)).map_or(0, |at| at + 1);
        let word = rest.get(start..).unwrap_or_default();
        if start == 0 || says_value(word) {
            return start <= WORDY;
        }
        if !FILLING.iter().any(|filling| word.eq_ignore_ascii_case(filling.as_bytes())) {
            return false;
        }
        rest = rest.get(..start).unwrap_or_default();
    }
}

/// Whether one of [`WORDS`] may stand at the end of `word`.
fn says_value(word: &[u8]) -> bool {
    let end = word.get(word.len().saturating_sub(TAIL + 8)..).unwrap_or_default();
    WORDS.iter().any(|(word, _)| {
        end.windows(word.len()).any(|part| part.eq_ignore_ascii_case(word.as_bytes()))
    })
}

fn matches(pattern: &Option<Regex>, text: &[u8]) -> bool {
    pattern.as_ref().is_some_and(|pattern| pattern.is_match(text))
}

/// Whether the byte is one of [`SIGNS`].
fn is_sign(byte: u8) -> bool {
    byte.is_ascii_whitespace() || byte == 0x0b || b"\"'`[]\\{}()=:><,|/?&".contains(&byte)
}

#[cfg(test)]
mod tests {
    use std::borrow::Cow;

    use super::*;

    fn named(by: &[&'static str]) -> Named {
        Named { by: by.iter().map(|name| Cow::Borrowed(*name)).collect() }
    }

    /// The words that may be the value, and how far lines below count.
    fn led_to<'t>(text: &'t str, by: &[&'static str]) -> Option<(Vec<&'t str>, usize)> {
        let lead = Lead::of(&named(by), text.as_bytes(), 0)?;
        let starts = lead.words().filter(|start| lead.leads_to(*start));
        Some((starts.map(|start| &text[start..]).collect(), lead.reach))
    }

    #[test]
    fn names_are_found_in_every_spelling_the_longest_first() {
        let named = named(&["open_weather", "open_weather_key"]);
        for (text, end) in [
            ("open_weather", Some((12, false))),
            ("OpenWeather", Some((11, false))),
            ("open-weather.key", Some((16, true))),
            ("openwind", None),
            ("open", None),
        ] {
            assert_eq!(named.at(text.as_bytes(), 0), end, "{text}");
        }
    }

    #[test]
    fn settings_lead_to_their_values() {
        for text in [
            "acme_api_key: V",
            "ACME_KEY=V",
            "acmeToken = \"V",
            "acme.setApiKey('V",
            "acme = \"V",
            "acme:\n  region: eu\n  secret: V",
            "acme_key:\n  V",
            "acme</name><key>token</key><string>V",
        ] {
            let (words, _) = led_to(text, &["acme"]).unwrap();
            assert!(words.contains(&"V"), "{text} {words:?}");
        }
        for text in
            ["acme says hello to V", "acme.region = \"eu\"; x = V", "acme\n\n\n\n\n\nkey: V"]
        {
            let (words, _) = led_to(text, &["acme"]).unwrap();
            assert!(!words.contains(&"V"), "{text} {words:?}");
        }
    }

    #[test]
    fn lines_below_count_only_where_the_first_says_no_more() {
        for (text, reach) in [
            ("acme:\nx", SPAN),
            ("acme_client({\nx", SPAN),
            ("acme api_key is: string =\nx", SPAN),
            ("acme.send(message)\nx", 0),
            ("acme_key = other\nx", 0),
            ("acme", 0),
        ] {
            assert_eq!(led_to(text, &["acme"]).unwrap().1, reach, "{text}");
        }
    }
}
