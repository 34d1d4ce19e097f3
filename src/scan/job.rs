//! One text's scan: candidates, searches, judgement.

use std::ops::Range;
use std::sync::OnceLock;

use memchr::{memchr, memmem, memrchr};
use regex::bytes::{Captures, Match};

use super::assign::{self, Assignment, Syntax};
use super::engine::{Hit, Mode, Scanner};
use super::filter::{self, Kind, checksum};
use super::lead::Lead;
use super::rule::{Checksum, Confidence, Judge, Named, Rule};
use super::{run, text};

/// Bytes before a keyword that a rule may look at.
const BEFORE: usize = 512;
/// Bytes after a keyword that a rule may look at on its line.
const AFTER: usize = 4096;
/// In a shorter text, bytes, it is quicker to look again than to remember where
/// nothing was.
const SHORT: usize = 256;
/// Findings of one rule in one text; a file of a million matches is told by these.
const MOST: usize = 1000;

/// What a file's path says of the text, found out when first asked for.
#[derive(Debug)]
pub(super) struct File<'a> {
    /// The path.
    pub(super) path: &'a [u8],
    /// Its part in the directory asked for.
    below: &'a [u8],
    kind: OnceLock<Kind>,
    syntax: OnceLock<Syntax>,
}

impl<'a> File<'a> {
    /// The file at `path`, which is `below` in the directory asked for.
    pub(super) fn new(path: &'a [u8], below: &'a [u8]) -> Self {
        Self { path, below, kind: OnceLock::new(), syntax: OnceLock::new() }
    }

    pub(super) fn kind(&self) -> Kind {
        *self.kind.get_or_init(|| filter::kind(self.below))
    }

    fn syntax(&self) -> Syntax {
        *self.syntax.get_or_init(|| Syntax::of(self.path))
    }

    /// Whether both are of the same kind.
    pub(super) fn is_like(&self, other: &File<'_>) -> bool {
        self.kind() == other.kind() && self.syntax() == other.syntax()
    }
}

/// One text's scan.
pub(super) struct Job<'a> {
    scanner: &'a Scanner,
    text: &'a [u8],
    file: &'a File<'a>,
    /// Up to where assignments were read.
    read: usize,
    /// Whether it is no text.
    pub(super) binary: bool,
    /// Per rule; empty until there is something to tell.
    progress: Vec<Progress>,
    /// What was found so far.
    pub(super) hits: Vec<Hit>,
    /// Lines of keywords that may have to be looked at beyond them, and how
    /// far: also beyond the text's end.
    pub(super) open: Vec<Range<usize>>,
}

/// How far a rule has come.
#[derive(Debug, Clone, Copy, Default)]
struct Progress {
    /// Up to where the text was searched.
    done: usize,
    /// How many hits.
    found: usize,
}

impl<'a> Job<'a> {
    pub(super) fn new(scanner: &'a Scanner, text: &'a [u8], file: &'a File<'a>) -> Self {
        let (progress, hits, open) = Default::default();
        let binary = text::binary(text);
        Self { scanner, text, file, read: 0, binary, progress, hits, open }
    }

    fn progress(&self, rule: usize) -> Progress {
        self.progress.get(rule).copied().unwrap_or_default()
    }

    fn note(&mut self, rule: usize) -> Option<&mut Progress> {
        if self.progress.is_empty() {
            self.progress.resize(self.scanner.rule_set().len(), Progress::default());
        }
        self.progress.get_mut(rule)
    }

    /// Looks at a keyword of a rule.
    pub(super) fn candidate(&mut self, index: usize, position: usize) {
        let Some(rule) = self.scanner.rule_set().get(index) else { return };
        if rule.assigns.is_some() {
            return self.assigned(position);
        }
        let done = self.progress(index).done;
        if done >= self.text.len() {
            return;
        }
        if let Some(named) = &rule.named {
            return if position >= done {
                self.named(index, rule, named, position)
            };
        }
        self.leave_open(position, rule.span);
        let (start, end) = window(self.text, position, rule.span);
        if position < done && end <= done {
            return;
        }
        self.search(index, start.max(done), end);
    }

    /// Notes that so many bytes behind the line of `position` count.
    fn leave_open(&mut self, position: usize, reach: usize) {
        if reach == 0 {
            return;
        }
        let (start, end) = window(self.text, position, 0);
        let open = start..end + reach;
        match self.open.last_mut() {
            Some(last) if last.start == open.start => last.end = last.end.max(open.end),
            _ => self.open.push(open),
        }
    }

    /// The value that the name at `position` leads to.
    fn named(&mut self, index: usize, rule: &Rule, named: &Named, position: usize) {
        let Some(lead) = Lead::of(named, self.text, position) else { return };
        self.leave_open(position, lead.reach);
        if !self.may_match(index, rule, lead.rest()) {
            return;
        }
        let Some(pattern) = self.scanner.rule_set().pattern(index) else { return };
        let value = lead.words().find_map(|start| {
            let captures = pattern.captures(self.text.get(start..lead.end)?)?;
            let secret = secret_of(rule, &captures)?.range();
            let secret = start + secret.start..start + secret.end;
            let named = self.file.syntax() == Syntax::Code && lead.is_code(secret.clone());
            (lead.leads_to(start) && !named).then_some(secret)
        });
        let Some(secret) = value else { return };
        let end = secret.end;
        let hit = self.judge(index, rule, position..end, secret);
        self.keep(hit);
        let done = if self.full(index) { self.text.len() } else { end };
        self.note(index).into_iter().for_each(|progress| progress.done = done);
    }

    /// The assignment whose name stands at `position`.
    fn assigned(&mut self, position: usize) {
        if position < self.read || self.binary {
            return;
        }
        let reading = assign::at(self.text, position, self.file.syntax());
        self.read = reading.end.max(position + 1);
        self.leave_open(position, reading.reach);
        for assignment in reading.assignment.into_iter().chain(reading.column) {
            self.assignment(&assignment);
        }
    }

    fn assignment(&mut self, assignment: &Assignment) {
        let sort = assignment.named.sort();
        let rule = self.scanner.rule_set().assigning.iter().find(|(known, _)| *known == sort);
        let Some((_, index)) = rule.filter(|(_, index)| !self.full(*index)) else { return };
        let hit = self.assignment_hit(*index, assignment);
        self.keep(hit);
    }

    fn assignment_hit(&self, index: usize, assignment: &Assignment) -> Option<Hit> {
        let rule = self.scanner.rule_set().get(index)?;
        let before = self.text.get(assignment.start..assignment.value).unwrap_or_default();
        if self.scanner.rule_set().elsewhere(index, self.file.path)
            || filter::named(before, &rule.unless)
        {
            return None;
        }
        let sure = filter::assigned(self.text, assignment, self.file.syntax(), self.file.kind())?;
        Some(Hit {
            rule: index,
            match_start: assignment.start.min(assignment.value),
            match_end: assignment.end,
            start: assignment.value,
            end: assignment.end,
            confidence: sure.min(rule.confidence),
            encoding: None,
        })
    }

    fn full(&self, index: usize) -> bool {
        self.scanner.mode() == Mode::Scan && self.progress(index).found >= MOST
    }

    fn keep(&mut self, hit: Option<Hit>) {
        let Some(hit) = hit else { return };
        if let Some(progress) = self.note(hit.rule) {
            progress.found += 1;
        }
        self.hits.push(hit);
    }

    /// Whether the rule may find something in `near`.
    fn may_match(&mut self, index: usize, rule: &Rule, near: &[u8]) -> bool {
        if self.binary && rule.judge != Judge::Format
            || !rule.also.iter().all(|literal| holds(near, literal.as_bytes()))
        {
            return false;
        }
        if self.scanner.rule_set().elsewhere(index, self.file.path) {
            let most = self.text.len();
            self.note(index).into_iter().for_each(|progress| progress.done = most);
            return false;
        }
        run::holds(near, &rule.runs)
    }

    /// Searches `start..end` with a rule's pattern.
    pub(super) fn search(&mut self, index: usize, start: usize, end: usize) {
        let Some(rule) = self.scanner.rule_set().get(index) else { return };
        let Some(text) = self.text.get(..end) else { return };
        let near = text.get(start..).unwrap_or_default();
        let mut at = start.min(end);
        let pattern = self
            .may_match(index, rule, near)
            .then(|| self.scanner.rule_set().pattern(index))
            .flatten();
        while let Some(captures) = pattern.and_then(|pattern| pattern.captures_at(text, at)) {
            let Some(whole) = captures.get(0) else { break };
            at = whole.end().max(at + 1);
            let secret = secret_of(rule, &captures).map(|secret| secret.range());
            let hit = secret.and_then(|secret| self.judge(index, rule, whole.range(), secret));
            self.keep(hit);
            if self.full(index) {
                at = self.text.len();
            }
            if at > end {
                break;
            }
        }
        if self.text.len() < SHORT && pattern.is_none() {
            return;
        }
        // A window of several lines may begin inside the one before.
        let done = if at > end || rule.span > 0 { at } else { end };
        self.note(index).into_iter().for_each(|progress| progress.done = done.max(progress.done));
    }

    /// The filters, cheapest first.
    fn judge(
        &self,
        index: usize,
        rule: &Rule,
        whole: Range<usize>,
        secret: Range<usize>,
    ) -> Option<Hit> {
        let value = self.text.get(secret.clone())?;
        let confidence = match self.scanner.mode() {
            Mode::Redact => Some(rule.confidence).filter(|_| !written_variable(value)),
            Mode::Scan if rule.confidence < Confidence::High && self.goes_on(secret.end) => None,
            Mode::Scan => {
                let before = self.text.get(whole.start..secret.start).unwrap_or_default();
                self.confidence(rule, whole.start, before, value)
            }
        }?;
        Some(Hit {
            rule: index,
            match_start: whole.start,
            match_end: whole.end,
            start: secret.start,
            end: secret.end,
            confidence,
            encoding: None,
        })
    }

    /// Whether a template goes on where a value ends: `prefix{{ name }}`.
    fn goes_on(&self, end: usize) -> bool {
        let around = self.text.get(end.saturating_sub(1)..).unwrap_or_default();
        matches!(around, [b'{', b'{', ..] | [_, b'{', b'{', ..])
    }

    fn confidence(
        &self,
        rule: &Rule,
        start: usize,
        before: &[u8],
        secret: &[u8],
    ) -> Option<Confidence> {
        let one_line = !secret.contains(&b'\n');
        if secret.is_empty()
            || one_line && filter::placeholder(secret)
            || !filter::enough(secret, rule.entropy)
        {
            return None;
        }
        let fits = match rule.judge {
            Judge::Format => true,
            Judge::Token => {
                (filter::token_like(secret) || letters(secret)) && !filter::published(secret)
            }
            Judge::Password => filter::password_like(secret),
            Judge::Chosen => filter::chosen(secret) && !repeats(before, secret),
        };
        let near = rule.span > 0 && !secret.contains(&b'/');
        let told = rule.judge != Judge::Format || near;
        if !fits
            || told && filter::names_something_else(before)
            || filter::named(before, &rule.unless)
        {
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
        let example =
            self.file.syntax() == Syntax::Code && filter::in_doc_comment(self.text, start);
        let named = rule.confidence < Confidence::High;
        Some(match (self.file.kind(), rule.judge) {
            (Kind::Plain, _) if named && example => confidence.lower(),
            (Kind::Plain | Kind::Trove, _) => confidence,
            (Kind::Sample, Judge::Format) if named && secret.iter().all(u8::is_ascii_hexdigit) => {
                confidence.lower()
            }
            (Kind::Sample, Judge::Format) => {
                confidence.lower().max(confidence.min(Confidence::Medium))
            }
            (Kind::Lock, Judge::Password | Judge::Chosen) => confidence,
            (Kind::Sample, judge) if filter::holds_in_samples(secret, judge != Judge::Token) => {
                confidence
            }
            (Kind::Sample | Kind::Lock, _) => confidence.lower(),
        })
    }
}

/// Whether a token is one though it holds no digit.
fn letters(secret: &[u8]) -> bool {
    secret.iter().all(u8::is_ascii_alphabetic)
        && filter::token(secret) >= Some(filter::Strength::Strong)
}

/// What of a match is the secret.
fn secret_of<'t>(rule: &Rule, captures: &Captures<'t>) -> Option<Match<'t>> {
    match rule.secret_group {
        0 => captures
            .iter()
            .skip(1)
            .flatten()
            .find(|group| !group.is_empty())
            .or_else(|| captures.get(0)),
        group => captures.get(group),
    }
}

fn holds(text: &[u8], literal: &[u8]) -> bool {
    match literal {
        [byte] => memchr(*byte, text).is_some(),
        _ => memmem::find(text, literal).is_some(),
    }
}

/// `user:user@`, `("user", "user")`: the name before a password once more.
fn repeats(before: &[u8], secret: &[u8]) -> bool {
    let end = before.iter().rposition(u8::is_ascii_alphanumeric).map_or(0, |at| at + 1);
    before.get(..end).is_some_and(|before| before.ends_with(secret))
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
    let start = memrchr(b'\n', before).map_or(floor, |at| floor + at + 1);
    let ceiling = text.len().min(position + if span > 0 { span } else { AFTER });
    let after = text.get(position..ceiling).unwrap_or_default();
    let end = match span {
        0 => memchr(b'\n', after).map_or(ceiling, |at| position + at),
        _ => ceiling,
    };
    (start, end)
}
