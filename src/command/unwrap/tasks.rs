//! Build tools: the lines behind a target, where the file is at hand.
//!
//! They were there before this command, so what they certainly do counts, and
//! what they may do does not.

use serde_json::Value;

use crate::command::invocation::Word;
use crate::command::resolve::{Call, Flow, Resolver, operands};

/// Most lines of one target that are looked at.
const MAX_LINES: usize = 200;

/// Looks at the targets that a build tool is asked for. Whether the command
/// itself is to be looked at by the rules, too.
pub(super) fn run(resolver: &mut Resolver, name: &str, call: &Call) -> bool {
    match name {
        "make" | "gmake" => recipes(resolver, call, &["Makefile", "makefile", "GNUmakefile"]),
        "just" => recipes(resolver, call, &["justfile", "Justfile", ".justfile"]),
        "npm" | "pnpm" | "yarn" | "bun" => return package(resolver, name, call),
        _ => {}
    }
    true
}

/// What surrounds a line of a target.
fn lines(resolver: &mut Resolver, label: String, lines: &[String]) {
    let lenient = std::mem::replace(&mut resolver.scope.lenient, true);
    resolver.behind(label, |resolver| {
        for line in lines.iter().take(MAX_LINES) {
            resolver.apart(|resolver| resolver.text(line, &Flow::Inherited));
        }
    });
    resolver.scope.lenient = lenient;
}

fn text_of(resolver: &Resolver, name: &str) -> Option<String> {
    if let Some(written) = resolver.shell.file(name).and_then(Flow::literal) {
        return Some(written.to_owned());
    }
    let path = resolver.at(name)?;
    String::from_utf8(resolver.scope.lookup.read_file(&path)?).ok()
}

/// A makefile's (or justfile's) recipes for the targets that are named.
fn recipes(resolver: &mut Resolver, call: &Call, files: &[&str]) {
    let words = call.arguments();
    let named = |flags: &[&str]| {
        words.windows(2).find_map(|pair| match pair {
            [flag, value] if flag.literal().is_some_and(|flag| flags.contains(&flag)) => {
                value.literal().map(str::to_owned)
            }
            _ => None,
        })
    };
    let directory = named(&["-C", "--directory", "-d", "--working-directory"]);
    let inside = |file: &str| match &directory {
        Some(directory) => format!("{directory}/{file}"),
        None => file.to_owned(),
    };
    let file = named(&["-f", "--file", "--makefile", "--justfile"]);
    let text = match &file {
        Some(file) if matches!(file.as_str(), "-" | "/dev/stdin") => {
            call.input.literal().map(str::to_owned)
        }
        Some(file) => text_of(resolver, &inside(file)),
        None => files.iter().find_map(|file| text_of(resolver, &inside(file))),
    };
    for (name, value) in settings(words) {
        if value.contains(' ') || name == "SHELL" {
            lines(resolver, format!("make {name}"), &[value]);
        }
    }
    let evaluated = words.iter().filter_map(|word| word.start().strip_prefix("--eval="));
    let own: Vec<String> = evaluated.map(str::to_owned).collect();
    let text = match (text, own.is_empty()) {
        (text, true) => text,
        (text, false) => Some(own.join("\n") + "\n" + &text.unwrap_or_default()),
    };
    let Some(text) = text else { return };
    lines(resolver, "make".to_owned(), &shell_calls(&text));
    let mut targets: Vec<String> = operands(words)
        .filter_map(Word::literal)
        .filter(|word| !word.contains('=') && Some(*word) != directory.as_deref())
        .filter(|word| Some(*word) != file.as_deref())
        .map(str::to_owned)
        .collect();
    if targets.is_empty() {
        targets.extend(first_target(&text));
    }
    let mut asked = 0;
    while let Some(target) = targets.get(asked).cloned().filter(|_| asked < 32) {
        asked += 1;
        let (needs, recipe) = recipe(&text, &target);
        for need in needs {
            if !targets.contains(&need) {
                targets.push(need);
            }
        }
        if !recipe.is_empty() {
            lines(resolver, format!("make {target}"), &recipe);
        }
    }
}

/// `NAME=value` among the words.
fn settings(words: &[Word]) -> impl Iterator<Item = (&str, String)> {
    words.iter().filter_map(|word| {
        let (name, value) = word.literal()?.split_once('=')?;
        let is_name = name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
        (is_name && !name.is_empty()).then(|| (name, value.to_owned()))
    })
}

/// What `$(shell …)` runs wherever it stands, whatever the target.
fn shell_calls(text: &str) -> Vec<String> {
    let line = |rest: &str| {
        let mut depth = 1_usize;
        let end = rest.find(|c| {
            depth = match c {
                '(' => depth + 1,
                ')' => depth - 1,
                _ => depth,
            };
            depth == 0 || c == '\n'
        });
        rest.get(..end?).map(str::to_owned)
    };
    text.split("$(shell ").skip(1).filter_map(line).collect()
}

fn first_target(text: &str) -> Option<String> {
    let is_target = |line: &&str| {
        line.starts_with(|c: char| c.is_ascii_alphanumeric())
            && line.contains(':')
            && !line.contains('=')
    };
    let line = text.lines().find(is_target)?;
    line.split([':', ' ']).next().map(str::to_owned)
}

/// What a target needs first, and the lines that make it.
fn recipe(text: &str, target: &str) -> (Vec<String>, Vec<String>) {
    let mut needs = Vec::new();
    let mut found: Vec<String> = Vec::new();
    let mut inside = false;
    for line in text.lines() {
        let indented = line.starts_with([' ', '\t']);
        if indented && inside {
            let line =
                line.trim_start().trim_start_matches(['@', '-', '+']).replace("$(MAKE)", "make");
            match found.last_mut().filter(|last| last.ends_with('\\')) {
                Some(last) => {
                    last.pop();
                    last.push_str(&line);
                }
                // A dollar sign of make's own stays an unknown variable.
                None => found.push(line.replace("$$", "$").replace("$(", "${").replace("\n", " ")),
            }
        } else if !indented && !line.is_empty() {
            let (head, tail) = line.split_once(':').unwrap_or((line, ""));
            inside = line.contains(':') && head.split_whitespace().next() == Some(target);
            if inside && !tail.starts_with('=') {
                let (before, line) = tail.split_once(';').unwrap_or((tail, ""));
                let names = before.split_whitespace().filter(|word| *word != "|");
                needs.extend(names.map(str::to_owned));
                found.extend(Some(line.trim().to_owned()).filter(|line| !line.is_empty()));
            }
        }
    }
    (needs, found)
}

/// Verbs of package managers that run a script by name, or are one.
const LIFECYCLE: &[&str] = &["test", "start", "stop", "restart", "t", "tst"];

/// `npm run NAME`, `yarn NAME`: the script and those that run around it.
fn package(resolver: &mut Resolver, name: &str, call: &Call) -> bool {
    let words: Vec<&str> = operands(call.arguments()).filter_map(Word::literal).collect();
    let script = match words.as_slice() {
        ["run" | "run-script" | "rum" | "urn", script, ..] => *script,
        [verb, ..] if LIFECYCLE.contains(verb) => verb,
        [verb, ..] if name != "npm" && !matches!(*verb, "exec" | "dlx" | "x") => verb,
        _ => {
            let wrapped = super::wrapped::run(resolver, name, call);
            return wrapped.is_none();
        }
    };
    let Some(text) = text_of(resolver, "package.json") else { return true };
    let Ok(package) = serde_json::from_str::<Value>(&text) else { return true };
    let found: Vec<String> = [format!("pre{script}"), script.to_owned(), format!("post{script}")]
        .iter()
        .filter_map(|name| package.get("scripts")?.get(name)?.as_str().map(str::to_owned))
        .collect();
    lines(resolver, format!("{name} run {script}"), &found);
    true
}
