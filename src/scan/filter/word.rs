//! Whether a value that something calls a password or token looks like one,
//! rather than like a word, a name in code, a digest or an id.

use super::strength::{Strength, password, token};

/// A password a person or program chose.
pub(in crate::scan) fn password_like(value: &[u8]) -> bool {
    password(value).max(token(value)) >= Some(Strength::Fair)
}

/// A random token: several classes, no words strung together, no digest name.
pub(in crate::scan) fn token_like(value: &[u8]) -> bool {
    let Ok(text) = std::str::from_utf8(value) else { return false };
    let classes = Classes::of(value);
    classes.digit
        && classes.letter()
        && !code_like(text)
        && !digest(text)
        && !short_hash(value)
        && !wordy(text)
        && !text.contains("://")
}

#[derive(Default)]
struct Classes {
    lower: bool,
    upper: bool,
    digit: bool,
    symbol: bool,
}

impl Classes {
    fn of(value: &[u8]) -> Self {
        let mut classes = Self::default();
        for byte in value {
            match byte {
                b'a'..=b'z' => classes.lower = true,
                b'A'..=b'Z' => classes.upper = true,
                b'0'..=b'9' => classes.digit = true,
                _ => classes.symbol = true,
            }
        }
        classes
    }

    fn letter(&self) -> bool {
        self.lower || self.upper
    }
}

/// Calls, member chains, paths, addresses, formats.
pub(super) fn code_like(text: &str) -> bool {
    text.contains("()")
        || text.ends_with(')') && text.contains('(')
        || text.contains("::")
        || text.contains("->")
        || text.contains("[\"")
        || text.contains("['")
        || text.ends_with('{')
        || text.starts_with("[]")
        || text.starts_with(['/', '.', '*', '&', '\\', '-']) && !padded(text)
        || text.starts_with("self.")
        || text.starts_with("this.")
        || text.starts_with("http")
        || text.starts_with("process.env")
        || text.starts_with("os.")
        || text.starts_with("env.")
        || text.contains("://")
        || text.ends_with([':', '('])
        || ["[^", "[a-z", "[A-Z", "[0-9", "\\d", "\\w", "(?:", ".*", "?|", "]?", "\\s", "\\S"]
            .iter()
            .any(|part| text.contains(part))
        || dotted_names(text)
        || timestamp(text)
}

/// Base64 that ends as no path does.
fn padded(text: &str) -> bool {
    text.len() >= 24
        && text.len().is_multiple_of(4)
        && text.ends_with('=')
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"+/=".contains(&byte))
}

/// `2016-09-08T21:47:36Z`
fn timestamp(text: &str) -> bool {
    text.len() >= 10
        && text.bytes().zip(b"0000-00-00".iter()).all(|(byte, form)| match form {
            b'0' => byte.is_ascii_digit(),
            form => byte == *form,
        })
}

/// `request.user.password2`: names joined by dots, with digits at their ends.
fn dotted_names(text: &str) -> bool {
    text.contains('.')
        && text.split('.').all(|part| {
            let stem = part.trim_end_matches(|digit: char| digit.is_ascii_digit());
            part.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_')
                && stem.bytes().all(|byte| byte.is_ascii_alphabetic() || b"_-".contains(&byte))
                && part.len() - stem.len() <= 2
        })
}

/// Mostly runs of four and more lower-case letters between separators, or one
/// long camel-case name.
fn wordy(text: &str) -> bool {
    let digits = text.bytes().filter(u8::is_ascii_digit).count();
    let in_words: usize = text
        .split(|letter: char| !letter.is_ascii_alphabetic())
        .flat_map(|run| run.split_inclusive(|letter: char| letter.is_ascii_uppercase()))
        .filter(|run| run.len() >= 4)
        .map(str::len)
        .sum();
    digits * 12 < text.len() && in_words * 2 > text.len()
}

/// `8-4-4-4-12` hexadecimal digits.
pub(super) fn uuid(value: &[u8]) -> bool {
    value.len() == 36
        && value.iter().enumerate().all(|(at, byte)| match at {
            8 | 13 | 18 | 23 => *byte == b'-',
            _ => byte.is_ascii_hexdigit(),
        })
}

/// At most 64 bits in hexadecimal: a hash of something, too short for a key.
fn short_hash(value: &[u8]) -> bool {
    value.len() <= 16 && value.iter().all(u8::is_ascii_hexdigit)
}

/// `sha256-…`, `sha512:…`, `md5-…`.
pub(super) fn digest(text: &str) -> bool {
    let lower = text.to_ascii_lowercase();
    ["sha1", "sha256", "sha384", "sha512", "md5"]
        .iter()
        .any(|name| lower.strip_prefix(name).is_some_and(|rest| rest.starts_with(['-', ':', '='])))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn passwords_and_words_are_told_apart() {
        for value in ["hunter2hunter2", "Tr0ub4dor&3x", "G7!kq0zPwL", "p@55w0rd!x"] {
            assert!(password_like(value.as_bytes()), "{value}");
        }
        for value in [
            "my_password",
            "newPassword",
            "request.password",
            "enter-your-name",
            "getPassword()",
            "test1234",
            "2016-09-08T21:47:36Z",
        ] {
            assert!(!password_like(value.as_bytes()), "{value}");
        }
    }

    #[test]
    fn tokens_and_names_are_told_apart() {
        assert!(token_like(b"a8F3kQ9zLm2Xv7Rt1Yp4Wc6N"));
        assert!(!token_like(b"authentication-token-name"));
        assert!(token_like(b"123e4567-e89b-12d3-a456-426614174000"));
        assert!(!token_like(b"sha256-47DEQpj8HBSa"));
        assert!(!token_like(b"48205d4ffd7feba3"));
        assert!(token_like(b"48205d4ffd7feba348205d4f"));
    }
}
