//! Values that stand where a secret will be: examples of documentation,
//! template expressions, "changeme". Words are compared as whole tokens, so
//! that a random secret that contains one is not lost.

/// Whole values, lower case.
const VALUES: &[&str] = &[
    "changeme",
    "change_me",
    "change-me",
    "password",
    "plain",
    "passwd",
    "secret",
    "token",
    "apikey",
    "null",
    "none",
    "nil",
    "undefined",
    "true",
    "false",
    "string",
    "example",
    "redacted",
    "placeholder",
    "default",
    "optional",
    "required",
    "required()",
    "todo",
    "fixme",
    "foobar",
    "pass",
    "test",
    "testing",
    "admin",
    "root",
    "postgres",
    "mysql",
    "guest",
    "user",
    "username",
    "empty",
    "dummy",
    "sample",
    "hidden",
    "masked",
];
/// Words that make any value a placeholder where they stand as a whole token.
const WORDS: &[&str] = &[
    "example",
    "examplekey",
    "changeme",
    "placeholder",
    "dummy",
    "fake",
    "your",
    "yours",
    "my",
    "insert",
    "replace",
    "replaceme",
    "todo",
    "fixme",
    "redacted",
    "xxx",
    "xxxx",
    "xxxxx",
    "sample",
    "notreal",
    "goes",
    "here",
    "mypassword",
    "yourpassword",
    "yourtoken",
    "yoursecret",
    "enter",
    "foo",
    "foobar",
    "changeit",
    "removed",
    "censored",
    "not",
    "invalid",
];

/// Parts of keys that manuals and emulators print, lower case.
const PRINTED: &[&str] = &[
    "4ec39hqlyjwdarjtt1zdp7dc",
    "eby8vdm02xnocqflquwjpllmetlcdxj1ouzft50u",
    "g3dfpbejymodidaex454m7ywbuvefowk",
    "31d6cfe0d16ae931b73c59d7e0c089c0",
];

/// How references to where the value is kept begin.
const INDIRECT: &[&str] = &[
    "ENC(",
    "ENC[",
    "arn:",
    "vault:",
    "env:",
    "ref+",
    "op://",
    "ssm:",
    "file:",
    "secretref:",
    "!Ref",
    "!vault",
    "!Sub",
    "@Microsoft.KeyVault",
    "projects/",
    "keyring:",
    "sops:",
    "$p$",
    "AQICAH",
    "{cipher}",
    "${{",
    "%(",
    "#{",
    "...",
    "…",
    "••",
];

/// Whether `value` is no secret but the place for one.
pub(in crate::scan) fn placeholder(value: &[u8]) -> bool {
    let Ok(text) = std::str::from_utf8(value) else { return false };
    let lower = text.to_ascii_lowercase();
    template(text)
        || VALUES.contains(&lower.as_str())
        || monotonous(value)
        || vendor_documentation(&lower)
        || tokens(text).any(|token| WORDS.contains(&token.as_str()))
        || value.split(|byte| *byte == b'/').any(|part| part.len() >= 16 && monotonous(part))
}

/// `${VAR}`, `$VAR`, `{{ x }}`, `<value>`, `%VAR%`, `[value]`, `@var@`, `#{x}`, `{}`.
fn template(text: &str) -> bool {
    let wrapped =
        |open: &str, close: &str| text.starts_with(open) && text.ends_with(close) && text.len() > 2;
    interpolated(text)
        || INDIRECT.iter().any(|start| text.starts_with(start))
        || text.starts_with("{{")
        || text.contains("#{")
        || text.contains("$(")
        || text.contains("<%")
        || text.contains("%/")
        || text.contains("...")
        || formatted(text)
        || text
            .split(':')
            .all(|part| part.strip_prefix('$').is_some_and(|name| name.bytes().all(is_name)))
        || [("<", ">"), ("%", "%"), ("${", "}"), ("[", "]"), ("@", "@"), ("{", "}"), ("__", "__")]
            .iter()
            .any(|(open, close)| wrapped(open, close))
}

/// `%s`, `%016lx`: something is put there.
fn formatted(text: &str) -> bool {
    text.split('%').skip(1).any(|rest| {
        let width = rest.trim_start_matches(|byte: char| {
            byte.is_ascii_digit() || b"#.-+*".contains(&(byte as u8))
        });
        let kind = width.trim_start_matches(['l', 'h', 'z']);
        kind.starts_with(['s', 'd', 'x', 'X', 'u', 'v', 'q', 'p', '@'])
            && !kind
                .get(1..)
                .is_some_and(|next| next.starts_with(|next: char| next.is_ascii_alphanumeric()))
    })
}

/// A name, a number or nothing in braces.
fn interpolated(text: &str) -> bool {
    text.split('{').skip(1).any(|rest| {
        let inside = rest.split('}').next().unwrap_or_default();
        inside.len() < rest.len()
            && inside.bytes().all(|byte| is_name(byte) || b".:$ -|()[]'\"".contains(&byte))
    })
}

fn is_name(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}

/// One or two characters over and over, or a run of neighbours (`abcdef…`,
/// `123456…`) as long as the value.
pub(super) fn monotonous(value: &[u8]) -> bool {
    let mut seen = [false; 256];
    value.iter().for_each(|byte| {
        if let Some(flag) = seen.get_mut(usize::from(*byte)) {
            *flag = true;
        }
    });
    let distinct = seen.iter().filter(|flag| **flag).count();
    let steps =
        value.windows(2).filter(|pair| matches!(pair, [a, b] if *b == a.wrapping_add(1))).count();
    let same = longest_run(value);
    value.len() >= 6 && (distinct <= 2 || steps + 2 >= value.len())
        || same >= 8 && same * 2 >= value.len()
        || longest_count(value) >= 16
}

fn longest_run(value: &[u8]) -> usize {
    value.chunk_by(|a, b| a == b).map(<[u8]>::len).max().unwrap_or(0)
}

/// `1234567890123…`: digits that count up, also over the ten.
fn longest_count(value: &[u8]) -> usize {
    let next = |a: &u8, b: &u8| {
        a.is_ascii_digit() && (*b == a.wrapping_add(1) || (*a, *b) == (b'9', b'0'))
    };
    value.chunk_by(next).map(<[u8]>::len).max().unwrap_or(0)
}

/// The keys that vendors print in their manuals.
fn vendor_documentation(lower: &str) -> bool {
    lower.ends_with("example") && lower.len() == 20
        || lower.ends_with("examplekey")
        || lower.starts_with("xxxx")
        || PRINTED.iter().any(|printed| lower.contains(printed))
        || lower.contains("your_") && !lower.bytes().any(|byte| byte.is_ascii_digit())
}

/// Words between separators, without a number at their end. Only where the
/// value as a whole is made of words.
fn tokens(text: &str) -> impl Iterator<Item = String> {
    let separated = text.contains(['_', '-', '.', ' ', ':', '/', '+']);
    let wordy = text.bytes().filter(u8::is_ascii_digit).count() * 4 <= text.len();
    text.split(|letter: char| !letter.is_ascii_alphanumeric())
        .map(|token| token.trim_end_matches(|letter: char| letter.is_ascii_digit()))
        .filter(|token| token.bytes().all(|byte| byte.is_ascii_alphabetic()))
        .filter(move |token| wordy && (separated || token.len() == text.len()))
        .map(str::to_ascii_lowercase)
        .filter(|token| token.len() >= 2)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn placeholders_are_seen_and_secrets_kept() {
        for value in [
            "changeme",
            "${TOKEN}",
            "{{ x }}",
            "<token>",
            "xxxxxxxx",
            "your_api_key",
            "AKIAIOSFODNN7EXAMPLE",
            "abcdefgh",
            "12345678",
            "YOUR-TOKEN-HERE",
            "$PASSWORD",
            "aaaaaaaaaaaaaaaaaaaa",
        ] {
            assert!(placeholder(value.as_bytes()), "{value}");
        }
        for value in
            ["hK8#pQ2vR5m", "Tr0ub4dor&3", "9fexample8Qz71Lm2", "hunter2hunter2", "pk_my9Kqz_Lxw7"]
        {
            assert!(!placeholder(value.as_bytes()), "{value}");
        }
    }
}
