//! What GitHub Actions and GitLab read.

use std::fmt::Write as _;

use serde_json::{Value, json};

use crate::action::visible;
use crate::scan::{Confidence, Finding};

/// Longest name of a vulnerability, in characters.
const NAME: usize = 255;

/// Workflow commands (GitHub Docs, "Workflow commands for GitHub Actions").
pub(super) fn github(findings: &[Finding]) -> String {
    let mut out = String::new();
    for finding in findings {
        let level = if finding.confidence == Confidence::Low { "warning" } else { "error" };
        let _ = writeln!(
            out,
            "::{level} file={},line={},endLine={},title={}::{}",
            property(&finding.file),
            finding.start_line,
            finding.end_line,
            property(&finding.rule_id),
            data(&described(finding)),
        );
    }
    out
}

/// What it is, what its provider says of it, and where to rotate it.
fn described(finding: &Finding) -> String {
    let verdict = finding.verdict().map(|verdict| format!("; {verdict}")).unwrap_or_default();
    format!("{}{verdict}; {}", finding.description, finding.rotate)
}

fn data(text: &str) -> String {
    visible(text).replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

/// The secret detection report, schema 15 (GitLab, `security-report-schemas`).
pub(super) fn gitlab(findings: &[Finding]) -> String {
    let found: Vec<Value> = findings.iter().map(vulnerability).collect();
    let tool = json!({
        "id": "saferun", "name": "saferun", "version": env!("CARGO_PKG_VERSION"),
        "vendor": { "name": "saferun" }
    });
    let report = json!({
        "version": "15.0.7",
        "scan": {
            "analyzer": tool, "scanner": tool, "type": "secret_detection", "status": "success",
            "start_time": now(), "end_time": now(),
        },
        "vulnerabilities": found,
    });
    format!("{report:#}\n")
}

fn vulnerability(finding: &Finding) -> Value {
    let place = format!("{}:{}", finding.fingerprint, finding.start_column);
    let id = crate::action::Digest::of(place.as_bytes()).to_string();
    let severity = match finding.confidence {
        Confidence::High => "Critical",
        Confidence::Medium => "High",
        Confidence::Low => "Low",
    };
    let mut vulnerability = json!({
        "id": id,
        "category": "secret_detection",
        "name": finding.description.chars().take(NAME).collect::<String>(),
        "description": described(finding),
        "severity": severity,
        "raw_source_code_extract": finding.secret,
        "location": {
            "file": finding.file,
            "commit": { "sha": finding.commit.as_deref().unwrap_or("0000000") },
            "start_line": finding.start_line,
            "end_line": finding.end_line,
        },
        "identifiers": [{
            "type": "saferun_rule_id", "name": format!("saferun rule {}", finding.rule_id),
            "value": finding.rule_id,
        }],
    });
    if let Some(verdict) = finding.verdict() {
        let detail = json!({ "name": "Verification", "type": "text", "value": verdict });
        vulnerability["details"] = json!({ "verification": detail });
    }
    vulnerability
}

/// The time in the form the schema asks for, without fraction and zone.
fn now() -> String {
    jiff::Timestamp::now().strftime("%Y-%m-%dT%H:%M:%S").to_string()
}
