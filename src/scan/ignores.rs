//! Findings somebody already judged: `.gitleaksignore` and baselines.

use std::collections::HashSet;
use std::path::Path;

use serde_json::Value;

use super::{Error, Finding, Result};
use crate::action::visible_line;

/// What is already known.
#[derive(Debug, Clone, Default)]
pub struct Ignores {
    lines: HashSet<String>,
    baseline: HashSet<(String, String, String)>,
}

impl Ignores {
    /// Reads `.gitleaksignore`: one fingerprint a line, `#` begins a comment.
    /// A missing file is an empty one.
    ///
    /// # Errors
    /// [`Error::Io`] where the file is there and can't be read.
    pub fn load(&mut self, path: &Path) -> Result<()> {
        match std::fs::read_to_string(path) {
            Ok(text) => self.add(&text),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
            Err(error) => return Err(Error::io(path)(error)),
        }
        Ok(())
    }

    /// Adds the lines of a `.gitleaksignore`.
    pub fn add(&mut self, text: &str) {
        let lines =
            text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'));
        self.lines.extend(lines.map(|line| line.strip_prefix("./").unwrap_or(line).to_owned()));
    }

    /// Reads a baseline: a JSON report of ours or of gitleaks. A finding is
    /// known when rule, file and match (as reported) agree, wherever the line
    /// is now.
    ///
    /// # Errors
    /// [`Error::Io`]; [`Error::Config`] for anything but an array of findings.
    pub fn load_baseline(&mut self, path: &Path) -> Result<()> {
        let bad = |reason: String| Error::Config { path: path.to_owned(), reason };
        let text = std::fs::read(path).map_err(Error::io(path))?;
        let found: Vec<Value> =
            serde_json::from_slice(&text).map_err(|error| bad(error.to_string()))?;
        for value in found {
            let text = |ours: &str, theirs: &str| {
                let value = value.get(ours).or_else(|| value.get(theirs));
                value.and_then(Value::as_str).unwrap_or_default().to_owned()
            };
            let rule = text("rule_id", "RuleID");
            if rule.is_empty() {
                return Err(bad("a finding of the baseline names no rule".to_owned()));
            }
            self.baseline.insert((rule, text("file", "File"), text("match", "Match")));
        }
        Ok(())
    }

    /// Whether the finding is known.
    #[must_use]
    pub fn has(&self, finding: &Finding) -> bool {
        let line = visible_line(&finding.fingerprint);
        let line = line.strip_prefix("./").unwrap_or(&line);
        self.lines.contains(line)
            || self.lines.contains(&format!("{line}:{}", finding.start_column))
            || self.in_baseline(finding, &finding.matched)
            || self.in_baseline(finding, &finding.redacted().matched)
    }

    fn in_baseline(&self, finding: &Finding, matched: &str) -> bool {
        !self.baseline.is_empty()
            && self.baseline.contains(&(
                finding.rule_id.to_string(),
                finding.file.clone(),
                matched.to_owned(),
            ))
    }
}
