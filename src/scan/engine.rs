//! The engine: keyword → rule → window → filters → finding.

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::OnceLock;

use regex::bytes::{Captures, Regex, RegexBuilder};

use super::config::Gate;
use super::filter::{self, Kind, checksum};
use super::prefilter::{Prefilter, SHORTEST};
use super::rule::{Checksum, Confidence, Judge, Rule, builtin};
use super::text;
use super::{Error, Finding, Result, allow, excerpt};

/// Bytes before a keyword that a rule may look at.
const BEFORE: usize = 512;
/// Bytes after a keyword that a rule may look at on its line.
const AFTER: usize = 4096;
/// Size limit of a compiled pattern.
const PATTERN_LIMIT: usize = 4 << 20;
/// Findings of one rule in one text; a file of a million matches is told by these.
const MOST: usize = 1000;

/// What the engine is used for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// Findings for people: filtered.
    Scan,
    /// Redaction: everything that could be a secret.
    Redact,
}

/// A place in a text, before it becomes a [`Finding`].
#[derive(Debug, Clone)]
pub struct Hit {
    /// Number of the rule in [`Scanner::rules`].
    pub rule: usize,
    /// First byte of the match.
    pub match_start: usize,
    /// Byte after the match.
    pub match_end: usize,
    /// First byte of the secret.
    pub start: usize,
    /// Byte after the secret.
    pub end: usize,
    /// How sure.
    pub confidence: Confidence,
}

/// Rules made ready. Cheap to make; patterns are compiled at their first
/// candidate. Can be shared between threads.
#[derive(Debug)]
pub struct Scanner {
    rules: Vec<Rule>,
    patterns: Vec<OnceLock<Option<Regex>>>,
    paths: HashMap<usize, Regex>,
    always: Vec<usize>,
    prefilter: Prefilter,
    gate: Gate,
    least: Confidence,
    mode: Mode,
}

impl Scanner {
    /// The built-in rules, reporting medium and high confidence.
    #[must_use]
    pub fn builtin() -> Self {
        let rules = builtin::RULES.iter().filter(|rule| !rule.redact_only).cloned().collect();
        Self::unchecked(rules, Gate::default(), Mode::Scan)
    }

    /// The built-in rules and the eager ones, for redaction.
    #[must_use]
    pub fn for_redaction() -> Self {
        let rules = builtin::RULES
            .iter()
            .filter(|rule| rule.confidence > Confidence::Low || rule.redact_only);
        Self::unchecked(rules.cloned().collect(), Gate::default(), Mode::Redact)
    }

    /// Rules loaded at run time, with their allowlists.
    ///
    /// # Errors
    /// [`Error::Pattern`] for a pattern that is invalid or too large.
    pub fn new(rules: Vec<Rule>, gate: Gate) -> Result<Self> {
        for rule in
            rules.iter().filter(|rule| !builtin::RULES.iter().any(|known| known.id == rule.id))
        {
            for pattern in [Some(&rule.regex), rule.path.as_ref()].into_iter().flatten() {
                compile(pattern)
                    .map_err(|reason| Error::Pattern { rule: rule.id.to_string(), reason })?;
            }
        }
        Ok(Self::unchecked(rules, gate, Mode::Scan))
    }

    fn unchecked(rules: Vec<Rule>, gate: Gate, mode: Mode) -> Self {
        let searchable =
            |rule: &Rule| rule.keywords.iter().all(|keyword| keyword.len() >= SHORTEST);
        let always = (0..rules.len())
            .filter(|index| {
                rules.get(*index).is_some_and(|rule| {
                    !rule.regex.is_empty() && (rule.keywords.is_empty() || !searchable(rule))
                })
            })
            .collect();
        let pairs = rules.iter().zip(0u16..).filter(|(rule, _)| searchable(rule)).flat_map(
            |(rule, number)| rule.keywords.iter().map(move |keyword| (keyword.as_ref(), number)),
        );
        let prefilter = Prefilter::new(pairs);
        let patterns = rules.iter().map(|_| OnceLock::new()).collect();
        let paths = rules
            .iter()
            .enumerate()
            .filter_map(|(index, rule)| Some((index, compile(rule.path.as_ref()?).ok()?)))
            .collect();
        Self { rules, patterns, paths, always, prefilter, gate, least: Confidence::Medium, mode }
    }

    /// Reports findings of this confidence and above.
    #[must_use]
    pub fn with_confidence(mut self, least: Confidence) -> Self {
        self.least = least;
        self
    }

    /// The rules in use.
    #[must_use]
    pub fn rules(&self) -> &[Rule] {
        &self.rules
    }

    /// All secrets of a text. `path` is where it stands, empty when unknown.
    #[must_use]
    pub fn scan(&self, bytes: &[u8], path: &[u8]) -> Vec<Finding> {
        let text = text::decoded(bytes);
        let mut findings = self.findings(&text, path);
        // What looks like UTF-16 may be a disguise for plain text.
        if let Cow::Owned(_) = text {
            findings.extend(self.findings(bytes, path));
        }
        findings.extend(self.path_findings(path));
        findings
    }

    fn findings(&self, text: &[u8], path: &[u8]) -> Vec<Finding> {
        let mut hits = self.hits(text, path);
        hits.retain(|hit| !allow::marked(text, hit.match_start, hit.end, self.id(hit.rule)));
        let mut findings = excerpt::findings(text, path, &hits, &self.rules);
        findings.retain(|finding| finding.confidence >= self.least && !self.gate.allows(finding));
        findings
    }

    /// Where secrets stand in `text`, in order, not overlapping.
    #[must_use]
    pub fn hits(&self, text: &[u8], path: &[u8]) -> Vec<Hit> {
        if self.gate.allows_path(path) {
            return Vec::new();
        }
        let mut job = Job {
            scanner: self,
            text,
            path,
            kind: filter::kind(path),
            binary: text::binary(text),
            done: vec![0; self.rules.len()],
            found: vec![0; self.rules.len()],
            hits: Vec::new(),
        };
        self.prefilter.hits(text, |position, rules| {
            rules.iter().for_each(|rule| job.candidate(usize::from(*rule), position));
        });
        for rule in &self.always {
            job.search(*rule, 0, text.len());
        }
        resolve(job.hits, &self.rules)
    }

    fn id(&self, rule: usize) -> &str {
        self.rules.get(rule).map_or("", |rule| rule.id.as_ref())
    }

    fn pattern(&self, rule: usize) -> Option<&Regex> {
        let cell = self.patterns.get(rule)?;
        cell.get_or_init(|| compile(&self.rules.get(rule)?.regex).ok()).as_ref()
    }

    /// Findings of rules that have a path and no pattern.
    fn path_findings(&self, path: &[u8]) -> Vec<Finding> {
        self.paths
            .iter()
            .filter(|(_, pattern)| !path.is_empty() && pattern.is_match(path))
            .filter_map(|(index, _)| self.rules.get(*index))
            .filter(|rule| rule.regex.is_empty() && !self.gate.allows_path(path))
            .map(|rule| excerpt::of_path(path, rule))
            .collect()
    }
}

/// One text's scan.
struct Job<'a> {
    scanner: &'a Scanner,
    text: &'a [u8],
    path: &'a [u8],
    kind: Kind,
    binary: bool,
    /// Per rule: up to where the text was searched.
    done: Vec<usize>,
    /// Per rule: how many hits.
    found: Vec<usize>,
    hits: Vec<Hit>,
}

impl Job<'_> {
    fn candidate(&mut self, index: usize, position: usize) {
        let Some(rule) = self.scanner.rules.get(index) else { return };
        let done = self.done.get(index).copied().unwrap_or(0);
        let (start, end) = window(self.text, position, rule.span);
        if position < done && end <= done {
            return;
        }
        self.search(index, start.max(done), end);
    }

    fn search(&mut self, index: usize, start: usize, end: usize) {
        let Some(rule) = self.scanner.rules.get(index) else { return };
        if self.binary && rule.judge != Judge::Format {
            return;
        }
        let elsewhere = |pattern: &Regex| !self.path.is_empty() && !pattern.is_match(self.path);
        if self.scanner.paths.get(&index).is_some_and(elsewhere) {
            return;
        }
        let Some(pattern) = self.scanner.pattern(index) else { return };
        let Some(text) = self.text.get(..end) else { return };
        let mut at = start.min(end);
        while let Some(captures) = pattern.captures_at(text, at) {
            let Some(whole) = captures.get(0) else { break };
            at = whole.end().max(at + 1);
            if let Some(hit) = self.judge(index, rule, &captures) {
                self.hits.push(hit);
                if let Some(found) = self.found.get_mut(index) {
                    *found += 1;
                    if *found >= MOST && self.scanner.mode == Mode::Scan {
                        at = self.text.len();
                    }
                }
            }
            if at > end {
                break;
            }
        }
        if let Some(done) = self.done.get_mut(index) {
            *done = if at > end { at } else { end.max(*done) };
        }
    }

    /// The filters, cheapest first.
    fn judge(&self, index: usize, rule: &Rule, captures: &Captures<'_>) -> Option<Hit> {
        let whole = captures.get(0)?;
        let secret = match rule.secret_group {
            0 => captures.iter().skip(1).flatten().find(|group| !group.is_empty()).unwrap_or(whole),
            group => captures.get(group)?,
        };
        let confidence = match self.scanner.mode {
            Mode::Redact => Some(rule.confidence).filter(|_| !written_variable(secret.as_bytes())),
            Mode::Scan => self.confidence(rule, secret.as_bytes()),
        }?;
        Some(Hit {
            rule: index,
            match_start: whole.start(),
            match_end: whole.end(),
            start: secret.start(),
            end: secret.end(),
            confidence,
        })
    }

    fn confidence(&self, rule: &Rule, secret: &[u8]) -> Option<Confidence> {
        let own = rule.span == 0;
        if secret.is_empty()
            || own && filter::placeholder(secret)
            || !filter::enough(secret, rule.entropy)
        {
            return None;
        }
        let fits = match rule.judge {
            Judge::Format => true,
            Judge::Token => filter::token_like(secret),
            Judge::Password => filter::password_like(secret),
        };
        if !fits {
            return None;
        }
        let confidence = match rule.checksum.map(|kind| checksum::check(kind, secret)) {
            Some(checksum::Verdict::Refuted) => return None,
            Some(checksum::Verdict::Unproven) => rule.confidence.min(Confidence::Medium),
            Some(checksum::Verdict::Proven) if rule.checksum == Some(Checksum::Crc) => {
                Confidence::High
            }
            _ => rule.confidence,
        };
        Some(match (self.kind, rule.judge) {
            (Kind::Plain, _) => confidence,
            (Kind::Sample, Judge::Format) => {
                confidence.lower().max(confidence.min(Confidence::Medium))
            }
            (Kind::Sample | Kind::Lock, _) => confidence.lower(),
        })
    }
}

/// `$NAME` and `${NAME}` are no values, and an earlier redaction needs no other.
fn written_variable(secret: &[u8]) -> bool {
    secret.starts_with(b"${")
        || secret.starts_with(b"[REDACTED:")
        || secret.strip_prefix(b"$").is_some_and(|name| {
            name.iter()
                .all(|byte| byte.is_ascii_uppercase() || *byte == b'_' || byte.is_ascii_digit())
        })
}

/// The line around `position`, cut to what a rule may look at; `span` bytes
/// for rules over several lines.
fn window(text: &[u8], position: usize, span: usize) -> (usize, usize) {
    let floor = position.saturating_sub(BEFORE);
    let before = text.get(floor..position).unwrap_or_default();
    let start = before.iter().rposition(|byte| *byte == b'\n').map_or(floor, |at| floor + at + 1);
    let ceiling = text.len().min(position + if span > 0 { span } else { AFTER });
    let after = text.get(position..ceiling).unwrap_or_default();
    let end = match span {
        0 => after.iter().position(|byte| *byte == b'\n').map_or(ceiling, |at| position + at),
        _ => ceiling,
    };
    (start, end)
}

/// Of overlapping hits the most specific stays: a provider's format before a
/// name, the surer before the less sure, the longer before the shorter.
fn resolve(mut hits: Vec<Hit>, rules: &[Rule]) -> Vec<Hit> {
    let rank = |hit: &Hit| {
        let rule = rules.get(hit.rule);
        let format = rule.is_some_and(|rule| rule.judge == Judge::Format);
        let eager = rule.is_some_and(|rule| rule.redact_only);
        (format, !eager, hit.confidence, hit.end - hit.start)
    };
    hits.sort_by_key(|hit| (hit.start, hit.end));
    let mut kept: Vec<Hit> = Vec::with_capacity(hits.len());
    for hit in hits {
        match kept.last_mut() {
            Some(last) if hit.start < last.end => {
                let end = last.end.max(hit.end);
                if rank(&hit) > rank(last) {
                    let start = last.start;
                    *last = hit;
                    widen(last, start, end, rules);
                } else {
                    let start = last.start;
                    widen(last, start, end, rules);
                }
            }
            _ => kept.push(hit),
        }
    }
    kept
}

/// Redaction hides all that any of the overlapping hits covered.
fn widen(hit: &mut Hit, start: usize, end: usize, rules: &[Rule]) {
    if rules.iter().any(|rule| rule.redact_only) {
        hit.start = hit.start.min(start);
        hit.end = hit.end.max(end);
    }
}

/// Compiles a rule's pattern: bytes, no Unicode classes, bounded size.
pub(super) fn compile(pattern: &str) -> Result<Regex, String> {
    RegexBuilder::new(pattern)
        .unicode(false)
        .size_limit(PATTERN_LIMIT)
        .dfa_size_limit(PATTERN_LIMIT)
        .build()
        .map_err(|error| error.to_string())
}
