//! SARIF 2.1.0 (OASIS standard).

use serde_json::{Value, json};

use crate::scan::{Confidence, Finding, Rule};

pub(super) fn render(findings: &[Finding], used: &[&Rule]) -> String {
    let results: Vec<Value> = findings.iter().map(|finding| result(finding, used)).collect();
    let described: Vec<Value> = used
        .iter()
        .map(|rule| {
            json!({
                "id": rule.id,
                "shortDescription": { "text": rule.description },
                "help": { "text": format!("Rotate: {}. Then remove it from the file and its history.", rule.rotate) },
                "properties": { "tags": rule.tags, "security-severity": severity(rule.confidence) },
            })
        })
        .collect();
    let report = json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": {
                "name": "saferun", "semanticVersion": env!("CARGO_PKG_VERSION"), "rules": described,
            } },
            "columnKind": "unicodeCodePoints",
            "results": results,
        }],
    });
    format!("{report:#}\n")
}

fn result(finding: &Finding, used: &[&Rule]) -> Value {
    let level = match finding.confidence {
        Confidence::High | Confidence::Medium => "error",
        Confidence::Low => "note",
    };
    let mut result = json!({
        "ruleId": finding.rule_id,
        "level": level,
        "message": { "text": format!("{} in {}", finding.description, finding.file) },
        "locations": [{ "physicalLocation": {
            "artifactLocation": { "uri": uri(&finding.file) },
            "region": {
                "startLine": finding.start_line,
                "startColumn": finding.start_column,
                "endLine": finding.end_line,
                "endColumn": finding.end_column + 1,
                "snippet": { "text": finding.excerpt },
            },
        } }],
        "partialFingerprints": { "saferun/v1": finding.fingerprint },
        "properties": { "confidence": finding.confidence, "tags": finding.tags },
    });
    if let Some(index) = used.iter().position(|rule| rule.id == finding.rule_id) {
        result["ruleIndex"] = json!(index);
    }
    if let Some(verification) = finding.verification {
        result["properties"]["verification"] = json!(verification);
        result["properties"]["verificationReason"] = json!(finding.verification_reason);
    }
    if let Some(commit) = &finding.commit {
        result["properties"]["commit"] = json!(commit);
        result["properties"]["author"] = json!(finding.author);
        result["properties"]["date"] = json!(finding.date);
    }
    result
}

/// What code hosts sort by.
fn severity(confidence: Confidence) -> &'static str {
    match confidence {
        Confidence::High => "9.0",
        Confidence::Medium => "7.0",
        Confidence::Low => "3.0",
    }
}

/// A relative URI reference (RFC 3986).
fn uri(path: &str) -> String {
    let mut out = String::with_capacity(path.len());
    for byte in path.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'/' => {
                out.push(char::from(byte))
            }
            _ => out.push_str(&format!("%{byte:02X}")),
        }
    }
    out
}
