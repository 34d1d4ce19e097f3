//! JSON and JSON lines: the findings as they are.

use crate::scan::Finding;

pub(super) fn array(findings: &[Finding]) -> String {
    serde_json::to_string_pretty(findings).unwrap_or_else(|_| "[]".to_owned()) + "\n"
}

pub(super) fn lines(findings: &[Finding]) -> String {
    findings.iter().filter_map(|finding| serde_json::to_string(finding).ok()).fold(
        String::new(),
        |mut out, line| {
            out.push_str(&line);
            out.push('\n');
            out
        },
    )
}
