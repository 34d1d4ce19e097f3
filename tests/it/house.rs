//! The house as drawn: floors, doors and file sizes, read from the sources.

#![expect(clippy::unwrap_used, reason = "a test stops where its stage breaks")]

use std::fs;
use std::path::{Path, PathBuf};

/// Longest file, in lines.
const LONGEST_FILE: usize = 500;

/// Every room with the rooms it may use. Words may use each other.
const ROOMS: &[(&str, &[&str])] = &[
    ("action", WORDS),
    ("config", WORDS),
    ("term", WORDS),
    ("net", WORDS),
    ("git", &["action", "config", "term"]),
    ("scan", &["action", "config", "term", "git"]),
    ("redact", &["action", "config", "term", "scan"]),
    ("verify", &["action", "config", "term", "net", "scan"]),
    ("command", WORDS),
    ("inspect", WORDS),
    ("policy", WORDS),
    ("audit", &["action", "config", "term", "net", "policy", "redact", "identity"]),
    ("identity", WORDS),
    (
        "exec",
        &[
            "action", "config", "term", "git", "scan", "redact", "command", "inspect", "policy",
            "audit", "identity", "approval",
        ],
    ),
    (
        "approval",
        &[
            "action", "config", "term", "net", "git", "scan", "redact", "command", "inspect",
            "policy", "audit",
        ],
    ),
    (
        "install",
        &[
            "action", "config", "term", "git", "scan", "redact", "command", "inspect", "policy",
            "audit", "exec",
        ],
    ),
    (
        "guard",
        &[
            "action", "config", "term", "git", "scan", "redact", "command", "inspect", "policy",
            "audit", "identity", "approval", "exec",
        ],
    ),
    ("entry", EVERYTHING),
    (
        "gateway",
        &[
            "action", "config", "term", "git", "scan", "redact", "command", "inspect", "policy",
            "audit", "identity", "approval", "exec", "guard",
        ],
    ),
];
const WORDS: &[&str] = &["action", "config", "term"];
const EVERYTHING: &[&str] = &[
    "action", "config", "term", "net", "git", "scan", "redact", "verify", "command", "inspect",
    "policy", "audit", "identity", "approval", "exec", "install", "guard", "gateway",
];

struct Source {
    path: String,
    text: String,
}

impl Source {
    fn room(&self) -> &str {
        self.path.split('/').next().unwrap_or_default()
    }

    /// Lines of code outside the file's own tests and outside comments, with
    /// their numbers.
    fn code(&self) -> impl Iterator<Item = (usize, &str)> {
        let end = self.text.find("\n#[cfg(test)]\nmod tests").unwrap_or(self.text.len());
        let code = self.text.get(..end).unwrap_or_default();
        let numbered = code.lines().enumerate().map(|(index, line)| (index + 1, line));
        numbered.filter(|(_, line)| !line.trim_start().starts_with("//"))
    }
}

fn sources() -> Vec<Source> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let tests = |path: &Path| path.file_name().is_some_and(|name| name == "tests.rs");
    let mut open: Vec<PathBuf> = vec![root.clone()];
    let mut found = Vec::new();
    while let Some(dir) = open.pop() {
        for entry in fs::read_dir(dir).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                open.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") && !tests(&path) {
                let name = path.strip_prefix(&root).unwrap().to_str().unwrap().to_owned();
                found.push(Source { path: name, text: fs::read_to_string(&path).unwrap() });
            }
        }
    }
    assert!(found.len() > 50, "the sources were not found");
    found
}

#[track_caller]
fn none(broken: &[String]) {
    assert!(broken.is_empty(), "\n{}\n", broken.join("\n"));
}

#[test]
fn a_room_uses_lower_floors_only() {
    let mut broken = Vec::new();
    for source in sources().iter().filter(|source| source.path.contains('/')) {
        let Some((_, allowed)) = ROOMS.iter().find(|(room, _)| *room == source.room()) else {
            panic!("`{}` is a room that the plan does not know", source.room());
        };
        for (number, line) in source.code() {
            for used in
                rooms_named(line).filter(|used| *used != source.room() && !allowed.contains(used))
            {
                broken.push(format!("src/{}:{number} uses `{used}`", source.path));
            }
        }
    }
    none(&broken);
}

/// The rooms that a line names: `crate::room`.
fn rooms_named(line: &str) -> impl Iterator<Item = &str> {
    let pieces = line.split("crate::").skip(1);
    let names = pieces.map(|piece| {
        piece.split(|c: char| !c.is_alphanumeric() && c != '_').next().unwrap_or_default()
    });
    names.filter(|name| ROOMS.iter().any(|(room, _)| room == name))
}

#[test]
fn what_is_dangerous_happens_in_one_place() {
    /// What, and the beginnings of the paths where it may stand.
    const PLACES: &[(&str, &[&str])] = &[
        ("std::env::var", &["config/"]),
        ("env::vars", &["config/"]),
        ("Command::new(", &["exec/", "entry/shim", "git/plumbing.rs"]),
        ("println!", &["term/"]),
        ("eprintln!", &["term/"]),
        ("print!(", &["term/"]),
        ("eprint!(", &["term/"]),
        ("io::stdout()", &["term/"]),
        ("io::stderr()", &["term/"]),
        ("process::exit", &[]),
        ("unsafe ", &[]),
        ("#[allow(", &[]),
        ("#![allow(", &[]),
        (".unwrap()", &[]),
        ("todo!(", &[]),
    ];
    let mut broken = Vec::new();
    for source in sources() {
        for (what, places) in PLACES {
            if places.iter().any(|place| source.path.starts_with(place)) {
                continue;
            }
            for (number, line) in source.code() {
                if line.match_indices(what).any(|(at, _)| is_whole(line, at)) {
                    broken.push(format!("src/{}:{number} has `{what}`", source.path));
                }
            }
        }
    }
    none(&broken);
}

/// Whether what stands at `at` is not the tail of a longer name.
fn is_whole(line: &str, at: usize) -> bool {
    let before = line.get(..at).unwrap_or_default().chars().next_back();
    line.get(at..).is_some_and(|rest| rest.starts_with('.'))
        || !before.is_some_and(|c| c.is_alphanumeric() || c == '_')
}

#[test]
fn files_are_short_and_rooms_say_what_they_are() {
    let mut broken = Vec::new();
    let mut lengths = Vec::new();
    for source in sources() {
        let lines = source.text.lines().count();
        lengths.push(lines);
        if lines > LONGEST_FILE {
            broken.push(format!("src/{} has {lines} lines", source.path));
        }
        if source.path.ends_with("mod.rs") && !source.text.starts_with("//!") {
            broken.push(format!("src/{} does not say what it is", source.path));
        }
        if !source.text.ends_with('\n') || source.text.contains("\r\n") {
            broken.push(format!("src/{} has odd line ends", source.path));
        }
    }
    lengths.sort_unstable();
    assert!(
        lengths[lengths.len() / 2] <= 160,
        "the median file has {} lines",
        lengths[lengths.len() / 2]
    );
    none(&broken);
}

#[test]
fn the_judgment_has_no_clock_and_no_world() {
    let mut broken = Vec::new();
    for source in sources().iter().filter(|source| source.path.starts_with("policy/")) {
        for (number, line) in source.code() {
            for world in [
                "std::fs",
                "std::net",
                "std::env",
                "Timestamp::now",
                "SystemTime",
                "Instant::",
                "rand",
            ] {
                if line.contains(world) {
                    broken.push(format!("src/{}:{number} has `{world}`", source.path));
                }
            }
        }
    }
    none(&broken);
}

#[test]
fn the_fuzz_targets_lock_file_knows_every_dependency() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let manifest: toml::Table = read(&root.join("Cargo.toml"));
    let lock: toml::Table = read(&root.join("fuzz/Cargo.lock"));
    let packages = lock["package"].as_array().unwrap();
    let ours = packages.iter().find(|package| package["name"].as_str() == Some("saferun")).unwrap();
    let known = ours["dependencies"].as_array().unwrap();
    let is_optional = |value: &toml::Value| value.get("optional").is_some();
    let used = manifest["dependencies"].as_table().unwrap().iter();
    let missing: Vec<String> = used
        .filter(|(_, value)| !is_optional(value))
        .filter(|(name, _)| !known.iter().any(|known| known.as_str() == Some(name)))
        .map(|(name, _)| format!("{name}: run `cargo update --workspace` in fuzz/"))
        .collect();
    none(&missing);
}

fn read(path: &Path) -> toml::Table {
    fs::read_to_string(path).unwrap().parse().unwrap()
}
