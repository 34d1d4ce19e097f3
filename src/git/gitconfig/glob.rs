//! Shell patterns as `includeIf` uses them: `*` and `?` stay within one path
//! component, `**` does not.

/// Whether the whole of `text` matches `pattern`. Takes time proportional to
/// the product of the lengths, whatever the pattern.
pub fn matches(pattern: &str, text: &str, ignore_case: bool) -> bool {
    let fold = |text: &str| {
        if ignore_case { text.to_lowercase() } else { text.to_owned() }.chars().collect::<Vec<_>>()
    };
    let (tokens, text) = (tokens(&fold(pattern)), fold(text));
    let mut reach = vec![false; text.len() + 1];
    if let Some(first) = reach.first_mut() {
        *first = true;
    }
    for token in &tokens {
        reach = step(token, &text, &reach);
    }
    reach.last().copied().unwrap_or(false)
}

enum Token {
    One(char),
    Any,
    Set(bool, Vec<(char, char)>),
    Star,
    /// `**/`: nothing, or anything up to a slash.
    Dirs,
    /// `**` at the end.
    Rest,
}

fn tokens(pattern: &[char]) -> Vec<Token> {
    let mut out = Vec::new();
    let mut rest = pattern;
    while let Some((first, after)) = rest.split_first() {
        let at_start = matches!(out.last(), None | Some(Token::One('/') | Token::Dirs));
        rest = after;
        match (first, after) {
            ('*', ['*', '/', tail @ ..]) if at_start => {
                out.push(Token::Dirs);
                rest = tail;
            }
            ('*', ['*']) if at_start => {
                out.push(Token::Rest);
                rest = &[];
            }
            ('*', _) => out.push(Token::Star),
            ('?', _) => out.push(Token::Any),
            ('\\', [next, tail @ ..]) => {
                out.push(Token::One(*next));
                rest = tail;
            }
            ('[', _) => match set(after) {
                Some((token, tail)) => {
                    out.push(token);
                    rest = tail;
                }
                None => out.push(Token::One('[')),
            },
            (other, _) => out.push(Token::One(*other)),
        }
    }
    out
}

fn set(after: &[char]) -> Option<(Token, &[char])> {
    let (negated, body) = match after {
        ['!' | '^', tail @ ..] => (true, tail),
        _ => (false, after),
    };
    let end = body.iter().skip(1).position(|c| *c == ']')? + 1;
    let (mut inner, tail) = (body.get(..end)?, body.get(end + 1..)?);
    let mut ranges = Vec::new();
    while let Some((low, more)) = inner.split_first() {
        if let ['-', high, more @ ..] = more {
            ranges.push((*low, *high));
            inner = more;
        } else {
            ranges.push((*low, *low));
            inner = more;
        }
    }
    Some((Token::Set(negated, ranges), tail))
}

/// From the places reached so far, the places reached after `token`.
fn step(token: &Token, text: &[char], reach: &[bool]) -> Vec<bool> {
    let mut next = vec![false; reach.len()];
    let mut running = false;
    for (index, slot) in next.iter_mut().enumerate() {
        let here = reach.get(index).copied().unwrap_or(false);
        let before = index.checked_sub(1);
        let previous = before.and_then(|at| text.get(at)).copied();
        let from_previous = before.and_then(|at| reach.get(at)).copied().unwrap_or(false);
        *slot = match token {
            Token::One(c) => from_previous && previous == Some(*c),
            Token::Any => from_previous && previous != Some('/'),
            Token::Set(negated, ranges) => {
                let inside = previous
                    .is_some_and(|c| ranges.iter().any(|(low, high)| *low <= c && c <= *high));
                from_previous && previous != Some('/') && inside != *negated
            }
            Token::Star => {
                running = here || (running && previous != Some('/'));
                running
            }
            Token::Rest => {
                running = running || here;
                running
            }
            Token::Dirs => {
                let slot = here || (running && previous == Some('/'));
                running = running || here;
                slot
            }
        };
    }
    next
}

#[cfg(test)]
mod tests {
    use super::matches;

    #[test]
    fn stars_stay_in_a_component_and_double_stars_do_not() {
        let yes = [
            ("**/foo/.git", "/a/b/foo/.git"),
            ("/a/**", "/a/b/.git"),
            ("feature/**", "feature/a/b"),
            ("f*e", "fe"),
            ("a/**/b", "a/b"),
            ("[a-c]?", "bz"),
            ("**/x/**", "/p/x/q/.git"),
        ];
        let no =
            [("f*e", "f/e"), ("/a/**", "/ab/.git"), ("a?b", "a/b"), ("[!a]", "a"), ("x", "xx")];
        yes.iter().for_each(|(p, t)| assert!(matches(p, t, false), "{p} {t}"));
        no.iter().for_each(|(p, t)| assert!(!matches(p, t, false), "{p} {t}"));
        assert!(matches("/A/**", "/a/x", true) && !matches("/A/**", "/a/x", false));
    }
}
