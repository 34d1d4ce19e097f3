//! Editors: what their scripts run, and the files that they write.

use super::code;
use crate::command::invocation::{Redirect, RedirectKind, Word};
use crate::command::resolve::{Call, Flow, Resolver};

/// Looks at what an editor's script runs.
pub(super) fn run(resolver: &mut Resolver, name: &str, call: &Call) -> Flow {
    let flow = resolver.leaf(name, call);
    let scripts: Vec<String> = match name {
        "sed" | "gsed" => scripts_of_sed(call),
        _ => {
            let mut all: Vec<String> = call.arguments().iter().map(Word::to_string).collect();
            all.extend(call.input.literal().map(str::to_owned));
            all
        }
    };
    resolver.behind(name.to_owned(), |resolver| {
        for script in scripts {
            match name {
                "sed" | "gsed" => sed(resolver, call, &script),
                "emacs" => emacs(resolver, &script),
                _ => vi(resolver, &script),
            }
        }
    });
    flow
}

fn scripts_of_sed(call: &Call) -> Vec<String> {
    let words: Vec<String> = call.arguments().iter().map(Word::to_string).collect();
    let mut found: Vec<String> = words
        .windows(2)
        .filter_map(|pair| match pair {
            [flag, script] if flag == "-e" || flag == "--expression" => Some(script.clone()),
            _ => None,
        })
        .collect();
    if found.is_empty() {
        found.extend(words.into_iter().find(|word| !word.starts_with('-')));
    }
    found
}

/// The `e` command and flag run lines, `w` writes a file.
fn sed(resolver: &mut Resolver, call: &Call, script: &str) {
    for command in script.split(['\n', ';', '{', '}']) {
        let command =
            command.trim_start_matches(|c: char| c.is_ascii_digit() || ",$! ".contains(c));
        if let Some(line) = command.strip_prefix("e ") {
            resolver.text(line, &Flow::nothing());
            continue;
        }
        let Some(mark) = command.strip_prefix('s').and_then(|rest| rest.chars().next()) else {
            if let Some(file) = command.strip_prefix("w ") {
                writes(resolver, file);
            }
            continue;
        };
        if mark.is_alphanumeric() {
            continue;
        }
        let parts = split_at(command, mark);
        let part = |at: usize| parts.get(at).map_or("", String::as_str);
        let (with, flags) = (part(2), part(3));
        if let Some((before, file)) = flags.split_once('w').filter(|(before, _)| before.len() < 3) {
            let _ = before;
            writes(resolver, file.trim());
        } else if flags.contains('e') && flags.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
            resolver.text(with, &Flow::nothing());
            if let Some(text) = call.input.literal() {
                resolver.text(text, &Flow::nothing());
            }
        }
    }
}

/// The parts of `s/a/b/`; a mark behind a backslash stands for itself.
fn split_at(command: &str, mark: char) -> Vec<String> {
    let mut parts = vec![String::new()];
    let mut letters = command.chars();
    while let Some(letter) = letters.next() {
        let Some(last) = parts.last_mut() else { break };
        match letter {
            '\\' => match letters.next() {
                Some(next) if next == mark => last.push(next),
                next => last.extend(['\\'].into_iter().chain(next)),
            },
            _ if letter == mark => parts.push(String::new()),
            _ => last.push(letter),
        }
    }
    parts
}

fn writes(resolver: &mut Resolver, file: &str) {
    let redirect = Redirect { kind: RedirectKind::Overwrite, file: Word::text(file) };
    let words = vec![Word::text("write")];
    resolver.emit(&Call { words, redirects: vec![redirect], ..Call::default() });
}

/// `:!LINE`, `:call system("LINE")`
fn vi(resolver: &mut Resolver, script: &str) {
    for command in script.split(['\n', '|']) {
        let command = command.trim_start_matches(['+', ':', ' ', '%', '.', '$', ',']);
        let silent = command
            .strip_prefix("silent")
            .map_or(command, |rest| rest.trim_start_matches(['!', ' ', ':']));
        if let Some(line) = command.strip_prefix('!').or_else(|| silent.strip_prefix('!')) {
            resolver.text(line, &Flow::nothing());
        } else if let Some(line) = silent.strip_prefix("r!").or_else(|| silent.strip_prefix("w !"))
        {
            resolver.text(line, &Flow::nothing());
        } else if let Some((_, code)) = silent.split_once("lua ") {
            code::source(resolver, &Call::default(), code::Language::Lua, code);
        } else if let Some((_, code)) = silent.split_once("py3 ").or(silent.split_once("python3 "))
        {
            code::source(resolver, &Call::default(), code::Language::Python, code);
        } else if let Some(rest) = silent.split_once("system(").map(|(_, rest)| rest) {
            let line = rest.trim_start_matches(['"', '\'']);
            let end = line.rfind(['"', '\'']).unwrap_or(line.len());
            resolver.text(line.get(..end).unwrap_or_default(), &Flow::nothing());
        }
    }
}

/// `(shell-command "LINE")`
fn emacs(resolver: &mut Resolver, script: &str) {
    for rest in script.split("shell-command").skip(1) {
        if let Some(line) = rest.split('"').nth(1) {
            resolver.text(line, &Flow::nothing());
        }
    }
    for name in ["delete-directory", "delete-file"] {
        for rest in script.split(name).skip(1) {
            if let Some(path) = rest.split('"').nth(1) {
                let words = ["rm", "-rf", path].map(Word::text).to_vec();
                resolver.call(Call { words, ..Call::default() });
            }
        }
    }
}
