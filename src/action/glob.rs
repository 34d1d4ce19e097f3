//! Shell-style patterns as `fnmatch` reads them: `*` (also across `/` and
//! `.`), `?`, `[a-z]`, `[!a-z]`; case-sensitive.

/// Whether the whole of `text` matches `pattern`. Linear in the product of the
/// lengths at worst, never exponential, and without allocation.
#[must_use]
pub fn glob_match(pattern: &str, text: &str) -> bool {
    let (mut pattern, mut text) = (pattern, text);
    let mut star: Option<(&str, &str)> = None;
    while let Some(character) = text.chars().next() {
        if let Some(after) = pattern.strip_prefix('*') {
            star = Some((after, text));
            pattern = after;
        } else if let Some(rest) = one(pattern, character) {
            pattern = rest;
            text = text.get(character.len_utf8()..).unwrap_or_default();
        } else {
            let Some((after, from)) = star else { return false };
            let from =
                from.get(from.chars().next().map_or(0, char::len_utf8)..).unwrap_or_default();
            star = Some((after, from));
            (pattern, text) = (after, from);
        }
    }
    pattern.bytes().all(|byte| byte == b'*')
}

/// What is left of the pattern where its first element (never a star) matches
/// `character`.
fn one(pattern: &str, character: char) -> Option<&str> {
    let first = pattern.chars().next()?;
    let rest = pattern.get(first.len_utf8()..)?;
    match first {
        '?' => Some(rest),
        '[' => match class(rest, character) {
            Some((true, after)) => Some(after),
            Some((false, _)) => None,
            None => (character == '[').then_some(rest),
        },
        _ => (first == character).then_some(rest),
    }
}

/// Reads a class behind its `[`: whether it holds `character`, and what stands
/// behind it. None where the bracket is never closed.
fn class(body: &str, character: char) -> Option<(bool, &str)> {
    let negated = body.starts_with('!');
    let body = body.strip_prefix('!').unwrap_or(body);
    let first = body.chars().next()?.len_utf8();
    let close = first + body.get(first..)?.find(']')?;
    let mut members = body.get(..close)?.chars();
    let mut found = false;
    while let Some(low) = members.next() {
        let mut ahead = members.clone();
        match (ahead.next(), ahead.next()) {
            (Some('-'), Some(high)) => {
                found |= (low..=high).contains(&character);
                members = ahead;
            }
            _ => found |= low == character,
        }
    }
    Some((found != negated, body.get(close + 1..)?))
}

#[cfg(test)]
mod tests {
    use super::glob_match;

    #[test]
    fn matches_as_fnmatch_does() {
        let yes = [
            ("*", ""),
            ("release/*", "release/1/2"),
            ("v?", "v1"),
            ("git.*", "git.push"),
            ("[a-c]x", "bx"),
            ("[!a-c]x", "dx"),
            ("a*b*c", "aXbYbZc"),
            ("[", "["),
            ("[]]", "]"),
        ];
        let no = [("main", "Main"), ("v?", "v12"), ("[a-c]x", "dx"), ("a*b", "abc"), ("", "x")];
        for (pattern, text) in yes {
            assert!(glob_match(pattern, text), "{pattern} should match {text}");
        }
        for (pattern, text) in no {
            assert!(!glob_match(pattern, text), "{pattern} should not match {text}");
        }
    }

    #[test]
    fn many_stars_stay_quick() {
        assert!(!glob_match(&"*a".repeat(60), &"a".repeat(50)));
    }
}
