//! Lines of shell: disguises never hide a command, and words about a command
//! are no command.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use proptest::prelude::*;
use saferun::command::{Classification, Lookup, Nothing, classify_line};
use serde::Deserialize;

/// A project with a makefile, a package and two scripts.
struct Project;

impl Lookup for Project {
    fn read_file(&self, path: &str) -> Option<Vec<u8>> {
        let text = match path {
            "Makefile" => "all: build\n\techo hi\nbuild:\n\tcargo build\nwipe: all\n\t@rm -rf /\n",
            "sub/Makefile" => "x:\n\tgit push --force origin main\n",
            "package.json" => {
                r#"{"scripts":{"build":"tsc","prewipe":"git push -f","wipe":"echo"}}"#
            }
            "wipe.sh" => "#!/bin/sh\nset -e\nrm -rf \"$1\"\n",
            "env.sh" => "export A=1\n$B run\n",
            _ => return None,
        };
        Some(text.as_bytes().to_vec())
    }
}

#[derive(Deserialize)]
struct Line {
    command: String,
    expect: String,
}

fn corpus(text: &str) -> Vec<Line> {
    text.lines().map(|line| serde_json::from_str(line).expect("a corpus line")).collect()
}

/// An operation, or the beginning of several (`filesystem.delete.`).
fn meets(seen: &Classification, expect: &str) -> bool {
    match expect {
        "harmless" => seen.is_harmless(),
        "opaque" => !seen.opaque.is_empty(),
        start if start.ends_with('.') => {
            seen.intents.iter().any(|intent| intent.operation.starts_with(start))
        }
        operation => seen.has(operation),
    }
}

#[track_caller]
fn check(lines: &[Line], lookup: &dyn Lookup) {
    let mut wrong = String::new();
    for line in lines {
        let seen = classify_line(&line.command, lookup);
        if !meets(&seen, &line.expect) {
            let found: Vec<_> = seen.intents.iter().map(|intent| &intent.operation).collect();
            let _ = writeln!(
                wrong,
                "{} — {} expected, {found:?} {:?} found",
                line.command, line.expect, seen.opaque
            );
        }
    }
    assert!(wrong.is_empty(), "{} wrong:\n{wrong}", wrong.lines().count());
}

#[test]
fn a_disguise_hides_nothing() {
    let lines = corpus(include_str!("../corpora/commands/disguised.jsonl"));
    assert!(lines.len() >= 400);
    check(&lines, &Project);
}

#[test]
fn what_only_mentions_or_resembles_something_dangerous_is_harmless() {
    let lines = corpus(include_str!("../corpora/commands/mentions.jsonl"));
    assert!(lines.len() >= 300);
    check(&lines, &Project);
}

#[test]
fn scripts_and_targets_at_hand_are_read() {
    let has = |line: &str, operation: &str| {
        let line = Line { command: line.to_owned(), expect: operation.to_owned() };
        check(&[line], &Project);
    };
    has("make wipe", "filesystem.delete.");
    has("make -C sub x", "git.force-push");
    has("cd sub && make", "git.force-push");
    has("npm run wipe", "git.force-push");
    has("sh wipe.sh /", "filesystem.delete.");
    has("cp wipe.sh x && bash x /etc", "filesystem.delete.");
    for line in ["make", "npm run build", "sh wipe.sh", ". ./env.sh"] {
        has(line, "harmless");
    }
}

#[test]
fn a_command_is_told_with_what_it_came_through_and_where_it_stands() {
    let line = "ls; sudo sh -c 'rm -rf /' >x";
    let seen = classify_line(line, &Nothing);
    let intent =
        seen.intents.iter().find(|intent| intent.operation.starts_with("filesystem.delete"));
    let intent = intent.expect("an operation");
    assert_eq!(intent.argv, ["rm", "-rf", "/"]);
    assert_eq!(&line[intent.span.0..intent.span.1], "sudo sh -c 'rm -rf /' >x");
    let command = seen.commands.iter().find(|command| command.program() == Some("rm"));
    assert_eq!(command.expect("a command").through, ["sudo"]);
}

/// Names of the operations that a line is taken for.
fn operations(line: &str) -> BTreeSet<String> {
    classify_line(line, &Nothing).intents.into_iter().map(|intent| intent.operation).collect()
}

const PAYLOADS: &[&[&str]] = &[
    &["rm", "-rf", "/"],
    &["rm", "-r", "-f", "/etc"],
    &["git", "push", "--force", "origin", "main"],
    &["git", "reset", "--hard", "HEAD~3"],
    &["git", "clean", "-fdx"],
    &["gh", "repo", "delete", "o/r", "--yes"],
    &["dd", "if=/dev/zero", "of=/dev/sda"],
    &["chmod", "-R", "777", "/"],
    &["kubectl", "delete", "namespace", "production"],
    &["terraform", "destroy", "-auto-approve"],
    &["shred", "/dev/sda"],
];

/// `word` in the quoting that `style` names.
fn quoted(word: &str, style: usize) -> String {
    let middle = word.len() / 2;
    match style {
        0 => word.to_owned(),
        1 => format!("'{word}'"),
        2 => format!("\"{word}\""),
        3 => format!("{}''{}", &word[..middle], &word[middle..]),
        4 => format!("{}\"{}\"", &word[..middle], &word[middle..]),
        5 => word.chars().map(|c| format!("\\{c}")).collect(),
        6 => format!("$'{}'", word.bytes().map(|b| format!("\\x{b:02x}")).collect::<String>()),
        _ => format!("{}\\\n{}", &word[..middle], &word[middle..]),
    }
}

/// `line` inside wrapper number `kind`.
fn wrapped(line: &str, kind: usize) -> String {
    let quote = |line: &str| format!("'{}'", line.replace('\'', "'\\''"));
    match kind {
        0 => format!("sh -c {}", quote(line)),
        1 => format!("bash -lc {}", quote(line)),
        2 => format!("eval {}", quote(line)),
        3 => format!("( {line} )"),
        4 => format!("if true; then {line}; fi"),
        5 => format!("true && {line}"),
        6 => format!("x=$( {line} )"),
        7 => format!("printf %s {} | sh", quote(line)),
        8 => format!("f() {{ {line}; }}; f"),
        9 => format!("sudo sh -c {}", quote(line)),
        // One inside another must not end it.
        10 => format!("bash <<'END{0}'\n{line}\nEND{0}\n", line.len()),
        11 => format!("env A=1 bash -c {}", quote(line)),
        12 => format!("X={}; eval \"$X\"", quote(line)),
        _ => format!("while read -r l; do eval \"$l\"; done <<< {}", quote(line)),
    }
}

proptest! {
    #[test]
    fn quoting_a_word_differently_changes_nothing(
        payload in prop::sample::select(PAYLOADS),
        styles in prop::collection::vec(0usize..8, 6),
    ) {
        let plain = operations(&payload.join(" "));
        prop_assert!(!plain.is_empty(), "{payload:?}");
        let words: Vec<String> =
            payload.iter().zip(&styles).map(|(word, style)| quoted(word, *style)).collect();
        let line = words.join(" ");
        prop_assert_eq!(operations(&line), plain, "{}", line);
    }

    #[test]
    fn wrapping_never_lowers(
        payload in prop::sample::select(PAYLOADS),
        front in prop::sample::select(&["", "sudo ", "env ", "command ", "nohup ", "timeout 5 ", "nice -n 5 ", "A=1 ", "exec ", "time ", "sudo -u root env B=2 "][..]),
        kinds in prop::collection::vec(0usize..14, 0..4),
    ) {
        let plain = operations(&payload.join(" "));
        let mut line = format!("{front}{}", payload.join(" "));
        for kind in kinds {
            line = wrapped(&line, kind);
        }
        let found = operations(&line);
        prop_assert!(plain.is_subset(&found), "{line}: {plain:?}, {found:?}");
    }

    #[test]
    fn any_text_is_read(text: String, tokens in prop::collection::vec(prop::sample::select(TOKENS), 0..40)) {
        let _ = classify_line(&text, &Nothing);
        let _ = classify_line(&tokens.concat(), &Project);
        let _ = classify_line(&tokens.join(" "), &Project);
    }
}

const TOKENS: &[&str] = &[
    "rm",
    "git",
    "push",
    "-rf",
    "/",
    "$",
    "${",
    "}",
    "$(",
    ")",
    "(",
    "`",
    "'",
    "\"",
    "\\",
    ";",
    "|",
    "&",
    "<",
    ">",
    "<<E",
    "\n",
    "E",
    "if",
    "then",
    "fi",
    "for",
    "in",
    "do",
    "done",
    "case",
    "esac",
    ";;",
    "{",
    "=",
    "a=",
    "$a",
    "${a:-",
    "${!a",
    "[",
    "]",
    "*",
    "?",
    "~",
    "[[",
    "]]",
    "((",
    "))",
    "eval",
    "sh",
    "-c",
    "xargs",
    "find",
    "-exec",
    "{}",
    "+",
    "python3",
    "-c",
    "os.system(",
    "echo",
    "printf",
    "%s",
    "base64",
    "-d",
    "tr",
    "sed",
    "s/a/b/e",
    "é",
    "{a,b}",
    "{1..9}",
    "function",
    "f()",
    "set",
    "--",
    "$@",
    "alias",
    "node",
    "-e",
    "exec(",
    "awk",
    "make",
    "cmd",
    "/c",
    "ssh",
    "docker",
    "exec",
    "#",
    "!",
    "time",
    "coproc",
];

#[test]
fn hostile_lines_cost_little() {
    // Frames of the slow build are several times larger than those that ship.
    let worker = std::thread::Builder::new().stack_size(16 << 20).spawn(hostile_lines).unwrap();
    worker.join().unwrap();
}

fn hostile_lines() {
    let started = std::time::Instant::now();
    for piece in [
        "(",
        "$(",
        "`",
        "{a,b}",
        "${a:-",
        "a=$a$a;",
        "f(){ f|f; };f;",
        "eval ",
        "sh -c ",
        "$a",
        "<(",
        "{1..9}",
        "x|",
        "'",
        "a;",
        "sudo ",
        "cd ..;",
        "echo a|",
        "sed s/a/b/e;",
        "docker run -v /:/h ",
        "make --eval='$(shell ",
        "PAGER='x' ",
        "rm C:\\\\ ",
        "find . -name '*.a'|xargs ",
    ] {
        // Operands of a command are judged one by one, which takes the slow
        // build its time.
        let most = if piece.ends_with(' ') { 100_000 } else { 1_000_000 };
        for count in [10_000, most / piece.len()] {
            let _ = classify_line(&piece.repeat(count), &Nothing);
        }
    }
    let nested = format!("{}a{}", "$(".repeat(10_000), ")".repeat(10_000));
    assert!(!classify_line(&nested, &Nothing).opaque.is_empty());
    let doubling = format!("a=rm; {} $a", "a=$a$a; ".repeat(200));
    let _ = classify_line(&doubling, &Nothing);
    let calls: String = (1..40).map(|n| format!("f{n}() {{ f{0}; f{0}; }}; ", n + 1)).collect();
    let _ = classify_line(&format!("{calls} f1"), &Nothing);
    let code = format!("python3 -c '{}'", "f(".repeat(100_000));
    let _ = classify_line(&code, &Nothing);
    assert!(started.elapsed().as_secs() < 90, "{:?}", started.elapsed());
}
