//! Names that speak of secrets but name something else: `accessKeyId`,
//! `password_length`, `token_url`.

use memchr::memmem;

use crate::scan::rule::Text;

/// Last words of such names, lower case.
const OTHER: &[&str] = &[
    "id",
    "ids",
    "name",
    "names",
    "url",
    "uri",
    "path",
    "file",
    "dir",
    "type",
    "length",
    "size",
    "count",
    "policy",
    "hint",
    "label",
    "title",
    "message",
    "text",
    "date",
    "time",
    "used",
    "expiry",
    "expires",
    "expiration",
    "field",
    "format",
    "pattern",
    "regex",
    "class",
    "arn",
    "org",
    "organization",
    "organisation",
    "project",
    "commit",
];

/// Whether what stands before a value, its name and the sign between them,
/// names no secret.
pub(in crate::scan) fn names_something_else(before: &[u8]) -> bool {
    let end = before.iter().rposition(u8::is_ascii_alphanumeric).map_or(0, |at| at + 1);
    let name = before.get(..end).unwrap_or_default();
    let start = name.iter().rposition(|byte| !byte.is_ascii_alphanumeric()).map_or(0, |at| at + 1);
    let word = name.get(start..).unwrap_or_default();
    let between = before.get(end..).unwrap_or_default();
    let domain =
        word == b"org" && start.checked_sub(1).and_then(|at| before.get(at)) == Some(&b'.');
    if domain || between.contains(&b'}') || between.starts_with(b"(") && word == b"type" {
        return false;
    }
    OTHER.iter().any(|other| ends_in_word(word, other.as_bytes()))
}

/// Whether one of `words` stands in the last name before a value.
pub(in crate::scan) fn named(before: &[u8], words: &[Text]) -> bool {
    if words.is_empty() {
        return false;
    }
    let inside = |byte: &u8| byte.is_ascii_alphanumeric() || b"_-.".contains(byte);
    let end = before.iter().rposition(inside).map_or(0, |at| at + 1);
    let name = before.get(..end).unwrap_or_default();
    let start = name.iter().rposition(|byte| !inside(byte)).map_or(0, |at| at + 1);
    let name = name.get(start..).unwrap_or_default().to_ascii_lowercase();
    words.iter().any(|word| memmem::find(&name, word.as_bytes()).is_some())
}

/// Whether `name` is `word`, or ends in it written `camelCase`.
fn ends_in_word(name: &[u8], word: &[u8]) -> bool {
    let Some(at) = name.len().checked_sub(word.len()) else { return false };
    let (before, last) = name.split_at(at);
    last.eq_ignore_ascii_case(word)
        && match (before.last(), last.first()) {
            (None, _) => true,
            (Some(before), Some(first)) => {
                before.is_ascii_lowercase() && first.is_ascii_uppercase()
            }
            _ => false,
        }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_word_of_a_name_tells() {
        for name in ["AccessKeyId\": \"", "PasswordLastUsed = '", "token_url: ", "SECRET-NAME="] {
            assert!(names_something_else(name.as_bytes()), "{name}");
        }
        for name in ["password = '", "api_key: ", "dbPassword=", "MADRID_TOKEN=", "PASSWORD_VALID="]
        {
            assert!(!names_something_else(name.as_bytes()), "{name}");
        }
    }
}
