//! Findings as documents: one format a file, pure functions to text.

mod ci;
mod csv;
mod json;
mod junit;
mod sarif;
mod text;

use super::{Finding, Rule};

/// The formats of `saferun scan --format`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Format {
    /// For people
    Text,
    /// One array
    Json,
    /// One object a line
    Jsonl,
    /// SARIF 2.1.0
    Sarif,
    /// Annotations of GitHub Actions
    Github,
    /// GitLab's secret detection report
    Gitlab,
    /// JUnit XML
    Junit,
    /// Comma-separated values
    Csv,
}

/// The report of findings and the rules that made them. `findings` come as they are to be shown: redacted or not.
#[must_use]
pub fn render(format: Format, findings: &[Finding], rules: &[&Rule]) -> String {
    match format {
        Format::Text => text::render(findings),
        Format::Json => json::array(findings),
        Format::Jsonl => json::lines(findings),
        Format::Sarif => sarif::render(findings, rules),
        Format::Github => ci::github(findings),
        Format::Gitlab => ci::gitlab(findings),
        Format::Junit => junit::render(findings),
        Format::Csv => csv::render(findings),
    }
}
