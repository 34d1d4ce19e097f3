//! For people: where, the line with a caret, why, what to do.

use std::fmt::Write as _;

use crate::action::{visible, visible_line};
use crate::scan::Finding;

pub(super) fn render(findings: &[Finding]) -> String {
    let mut out = String::new();
    for finding in findings {
        let _ = one(&mut out, finding);
    }
    out
}

fn one(out: &mut String, finding: &Finding) -> std::fmt::Result {
    let (line, column) = (finding.start_line, finding.start_column);
    writeln!(
        out,
        "{}:{line}:{column}: {}",
        visible_line(&finding.file),
        visible(&finding.description)
    )?;
    if !finding.excerpt.is_empty() {
        let number = line.to_string();
        let gutter = " ".repeat(number.len());
        let (at, width) = finding.caret;
        writeln!(out, "  {number} | {}", finding.excerpt)?;
        writeln!(out, "  {gutter} | {}{}", " ".repeat(at), "^".repeat(width.max(1)))?;
    }
    writeln!(
        out,
        "  rule:   {} ({} confidence, {:.1} bits a character)",
        visible_line(&finding.rule_id),
        finding.confidence,
        finding.entropy
    )?;
    if let Some(written) = finding.tags.iter().find_map(|tag| tag.strip_prefix("decoded:")) {
        writeln!(out, "  hidden: written as {}", visible_line(written))?;
    }
    if let Some(commit) = &finding.commit {
        let by = visible_line(finding.author.as_deref().unwrap_or_default());
        writeln!(
            out,
            "  commit: {commit} by {by}, {}",
            finding.date.as_deref().unwrap_or_default()
        )?;
    }
    match (finding.in_head, &finding.removed_in) {
        (Some(true), _) => writeln!(out, "  state:  still in HEAD")?,
        (_, Some(commit)) => writeln!(out, "  state:  removed in {commit}; history keeps it")?,
        (Some(false), None) => writeln!(out, "  state:  not in HEAD; history keeps it")?,
        (None, None) => {}
    }
    if let Some(verdict) = finding.verdict() {
        writeln!(out, "  works:  {}", visible_line(&verdict))?;
    }
    if !finding.rotate.is_empty() {
        writeln!(out, "  rotate: {}", visible_line(&finding.rotate))?;
    }
    writeln!(out, "  then:   remove it here; read it from the environment or a secret store")?;
    writeln!(out, "  no secret? add this line to .saferunignore:")?;
    writeln!(out, "{}\n", finding.allow_line())
}
