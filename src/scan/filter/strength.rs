//! How much a value looks like a secret, given what names it.

use super::makeup::Makeup;
use super::placeholder::{monotonous, placeholder};
use super::word::{code_like, digest, uuid};
use super::{Kind, enough};
use crate::scan::assign::{Assignment, Form, Named, Syntax};
use crate::scan::decode::unescaped;
use crate::scan::rule::Confidence;

/// Longest password; longer values are judged as tokens.
const PASSWORD: usize = 64;
/// Bits a character that a token has at least, or what its length allows.
const ENTROPY: f64 = 3.2;

/// Shorter passwords in samples are made up.
const SAMPLE_PASSWORD: usize = 8;
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
    let unescaped = unescaped(written);
    let value = unescaped.as_ref();
    let kind = match kind {
        Kind::Plain if syntax == Syntax::Code && in_doc_comment(text, assignment.start) => {
            Kind::Lock
        }
        kind => kind,
    };
    if placeholder(value)
        || same_as_name(text, assignment, value)
        || value.starts_with(b"Basic ")
        || published(value)
    {
        return None;
    }
    let strength = match assignment.named {
        Named::Password => {
            let chosen = password(value).or_else(|| token(value))?;
            let joined =
                syntax == Syntax::Config && value.iter().any(|byte| b"-_.!".contains(byte));
            if joined { chosen.max(Strength::Fair) } else { chosen }
        }
        Named::Secret => {
            token(value).max(password(value).filter(|strength| *strength > Strength::Weak))?
        }
        Named::Token | Named::Key | Named::Auth => token(value)?,
        Named::Salt => token(value)?,
    };
    let strength = if kind == Kind::Trove { strength.max(Strength::Fair) } else { strength };
    let loose = assignment.named == Named::Key
        || assignment.form == Form::Said
        || syntax == Syntax::Prose && assignment.form != Form::Quoted && kind != Kind::Trove
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
    Some(if strength >= needed && !never { Confidence::Medium } else { Confidence::Low })
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
    let random = made.in_words == 0 && made.random_letters() && made.digits > 0;
    value.len() >= SAMPLE_PASSWORD
        && random
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
    let name = text.get(assignment.start..assignment.value).unwrap_or_default();
    let plain = |text: &[u8]| -> Vec<u8> {
        text.iter()
            .filter(|byte| byte.is_ascii_alphanumeric())
            .map(u8::to_ascii_lowercase)
            .collect()
    };
    plain(name) == plain(value)
}

/// A password that a person or a program chose.
pub(in crate::scan) fn password(value: &[u8]) -> Option<Strength> {
    let text = std::str::from_utf8(value).ok()?;
    let made = Makeup::of(value);
    if made.length < 4
        || made.length > PASSWORD
        || code_like(text)
        || talks(text)
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
    if named_like_code(value, &made) || numbered {
        let chosen = made.classes() == 4 || made.upper > 0 && made.length >= 10;
        let chosen = chosen && made.blanks == 0 && !numbered && !constant(value);
        return (made.digits > 0 || chosen).then_some(if made.classes() == 4 {
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
        () if made.length >= 6 => Strength::Fair,
        () => Strength::Weak,
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
        () => Strength::Weak,
    })
}

/// The half of a pair that its issuer means for everybody; those that are
/// secret nevertheless have rules of their own.
fn published(value: &[u8]) -> bool {
    const BEGIN: &[&str] = &[
        "pk_",
        "pk-",
        "pk.",
        "pub-",
        "public-",
        "public_",
        "pub_",
        "sub-c-",
        "client-",
        "publishable",
        "sb_publishable_",
        "phc_",
        "L_C_",
        "FLWPUBK",
        "sq0idp-",
        "ssh-rsa ",
        "ssh-ed25519 ",
        "ecdsa-",
        "sdk-",
    ];
    let begins = |begin: &&str| value.starts_with(begin.as_bytes());
    let counted = value
        .strip_prefix(b"pub")
        .is_some_and(|rest| rest.len() == 32 && rest.iter().all(u8::is_ascii_hexdigit));
    let scaleway = value.len() == 20 && value.starts_with(b"SCW");
    counted || scaleway || BEGIN.iter().any(begins)
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
