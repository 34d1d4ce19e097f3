//! Filters of text: `rev`, `tr`, `sed`, `head`, `cut` and the like.

use super::builtin::operands;
use crate::command::escapes::unescape;
use crate::command::invocation::Word;

/// What a filter makes of `text`; nothing where it is not known.
pub(super) fn text(name: &str, arguments: &[Word], text: &str) -> Option<String> {
    let words: Vec<&str> = arguments.iter().filter_map(Word::literal).collect();
    match name {
        "rev" => Some(each_line(text, |line| line.chars().rev().collect())),
        "tr" => translate(&words, text),
        "sed" => substitute(&words, text),
        "head" | "tail" => Some(ends(name, &words, text)),
        "cut" => cut(&words, text),
        "sort" => {
            let mut lines: Vec<&str> = text.lines().collect();
            lines.sort_unstable();
            if words.iter().any(|word| word.starts_with('-') && word.contains('r')) {
                lines.reverse();
            }
            Some(lines.join("\n"))
        }
        "uniq" | "pv" | "fold" | "column" | "dos2unix" | "iconv" => Some(text.to_owned()),
        "awk" | "gawk" | "mawk" => field(&words, text),
        "grep" => {
            let pattern = operands(arguments).next()?.literal()?;
            let lines: Vec<&str> = text.lines().filter(|line| line.contains(pattern)).collect();
            Some(lines.join("\n"))
        }
        _ => None,
    }
}

fn each_line(text: &str, change: impl Fn(&str) -> String) -> String {
    text.lines().map(|line| change(line) + "\n").collect()
}

/// `tr SET1 SET2`, `tr -d SET`; classes only as far as case goes.
fn translate(words: &[&str], text: &str) -> Option<String> {
    let deletes = words.iter().any(|word| word.starts_with('-') && word.contains('d'));
    let mut sets = words.iter().filter(|word| !word.starts_with('-')).map(|set| characters(set));
    let first = sets.next()?;
    if deletes {
        return Some(text.chars().filter(|c| !first.contains(c)).collect());
    }
    let second = sets.next()?;
    let last = *second.last()?;
    let change = |c: char| match first.iter().position(|from| *from == c) {
        Some(at) => second.get(at).copied().unwrap_or(last),
        None => c,
    };
    Some(text.chars().map(change).collect())
}

/// A set of `tr`: ranges and the commonest classes.
fn characters(set: &str) -> Vec<char> {
    let set = set.replace("[:lower:]", "a-z").replace("[:upper:]", "A-Z");
    let set = set.replace("[:digit:]", "0-9").replace("[:space:]", " \t\n\r");
    let typed: Vec<char> = unescape(&set).chars().collect();
    let mut out = Vec::new();
    let mut at = 0;
    while let Some(first) = typed.get(at) {
        match (typed.get(at + 1), typed.get(at + 2)) {
            (Some('-'), Some(last)) if first <= last && u32::from(*last) < 256 => {
                out.extend(*first..=*last);
                at += 3;
            }
            _ => {
                out.push(*first);
                at += 1;
            }
        }
    }
    out
}

/// `sed 's/a/b/g'` with patterns that the regular expressions here can read.
fn substitute(words: &[&str], text: &str) -> Option<String> {
    let mut out = text.to_owned();
    for script in words.iter().filter(|word| !word.starts_with('-')) {
        for command in script.split(';') {
            let rest = command.trim().strip_prefix('s')?;
            let mark = rest.chars().next().filter(|c| !c.is_alphanumeric())?;
            let mut parts = rest.get(mark.len_utf8()..)?.split(mark);
            let (pattern, with) = (parts.next()?, parts.next()?);
            let pattern =
                regex::RegexBuilder::new(&pattern.replace("\\(", "(").replace("\\)", ")"))
                    .size_limit(1 << 16)
                    .build()
                    .ok()?;
            let with = with.replace('$', "$$").replace("\\1", "${1}").replace("\\2", "${2}");
            let with = with.replace('&', "${0}");
            let global = parts.next().is_some_and(|flags| flags.contains('g'));
            let limit = usize::from(!global);
            out = each_line(&out, |line| pattern.replacen(line, limit, with.as_str()).into_owned());
        }
    }
    Some(out)
}

/// `head` and `tail` by lines or characters.
fn ends(name: &str, words: &[&str], text: &str) -> String {
    let digits = |word: &str| word.trim_start_matches(|c: char| !c.is_ascii_digit()).parse().ok();
    let count: usize = words.iter().find_map(|word| digits(word)).unwrap_or(10);
    let bytes = words.iter().any(|word| word.starts_with("-c") || word.starts_with("--bytes"));
    if bytes {
        let length = text.chars().count();
        let skip = if name == "tail" { length.saturating_sub(count) } else { 0 };
        return text.chars().skip(skip).take(count).collect();
    }
    let lines: Vec<&str> = text.lines().collect();
    let from_line = words.iter().any(|word| word.contains('+'));
    let skip = match name {
        "tail" if from_line => count.saturating_sub(1),
        "tail" => lines.len().saturating_sub(count),
        _ => 0,
    };
    let take = if name == "head" { count } else { lines.len() };
    lines.into_iter().skip(skip).take(take).map(|line| format!("{line}\n")).collect()
}

/// `cut -d X -f N`, `cut -c N-M`
fn cut(words: &[&str], text: &str) -> Option<String> {
    let value = |flag: &str| {
        let at = words.iter().position(|word| word.starts_with(flag))?;
        let attached = words.get(at)?.get(flag.len()..).filter(|rest| !rest.is_empty());
        attached.or_else(|| words.get(at + 1).copied())
    };
    let range = |text: &str| {
        let (from, to) = text.split_once('-').unwrap_or((text, text));
        let from = from.parse::<usize>().unwrap_or(1).max(1);
        (from - 1, to.parse::<usize>().unwrap_or(usize::MAX))
    };
    if let Some((from, to)) = value("-c").or_else(|| value("-b")).map(range) {
        let take = to.saturating_sub(from);
        return Some(each_line(text, |line| line.chars().skip(from).take(take).collect()));
    }
    let (from, to) = range(value("-f")?);
    let mark = value("-d").unwrap_or("\t");
    let part = |line: &str| {
        let parts: Vec<&str> = line.split(mark).skip(from).take(to.saturating_sub(from)).collect();
        parts.join(mark)
    };
    Some(each_line(text, part))
}

/// `awk '{print $2}'`
fn field(words: &[&str], text: &str) -> Option<String> {
    let program = words.iter().find(|word| word.contains("print"))?;
    let number = program.split_once("print")?.1.trim().strip_prefix('$')?;
    let number: usize = number.trim_end_matches(['}', ' ', ';']).parse().ok()?;
    Some(each_line(text, |line| {
        if number == 0 {
            return line.to_owned();
        }
        line.split_whitespace().nth(number - 1).unwrap_or_default().to_owned()
    }))
}
