//! Commands that run another for each thing they find or read: `find -exec`,
//! `fd -x`, `xargs`, `parallel`.

use crate::command::invocation::{Piece, Word};
use crate::command::resolve::{Call, Flow, Resolver};

/// `find`: what `-exec` and its kin run, on what is found.
pub(super) fn find(resolver: &mut Resolver, call: &Call) -> Flow {
    resolver.emit(call);
    let words = call.arguments();
    let found = found_by(words);
    let mut at = 0;
    while let Some(word) = words.get(at) {
        at += 1;
        if !matches!(word.literal(), Some("-exec" | "-execdir" | "-ok" | "-okdir")) {
            continue;
        }
        let rest = words.get(at..).unwrap_or_default();
        let ends = |word: &Word| matches!(word.literal(), Some(";" | "+"));
        let length = rest.iter().position(ends).unwrap_or(rest.len());
        let command = rest.get(..length).unwrap_or_default();
        let words = command.iter().map(|word| put(word, "{}", &found)).collect();
        let inner = call.with(words);
        resolver.behind("find -exec".to_owned(), |resolver| resolver.call(inner));
        at += length;
    }
    Flow::Known(found)
}

/// The files that a `find` is about: below its first start, by their name
/// where one is asked for.
fn found_by(words: &[Word]) -> Word {
    let is_test = |word: &Word| word.start().starts_with(['-', '(', '!']);
    let skip = words.iter().take_while(|word| is_leading(word)).count();
    let start = words.get(skip).filter(|word| !is_test(word));
    let mut found = start.cloned().unwrap_or_else(|| Word::text("."));
    if found.literal().is_some_and(|text| text.ends_with('/') && text.len() > 1) {
        let text = found.to_string();
        found = Word::text(text.trim_end_matches('/'));
    }
    let named = words.windows(2).find_map(|pair| match pair {
        [test, name] if matches!(test.literal(), Some("-name" | "-iname")) => name.literal(),
        _ => None,
    });
    let flat = words.iter().any(|word| word.literal() == Some("-maxdepth"));
    let itself = named.is_none() && !flat;
    if !itself || found.literal() != Some("/") {
        found.push_text("/");
    }
    if let Some(name) = named {
        below(&mut found, flat, name);
    } else {
        found.push(Piece::Glob("*".to_owned()));
    }
    found
}

/// Adds what is named so, at any depth unless it is `flat`.
fn below(found: &mut Word, flat: bool, name: &str) {
    let is_pattern = name.contains(['*', '?', '[']);
    if is_pattern && !flat {
        found.push(Piece::Glob("**".to_owned()));
        found.push_text("/");
    }
    if is_pattern {
        found.push(Piece::Glob(name.to_owned()));
    } else {
        found.push_text(name);
    }
}

/// `find -L -H -P -D x -Olevel START`
fn is_leading(word: &Word) -> bool {
    matches!(word.literal(), Some("-L" | "-H" | "-P")) || word.start().starts_with("-O")
}

/// `fd PATTERN [PATH] -x COMMAND`
pub(super) fn fd(resolver: &mut Resolver, call: &Call) -> Flow {
    resolver.emit(call);
    let words = call.arguments();
    let is_exec =
        |word: &Word| matches!(word.literal(), Some("-x" | "-X" | "--exec" | "--exec-batch"));
    let at = words.iter().position(is_exec);
    let front = words.get(..at.unwrap_or(words.len())).unwrap_or_default();
    let (extension, operands) = of_fd(front);
    let mut found = operands.get(1).map_or_else(|| Word::text("."), |word| (*word).clone());
    found.push_text("/");
    let pattern = operands.first().and_then(|word| word.literal()).unwrap_or_default();
    let name = match (extension, pattern.trim_matches(['.', '^', '$'])) {
        (Some(extension), "") => format!("*.{extension}"),
        (_, "") => "*".to_owned(),
        (_, pattern) => format!("*{}*", pattern.trim_start_matches('\\')),
    };
    match name.as_str() {
        "*" => found.push(Piece::Glob(name)),
        _ => below(&mut found, false, &name),
    }
    if let Some(at) = at {
        let command = words.get(at + 1..).unwrap_or_default();
        let has_place = command.iter().any(|word| word.to_string().contains('{'));
        let mut inner: Vec<Word> = command.iter().map(|word| put(word, "{}", &found)).collect();
        if !has_place {
            inner.push(found.clone());
        }
        let inner = call.with(inner);
        resolver.behind("fd -x".to_owned(), |resolver| resolver.call(inner));
    }
    Flow::Known(found)
}

/// The ending that `fd` looks for, and its operands.
fn of_fd(words: &[Word]) -> (Option<String>, Vec<&Word>) {
    let (mut extension, mut operands) = (None, Vec::new());
    let mut words = words.iter();
    while let Some(word) = words.next() {
        match word.start() {
            "-e" | "--extension" => extension = words.next().map(Word::to_string),
            "-t" | "--type" | "-d" | "--max-depth" | "-E" | "--exclude" | "-S" | "--size" => {
                words.next();
            }
            text if text.starts_with('-') => {}
            _ => operands.push(word),
        }
    }
    (extension, operands)
}

/// Options of `xargs` and `parallel` that take a value.
const VALUES: &[&str] = &[
    "-n",
    "-P",
    "-L",
    "-d",
    "-a",
    "-E",
    "-s",
    "-j",
    "--max-args",
    "--max-procs",
    "--delimiter",
    "--arg-file",
    "--jobs",
    "--max-lines",
    "--colsep",
    "-C",
    "--joblog",
    "--delay",
    "--timeout",
    "-S",
    "--sshlogin",
    "-N",
    "--tmpdir",
    "--retries",
];

/// `xargs` and `parallel`: the command, with what they read behind it.
pub(super) fn input(resolver: &mut Resolver, name: &str, call: &Call) -> Flow {
    let words = call.arguments();
    let mut place = (name == "parallel").then(|| "{}".to_owned());
    let mut source = call.input.clone();
    let mut whole = false;
    let mut at = 0;
    while let Some(text) = words.get(at).map(Word::start).filter(|text| text.starts_with('-')) {
        at += 1;
        whole |= text.starts_with("-0")
            || text.starts_with("-d")
            || text.starts_with("--null")
            || text.starts_with("--delim");
        match text {
            "-I" | "-i" | "--replace" | "-J" => {
                let value = words.get(at).map(Word::to_string);
                at += usize::from(text == "-I" || text == "-J");
                place = if text == "-I" || text == "-J" { value } else { Some("{}".to_owned()) };
            }
            "-a" | "--arg-file" => {
                source = words.get(at).map_or(Flow::Inherited, |file| resolver.content(file));
                at += 1;
            }
            _ if text.starts_with("-I") => place = text.get(2..).map(str::to_owned),
            _ if text.starts_with("--replace=") => place = text.get(10..).map(str::to_owned),
            _ => at += usize::from(VALUES.contains(&text)),
        }
    }
    let rest = words.get(at..).unwrap_or_default();
    let marks = |word: &Word| matches!(word.literal(), Some(":::" | "::::" | ":::+"));
    let length = rest.iter().position(marks).unwrap_or(rest.len());
    let given = rest.get(length + 1..).filter(|_| length < rest.len());
    let items = given.map_or_else(|| items(&source, whole), <[Word]>::to_vec);
    let command = rest.get(..length).unwrap_or_default();
    if command.is_empty() && name == "parallel" {
        return lines(resolver, call, &source, given);
    }
    let rounds = if place.is_some() { items.len().clamp(1, 32) } else { 1 };
    let mut flow = Flow::nothing();
    for round in 0..rounds {
        let one = items.get(round).cloned().unwrap_or_else(unread);
        let has_place = place.as_ref().is_some_and(|place| {
            command.iter().any(|word| word.to_string().contains(place.as_str()))
        });
        let mut inner: Vec<Word> = match &place {
            Some(place) => command.iter().map(|word| put(word, place, &one)).collect(),
            None => command.to_vec(),
        };
        if place.is_none() {
            inner.extend(items.iter().cloned());
        } else if !has_place && name == "parallel" {
            inner.push(one);
        }
        if inner.is_empty() || command.is_empty() {
            return call.input.clone();
        }
        let inner = Call { input: Flow::nothing(), ..call.with(inner) };
        let next = resolver.behind(name.to_owned(), |resolver| {
            if name == "parallel" && command.len() == 1 {
                let text = inner.words.iter().map(Word::to_string).collect::<Vec<_>>().join(" ");
                return resolver.text(&text, &Flow::nothing());
            }
            resolver.call(inner)
        });
        flow = flow.then(next);
    }
    flow
}

/// `parallel` without a command runs each line that it reads.
fn lines(resolver: &mut Resolver, call: &Call, source: &Flow, given: Option<&[Word]>) -> Flow {
    if let Some(given) = given {
        for line in given {
            resolver.line_of(line, &Flow::nothing());
        }
        return Flow::Unknown("output of parallel".to_owned());
    }
    let from = Call { input: source.clone(), ..call.clone() };
    let flow = super::shells::input(resolver, &from);
    flow.unwrap_or_else(|| Flow::Unknown("output of parallel".to_owned()))
}

/// The words in what is read; one that stands for them where they are unknown.
/// With a separator of its own, blanks belong to a word.
fn items(source: &Flow, whole: bool) -> Vec<Word> {
    let Flow::Known(text) = source else { return vec![unread()] };
    let separates = |c: char| c == '\0' || c == '\n' || (c.is_whitespace() && !whole);
    let mut found = Vec::new();
    let mut current: Option<Word> = None;
    for piece in &text.pieces {
        let Piece::Text(text) = piece else {
            current.get_or_insert_default().push(piece.clone());
            continue;
        };
        for (index, part) in text.split(separates).enumerate() {
            if index > 0 {
                found.extend(current.take());
            }
            if !part.is_empty() {
                current.get_or_insert_default().push_text(part.trim_matches(['"', '\'']));
            }
        }
    }
    found.extend(current);
    found
}

fn unread() -> Word {
    Word::of(Piece::Substitution("cat".to_owned()))
}

/// `word` with `value` in each `place`.
fn put(word: &Word, place: &str, value: &Word) -> Word {
    let mut out = Word::default();
    for piece in &word.pieces {
        match piece {
            Piece::Text(text) if !place.is_empty() => {
                for (index, part) in text.split(place).enumerate() {
                    if index > 0 {
                        out.append(value);
                    }
                    if !part.is_empty() {
                        out.push_text(part);
                    }
                }
            }
            other => out.push(other.clone()),
        }
    }
    out
}
