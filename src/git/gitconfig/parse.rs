//! The text format of git's configuration (`git-config(1)`, "Syntax").

use super::ConfigEntry;
use crate::git::{Error, Result};

/// Reads a whole file. `source_name` is for messages only.
///
/// # Errors
/// [`Error::Config`] where git would say `bad config line`.
pub fn parse(text: &[u8], source_name: &str) -> Result<Vec<ConfigEntry>> {
    let text = text.strip_prefix(b"\xef\xbb\xbf").unwrap_or(text);
    let mut parser = Parser { text, at: 0, line: 1 };
    let mut entries = Vec::new();
    let mut section: Option<(String, Option<String>)> = None;
    while let Some(byte) = parser.next() {
        let step = match byte {
            b'\n' | b' ' | b'\t' | b'\r' => Ok(()),
            b'#' | b';' => {
                parser.skip_line();
                Ok(())
            }
            b'[' => parser.section().map(|found| section = Some(found)),
            _ => parser.assignment(byte).and_then(|(name, value)| {
                let (section, subsection) = section.clone().ok_or("a value outside a section")?;
                entries.push(ConfigEntry { section, subsection, name, value });
                Ok(())
            }),
        };
        step.map_err(|reason| Error::Config {
            source_name: source_name.to_owned(),
            line: parser.line,
            reason: reason.to_owned(),
        })?;
    }
    Ok(entries)
}

struct Parser<'a> {
    text: &'a [u8],
    at: usize,
    line: usize,
}

type Parsed<T> = std::result::Result<T, &'static str>;

impl Parser<'_> {
    /// The next byte, `\r\n` read as `\n`.
    fn next(&mut self) -> Option<u8> {
        let mut byte = *self.text.get(self.at)?;
        self.at += 1;
        if byte == b'\r' && self.text.get(self.at) == Some(&b'\n') {
            byte = b'\n';
            self.at += 1;
        }
        if byte == b'\n' {
            self.line += 1;
        }
        Some(byte)
    }

    fn back(&mut self) {
        self.at = self.at.saturating_sub(1);
        if self.text.get(self.at) == Some(&b'\n') {
            self.line = self.line.saturating_sub(1);
        }
    }

    fn skip_line(&mut self) {
        while self.next().is_some_and(|byte| byte != b'\n') {}
    }

    /// What follows `[`: `name]`, `name.sub]` (old form) or `name "sub"]`.
    fn section(&mut self) -> Parsed<(String, Option<String>)> {
        let mut name = String::new();
        loop {
            match self.next().ok_or("a section that does not end")? {
                b']' => break,
                b' ' | b'\t' => return self.subsection().map(|sub| (name, Some(sub))),
                byte if byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'.' => {
                    name.push(char::from(byte.to_ascii_lowercase()));
                }
                _ => return Err("a section name may hold letters, digits, `-` and `.`"),
            }
        }
        Ok(match name.split_once('.') {
            Some((section, sub)) => (section.to_owned(), Some(sub.to_owned())),
            None => (name, None),
        })
    }

    fn subsection(&mut self) -> Parsed<String> {
        let mut sub = Vec::new();
        loop {
            match self.next() {
                Some(b' ' | b'\t') => {}
                Some(b'"') => break,
                _ => return Err("a subsection must be in double quotes"),
            }
        }
        loop {
            match self.next() {
                Some(b'"') => break,
                Some(b'\\') => match self.next() {
                    Some(byte) if byte != b'\n' => sub.push(byte),
                    _ => return Err("a subsection that does not end"),
                },
                Some(b'\n') | None => return Err("a subsection that does not end"),
                Some(byte) => sub.push(byte),
            }
        }
        match self.next() {
            Some(b']') => Ok(String::from_utf8_lossy(&sub).into_owned()),
            _ => Err("a section that does not end in `]`"),
        }
    }

    fn assignment(&mut self, first: u8) -> Parsed<(String, Option<String>)> {
        if !first.is_ascii_alphabetic() {
            return Err("a name must begin with a letter");
        }
        let mut name = String::from(char::from(first.to_ascii_lowercase()));
        let mut next = self.next();
        while let Some(byte) = next.filter(|byte| byte.is_ascii_alphanumeric() || *byte == b'-') {
            name.push(char::from(byte.to_ascii_lowercase()));
            next = self.next();
        }
        while matches!(next, Some(b' ' | b'\t')) {
            next = self.next();
        }
        match next {
            Some(b'=') => self.value().map(|value| (name, Some(value))),
            Some(b'\n') | None => Ok((name, None)),
            Some(b'#' | b';') => {
                self.skip_line();
                Ok((name, None))
            }
            Some(_) => Err("a name may hold letters, digits and `-`, then `=`"),
        }
    }

    fn value(&mut self) -> Parsed<String> {
        let mut value = Vec::new();
        let (mut quoted, mut keep) = (false, 0);
        loop {
            match self.next() {
                None if quoted => return Err("a quoted value that does not end"),
                None => break,
                Some(b'\n') if quoted => {
                    self.back();
                    return Err("a quoted value that does not end");
                }
                Some(b'\n') => break,
                Some(b'#' | b';') if !quoted => {
                    self.skip_line();
                    break;
                }
                Some(b'"') => {
                    quoted = !quoted;
                    keep = value.len();
                }
                Some(byte @ (b' ' | b'\t' | b'\r')) if !quoted => {
                    if !value.is_empty() {
                        value.push(byte);
                    }
                }
                Some(b'\\') => {
                    value.extend(self.escape()?);
                    keep = value.len();
                }
                Some(byte) => {
                    value.push(byte);
                    keep = value.len();
                }
            }
        }
        value.truncate(keep);
        Ok(String::from_utf8_lossy(&value).into_owned())
    }

    fn escape(&mut self) -> Parsed<Option<u8>> {
        match self.next() {
            Some(b'\n') => Ok(None),
            Some(b't') => Ok(Some(b'\t')),
            Some(b'b') => Ok(Some(8)),
            Some(b'n') => Ok(Some(b'\n')),
            Some(byte @ (b'\\' | b'"')) => Ok(Some(byte)),
            _ => Err("only `\\n`, `\\t`, `\\b`, `\\\"` and `\\\\` may follow a backslash"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn quotes_comments_and_continuations_are_read_as_git_does() {
        let text = b"\xef\xbb\xbf[a \"b \\\"c\"]\r\n k = \" x \" y ; z\r\n long = 1\\\n 2  \n[d.E] f=\"#\"";
        let entries = parse(text, "f").unwrap();
        let values: Vec<_> = entries.iter().map(|entry| entry.value.as_deref().unwrap()).collect();
        assert_eq!(values, [" x  y", "1 2", "#"]);
        assert_eq!(entries[0].subsection.as_deref(), Some("b \"c"));
        assert_eq!(
            (entries[2].section.as_str(), entries[2].subsection.as_deref()),
            ("d", Some("e"))
        );
    }

    #[test]
    fn a_bad_line_is_named() {
        let error = parse(b"[a]\nb = 1\nc = \"open\n", "f").unwrap_err();
        assert!(matches!(error, Error::Config { line: 3, .. }), "{error}");
        assert!(parse(b"x = 1", "f").is_err());
    }

    proptest! {
        #[test]
        fn any_bytes_are_read_without_a_panic(text in "[\\[\\]a\"=\\\\\n\r #.]{0,60}", raw in proptest::collection::vec(any::<u8>(), 0..200)) {
            let _ = parse(text.as_bytes(), "f");
            let _ = parse(&raw, "f");
        }
    }
}
