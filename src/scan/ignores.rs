//! Findings somebody already judged: `.saferunignore`, `.gitleaksignore`,
//! baselines.

use std::cell::Cell;
use std::collections::{HashMap, HashSet};
use std::path::Path;

use serde_json::Value;

use super::value_hash::ValueHash;
use super::{Error, Finding, Result, foreign};
use crate::action::visible_line;

/// What is already known. Two kinds of lines: `KEY:HASH RULE`, which names the
/// value wherever it stands (what follows is for people), and gitleaks'
/// fingerprint, which names the place.
#[derive(Debug, Clone, Default)]
pub struct Ignores {
    entries: Vec<Entry>,
    /// Fingerprint to entry.
    places: HashMap<String, usize>,
    /// Fingerprints of rules that are another scanner's, without the rule.
    foreign: HashMap<String, usize>,
    /// Rule to entries.
    values: HashMap<String, HashMap<ValueHash, usize>>,
    baseline: HashSet<(String, String, String)>,
    /// File and secret, as another scanner reported them.
    reported: HashSet<(String, String)>,
}

/// A line of an ignore file.
#[derive(Debug, Clone)]
struct Entry {
    file: String,
    line: usize,
    text: String,
    used: Cell<bool>,
}

impl Ignores {
    /// Reads an ignore file: one entry a line, `#` begins a comment. A missing
    /// file is an empty one.
    ///
    /// # Errors
    /// [`Error::Io`] where the file is there and can't be read.
    pub fn load(&mut self, path: &Path) -> Result<()> {
        match std::fs::read_to_string(path) {
            Ok(text) => self.add(&text, &path.display().to_string()),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
            Err(error) => return Err(Error::io(path)(error)),
        }
        Ok(())
    }

    /// Adds the lines of an ignore file called `file`.
    pub fn add(&mut self, text: &str, file: &str) {
        for (index, line) in text.lines().enumerate() {
            let line = line.trim();
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            let number = self.entries.len();
            match value_entry(line) {
                Some((rule, hash)) => {
                    self.values.entry(rule.to_owned()).or_default().insert(hash, number);
                }
                None => {
                    let place = line.strip_prefix("./").unwrap_or(line);
                    self.places.insert(place.to_owned(), number);
                    self.foreign.extend(foreign_place(place).map(|place| (place, number)));
                }
            }
            self.entries.push(Entry {
                file: file.to_owned(),
                line: index + 1,
                text: line.to_owned(),
                used: Cell::new(false),
            });
        }
    }

    /// Reads a baseline: a JSON report of ours or of gitleaks. A finding is
    /// known when its value is (ours), or when rule, file and match as reported
    /// agree (gitleaks'), wherever the line is now.
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
            match value.get("value_hash").and_then(Value::as_str) {
                Some(hash) => {
                    self.add(&format!("{hash} {rule}"), &path.display().to_string());
                }
                None => {
                    let (file, secret) = (text("file", "File"), text("secret", "Secret"));
                    if !secret.is_empty() && !secret.contains("***") && secret != "REDACTED" {
                        self.reported.insert((file.clone(), secret));
                    }
                    self.baseline.insert((rule, file, text("match", "Match")));
                }
            }
        }
        Ok(())
    }

    /// Whether the finding is known. Wants it as it was found, not redacted.
    #[must_use]
    pub fn has(&self, finding: &Finding) -> bool {
        let line = visible_line(&finding.fingerprint);
        let line = line.strip_prefix("./").unwrap_or(&line);
        let with_column = format!("{line}:{}", finding.start_column);
        let place = self.places.get(line).or_else(|| self.places.get(&with_column));
        let place = place.or_else(|| self.foreign.get(&without_rule(finding)));
        let known = place.copied().or_else(|| self.by_value(finding));
        if let Some(entry) = known.and_then(|number| self.entries.get(number)) {
            entry.used.set(true);
        }
        known.is_some() || self.in_baseline(finding) || self.was_reported(finding)
    }

    fn by_value(&self, finding: &Finding) -> Option<usize> {
        let known = self.values.get(finding.rule_id.as_ref())?;
        let unmoved = known.get(&finding.value_hash());
        let moved = || known.iter().find(|(hash, _)| hash.is_of(&finding.secret));
        unmoved.or_else(|| Some(moved()?.1)).copied()
    }

    fn in_baseline(&self, finding: &Finding) -> bool {
        !self.baseline.is_empty()
            && [&finding.matched, &finding.redacted().matched].into_iter().any(|matched| {
                let key = (finding.rule_id.to_string(), finding.file.clone(), matched.clone());
                self.baseline.contains(&key)
            })
    }

    fn was_reported(&self, finding: &Finding) -> bool {
        !self.reported.is_empty()
            && self.reported.contains(&(finding.file.clone(), finding.secret.clone()))
    }

    /// Entries that let nothing through since they were read, as
    /// `FILE:LINE: ENTRY`; those of another kind of scan are left out: places
    /// in commits where only files were looked at, and the other way round.
    #[must_use]
    pub fn unused(&self, in_commits: bool) -> Vec<String> {
        let here = |entry: &&Entry| {
            value_entry(&entry.text).is_some() || names_commit(&entry.text) == in_commits
        };
        let unused = self.entries.iter().filter(|entry| !entry.used.get()).filter(here);
        unused.map(|entry| format!("{}:{}: {}", entry.file, entry.line, entry.text)).collect()
    }
}

/// `COMMIT:FILE:LINE`, or `FILE:LINE`.
fn without_rule(finding: &Finding) -> String {
    let place = visible_line(&format!("{}:{}", finding.file, finding.start_line));
    let place = place.strip_prefix("./").unwrap_or(&place);
    finding.commit.as_ref().map_or_else(|| place.to_owned(), |commit| format!("{commit}:{place}"))
}

/// A fingerprint `…:RULE:LINE` without its rule, where that is none of ours:
/// the same secret has another rule's name here.
fn foreign_place(place: &str) -> Option<String> {
    let (rest, line) = place.rsplit_once(':')?;
    let (file, rule) = rest.rsplit_once(':')?;
    foreign::is_foreign(rule).then(|| format!("{file}:{line}"))
}

/// `KEY:HASH RULE …`.
fn value_entry(line: &str) -> Option<(&str, ValueHash)> {
    let mut words = line.split_whitespace();
    let hash = words.next()?.parse().ok()?;
    Some((words.next()?, hash))
}

fn names_commit(place: &str) -> bool {
    let first = place.split(':').next().unwrap_or_default();
    matches!(first.len(), 40 | 64) && first.bytes().all(|digit| digit.is_ascii_hexdigit())
}
