//! Recall and precision of the secret scanner on labelled lines, through the
//! binary. `tests/corpora/secrets/README.md` describes the format.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test stops where its stage breaks")]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use saferun::scan::sample;
use serde_json::Value;

/// Least recall and precision of each half.
const FLOORS: &[(&str, f64, f64)] = &[("own", 0.9, 0.97), ("held-out", 0.85, 0.95)];

/// What a line's mark says.
#[derive(Clone, Copy, PartialEq)]
enum Label {
    Secret,
    Clean,
    Either,
}

struct Sample {
    path: String,
    encodings: Vec<String>,
    lines: Vec<(Label, String)>,
}

#[derive(Default)]
struct Tally {
    secrets: usize,
    found: usize,
    wrong: usize,
    notes: Vec<String>,
}

impl Tally {
    fn recall(&self) -> f64 {
        self.found as f64 / self.secrets.max(1) as f64
    }

    fn precision(&self) -> f64 {
        self.found as f64 / (self.found + self.wrong).max(1) as f64
    }
}

#[test]
fn recall_and_precision_stay_above_their_floors() {
    let mut failed = Vec::new();
    for (half, recall, precision) in FLOORS {
        let mut total = Tally::default();
        for file in corpora(half) {
            let tally = measure(&file);
            println!("{}", row(&file.file_stem().unwrap().to_string_lossy(), &tally));
            tally.notes.iter().for_each(|note| println!("    {note}"));
            total.secrets += tally.secrets;
            total.found += tally.found;
            total.wrong += tally.wrong;
        }
        println!("{}", row(half, &total));
        if total.secrets > 0 && (total.recall() < *recall || total.precision() < *precision) {
            failed.push(row(half, &total));
        }
    }
    assert!(failed.is_empty(), "{failed:#?}");
}

fn row(name: &str, tally: &Tally) -> String {
    let Tally { secrets, found, wrong, .. } = tally;
    let (recall, precision) = (tally.recall(), tally.precision());
    format!(
        "{name:20} recall {recall:.3} ({found}/{secrets})  precision {precision:.3} ({wrong} wrong)"
    )
}

fn corpora(half: &str) -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/corpora/secrets").join(half);
    let entries = fs::read_dir(root).into_iter().flatten();
    let mut files: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    files.retain(|path| path.extension().is_some_and(|ending| ending == "txt"));
    files.sort();
    files
}

fn measure(corpus: &Path) -> Tally {
    let directory = tempfile::tempdir().unwrap();
    let samples = parse(&fs::read_to_string(corpus).unwrap(), corpus);
    let mut tally = Tally::default();
    for (number, sample) in samples.iter().enumerate() {
        let path = directory.path().join(number.to_string()).join(&sample.path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, encoded(sample)).unwrap();
    }
    let found = scan(directory.path());
    for (number, sample) in samples.iter().enumerate() {
        let name = format!("{number}/{}", sample.path);
        let none = BTreeMap::new();
        let found = found.get(&name).unwrap_or(&none);
        let known: BTreeSet<usize> = (1..=sample.lines.len()).collect();
        for line in found.keys().filter(|line| !known.contains(line)) {
            tally.notes.push(format!("outside {}:{line}", sample.path));
        }
        for (line, (label, text)) in (1..).zip(&sample.lines) {
            let rule = found.get(&line);
            let note = |what: &str| format!("{what} {}:{line} {text}", sample.path);
            match (label, rule) {
                (Label::Secret, Some(_)) => tally.found += 1,
                (Label::Secret, None) => tally.notes.push(note("missed")),
                (Label::Clean, Some(rule)) => {
                    tally.wrong += 1;
                    tally.notes.push(note(&format!("wrong ({rule})")));
                }
                _ => {}
            }
            tally.secrets += usize::from(*label == Label::Secret);
        }
    }
    tally
}

/// Rules by file and line.
fn scan(directory: &Path) -> BTreeMap<String, BTreeMap<usize, String>> {
    let output = Command::new(env!("CARGO_BIN_EXE_saferun"))
        .args(["scan", "--no-ignore", "--format", "json"])
        .args(
            std::env::var_os("CORPUS_CONFIDENCE")
                .map(|least| format!("--confidence={}", least.to_string_lossy())),
        )
        .current_dir(directory)
        .env_clear()
        .env("HOME", directory)
        .output()
        .unwrap();
    let findings: Vec<Value> = serde_json::from_slice(&output.stdout).unwrap();
    let mut all: BTreeMap<String, BTreeMap<usize, String>> = BTreeMap::new();
    for finding in &findings {
        let file = finding["file"].as_str().unwrap().to_owned();
        let line = finding["start_line"].as_u64().unwrap() as usize;
        let rule = finding["rule_id"].as_str().unwrap().to_owned();
        all.entry(file).or_default().insert(line, rule);
    }
    all
}

fn parse(text: &str, corpus: &Path) -> Vec<Sample> {
    let mut samples: Vec<Sample> = Vec::new();
    for (number, line) in (1..).zip(text.lines()) {
        if let Some(head) = line.strip_prefix("@@ ") {
            let mut words = head.split_whitespace().map(str::to_owned);
            let path = words.next().expect("a path follows `@@`");
            samples.push(Sample { path, encodings: words.collect(), lines: Vec::new() });
            continue;
        }
        let Some(sample) = samples.last_mut() else { continue };
        let (mark, rest) = line.split_at(line.len().min(1));
        let label = match mark {
            "+" => Label::Secret,
            "-" | "" => Label::Clean,
            "?" => Label::Either,
            _ => panic!("{}:{number}: a line begins with `+ `, `- ` or `? `", corpus.display()),
        };
        let name = corpus.file_name().unwrap().to_string_lossy();
        let place = format!("{name}:{number}");
        let seed = place
            .bytes()
            .fold(7usize, |hash, byte| hash.wrapping_mul(31).wrapping_add(byte.into()));
        sample.lines.push((label, expand(rest.strip_prefix(' ').unwrap_or(rest), seed)));
    }
    for sample in &mut samples {
        while sample
            .lines
            .last()
            .is_some_and(|(label, text)| *label == Label::Clean && text.is_empty())
        {
            sample.lines.pop();
        }
    }
    samples
}

/// Puts the values of a line together, the innermost first.
fn expand(line: &str, seed: usize) -> String {
    let mut text = line.to_owned();
    let mut at = 0;
    while let Some(close) = text.get(at..).and_then(|rest| rest.find("}}")).map(|found| at + found)
    {
        let Some(open) = text[..close].rfind("{{") else {
            at = close + 2;
            continue;
        };
        match value(&text[open + 2..close], seed + open) {
            Some(value) => {
                text.replace_range(open..close + 2, &value);
                at = open;
            }
            None => at = close + 2,
        }
    }
    text
}

fn value(inner: &str, seed: usize) -> Option<String> {
    let (word, rest) = inner.split_once(' ').unwrap_or((inner, ""));
    Some(match word {
        "" if inner.is_empty() => String::new(),
        "like" => like(rest, seed),
        "base64" => base64(rest.as_bytes()),
        "hex" => rest.bytes().map(|byte| format!("{byte:02x}")).collect(),
        "percent" => rest.bytes().map(|byte| format!("%{byte:02X}")).collect(),
        "escape" => rest.bytes().map(|byte| format!("\\u{byte:04x}")).collect(),
        size if size.starts_with(|first: char| first.is_ascii_digit()) && rest.is_empty() => {
            let filler = "x".repeat(seed % 4093);
            let made = sample::expand(&format!("{filler}{{{inner}}}"));
            let made = made.strip_prefix(&filler)?;
            (!made.contains('{')).then(|| made.to_owned())?
        }
        _ => return None,
    })
}

fn like(form: &str, seed: usize) -> String {
    let mut state = seed as u64 ^ 0x9E37_79B9_7F4A_7C15;
    let mut draw = |first: char, count: u64| {
        state =
            state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        char::from(first as u8 + ((state >> 33) % count) as u8)
    };
    form.chars()
        .map(|form| match form {
            'a'..='z' => draw('a', 26),
            'A'..='Z' => draw('A', 26),
            '0'..='9' => draw('0', 10),
            other => other,
        })
        .collect()
}

fn base64(bytes: &[u8]) -> String {
    const DIGITS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut out = String::new();
    for group in bytes.chunks(3) {
        let byte = |at: usize| u32::from(group.get(at).copied().unwrap_or(0));
        let word = byte(0) << 16 | byte(1) << 8 | byte(2);
        for place in 0..4u32 {
            let digit = DIGITS[(word >> (18 - 6 * place) & 63) as usize];
            out.push(if place as usize <= group.len() { char::from(digit) } else { '=' });
        }
    }
    out
}

fn encoded(sample: &Sample) -> Vec<u8> {
    let has = |name: &str| sample.encodings.iter().any(|known| known == name);
    let end = if has("crlf") { "\r\n" } else { "\n" };
    let end = if has("nul") { format!("\0{end}") } else { end.to_owned() };
    let text: String = sample.lines.iter().map(|(_, line)| format!("{line}{end}")).collect();
    let marked = if has("bom") { format!("\u{feff}{text}") } else { text };
    if has("utf16le") {
        marked.encode_utf16().flat_map(u16::to_le_bytes).collect()
    } else if has("utf16be") {
        marked.encode_utf16().flat_map(u16::to_be_bytes).collect()
    } else {
        marked.into_bytes()
    }
}
