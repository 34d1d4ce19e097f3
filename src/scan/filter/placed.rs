//! Passwords as people choose them, by where they stand: code, settings,
//! comments, sentences, samples.

use super::Kind;
use super::human;
use super::makeup::Makeup;
use crate::scan::assign::{Assignment, Form, Syntax};

/// Shorter passwords in samples are made up.
pub(super) const SAMPLE_PASSWORD: usize = 7;
/// Shorter ones in sentences are words of these.
const PROSE_PASSWORD: usize = 8;
/// How comments begin.
const COMMENTS: &[&[u8]] = &[b"#", b"//", b"/*", b"*", b"--", b"<!--", b";", b"%"];

/// Whether a password is a word in disguise, of a length that counts there.
pub(super) fn in_disguise(value: &[u8], form: Form, syntax: Syntax, kind: Kind) -> bool {
    let least = match (kind, syntax) {
        (Kind::Lock, _) => return false,
        (_, Syntax::Prose) => PROSE_PASSWORD,
        (Kind::Sample, _) => SAMPLE_PASSWORD,
        (Kind::Plain | Kind::Trove, _) => 0,
    };
    let numbered = value.iter().filter(|byte| byte.is_ascii_digit()).count() > 2;
    let plays = numbered || std::str::from_utf8(value).is_ok_and(human::leet);
    let speaks = speaks(value) && !(plays && syntax == Syntax::Code && !calls_itself(value));
    let said = least > 0 && (value.iter().all(u8::is_ascii_hexdigit) || speaks)
        || syntax == Syntax::Prose && value.iter().any(|byte| b"()[]{}$=/".contains(byte));
    let thin = kind == Kind::Sample && form == Form::Inline && thin(value);
    value.len() >= least && disguised(value) && !said && !thin
}

/// `word7`: a small word with a digit.
fn thin(value: &[u8]) -> bool {
    let made = Makeup::of(value);
    made.digits < 2 && made.upper == 0 && !std::str::from_utf8(value).is_ok_and(human::leet)
}

/// `mypassword123`: names what it stands for.
fn speaks(value: &[u8]) -> bool {
    calls_itself(value) || memchr::memmem::find(&value.to_ascii_lowercase(), b"secret").is_some()
}

/// The same in the words that nobody has in a password for its own sake.
fn calls_itself(value: &[u8]) -> bool {
    let lower = value.to_ascii_lowercase();
    [&b"password"[..], b"passwd", b"token"]
        .iter()
        .any(|word| memchr::memmem::find(&lower, word).is_some())
}

/// Whether a password is a word in disguise.
pub(super) fn disguised(value: &[u8]) -> bool {
    std::str::from_utf8(value).is_ok_and(human::disguised)
}

/// Whether a password that is a word stands where settings and code have
/// theirs: in quotes or right at the beginning of a line, in no comment.
pub(super) fn plain_word(
    text: &[u8],
    assignment: &Assignment,
    value: &[u8],
    syntax: Syntax,
    kind: Kind,
) -> bool {
    let before = text.get(assignment.start.saturating_sub(200)..assignment.start);
    let before = before.unwrap_or_default().rsplit(|byte| *byte == b'\n').next();
    let before = before.unwrap_or_default().trim_ascii();
    let mark = COMMENTS.iter().find_map(|mark| before.strip_prefix(*mark));
    let needs_statement = mark.is_some() || kind == Kind::Sample;
    let name = text.get(assignment.start..assignment.named_to).unwrap_or_default();
    let name = name.to_ascii_lowercase();
    let number = value.len() >= 6 && value.iter().all(u8::is_ascii_digit);
    let word = std::str::from_utf8(value).is_ok_and(human::word)
        || number && kind != Kind::Sample && Makeup::of(value).distinct > 3;
    let placed = match assignment.form {
        Form::Quoted | Form::Argument | Form::Compared | Form::Fallback | Form::Joined => true,
        Form::Bare => {
            let opened = [&b""[..], b"-", b"export", b"set", b"ENV", b"SetEnv"].contains(&before);
            opened && value.iter().any(u8::is_ascii_alphabetic)
        }
        Form::Inline => {
            let before = before.to_ascii_lowercase();
            [&b"user="[..], b"username=", b"user id=", b"uid=", b"host=", b"server="]
                .iter()
                .any(|word| memchr::memmem::find(&before, word).is_some())
        }
        Form::Said | Form::Bytes => false,
    };
    kind != Kind::Lock
        && syntax != Syntax::Prose
        && word
        && placed
        && !(kind == Kind::Sample && speaks(value))
        && (!needs_statement || is_statement(text, assignment, mark.unwrap_or(before)))
        && !name_is(&name, b"pass")
        && !name_is(&name, b"passe")
        && memchr::memmem::find(&name, &value.to_ascii_lowercase()).is_none()
}

/// `String password = "word";` on a line of its own, and no argument.
fn is_statement(text: &[u8], assignment: &Assignment, before: &[u8]) -> bool {
    let sign = text.get(assignment.named_to..assignment.value).unwrap_or_default();
    let declares = |byte: &u8| {
        byte.is_ascii_alphanumeric() || byte.is_ascii_whitespace() || b"_$.@<>".contains(byte)
    };
    let after = text.get(assignment.end..).unwrap_or_default();
    let after = after.split(|byte| *byte == b'\n').next().unwrap_or_default().trim_ascii();
    assignment.form == Form::Quoted
        && sign.contains(&b'=')
        && !sign.iter().any(|byte| b"(>{[,".contains(byte))
        && before.iter().all(declares)
        && matches!(after, [b'"' | b'\''] | [b'"' | b'\'', b';'])
}

/// Whether `text` begins with just this name.
pub(super) fn name_is(text: &[u8], name: &[u8]) -> bool {
    let inside = |byte: &u8| byte.is_ascii_alphanumeric() || *byte == b'_';
    text.strip_prefix(name).is_some_and(|rest| !rest.first().is_some_and(inside))
}
