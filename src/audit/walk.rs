//! Walks through the files of a log from the first event to the last: every
//! hash, every link, every number.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::path::PathBuf;

use super::blocks::each_block;
use super::files::Part;
use super::line::{Checked, Flaw, Format, check};
use super::merkle::Frontier;
use super::verify::Fault;
use crate::action::Digest;

/// What a walk is to bring home besides the end of the chain.
#[derive(Debug, Default)]
pub(super) struct Wanted {
    /// Sizes of the tree whose roots are needed.
    pub(super) roots: BTreeMap<u64, Option<Digest>>,
    /// Whether all leaves are.
    pub(super) leaves: bool,
    /// The event to find, by its id.
    pub(super) event_id: Option<String>,
}

/// What a walk found, up to the first fault.
#[derive(Debug)]
pub(super) struct Walked {
    pub(super) format: Format,
    pub(super) frontier: Frontier,
    /// Hash of the last event.
    pub(super) head: Digest,
    /// Events in the files; less than the tree's where a first part is not here.
    pub(super) events: u64,
    pub(super) span: Option<(String, String)>,
    pub(super) roots: BTreeMap<u64, Option<Digest>>,
    pub(super) leaves: Vec<Digest>,
    /// Index in the tree of the event that was looked for.
    pub(super) found: Option<u64>,
    /// Numbers of the events that say what a crash did.
    pub(super) recoveries: Vec<u64>,
    pub(super) fault: Option<(PathBuf, Fault)>,
}

/// What one block of lines holds.
struct Block {
    lines: Vec<Line>,
    /// Lines before the first that is wrong, those that don't count included.
    passed: usize,
    flaw: Option<FaultAt>,
    first_at: String,
    last_at: String,
    recoveries: Vec<u64>,
    found: Option<usize>,
}

/// A fault whose line is counted from the block's beginning.
type FaultAt = fn(usize) -> Fault;

struct Line {
    /// In the block, from 0.
    number: usize,
    seq: Option<u64>,
    prev: Digest,
    hash: Digest,
    leaf: Digest,
}

/// Walks through `parts`.
pub(super) fn walk(parts: Vec<Part>, wanted: Wanted) -> io::Result<Walked> {
    let mut walked = Walked {
        format: Format::Saferun,
        frontier: Frontier::default(),
        head: Digest::from_bytes([0; 32]),
        events: 0,
        span: None,
        roots: wanted.roots,
        leaves: Vec::new(),
        found: None,
        recoveries: Vec::new(),
        fault: None,
    };
    if let Some(root) = walked.roots.get_mut(&0) {
        *root = Some(walked.frontier.root());
    }
    for (index, mut part) in parts.into_iter().enumerate() {
        if index == 0 {
            let first = first_line(&mut part)?;
            walked.format = Format::of(&first);
            walked.begin(&first);
        }
        let Part { path, file, length } = part;
        let format = walked.format;
        let id = wanted.event_id.as_deref();
        let mut lines = 0;
        let mut fault = None;
        each_block(
            file,
            length,
            |block| check_block(block, format, id),
            |block| {
                fault = walked.take(&block, lines, wanted.leaves);
                lines += block.passed;
                fault.is_none()
            },
        )?;
        if let Some(fault) = fault {
            walked.fault = Some((path, fault));
            break;
        }
    }
    Ok(walked)
}

fn first_line(part: &mut Part) -> io::Result<Vec<u8>> {
    let mut line = Vec::new();
    let file: File = part.file.try_clone()?;
    let mut reader = BufReader::new(file).take(part.length.min(1 << 20));
    while line.trim_ascii().is_empty() {
        line.clear();
        if reader.read_until(b'\n', &mut line)? == 0 {
            break;
        }
    }
    io::Seek::rewind(&mut part.file)?;
    Ok(line)
}

fn check_block(bytes: &[u8], format: Format, id: Option<&str>) -> Block {
    let mut block = Block {
        lines: Vec::with_capacity(bytes.len() / 400),
        passed: 0,
        flaw: None,
        first_at: String::new(),
        last_at: String::new(),
        recoveries: Vec::new(),
        found: None,
    };
    let mut last = None;
    let mut start = 0;
    let ends = memchr::memchr_iter(b'\n', bytes).map(Some).chain([None]);
    for end in ends {
        let line = bytes.get(start..end.unwrap_or(bytes.len())).unwrap_or_default();
        if end.is_none() && line.is_empty() {
            break;
        }
        // A line without its end is whole in the other format only.
        let torn = end.is_none() && (format == Format::Saferun || check(line, format).is_err());
        match check(line, format) {
            _ if torn => block.flaw = Some(Fault::Torn),
            Err(Flaw::NotAnEvent) => block.flaw = Some(Fault::NotAnEvent),
            Err(Flaw::Changed) => block.flaw = Some(Fault::Changed),
            Ok(None) => {}
            Ok(Some(checked)) => {
                if block.lines.is_empty() {
                    block.first_at = checked.at.to_owned();
                }
                block.push(&checked, id);
                last = Some(checked.at);
            }
        }
        if block.flaw.is_some() {
            break;
        }
        block.passed += 1;
        start = end.map_or(bytes.len(), |end| end + 1);
    }
    block.last_at = last.unwrap_or_default().to_owned();
    block
}

impl Block {
    fn push(&mut self, line: &Checked<'_>, id: Option<&str>) {
        if line.event_type == "recovery" {
            self.recoveries.extend(line.seq);
        }
        if id == Some(line.id) {
            self.found = Some(self.lines.len());
        }
        let Checked { seq, prev, hash, leaf, .. } = *line;
        self.lines.push(Line { number: self.passed, seq, prev, hash, leaf });
    }
}

impl Walked {
    /// Where the first part is not the log's first, its header says what came
    /// before.
    fn begin(&mut self, first: &[u8]) {
        let Some((before, head)) = super::rotate::continued(first) else { return };
        self.frontier = before;
        self.head = head;
    }

    /// Links a block to what came before; `lines` stand before it in its file.
    fn take(&mut self, block: &Block, lines: usize, leaves: bool) -> Option<Fault> {
        for (index, line) in block.lines.iter().enumerate() {
            let number = self.frontier.size() + 1;
            if line.prev != self.head || line.seq.is_some_and(|seq| seq != number) {
                return Some(Fault::Broken(lines + line.number + 1));
            }
            self.head = line.hash;
            self.frontier.push(line.leaf);
            self.events += 1;
            if leaves {
                self.leaves.push(line.leaf);
            }
            if block.found == Some(index) {
                self.found = Some(number - 1);
            }
            if let Some(root) = self.roots.get_mut(&number) {
                *root = Some(self.frontier.root());
            }
        }
        if !block.lines.is_empty() {
            let first = self.span.take().map_or_else(|| block.first_at.clone(), |(first, _)| first);
            self.span = Some((first, block.last_at.clone()));
        }
        self.recoveries.extend(&block.recoveries);
        block.flaw.map(|fault| fault(lines + block.passed + 1))
    }
}
