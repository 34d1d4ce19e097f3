//! JUnit XML: a failed case a finding.

use std::fmt::Write as _;

use crate::scan::Finding;

pub(super) fn render(findings: &[Finding]) -> String {
    let mut out = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    let count = findings.len();
    let _ = writeln!(
        out,
        "<testsuites>\n  <testsuite name=\"saferun scan\" tests=\"{count}\" failures=\"{count}\" errors=\"0\">"
    );
    for finding in findings {
        let (file, line) = (escaped(&finding.file), finding.start_line);
        let rule = escaped(&finding.rule_id);
        let message = escaped(&format!("{} in {}:{line}", finding.description, finding.file));
        let verdict = finding.verdict().map(|verdict| format!("\n{verdict}")).unwrap_or_default();
        let detail =
            escaped(&format!("{}\nfingerprint {}{verdict}", finding.excerpt, finding.fingerprint));
        let _ = writeln!(
            out,
            "    <testcase classname=\"{file}\" name=\"{rule}:{line}\" file=\"{file}\" line=\"{line}\">\n      \
             <failure type=\"{rule}\" message=\"{message}\">{detail}</failure>\n    </testcase>"
        );
    }
    out.push_str("  </testsuite>\n</testsuites>\n");
    out
}

/// XML 1.0 text and attributes; what XML can't hold becomes a replacement.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&apos;"),
            '\n' => out.push_str("&#10;"),
            '\t' => out.push_str("&#9;"),
            '\u{fffe}' | '\u{ffff}' => out.push('\u{fffd}'),
            letter if letter.is_control() => out.push('\u{fffd}'),
            letter => out.push(letter),
        }
    }
    out
}
