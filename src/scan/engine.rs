//! The engine: keyword → rule → window → filters → finding.

use std::borrow::Cow;
use std::cmp::Reverse;
use std::ops::Range;
use std::sync::OnceLock;

use regex::bytes::{Captures, Regex, RegexBuilder};

use super::assign::{self, Assignment, Sort, Syntax};
use super::config::Gate;
use super::decode::{self, Decoded};
use super::filter::{self, Kind, checksum};
use super::prefilter::{Prefilter, SHORTEST};
use super::rule::{Checksum, Confidence, Judge, Rule, builtin};
use super::text;
use super::{Finding, Result, allow, archive, excerpt};

/// Bytes before a keyword that a rule may look at.
const BEFORE: usize = 512;
/// Bytes after a keyword that a rule may look at on its line.
const AFTER: usize = 4096;
/// Size limit of a compiled pattern.
const PATTERN_LIMIT: usize = 4 << 20;
/// Findings of one rule in one text; a file of a million matches is told by these.
const MOST: usize = 1000;

/// Layers of encoding that are looked below.
const LAYERS: usize = 2;

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
    /// How the secret is written, where not plainly.
    pub encoding: Option<&'static str>,
}

/// Rules made ready. Cheap to make; patterns are compiled at their first
/// candidate. Can be shared between threads.
#[derive(Debug)]
pub struct Scanner {
    rules: Vec<Rule>,
    patterns: Vec<OnceLock<Option<Regex>>>,
    paths: Vec<OnceLock<Option<Regex>>>,
    /// Rules that look at every text, whatever stands in it.
    always: Vec<usize>,
    /// Rules about assignments.
    assigning: Vec<(Sort, usize)>,
    /// Rules about files' names alone.
    by_path: Vec<usize>,
    prefilter: Prefilter,
    gate: Gate,
    least: Confidence,
    keeps_marked: bool,
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

    /// Rules loaded at run time, with their allowlists. A rule whose pattern
    /// can't be used finds nothing; [`super::config`] refuses it.
    #[must_use]
    pub fn new(rules: Vec<Rule>, gate: Gate) -> Self {
        Self::unchecked(rules, gate, Mode::Scan)
    }

    fn unchecked(rules: Vec<Rule>, gate: Gate, mode: Mode) -> Self {
        let searchable =
            |rule: &Rule| rule.keywords.iter().all(|keyword| keyword.len() >= SHORTEST);
        let numbers = |wanted: &dyn Fn(&Rule) -> bool| -> Vec<usize> {
            let all = rules.iter().enumerate();
            all.filter(|(_, rule)| wanted(rule)).map(|(index, _)| index).collect()
        };
        let always = numbers(&|rule| {
            !rule.regex.is_empty() && (rule.keywords.is_empty() || !searchable(rule))
        });
        let assigning =
            rules.iter().enumerate().filter_map(|(index, rule)| Some((rule.assigns?, index))).collect();
        let by_path = numbers(&|rule| rule.regex.is_empty() && rule.path.is_some());
        let pairs = rules.iter().zip(0u16..).filter(|(rule, _)| searchable(rule)).flat_map(
            |(rule, number)| rule.keywords.iter().map(move |keyword| (keyword.as_ref(), number)),
        );
        let prefilter = Prefilter::new(pairs);
        let unread = || rules.iter().map(|_| OnceLock::new()).collect();
        let (patterns, paths) = (unread(), unread());
        let least = Confidence::Medium;
        let keeps_marked = false;
        Self {
            rules,
            patterns,
            paths,
            always,
            assigning,
            by_path,
            prefilter,
            gate,
            least,
            keeps_marked,
            mode,
        }
    }

    /// Also reports what a comment in the text allows, as
    /// [`Finding::marked`].
    #[must_use]
    pub fn keeping_marked(mut self) -> Self {
        self.keeps_marked = true;
        self
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

    /// All secrets of a text, or of the files in an archive. `path` is where it
    /// stands, empty when unknown.
    #[must_use]
    pub fn scan(&self, bytes: &[u8], path: &[u8]) -> Vec<Finding> {
        if let Some(unpacked) = archive::scan(self, bytes, path) {
            return unpacked;
        }
        let text = text::decoded(bytes);
        let mut findings = self.scan_text(&text, path);
        // What looks like UTF-16 may be a disguise for plain text.
        if let Cow::Owned(_) = text {
            findings.extend(self.scan_text(bytes, path));
        }
        findings.extend(self.path_findings(path));
        findings
    }

    /// The secrets in a text that needs no decoding.
    pub(super) fn scan_text(&self, text: &[u8], path: &[u8]) -> Vec<Finding> {
        let mut hits = self.hits(text, path);
        let marked = |hit: &Hit| allow::marked(text, hit.match_start, hit.end, self.id(hit.rule));
        if !self.keeps_marked {
            hits.retain(|hit| !marked(hit));
        }
        let mut findings = excerpt::findings(text, path, &hits, &self.rules);
        for (finding, hit) in findings.iter_mut().zip(&hits) {
            finding.marked = self.keeps_marked && marked(hit);
        }
        findings.retain(|finding| finding.confidence >= self.least && !self.gate.allows(finding));
        findings
    }

    /// Where secrets stand in `text`, in order, not overlapping.
    #[must_use]
    pub fn hits(&self, text: &[u8], path: &[u8]) -> Vec<Hit> {
        if self.gate.allows_path(path) {
            Vec::new()
        } else {
            self.hits_within(text, path, LAYERS, &mut 0)
        }
    }

    /// [`Scanner::hits`], also below so many layers of encoding.
    fn hits_within(&self, text: &[u8], path: &[u8], layers: usize, reach: &mut usize) -> Vec<Hit> {
        let mut job = Job {
            scanner: self,
            text,
            path,
            kind: filter::kind(path),
            syntax: Syntax::of(path),
            read: 0,
            binary: text::binary(text),
            done: vec![0; self.rules.len()],
            found: vec![0; self.rules.len()],
            hits: Vec::new(),
            reach: 0,
        };
        self.prefilter.hits(text, |position, rules| {
            rules.iter().for_each(|rule| job.candidate(usize::from(*rule), position));
        });
        for rule in &self.always {
            job.search(*rule, 0, text.len());
        }
        *reach = job.reach.max(*reach);
        let (mut hits, binary) = (job.hits, job.binary);
        if let Some(layers) = layers.checked_sub(1).filter(|_| !binary) {
            decode::each(text, |decoded| {
                let below = self.hits_within(&decoded.text, path, layers, reach);
                hits.extend(below.into_iter().map(|hit| outward(hit, &decoded)));
            });
        }
        resolve(hits, &self.rules)
    }

    /// Where a text that needs no decoding may hold what would be reported,
    /// and how many bytes after a keyword in it some rule looks at, when that
    /// is more than the keyword's line. Knows nothing of allowlists and
    /// markers.
    pub(super) fn probe(&self, text: &[u8], path: &[u8]) -> (Vec<Range<usize>>, usize) {
        let mut reach = 0;
        let hits = self.hits_within(text, path, LAYERS, &mut reach);
        let sure = hits.into_iter().filter(|hit| hit.confidence >= self.least);
        (
            sure.map(|hit| hit.match_start.min(hit.start)..hit.match_end.max(hit.end)).collect(),
            reach,
        )
    }

    /// Whether all that a rule looks at lies near one of its keywords.
    pub(super) fn is_local(&self) -> bool {
        self.always.is_empty()
    }

    /// Whether no rule tells the two paths apart.
    pub(super) fn alike(&self, one: &[u8], other: &[u8]) -> bool {
        let same = |rule: usize| self.elsewhere(rule, one) == self.elsewhere(rule, other);
        one == other
            || filter::kind(one) == filter::kind(other)
                && self.gate.allows_path(one) == self.gate.allows_path(other)
                && (0..self.rules.len()).all(same)
    }

    /// Whether an allowlist lets the finding through, now that its commit is
    /// known.
    pub(super) fn lets_through(&self, finding: &Finding) -> bool {
        self.gate.allows(finding)
    }

    fn id(&self, rule: usize) -> &str {
        self.rules.get(rule).map_or("", |rule| rule.id.as_ref())
    }

    fn pattern(&self, rule: usize) -> Option<&Regex> {
        let cell = self.patterns.get(rule)?;
        cell.get_or_init(|| compile(&self.rules.get(rule)?.regex).ok()).as_ref()
    }

    /// Whether the rule is for other paths than this; an unknown path is any.
    fn elsewhere(&self, rule: usize, path: &[u8]) -> bool {
        let Some(wanted) = self.rules.get(rule).and_then(|rule| rule.path.as_ref()) else {
            return false;
        };
        let Some(cell) = self.paths.get(rule).filter(|_| !path.is_empty()) else { return false };
        let pattern = cell.get_or_init(|| compile(wanted).ok());
        pattern.as_ref().is_some_and(|pattern| !pattern.is_match(path))
    }

    /// Findings of rules that have a path and no pattern.
    pub(super) fn path_findings(&self, path: &[u8]) -> Vec<Finding> {
        if path.is_empty() || self.by_path.is_empty() || self.gate.allows_path(path) {
            return Vec::new();
        }
        let matching = self.by_path.iter().filter(|rule| !self.elsewhere(**rule, path));
        let rules = matching.filter_map(|rule| self.rules.get(*rule));
        rules.map(|rule| excerpt::of_path(path, rule)).collect()
    }
}

/// One text's scan.
struct Job<'a> {
    scanner: &'a Scanner,
    text: &'a [u8],
    path: &'a [u8],
    kind: Kind,
    syntax: Syntax,
    /// Up to where assignments were read.
    read: usize,
    binary: bool,
    /// Per rule: up to where the text was searched.
    done: Vec<usize>,
    /// Per rule: how many hits.
    found: Vec<usize>,
    hits: Vec<Hit>,
    /// The longest span of a rule that has a keyword here.
    reach: usize,
}

impl Job<'_> {
    fn candidate(&mut self, index: usize, position: usize) {
        let Some(rule) = self.scanner.rules.get(index) else { return };
        self.reach = self.reach.max(rule.span);
        if rule.assigns.is_some() {
            return self.assigned(position);
        }
        let done = self.done.get(index).copied().unwrap_or(0);
        let (start, end) = window(self.text, position, rule.span);
        if position < done && end <= done {
            return;
        }
        self.search(index, start.max(done), end);
    }

    /// The assignment whose name stands at `position`.
    fn assigned(&mut self, position: usize) {
        if position < self.read || self.binary {
            return;
        }
        let (end, assignment) = assign::at(self.text, position, self.syntax);
        self.read = end.max(position + 1);
        let Some(assignment) = assignment else { return };
        let sort = assignment.named.sort();
        let rule = self.scanner.assigning.iter().find(|(known, _)| *known == sort);
        let Some((_, index)) = rule.filter(|(_, index)| !self.full(*index)) else { return };
        let hit = self.assignment_hit(*index, &assignment);
        self.keep(hit);
    }

    fn assignment_hit(&self, index: usize, assignment: &Assignment) -> Option<Hit> {
        let rule = self.scanner.rules.get(index)?;
        if self.scanner.elsewhere(index, self.path) {
            return None;
        }
        let sure = filter::assigned(self.text, assignment, self.syntax, self.kind)?;
        Some(Hit {
            rule: index,
            match_start: assignment.start,
            match_end: assignment.end,
            start: assignment.value,
            end: assignment.end,
            confidence: sure.min(rule.confidence),
            encoding: None,
        })
    }

    fn full(&self, index: usize) -> bool {
        self.scanner.mode == Mode::Scan && self.found.get(index).is_some_and(|found| *found >= MOST)
    }

    fn keep(&mut self, hit: Option<Hit>) {
        let Some(hit) = hit else { return };
        if let Some(found) = self.found.get_mut(hit.rule) {
            *found += 1;
        }
        self.hits.push(hit);
    }

    fn search(&mut self, index: usize, start: usize, end: usize) {
        let Some(rule) = self.scanner.rules.get(index) else { return };
        if self.binary && rule.judge != Judge::Format {
            return;
        }
        let Some(text) = self.text.get(..end) else { return };
        let near = text.get(start..).unwrap_or_default();
        if !rule.also.iter().all(|literal| holds(near, literal.as_bytes()))
        {
            return;
        }
        if self.scanner.elsewhere(index, self.path) {
            if let Some(done) = self.done.get_mut(index) {
                *done = self.text.len();
            }
            return;
        }
        let Some(pattern) = self.scanner.pattern(index) else { return };
        let mut at = start.min(end);
        while let Some(captures) = pattern.captures_at(text, at) {
            let Some(whole) = captures.get(0) else { break };
            at = whole.end().max(at + 1);
            let hit = self.judge(index, rule, &captures);
            self.keep(hit);
            if self.full(index) {
                at = self.text.len();
            }
            if at > end {
                break;
            }
        }
        if let Some(done) = self.done.get_mut(index) {
            // A window of several lines may begin inside the one before.
            *done = if at > end || rule.span > 0 { at.max(*done) } else { end.max(*done) };
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
            Mode::Scan => {
                let before = self.text.get(whole.start()..secret.start()).unwrap_or_default();
                self.confidence(rule, before, secret.as_bytes())
            }
        }?;
        Some(Hit {
            rule: index,
            match_start: whole.start(),
            match_end: whole.end(),
            start: secret.start(),
            end: secret.end(),
            confidence,
            encoding: None,
        })
    }

    fn confidence(&self, rule: &Rule, before: &[u8], secret: &[u8]) -> Option<Confidence> {
        let one_line = !secret.contains(&b'\n');
        if secret.is_empty()
            || one_line && filter::placeholder(secret)
            || !filter::enough(secret, rule.entropy)
        {
            return None;
        }
        let fits = match rule.judge {
            Judge::Format => true,
            Judge::Token => filter::token_like(secret),
            Judge::Password => filter::password_like(secret),
        };
        if !fits || rule.judge != Judge::Format && filter::names_something_else(before) {
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
            (Kind::Plain | Kind::Trove, _) => confidence,
            (Kind::Sample, Judge::Format) => {
                confidence.lower().max(confidence.min(Confidence::Medium))
            }
            (Kind::Lock, Judge::Password) => confidence,
            (Kind::Sample, judge) if filter::holds_in_samples(secret, judge == Judge::Password) => {
                confidence
            }
            (Kind::Sample | Kind::Lock, _) => confidence.lower(),
        })
    }
}

/// A hit in decoded text, where it was written.
fn outward(mut hit: Hit, decoded: &Decoded) -> Hit {
    (hit.match_start, hit.match_end) = decoded.place(hit.match_start, hit.match_end);
    (hit.start, hit.end) = decoded.place(hit.start, hit.end);
    hit.encoding = Some(decoded.encoding);
    hit
}

fn holds(text: &[u8], literal: &[u8]) -> bool {
    match literal {
        [byte] => text.contains(byte),
        _ => text.windows(literal.len().max(1)).any(|window| window == literal),
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
/// name, the surer before the less sure, the longer before the shorter, the
/// nearer name before the farther.
fn resolve(mut hits: Vec<Hit>, rules: &[Rule]) -> Vec<Hit> {
    let rank = |hit: &Hit| {
        let rule = rules.get(hit.rule);
        let format = rule.is_some_and(|rule| rule.judge == Judge::Format);
        let eager = rule.is_some_and(|rule| rule.redact_only);
        let near = Reverse(hit.match_end - hit.match_start);
        let named = rule.is_some_and(|rule| rule.span > 0);
        (format, !eager, hit.confidence, hit.end - hit.start, named, near)
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
