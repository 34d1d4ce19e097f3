//! Commands that the table knows: `sudo CMD`, `docker exec NAME CMD`,
//! `su -c LINE`.

use super::table::{TABLE, Wrapper};
use crate::command::invocation::Word;
use crate::command::resolve::{Call, Flow, Mount, Resolver, split_at_equals};

/// Mounts of one container that are told apart.
const MAX_MOUNTS: usize = 64;

/// What a wrapper's words hold.
#[derive(Debug, Default)]
struct Found {
    /// Where the command begins.
    at: Option<usize>,
    lines: Vec<Word>,
    environment: Vec<(String, Word)>,
    directory: Option<Word>,
}

/// Looks at what a wrapper runs; nothing where the program is none.
pub(super) fn run(resolver: &mut Resolver, name: &str, call: &Call) -> Option<Flow> {
    let (wrapper, found) =
        TABLE.of(name).find_map(|wrapper| Some((wrapper, read(wrapper, call)?)))?;
    let label: Vec<String> =
        call.words.iter().take(wrapper.label.max(1)).map(Word::to_string).collect();
    if wrapper.itself {
        resolver.emit(call);
    }
    for (name, value) in &found.environment {
        resolver.started_by(name, value);
    }
    let mounts = resolver.mounts.clone();
    if is_container(name) {
        resolver.mounts.extend(mounts_in(&call.words));
    }
    let flow = resolver.behind(label.join(" "), |resolver| inside(resolver, wrapper, call, found));
    resolver.mounts = mounts;
    match flow {
        // A file of that name lies elsewhere.
        Some(Flow::File(_)) if wrapper.itself => Some(Flow::Unknown(format!("output of {name}"))),
        Some(flow) => Some(flow),
        None if wrapper.itself => Some(resolver.output(name, call)),
        None => Some(resolver.leaf(name, call)),
    }
}

fn is_container(name: &str) -> bool {
    matches!(name, "docker" | "podman" | "nerdctl" | "docker-compose" | "podman-compose")
}

/// Directories of this machine that a container gets.
fn mounts_in(words: &[Word]) -> Vec<Mount> {
    let pairs = words.windows(2).filter_map(|pair| match pair {
        [option, value] => match option.literal()? {
            "-v" | "--volume" => Mount::volume(value),
            "--mount" => Mount::described(value.literal()?),
            _ => None,
        },
        _ => None,
    });
    let attached = words.iter().filter_map(|word| {
        let (name, value) = split_at_equals(word);
        match name.as_str() {
            "--volume" | "-v" => Mount::volume(&value?),
            "--mount" => Mount::described(value?.literal()?),
            _ => None,
        }
    });
    let mut mounts: Vec<Mount> = Vec::new();
    for mount in pairs.chain(attached) {
        if mounts.len() == MAX_MOUNTS {
            return vec![Mount::everything()];
        }
        if !mounts.contains(&mount) {
            mounts.push(mount);
        }
    }
    mounts
}

fn inside(resolver: &mut Resolver, wrapper: &Wrapper, call: &Call, found: Found) -> Option<Flow> {
    let mut flow = None;
    let mut environment = call.environment.clone();
    environment.extend(found.environment);
    let before = resolver.shell.directory.clone();
    if let Some(directory) = &found.directory {
        resolver.shell.enter(Some(directory));
    }
    for line in &found.lines {
        let done = resolver.apart(|resolver| {
            for (name, value) in &environment {
                resolver.shell.set(name, value.clone());
            }
            super::line(resolver, call, line)
        });
        flow = Some(done);
    }
    if let Some(at) = found.at.filter(|at| *at < call.words.len()) {
        let words = call.words.get(at..).unwrap_or_default();
        if wrapper.each {
            for word in words {
                flow = Some(resolver.line_of(word, &call.input));
            }
        } else if wrapper.joined {
            flow = Some(super::line(resolver, call, &joined(words)));
        } else {
            let redirects = if wrapper.itself { Vec::new() } else { call.redirects.clone() };
            let inner =
                Call { words: words.to_vec(), environment, redirects, input: call.input.clone() };
            flow = Some(resolver.call(inner));
        }
    }
    if wrapper.stdin && flow.is_none() {
        flow = super::shells::input(resolver, call);
    }
    resolver.shell.directory = before;
    flow
}

/// Words as one line.
pub(in crate::command) fn joined(words: &[Word]) -> Word {
    let mut line = Word::default();
    for (index, word) in words.iter().enumerate() {
        if index > 0 {
            line.push_text(" ");
        }
        line.append(word);
    }
    line
}

/// Finds the command in a wrapper's words; nothing where this verb runs none.
fn read(wrapper: &Wrapper, call: &Call) -> Option<Found> {
    let words = &call.words;
    let mut found = Found::default();
    let mut verbs: Vec<&str> = Vec::new();
    let mut is_running = wrapper.commands.is_empty();
    let mut operands = wrapper.operands;
    let mut at = 1;
    while let Some(word) = words.get(at) {
        let start = word.start();
        if start.starts_with('-') && start.len() > 1 && start != wrapper.separator && start != "--"
        {
            at += option(wrapper, word, words.get(at + 1), &mut found);
            if wrapper.begins_after(start) {
                found.lines.clear();
                found.at = Some(at - 1);
                return Some(found);
            }
            continue;
        }
        if !is_running {
            verbs.push(start);
            let phrase = verbs.join(" ");
            is_running = wrapper.commands.contains(&phrase);
            let begins =
                wrapper.commands.iter().any(|known| known.starts_with(&format!("{phrase} ")));
            if !is_running && !begins {
                return None;
            }
            at += 1;
            continue;
        }
        if !wrapper.separator.is_empty() && start != wrapper.separator {
            at += 1;
            continue;
        }
        let separates = !wrapper.separator.is_empty() && start == wrapper.separator;
        if start == "--" || separates {
            at += 1;
            found.at = Some(at + operands);
            return Some(found);
        }
        if wrapper.assignments && start == "-" {
            at += 1;
        } else if wrapper.assignments && is_assignment(word) {
            let (name, value) = split_at_equals(word);
            found.environment.push((name, value.unwrap_or_default()));
            at += 1;
        } else if operands > 0 || (!found.lines.is_empty() && !wrapper.joined) {
            operands = operands.saturating_sub(1);
            at += 1;
        } else if wrapper.options_only {
            at += 1;
        } else {
            found.at = Some(at);
            return Some(found);
        }
    }
    is_running.then_some(found)
}

/// Passes over an option and its values; how many words that is.
fn option(wrapper: &Wrapper, word: &Word, next: Option<&Word>, found: &mut Found) -> usize {
    let text = word.to_string();
    match wrapper.line_in(&text) {
        Some(Some(attached)) => {
            found.lines.push(Word::text(attached));
            return 1;
        }
        Some(None) => {
            found.lines.extend(next.map(escaped));
            return 2;
        }
        None => {}
    }
    if let Some(attached) = next.and_then(|next| wrapper.line_in_value(&text, &next.to_string())) {
        found.lines.push(Word::text(attached));
        return 2;
    }
    let values = wrapper.values_of(&text);
    if wrapper.assignments && matches!(text.as_str(), "--chdir" | "-C" | "-D") {
        found.directory = next.cloned();
    }
    if let Some(directory) = text.strip_prefix("--chdir=") {
        found.directory = Some(Word::text(directory));
    }
    1 + values
}

/// A debugger's or a mailer's `!LINE` is that line.
fn escaped(line: &Word) -> Word {
    match line.literal().and_then(|text| text.strip_prefix('!')) {
        Some(text) => Word::text(text),
        None => line.clone(),
    }
}

fn is_assignment(word: &Word) -> bool {
    let Some((name, _)) = word.start().split_once('=') else { return false };
    !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}
