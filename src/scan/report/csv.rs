//! Comma-separated values (RFC 4180).

use crate::action::visible;
use crate::scan::Finding;

const HEAD: &str = "rule_id,file,start_line,end_line,start_column,end_column,confidence,entropy,secret,\
                    commit,author,email,date,fingerprint,verification,verification_reason\r\n";

pub(super) fn render(findings: &[Finding]) -> String {
    let mut out = HEAD.to_owned();
    for finding in findings {
        let optional = |value: &Option<String>| value.clone().unwrap_or_default();
        let fields = [
            finding.rule_id.to_string(),
            finding.file.clone(),
            finding.start_line.to_string(),
            finding.end_line.to_string(),
            finding.start_column.to_string(),
            finding.end_column.to_string(),
            finding.confidence.to_string(),
            finding.entropy.to_string(),
            finding.secret.clone(),
            optional(&finding.commit),
            optional(&finding.author),
            optional(&finding.email),
            optional(&finding.date),
            finding.fingerprint.clone(),
            finding.verification.map(|verification| verification.to_string()).unwrap_or_default(),
            optional(&finding.verification_reason),
        ];
        let fields: Vec<String> = fields.iter().map(|field| quoted(field)).collect();
        out.push_str(&fields.join(","));
        out.push_str("\r\n");
    }
    out
}

/// Quoted where needed; a leading sign that spreadsheets run as a formula gets
/// an apostrophe.
fn quoted(field: &str) -> String {
    let field = if field.starts_with(['=', '+', '-', '@', '\t']) {
        format!("'{}", visible(field))
    } else {
        visible(field).into_owned()
    };
    if field.contains([',', '"', '\n', '\r']) {
        format!("\"{}\"", field.replace('"', "\"\""))
    } else {
        field
    }
}
