//! Inline markers that let a finding through: `saferun:allow` (every rule, or
//! the rules named after it), `gitleaks:allow`, `betterleaks:allow`,
//! `trufflehog:ignore`, `pragma: allowlist secret`; and, for the line below,
//! `pragma: allowlist nextline secret`.

use super::excerpt::{line_end, line_start};

const MARKERS: &[&str] = &["gitleaks:allow", "betterleaks:allow", "trufflehog:ignore"];
const OWN: &str = "saferun:allow";
/// Bytes of a line that are looked at, at each end.
const LOOKED_AT: usize = 8192;

/// Whether a marker stands on one of the finding's lines, or above the first.
pub(super) fn marked(text: &[u8], start: usize, end: usize, rule: &str) -> bool {
    let first = line_start(text, start);
    let last = line_end(text, end.saturating_sub(1).max(start));
    let own = text.get(first..last).unwrap_or_default();
    let head = own.get(..LOOKED_AT).unwrap_or(own);
    let tail = own.get(own.len().saturating_sub(LOOKED_AT)..).unwrap_or_default();
    if on_line(head, rule) || on_line(tail, rule) {
        return true;
    }
    let Some(above_end) = first.checked_sub(1) else { return false };
    let above = text.get(line_start(text, above_end)..above_end).unwrap_or_default();
    pragma(&String::from_utf8_lossy(above), "nextline secret")
}

fn on_line(line: &[u8], rule: &str) -> bool {
    let line = String::from_utf8_lossy(line);
    MARKERS.iter().any(|marker| line.contains(marker))
        || pragma(&line, "secret")
        || own_marker(&line, rule)
}

/// `pragma: allowlist secret`, with any space around the colon, and its older
/// spelling `whitelist`.
fn pragma(line: &str, what: &str) -> bool {
    line.match_indices("pragma").any(|(at, word)| {
        let rest = line.get(at + word.len()..).unwrap_or_default().trim_start();
        let Some(rest) = rest.strip_prefix(':') else { return false };
        let rest = rest.trim_start();
        ["allowlist", "whitelist"].iter().any(|word| {
            rest.strip_prefix(word).is_some_and(|rest| rest.trim_start().starts_with(what))
        })
    })
}

/// `saferun:allow` alone is for every rule; followed by rule ids it is for these.
fn own_marker(line: &str, rule: &str) -> bool {
    line.match_indices(OWN).any(|(at, word)| {
        let rest = line.get(at + word.len()..).unwrap_or_default();
        let named: Vec<&str> = rest
            .split(|letter: char| letter.is_whitespace() || letter == ',')
            .map(|word| word.trim_start_matches('='))
            .filter(|word| {
                word.contains('-')
                    && word.bytes().all(|byte| {
                        byte.is_ascii_lowercase() || byte == b'-' || byte.is_ascii_digit()
                    })
            })
            .filter(|word| word.starts_with(|first: char| first.is_ascii_lowercase()))
            .collect();
        named.is_empty() || named.contains(&rule)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn allowed(text: &str) -> bool {
        let at = text.find("KEY").unwrap();
        marked(text.as_bytes(), at, at + 3, "some-rule")
    }

    #[test]
    fn markers_of_all_five_kinds_count() {
        for comment in [
            "saferun:allow",
            "saferun:allow some-rule",
            "gitleaks:allow",
            "betterleaks:allow",
            "trufflehog:ignore",
            "pragma: allowlist secret",
            "pragma:whitelist secret",
        ] {
            assert!(allowed(&format!("a\nKEY # {comment}\nb")), "{comment}");
        }
        assert!(allowed("# pragma: allowlist nextline secret\nKEY"));
    }

    #[test]
    fn a_marker_elsewhere_or_for_another_rule_does_not_count() {
        assert!(!allowed("KEY\n# saferun:allow"));
        assert!(!allowed("# pragma: allowlist secret\nKEY"));
        assert!(!allowed("KEY # saferun:allow other-rule"));
    }
}
