//! The engine: keyword → rule → window → filters → finding.

use std::borrow::Cow;
use std::cmp::Reverse;
use std::ops::Range;

use regex::bytes::{Regex, RegexBuilder};

use super::config::Gate;
use super::decode::{self, Decoded};
use super::filter::Kind;
use super::job::{File, Job};
use super::prefilter::Prefilter;
use super::rule::{Confidence, Judge, Rule, Text};
use super::rule_set::{RuleSet, Source, builtin_rules};
use super::text;
use super::{Finding, Result, allow, archive, excerpt, run};

/// Size limit of a compiled pattern.
const PATTERN_LIMIT: usize = 4 << 20;
/// Memory that one pattern's search may keep on one thread.
const SEARCH_LIMIT: usize = 512 << 10;

/// Bytes between the parts of one credential, at most.
pub(super) const NEAR: usize = 300;
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
    /// Number of the rule among those of its scanner.
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

/// What a text holds.
struct Looked {
    hits: Vec<Hit>,
    open: Vec<Range<usize>>,
}

/// What [`Scanner::probe`] saw.
pub(super) struct Probe {
    /// What may be reported.
    pub(super) hits: Vec<Range<usize>>,
    /// What may be reported where something else stands within [`NEAR`] bytes.
    pub(super) doubtful: Vec<Range<usize>>,
    /// Lines of names whose values may stand on the next ones, and those: also
    /// beyond the text's end.
    pub(super) open: Vec<Range<usize>>,
}

/// Rules made ready. Cheap to make; patterns are compiled at their first
/// candidate. Can be shared between threads.
#[derive(Debug)]
pub struct Scanner {
    rules: RuleSet,
    prefilter: Cow<'static, Prefilter>,
    gate: Gate,
    roots: Vec<Vec<u8>>,
    least: Confidence,
    keeps_marked: bool,
    mode: Mode,
}

impl Scanner {
    /// The built-in rules, reporting medium and high confidence.
    #[must_use]
    pub fn builtin() -> Self {
        Self::of(builtin_rules(Mode::Scan), Gate::default(), Mode::Scan)
    }

    /// The built-in rules and the eager ones, for redaction.
    #[must_use]
    pub fn for_redaction() -> Self {
        Self::of(builtin_rules(Mode::Redact), Gate::default(), Mode::Redact)
    }

    /// Rules loaded at run time, with their allowlists. A rule whose pattern
    /// can't be used finds nothing; [`super::config`] refuses it.
    #[must_use]
    pub fn new(rules: Vec<Rule>, gate: Gate) -> Self {
        let own = rules.into_iter().map(|rule| Source::Own(Box::new(rule)));
        Self::of(own.collect(), gate, Mode::Scan)
    }

    pub(super) fn of(sources: Vec<Source>, gate: Gate, mode: Mode) -> Self {
        let (rules, prefilter) = RuleSet::new(sources);
        Self {
            rules,
            prefilter,
            gate,
            roots: Vec::new(),
            least: Confidence::Medium,
            keeps_marked: false,
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
    pub fn rules(&self) -> impl Iterator<Item = &Rule> {
        self.rules.iter()
    }

    /// The rules that made these findings.
    #[must_use]
    pub fn rules_of(&self, findings: &[Finding]) -> Vec<&Rule> {
        let ids = findings.iter().map(|finding| finding.rule_id.as_ref()).collect();
        self.rules.named(&ids)
    }

    /// The rule that made a hit.
    #[must_use]
    pub fn rule(&self, hit: &Hit) -> Option<&Rule> {
        self.rules.get(hit.rule)
    }

    pub(super) fn rule_set(&self) -> &RuleSet {
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
            self.hits_within(text, &self.file(path), LAYERS).hits
        }
    }

    /// Whether no rule can find anything in `text`, or in what is encoded there:
    /// then there are no hits in it either, nor in any part of it.
    #[must_use]
    pub fn skips(&self, text: &[u8]) -> bool {
        let idle = |rule: &u16| {
            let rule = self.rules.get(usize::from(*rule));
            rule.is_none_or(|rule| rule.assigns.is_none() && !run::holds(text, &rule.runs))
        };
        let mut nothing = self.rules.always.is_empty();
        self.prefilter.hits(text, |_, rules| nothing = nothing && rules.iter().all(idle));
        if nothing {
            decode::each(text, |_| nothing = false);
        }
        nothing
    }

    /// [`Scanner::hits`], also below so many layers of encoding.
    fn hits_within(&self, text: &[u8], file: &File<'_>, layers: usize) -> Looked {
        let mut job = Job::new(self, text, file);
        self.prefilter.hits(text, |position, rules| {
            rules.iter().for_each(|rule| job.candidate(usize::from(*rule), position));
        });
        for rule in &self.rules.always {
            job.search(*rule, 0, text.len());
        }
        if layers == LAYERS && file.kind() == Kind::Trove {
            for rule in &self.rules.in_troves {
                job.search(*rule, 0, text.len());
            }
        }
        let (mut hits, open, binary) = (job.hits, job.open, job.binary);
        if let Some(layers) = layers.checked_sub(1).filter(|_| !binary) {
            decode::each(text, |decoded| {
                let below = self.hits_within(&decoded.text, file, layers).hits;
                hits.extend(below.into_iter().map(|hit| outward(hit, &decoded)));
            });
        }
        let hits = resolve(hits, &self.rules, self.mode);
        let hits = if self.mode == Mode::Scan { self.joined(hits) } else { hits };
        Looked { hits, open }
    }

    /// What stands beside the secret where both belong together.
    fn parts(&self, hit: &Hit) -> &[Text] {
        self.rules.get(hit.rule).map_or(&[][..], |rule| &rule.parts)
    }

    /// Without those that are parts of others near them, which become sure.
    fn joined(&self, mut hits: Vec<Hit>) -> Vec<Hit> {
        if hits.len() < 2 || hits.iter().all(|hit| self.parts(hit).is_empty()) {
            return hits;
        }
        let near = |a: &Hit, b: &Hit| a.start < b.end + NEAR && b.start < a.end + NEAR;
        let mut joined = Vec::new();
        for (index, part) in hits.iter().enumerate() {
            let belongs = |whole: &Hit| {
                let id = self.id(part.rule);
                whole.rule != part.rule
                    && near(part, whole)
                    && self.parts(whole).iter().any(|known| known == id)
            };
            joined.extend(hits.iter().position(belongs).map(|whole| (index, whole)));
        }
        for (part, whole) in &joined {
            let Some((start, end)) = hits.get(*part).map(|part| (part.match_start, part.match_end))
            else {
                continue;
            };
            if let Some(whole) = hits.get_mut(*whole) {
                whole.match_start = whole.match_start.min(start);
                whole.match_end = whole.match_end.max(end);
                whole.confidence = Confidence::High;
            }
        }
        let mut index = 0..;
        hits.retain(|_| {
            index.next().is_some_and(|index| joined.iter().all(|(part, _)| *part != index))
        });
        hits
    }

    /// Looks at a text that needs no decoding, or at whole lines of one. Knows
    /// nothing of allowlists and markers.
    pub(super) fn probe(&self, text: &[u8], file: &File<'_>) -> Probe {
        let Looked { hits, open } = self.hits_within(text, file, LAYERS);
        let mut probe = Probe { hits: Vec::new(), doubtful: Vec::new(), open };
        for hit in &hits {
            let range = hit.match_start.min(hit.start)..hit.match_end.max(hit.end);
            if hit.confidence >= self.least {
                probe.hits.push(range);
            } else if !self.parts(hit).is_empty() {
                probe.doubtful.push(range);
            }
        }
        probe
    }

    /// Whether all that a rule looks at lies near one of its keywords.
    pub(super) fn is_local(&self) -> bool {
        self.rules.always.is_empty()
    }

    /// Whether rules look at all of the file at once.
    pub(super) fn reads_whole(&self, file: &File<'_>) -> bool {
        file.kind() == Kind::Trove
    }

    /// Whether no rule tells the two files apart.
    pub(super) fn alike(&self, one: &File<'_>, other: &File<'_>) -> bool {
        one.path == other.path
            || one.is_like(other)
                && self.gate.allows_path(one.path) == self.gate.allows_path(other.path)
                && self.rules.alike(one.path, other.path)
    }

    /// Whether an allowlist lets the finding through, now that its commit is
    /// known.
    pub(super) fn lets_through(&self, finding: &Finding) -> bool {
        self.gate.allows(finding)
    }

    fn id(&self, rule: usize) -> &str {
        self.rules.get(rule).map_or("", |rule| rule.id.as_ref())
    }

    pub(super) fn mode(&self) -> Mode {
        self.mode
    }

    /// What `path` says of a text.
    pub(super) fn file<'a>(&self, path: &'a [u8]) -> File<'a> {
        File::new(path, self.below(path))
    }

    /// The path below the directory that was asked for: only what stands there
    /// says what kind of file it is.
    fn below<'a>(&self, path: &'a [u8]) -> &'a [u8] {
        let below = self.roots.iter().find_map(|root| path.strip_prefix(root.as_slice()));
        below.unwrap_or(path)
    }

    /// For scans of these directories: what they are called does not tell what
    /// the files in them are for.
    #[must_use]
    pub fn within(mut self, roots: Vec<Vec<u8>>) -> Self {
        self.roots = roots;
        self
    }

    /// Findings of rules that have a path and no pattern.
    pub(super) fn path_findings(&self, path: &[u8]) -> Vec<Finding> {
        if path.is_empty() || self.rules.by_path.is_empty() || self.gate.allows_path(path) {
            return Vec::new();
        }
        let matching = self.rules.by_path.iter().filter(|rule| !self.rules.elsewhere(**rule, path));
        let rules = matching.filter_map(|rule| self.rules.get(*rule));
        rules.map(|rule| excerpt::of_path(path, rule)).collect()
    }
}

/// A hit in decoded text, where it was written.
fn outward(mut hit: Hit, decoded: &Decoded) -> Hit {
    (hit.match_start, hit.match_end) = decoded.place(hit.match_start, hit.match_end);
    (hit.start, hit.end) = decoded.place(hit.start, hit.end);
    hit.encoding = Some(decoded.encoding);
    hit
}

/// Of overlapping hits the most specific stays: a provider's format before a
/// name, the surer before the less sure, the longer before the shorter, the
/// nearer name before the farther, the longer keyword before the shorter.
fn resolve(mut hits: Vec<Hit>, rules: &RuleSet, mode: Mode) -> Vec<Hit> {
    let rank = |hit: &Hit| {
        let rule = rules.get(hit.rule);
        let format = rule.is_some_and(|rule| rule.judge == Judge::Format);
        let eager = rule.is_some_and(|rule| rule.redact_only);
        let near = Reverse(hit.match_end - hit.match_start);
        let named = rule.is_some_and(|rule| rule.span > 0);
        let keyword = rule.into_iter().flat_map(|rule| rule.keywords.iter().map(|word| word.len()));
        (format, !eager, hit.confidence, hit.end - hit.start, named, near, keyword.max())
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
                    widen(last, start, end, mode);
                } else {
                    let start = last.start;
                    widen(last, start, end, mode);
                }
            }
            _ => kept.push(hit),
        }
    }
    kept
}

/// Redaction hides all that any of the overlapping hits covered.
fn widen(hit: &mut Hit, start: usize, end: usize, mode: Mode) {
    if mode == Mode::Redact {
        hit.start = hit.start.min(start);
        hit.end = hit.end.max(end);
    }
}

/// Compiles a rule's pattern: bytes, no Unicode classes, bounded size.
pub(super) fn compile(pattern: &str) -> Result<Regex, String> {
    RegexBuilder::new(pattern)
        .unicode(false)
        .size_limit(PATTERN_LIMIT)
        .dfa_size_limit(SEARCH_LIMIT)
        .build()
        .map_err(|error| error.to_string())
}
