//! How much a value looks like a secret, given what names it.

use std::borrow::Cow;

use super::human;
use super::makeup::Makeup;
use super::placed::{SAMPLE_PASSWORD, disguised, in_disguise, name_is, plain_word};
use super::placeholder::{monotonous, placeholder};
use super::published::published;
use super::word::{code_like, digest, uuid};
use super::{Kind, enough};
use crate::scan::assign::{Assignment, Form, Named, Syntax};
use crate::scan::decode::unescaped;
use crate::scan::rule::Confidence;

/// Longest password; longer values are judged as tokens.
const PASSWORD: usize = 64;
/// Bits a character that a token has at least, or what its length allows.
const ENTROPY: f64 = 3.2;

/// Shorter tokens in samples are made up.
const SAMPLE_TOKEN: usize = 20;

/// How much a value looks like a secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::scan) enum Strength {
    /// A word, a number: some people's password.
    Weak,
    /// A word with digits, a short random text.
    Fair,
    /// Random.
    Strong,
}

/// How sure it is that an assignment holds a secret.
pub(in crate::scan) fn assigned(
    text: &[u8],
    assignment: &Assignment,
    syntax: Syntax,
    kind: Kind,
) -> Option<Confidence> {
    let written = text.get(assignment.value..assignment.end)?;
    if assignment.form == Form::Bytes {
        let sure = kind == Kind::Plain && holds_bytes(assignment.named) && bytes(written);
        return sure.then_some(Confidence::Medium);
    }
    if written.starts_with(b"\\x") && holds_bytes(assignment.named) {
        let numbers = written.split(|byte| *byte == b'\\').skip(1).collect::<Vec<_>>();
        let many = numbers.len() >= 8 && numbers.iter().all(|number| number.len() == 3);
        let list = numbers.join(&b',').to_ascii_lowercase();
        let sure = kind == Kind::Plain && many && bytes(&list);
        return sure.then_some(Confidence::Medium);
    }
    if written.starts_with(b"\\x") && !holds_bytes(assignment.named) {
        return Some(Confidence::Low);
    }
    let unescaped = match assignment.form {
        Form::Joined => Cow::Owned(without_joins(written)),
        _ => unescaped(written),
    };
    let value = unescaped.as_ref();
    let value = value.strip_prefix(b"{noop}").unwrap_or(value);
    let kind = match kind {
        Kind::Plain if syntax == Syntax::Code && in_doc_comment(text, assignment.start) => {
            Kind::Lock
        }
        kind => kind,
    };
    let name = text.get(assignment.start..assignment.named_to).unwrap_or_default();
    let between = text.get(assignment.named_to..assignment.value).unwrap_or_default();
    let syntax = match syntax {
        Syntax::Prose if memchr::memchr(b'\n', between).is_some() => Syntax::Config,
        syntax => syntax,
    };
    if guards_forms(name)
        && (kind != Kind::Plain || matches!(syntax, Syntax::Markup | Syntax::Prose))
    {
        return None;
    }
    if placeholder(value)
        || same_as_name(text, assignment, value)
        || value.starts_with(b"Basic ")
        || published(value)
    {
        return None;
    }
    let strength = match assignment.named {
        Named::Password => {
            let chosen = password(value).or_else(|| token(value)).or_else(|| phrase(value))?;
            let joined =
                syntax == Syntax::Config && value.iter().any(|byte| b"-_.!".contains(byte));
            if joined { chosen.max(Strength::Fair) } else { chosen }
        }
        Named::Secret => token(value)
            .max(password(value).filter(|strength| *strength > Strength::Weak))
            .or_else(|| phrase(value))?,
        Named::Token | Named::Key | Named::Auth => token(value)?,
        Named::Salt => token(value).max(short_salt(value))?,
    };
    let strength = if kind == Kind::Trove { strength.max(Strength::Fair) } else { strength };
    let loose = assignment.named == Named::Key && !cipher_key(text, assignment, value)
        || assignment.form == Form::Said
        || syntax == Syntax::Prose
            && !matches!(assignment.form, Form::Quoted | Form::Joined)
            && kind != Kind::Trove
        || assignment.form == Form::Inline && assignment.named != Named::Password;
    let needed = match kind {
        Kind::Plain | Kind::Trove if !loose => Strength::Fair,
        _ => Strength::Strong,
    };
    let never = match kind {
        Kind::Lock => true,
        Kind::Sample => {
            !holds_in_samples(value, assignment.named == Named::Password)
                || loose && syntax != Syntax::Prose
                || matches!(assignment.named, Named::Key | Named::Salt)
        }
        Kind::Plain | Kind::Trove => false,
    };
    let name = name.to_ascii_lowercase();
    let worded = memchr::memmem::find(&name, b"phrase").is_some() && phrase(value).is_some();
    let chosen = assignment.named == Named::Password
        && (worded && kind != Kind::Lock
            || strength >= Strength::Fair && in_disguise(value, assignment.form, syntax, kind)
            || plain_word(text, assignment, value, syntax, kind));
    let sure = strength >= needed && !never || chosen;
    Some(if sure { Confidence::Medium } else { Confidence::Low })
}

/// `csrf_token`: what every page has anew.
fn guards_forms(name: &[u8]) -> bool {
    let name = name.to_ascii_lowercase();
    [&b"csrf"[..], b"xsrf", b"authenticity"]
        .iter()
        .any(|word| memchr::memmem::find(&name, word).is_some())
}

/// Some words, as a passphrase has them and a message has not.
fn phrase(value: &[u8]) -> Option<Strength> {
    std::str::from_utf8(value).is_ok_and(human::phrase).then_some(Strength::Fair)
}

/// Sixteen hexadecimal digits or so, of which some may come twice, or eight
/// letters and digits.
fn short_salt(value: &[u8]) -> Option<Strength> {
    let made = Makeup::of(value);
    let hexadecimal = value.iter().all(u8::is_ascii_hexdigit);
    let mixed = made.classes() == 3 && made.symbols == 0 && made.in_words == 0;
    let random = hexadecimal && made.length >= 16 || mixed && made.length >= 8;
    (random && made.distinct >= 6).then_some(Strength::Fair)
}

/// `KEY = "…"`: text as long as the keys of ciphers are, under that very name.
fn cipher_key(text: &[u8], assignment: &Assignment, value: &[u8]) -> bool {
    let name = text.get(assignment.start..assignment.value).unwrap_or_default();
    let made = Makeup::of(value);
    name_is(&name.to_ascii_lowercase(), b"key")
        && assignment.form == Form::Quoted
        && [16, 24, 32].contains(&made.length)
        && made.letters() + made.digits == made.length
        && made.classes() == 3
        && made.in_words * 4 <= made.length
}

/// Whether such a name's array of numbers is a key, and no table or test.
fn holds_bytes(named: Named) -> bool {
    !matches!(named, Named::Password | Named::Key)
}

/// Whether the numbers of an array are those of a key: different, in no order.
fn bytes(list: &[u8]) -> bool {
    let numbers: Vec<&[u8]> = list.split(|byte| *byte == b',').map(<[u8]>::trim_ascii).collect();
    let mut distinct = numbers.clone();
    distinct.sort_unstable();
    distinct.dedup();
    let value = |number: &[u8]| {
        let text = std::str::from_utf8(number).ok()?.trim_start_matches("(byte)").trim();
        let hexadecimal = text.strip_prefix("0x").or_else(|| text.strip_prefix('x'));
        let (text, radix) = hexadecimal.map_or((text, 10), |digits| (digits, 16));
        i16::from_str_radix(text.trim_end_matches('u'), radix)
            .ok()
            .filter(|byte| (-128..256).contains(byte))
    };
    let steps = numbers
        .windows(2)
        .filter(|pair| match pair {
            [a, b] => value(a).zip(value(b)).is_none_or(|(a, b)| (b - a).abs() <= 1),
            _ => false,
        })
        .count();
    distinct.len() * 4 >= numbers.len() * 3 && steps * 4 <= numbers.len()
}

/// The text of `x" + "y`.
fn without_joins(written: &[u8]) -> Vec<u8> {
    let quote = |byte: &u8| matches!(byte, b'"' | b'\'');
    written.split(quote).step_by(2).collect::<Vec<_>>().concat()
}

/// Whether a random value is too good to be one that somebody made up for a
/// test or a manual.
pub(in crate::scan) fn holds_in_samples(value: &[u8], password: bool) -> bool {
    if value.iter().all(u8::is_ascii_hexdigit) {
        return false;
    }
    if !password {
        return value.len() >= SAMPLE_TOKEN && token(value) == Some(Strength::Strong);
    }
    let made = Makeup::of(value);
    let random =
        made.in_words == 0 && made.random_letters() && (made.digits > 0 || made.length >= 6);
    (random && value.len() >= 6 && !value.starts_with(b"qwe")
        || value.len() >= SAMPLE_PASSWORD && disguised(value))
        && self::password(value).max(token(value)) >= Some(Strength::Fair)
}

/// Whether `at` stands in an example that a comment gives: behind the star of
/// a block, or set in from the comment's margin.
pub(in crate::scan) fn in_doc_comment(text: &[u8], at: usize) -> bool {
    let before = text.get(at.saturating_sub(200)..at).unwrap_or_default();
    let line = before.rsplit(|byte| *byte == b'\n').next().unwrap_or_default().trim_ascii_start();
    line.starts_with(b"* ")
        || [&b"#  "[..], b"#\t", b"//  ", b"///"].iter().any(|mark| line.starts_with(mark))
}

/// `password: password`, `token = "token"`.
fn same_as_name(text: &[u8], assignment: &Assignment, value: &[u8]) -> bool {
    let name = text.get(assignment.start..assignment.named_to).unwrap_or_default();
    let plain = |text: &[u8]| -> Vec<u8> {
        text.iter()
            .filter(|byte| byte.is_ascii_alphanumeric())
            .map(u8::to_ascii_lowercase)
            .collect()
    };
    let (name, said) = (plain(name), plain(value));
    let goes_on = name.len() > 2 && said.starts_with(&name) && {
        let next = value.get(name.len()).copied().unwrap_or(b'-');
        matches!(next, b'-' | b'@' | b'_' | b'.')
    };
    goes_on || !said.is_empty() && memchr::memmem::find(&name, &said).is_some()
}

/// A password that a person or a program chose.
pub(in crate::scan) fn password(value: &[u8]) -> Option<Strength> {
    let text = std::str::from_utf8(value).ok()?;
    let made = Makeup::of(value);
    if made.length < 4
        || made.length > PASSWORD
        || code_like(text)
        || talks(text) && !human::leet(text)
        || uuid(value)
        || digest(text)
    {
        return None;
    }
    let random = made.random_letters() && made.in_words * 3 <= made.letters();
    if text.starts_with(char::is_whitespace)
        || made.blanks > 0 && !(random && (made.letters() >= 12 || made.digits > 1))
    {
        return None;
    }
    if made.distinct < 4 || monotonous(value) || constant(value) || address(text) || hashed(text) {
        return None;
    }
    let mixed = made.letters() > 0 && (made.digits > 0 || made.symbols > 0);
    if !mixed {
        let counted = made.digits >= 8 && made.digits == made.length && made.distinct >= 5;
        let random = made.letters() >= 6 && made.random_letters() || counted;
        return Some(if random { Strength::Fair } else { Strength::Weak });
    }
    let numbered = numbered_word(text);
    let leet = human::leet(text) || !numbered && human::disguised(text);
    if named_like_code(value, &made) && !leet || numbered {
        let chosen = made.classes() == 4 || made.upper > 0 && made.length >= 10;
        let chosen = chosen && made.blanks == 0 && !numbered && !constant(value);
        let hyphened = value.iter().all(|byte| byte.is_ascii_lowercase() || *byte == b'-');
        return (made.digits > 0 || chosen || hyphened).then_some(if made.classes() == 4 {
            Strength::Fair
        } else {
            Strength::Weak
        });
    }
    let unguessable = made.length - made.in_words;
    Some(match () {
        () if made.classes() >= 3 && unguessable >= 8 && made.runs >= 5 => Strength::Strong,
        () if made.length >= 12 && unguessable * 4 >= made.length * 3 && made.runs >= 4 => {
            Strength::Strong
        }
        () if made.length >= 6 || made.length == 5 && leet => Strength::Fair,
        () => Strength::Weak,
    })
}

/// What a person may have chosen where only a password can stand: a word too.
pub(in crate::scan) fn chosen(value: &[u8]) -> bool {
    password(value).max(token(value)).is_some_and(|strength| {
        strength >= Strength::Fair || std::str::from_utf8(value).is_ok_and(human::word)
    })
}

/// A random token.
pub(in crate::scan) fn token(value: &[u8]) -> Option<Strength> {
    let text = std::str::from_utf8(value).ok()?;
    let made = Makeup::of(value);
    if made.length < 10
        || code_like(text)
        || digest(text)
        || hashed(text)
        || !enough(value, ENTROPY)
        || monotonous(value)
        || text.ends_with("--")
    {
        return None;
    }
    if uuid(value) {
        return Some(Strength::Fair);
    }
    if made.letters() == 0 || made.blanks * 8 > made.length {
        return None;
    }
    if made.digits == 0 {
        let random = made.random_letters() && made.length >= 16;
        return random.then_some(if made.length >= 20 && made.classes() >= 2 {
            Strength::Strong
        } else {
            Strength::Fair
        });
    }
    if made.in_words * 2 > made.length || named_like_code(value, &made) {
        return None;
    }
    let hexadecimal = value.iter().all(u8::is_ascii_hexdigit);
    Some(match () {
        () if hexadecimal && made.length < 16 => Strength::Weak,
        () if hexadecimal && made.length < 24 => Strength::Fair,
        () if made.length >= 20
            && made.in_words * 4 <= made.length
            && made.runs * 5 >= made.length =>
        {
            Strength::Strong
        }
        () if made.length >= 16 => Strength::Fair,
        () if made.length >= 12 && made.in_words == 0 && made.classes() >= 3 => Strength::Fair,
        () if made.length >= 12
            && !hexadecimal
            && made.in_words == 0
            && made.runs >= 3
            && made.symbols == 0 =>
        {
            Strength::Fair
        }
        () => Strength::Weak,
    })
}

/// A hash of a password, which other rules are about.
fn hashed(text: &str) -> bool {
    let schemes = [
        "$1$", "$2", "$5$", "$6$", "$P$", "$apr1$", "$argon2", "pbkdf2", "sha1$", "{SSHA", "{SHA",
        "bcrypt",
    ];
    schemes.iter().any(|scheme| text.starts_with(scheme))
}

/// `FTP_PASS`: the name of a constant.
fn constant(value: &[u8]) -> bool {
    value.contains(&b'_')
        && value
            .iter()
            .all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit() || *byte == b'_')
        && value.iter().filter(|byte| byte.is_ascii_digit()).count() * 4 < value.len()
}

/// `name@host.example`
fn address(text: &str) -> bool {
    let name = |text: &str| {
        !text.is_empty()
            && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-._+".contains(&byte))
    };
    text.split_once('@').is_some_and(|(user, host)| {
        let top = host.rsplit_once('.').map_or("", |(_, top)| top);
        name(user)
            && name(host)
            && top.len() >= 2
            && top.bytes().all(|byte| byte.is_ascii_alphabetic())
    })
}

/// Words joined by separators, with hardly anything else.
fn named_like_code(value: &[u8], made: &Makeup) -> bool {
    let separators = value.iter().filter(|byte| b"-_./:@ ".contains(byte)).count();
    let only = separators == made.symbols;
    only && made.letters() > 0
        && made.digits * 4 <= made.letters()
        && !made.random_letters()
        && made.symbols > 0
        && made.in_words * 5 >= made.letters() * 3
}

/// Words that say the value talks about secrets rather than being one.
const TALK: &[&str] = &[
    "password",
    "passwd",
    "passphrase",
    "secret",
    "token",
    "apikey",
    "credential",
    "username",
    "required",
    "invalid",
    "error",
    "field",
    "label",
    "input",
    "reset",
    "confirm",
    "forgot",
];

fn talks(text: &str) -> bool {
    let lower = text.to_ascii_lowercase();
    TALK.iter().any(|word| lower.contains(word))
        && text.bytes().filter(u8::is_ascii_digit).count() * 5 < text.len()
}

/// `password1`, `test1234`, `admin12`: a common word with a number, unless it
/// is one that stands before long numbers in real passwords too.
fn numbered_word(text: &str) -> bool {
    const MADE_UP: &[&str] = &[
        "test", "testing", "foo", "bar", "abc", "example", "demo", "a", "x", "qwerty", "token",
        "key", "foobar", "baz", "abcd", "abcdef", "pass", "password", "passwd", "pw", "pwd",
    ];
    const COMMON: &[&str] = &["user", "secret", "admin", "root", "letmein", "guest"];
    let word = text.trim_matches(|letter: char| !letter.is_ascii_alphabetic()).to_ascii_lowercase();
    let digits = text.bytes().filter(u8::is_ascii_digit).count();
    MADE_UP.contains(&word.as_str()) || digits < 3 && COMMON.contains(&word.as_str())
}
