//! Hits become findings: lines, columns, the line shown to people.

use memchr::{memchr, memchr_iter, memrchr};

use super::engine::Hit;
use super::filter::shannon;
use super::finding::mask;
use super::rule::{Rule, Text};
use super::rule_set::RuleSet;
use super::{Confidence, Finding};
use crate::action::{visible_bytes, visible_line};

/// Characters of a line shown before and after the secret.
const AROUND: usize = 60;
/// Longest line kept for allowlists and comparisons, bytes.
const LINE: usize = 4096;

/// One finding a hit, in order.
pub(super) fn findings(text: &[u8], path: &[u8], hits: &[Hit], rules: &RuleSet) -> Vec<Finding> {
    let mut lines = Lines { text, at: 0, number: 1, begin: 0, column: 0 };
    hits.iter()
        .filter_map(|hit| {
            let rule = rules.get(hit.rule)?;
            Some(finding(text, path, hit, hits, rule, &mut lines))
        })
        .collect()
}

fn finding(
    text: &[u8],
    path: &[u8],
    hit: &Hit,
    hits: &[Hit],
    rule: &Rule,
    lines: &mut Lines<'_>,
) -> Finding {
    let secret = slice(text, hit.start, hit.end);
    let Place { line: start_line, column, begin } = lines.place(hit.start);
    let end_line =
        start_line + newlines(secret.get(..secret.len().saturating_sub(1)).unwrap_or_default());
    let last = hit.end.saturating_sub(1).max(hit.start);
    let end_column = match memrchr(b'\n', slice(text, hit.start, last)) {
        Some(at) => characters(slice(text, hit.start + at + 1, last)) + 1,
        None => column + characters(slice(text, hit.start, last)),
    };
    let mut found = blank(path, rule);
    found.start_line = start_line;
    found.end_line = end_line;
    found.start_column = column;
    found.end_column = end_column;
    found.offset = hit.match_start;
    found.matched = lossy(slice(text, hit.match_start, hit.match_end));
    found.secret = lossy(secret);
    found.entropy = (shannon(secret) * 1000.0).round() / 1000.0;
    found.confidence = hit.confidence;
    found.fingerprint = format!("{}:{}:{start_line}", found.file, rule.id);
    let line = slice(text, begin, text.len().min(begin + LINE));
    found.line = lossy(slice(line, 0, memchr(b'\n', line).unwrap_or(line.len())));
    found.tags.extend(hit.encoding.map(|encoding| format!("decoded:{encoding}").into()));
    (found.excerpt, found.caret) = excerpt(text, begin, hit, hits);
    found
}

/// A finding about the file itself.
pub(super) fn of_path(path: &[u8], rule: &Rule) -> Finding {
    let mut found = blank(path, rule);
    found.fingerprint = format!("{}:{}:1", found.file, rule.id);
    found
}

/// A finding about the file itself that no rule made.
pub(super) fn notice(path: &[u8], id: &'static str, description: &'static str) -> Finding {
    let mut found = bare(path, id.into(), description.into());
    found.fingerprint = format!("{}:{id}:1", found.file);
    found
}

fn blank(path: &[u8], rule: &Rule) -> Finding {
    Finding {
        confidence: rule.confidence.max(Confidence::Medium),
        tags: rule.tags.to_vec(),
        rotate: rule.rotate.clone(),
        ..bare(path, rule.id.clone(), rule.description.clone())
    }
}

fn bare(path: &[u8], rule_id: Text, description: Text) -> Finding {
    Finding {
        rule_id,
        description,
        file: file_name(path),
        start_line: 1,
        end_line: 1,
        start_column: 1,
        end_column: 1,
        matched: String::new(),
        secret: String::new(),
        entropy: 0.0,
        confidence: Confidence::Medium,
        commit: None,
        author: None,
        email: None,
        date: None,
        message: None,
        in_head: None,
        removed_in: None,
        fingerprint: String::new(),
        verification: None,
        verification_reason: None,
        tags: Vec::new(),
        excerpt: String::new(),
        caret: (0, 0),
        line: String::new(),
        rotate: Text::default(),
        value_hash: None,
        marked: false,
        offset: 0,
    }
}

/// The path as text; bytes that are not UTF-8 as `\x…`.
pub(super) fn file_name(path: &[u8]) -> String {
    match std::str::from_utf8(path) {
        Ok(path) => path.to_owned(),
        Err(_) => visible_bytes(path),
    }
}

/// The part of the line around the secret, with all hits masked, and where
/// the caret goes (both in characters). `begin` is where the line begins.
fn excerpt(text: &[u8], begin: usize, hit: &Hit, hits: &[Hit]) -> (String, (usize, usize)) {
    let begin = begin.max(hit.start.saturating_sub(LINE));
    let near = slice(text, hit.start, text.len().min(hit.end + LINE));
    let end = hit.start + memchr(b'\n', near).unwrap_or(near.len());
    let (mut shown, mut caret, mut at) = (String::new(), (0, 0), begin);
    let first = hits.partition_point(|other| other.end <= begin);
    let others = hits.get(first..).unwrap_or_default();
    for other in others.iter().take_while(|other| other.start < end) {
        shown.push_str(&shorten(&lossy(slice(text, at, other.start.max(at)))));
        let stars = mask(&lossy(slice(text, other.start.max(begin), other.end.min(end))));
        let stars = visible_line(&stars);
        if other.start == hit.start {
            caret = (shown.chars().count(), stars.chars().count());
        }
        shown.push_str(&stars);
        at = other.end.min(end).max(at);
    }
    shown.push_str(&shorten(&lossy(slice(text, at, end))));
    (shown, caret)
}

/// A stretch without secrets, cut in its middle when long.
fn shorten(text: &str) -> String {
    let text = visible_line(text.trim_end_matches('\r'));
    let length = text.chars().count();
    if length <= 2 * AROUND {
        return text;
    }
    let head: String = text.chars().take(AROUND).collect();
    let tail: String = text.chars().skip(length - AROUND).collect();
    format!("{head}…{tail}")
}

/// Where a position is: counted from 1, and where its line begins.
struct Place {
    line: usize,
    column: usize,
    begin: usize,
}

/// Places of rising positions, each byte looked at once.
struct Lines<'a> {
    text: &'a [u8],
    at: usize,
    number: usize,
    /// Where the line of `at` begins.
    begin: usize,
    /// Characters from there to `at`.
    column: usize,
}

impl Lines<'_> {
    fn place(&mut self, position: usize) -> Place {
        let passed = slice(self.text, self.at, position);
        if let Some(last) = memrchr(b'\n', passed) {
            self.number += newlines(passed);
            self.begin = self.at + last + 1;
            self.column = 0;
        }
        self.column += characters(slice(self.text, self.at.max(self.begin), position));
        self.at = position.max(self.at);
        Place { line: self.number, column: self.column + 1, begin: self.begin }
    }
}

pub(super) fn newlines(text: &[u8]) -> usize {
    memchr_iter(b'\n', text).count()
}

pub(super) fn line_start(text: &[u8], position: usize) -> usize {
    memrchr(b'\n', slice(text, 0, position)).map_or(0, |at| at + 1)
}

pub(super) fn line_end(text: &[u8], position: usize) -> usize {
    memchr(b'\n', slice(text, position, text.len())).map_or(text.len(), |at| position + at)
}

fn slice(text: &[u8], start: usize, end: usize) -> &[u8] {
    text.get(start..end).unwrap_or_default()
}

pub(super) fn characters(text: &[u8]) -> usize {
    if text.is_ascii() { text.len() } else { String::from_utf8_lossy(text).chars().count() }
}

fn lossy(text: &[u8]) -> String {
    String::from_utf8_lossy(text).into_owned()
}
