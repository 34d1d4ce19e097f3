//! Shell-style patterns as `fnmatch` reads them: `*` (also across `/` and
//! `.`), `?`, `[a-z]`, `[!a-z]`; case-sensitive.

/// Whether the whole of `text` matches `pattern`. Linear in the product of the
/// lengths at worst, never exponential.
#[must_use]
pub fn glob_match(pattern: &str, text: &str) -> bool {
    let pattern: Vec<char> = pattern.chars().collect();
    let text: Vec<char> = text.chars().collect();
    let (mut p, mut t) = (0, 0);
    let mut star: Option<(usize, usize)> = None;
    while t < text.len() {
        match step(&pattern, p, text[t]) {
            Step::Star => {
                star = Some((p + 1, t));
                p += 1;
            }
            Step::Next(width) => {
                p += width;
                t += 1;
            }
            Step::No => match star {
                Some((after, from)) => {
                    star = Some((after, from + 1));
                    p = after;
                    t = from + 1;
                }
                None => return false,
            },
        }
    }
    pattern[p..].iter().all(|&c| c == '*')
}

enum Step {
    Star,
    Next(usize),
    No,
}

fn step(pattern: &[char], at: usize, character: char) -> Step {
    match pattern.get(at) {
        Some('*') => Step::Star,
        Some('?') => Step::Next(1),
        Some('[') => match class(&pattern[at..], character) {
            Some((true, width)) => Step::Next(width),
            Some((false, _)) => Step::No,
            None if character == '[' => Step::Next(1),
            None => Step::No,
        },
        Some(&c) if c == character => Step::Next(1),
        _ => Step::No,
    }
}

/// Reads a `[…]` class: whether it holds `character`, and its width. None
/// where the bracket is never closed.
fn class(pattern: &[char], character: char) -> Option<(bool, usize)> {
    let negated = pattern.get(1) == Some(&'!');
    let start = if negated { 2 } else { 1 };
    let close = start + 1 + pattern.get(start + 1..)?.iter().position(|&c| c == ']')?;
    let mut found = false;
    let mut at = start;
    while at < close {
        if at + 2 < close && pattern[at + 1] == '-' {
            found |= (pattern[at]..=pattern[at + 2]).contains(&character);
            at += 3;
        } else {
            found |= pattern[at] == character;
            at += 1;
        }
    }
    Some((found != negated, close + 1))
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
