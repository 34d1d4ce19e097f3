//! Options as git's parse-options (and GNU's getopt), Go's pflag and flag,
//! PowerShell and `cmd.exe` read them.
//!
//! One walk serves all: values attached or in the next word, short options in
//! one cluster, options after operands, `--`. git also takes `--no-…` and any
//! unambiguous beginning of a long option; gh does not. Where a beginning is
//! ambiguous git refuses to run, and another version may not: every candidate
//! then counts as given.

/// Whose rules apply.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Style {
    /// git's parse-options, GNU's getopt.
    Git,
    /// spf13/pflag, as gh uses it.
    Pflag,
    /// Long options behind one hyphen or two: Go's flag, Java, find.
    Single,
    /// The same in any case of letters and abbreviated: PowerShell.
    PowerShell,
    /// `/s /q`, in any case of letters: `cmd.exe`.
    Slash,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Arity {
    None,
    Required,
    Attached,
}

#[derive(Debug, Clone, Copy)]
struct Entry<'a> {
    short: Option<char>,
    long: &'a str,
    arity: Arity,
}

/// An option that was given. `name` is without `no-`; `on` is false when the
/// option says no.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Flag {
    pub(super) name: String,
    pub(super) on: bool,
    pub(super) value: Option<String>,
}

/// A command's arguments, read.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Parsed {
    pub(super) flags: Vec<Flag>,
    pub(super) operands: Vec<String>,
    /// How many operands came before `--`, where there was one.
    pub(super) separator: Option<usize>,
    /// Numbers of operands that may be the value of the option in front.
    pub(super) loose: Vec<usize>,
}

impl Parsed {
    /// Whether `what` (`force`, `no-verify`, `prune=now`) is in effect.
    pub(super) fn has(&self, what: &str) -> bool {
        let (name, wanted) = what.split_once('=').map_or((what, None), |(n, v)| (n, Some(v)));
        let (name, on) = name.strip_prefix("no-").map_or((name, true), |rest| (rest, false));
        let last = self.flags.iter().rev().find(|flag| flag.name == name);
        last.is_some_and(|flag| {
            flag.on == on
                && wanted.is_none_or(|wanted| {
                    flag.value.as_deref().is_some_and(|value| value.eq_ignore_ascii_case(wanted))
                })
        })
    }

    /// The last value given to an option.
    pub(super) fn value(&self, name: &str) -> Option<&str> {
        let given = self.flags.iter().rev().filter(|flag| flag.name == name);
        given.filter_map(|flag| flag.value.as_deref()).next()
    }

    /// All values given to an option, in order.
    pub(super) fn values<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.flags
            .iter()
            .filter(move |flag| flag.name == name)
            .filter_map(|flag| flag.value.as_deref())
    }

    /// Whether help was asked for, which is all that then happens.
    pub(super) fn asks_for_help(&self) -> bool {
        let help = |flag: &Flag| flag.on && (flag.name == "help" || flag.name == "help-all");
        self.flags.iter().any(help)
    }
}

/// Reads `args` by `spec` (the notation of `rules/commands/git.toml`).
pub(super) fn parse(spec: &str, style: Style, args: &[String]) -> Parsed {
    let entries: Vec<Entry> = spec.split_ascii_whitespace().filter_map(entry).collect();
    let mut parsed = Parsed::default();
    let mut words = args.iter();
    let mut open = false;
    while let Some(word) = words.next() {
        let given = parsed.flags.len();
        if style == Style::Slash && is_switch(word) {
            let switches = word.split('/').filter(|name| !name.is_empty());
            parsed.flags.extend(switches.map(switch));
        } else if word == "--" {
            parsed.separator = Some(parsed.operands.len());
            parsed.operands.extend(words.by_ref().cloned());
        } else if let Some(long) = word.strip_prefix("--") {
            read_long(&entries, style, long, &mut words, &mut parsed);
        } else if let Some(cluster) = word.strip_prefix('-').filter(|rest| !rest.is_empty()) {
            match style {
                Style::Git | Style::Pflag => {
                    read_cluster(&entries, style, cluster, &mut words, &mut parsed);
                }
                _ => read_long(&entries, style, cluster, &mut words, &mut parsed),
            }
        } else {
            if open {
                parsed.loose.push(parsed.operands.len());
            }
            parsed.operands.push(word.clone());
        }
        let last = parsed.flags.last().filter(|_| parsed.flags.len() > given);
        open = last.is_some_and(|flag| flag.value.is_none());
    }
    parsed
}

/// `/s` or `/s/q`, and not a path.
fn is_switch(word: &str) -> bool {
    let mut parts = word.split('/');
    parts.next() == Some("") && word.len() > 1 && parts.all(|name| (1..=8).contains(&name.len()))
}

/// The flag of `/x` or `/x:value`.
fn switch(text: &str) -> Flag {
    let (name, value) = text.split_once(':').map_or((text, None), |(name, v)| (name, Some(v)));
    flag(&name.to_ascii_lowercase(), true, value.map(str::to_owned))
}

fn entry(token: &str) -> Option<Entry<'_>> {
    let (token, arity) = if let Some(rest) = token.strip_suffix("=?") {
        (rest, Arity::Attached)
    } else if let Some(rest) = token.strip_suffix('=') {
        (rest, Arity::Required)
    } else {
        (token, Arity::None)
    };
    match token.split_once('/') {
        Some((short, "")) => Some(Entry { short: short.chars().next(), long: short, arity }),
        Some((short, long)) => Some(Entry { short: short.chars().next(), long, arity }),
        None => Some(Entry { short: None, long: token, arity }),
    }
}

fn read_long<'a>(
    entries: &[Entry],
    style: Style,
    word: &str,
    rest: &mut impl Iterator<Item = &'a String>,
    parsed: &mut Parsed,
) {
    let (mark, lower) = match style {
        Style::PowerShell => (':', word.to_ascii_lowercase()),
        _ => ('=', String::new()),
    };
    let (name, attached) = word.split_once(mark).map_or((word, None), |(n, v)| (n, Some(v)));
    let name = lower.get(..name.len()).unwrap_or(name);
    let found = matches(entries, style, name);
    if found.is_empty() {
        parsed.flags.push(flag(name, true, attached.map(str::to_owned)));
        return;
    }
    let takes_next = attached.is_none()
        && found.iter().all(|(entry, negated)| entry.arity == Arity::Required && !negated);
    let value =
        attached.map(str::to_owned).or_else(|| takes_next.then(|| rest.next().cloned()).flatten());
    for (entry, negated) in found {
        let says_no = style != Style::Git
            && entry.arity == Arity::None
            && value
                .as_deref()
                .is_some_and(|v| ["false", "f", "0"].contains(&v.to_ascii_lowercase().as_str()));
        parsed.flags.push(flag(entry.long, negated == says_no, value.clone()));
    }
}

/// The options that a long word may mean, and whether it negates them.
fn matches<'e, 's>(
    entries: &'e [Entry<'s>],
    style: Style,
    name: &str,
) -> Vec<(&'e Entry<'s>, bool)> {
    if matches!(style, Style::Pflag | Style::Single | Style::Slash) {
        return entries.iter().filter(|entry| entry.long == name).map(|e| (e, false)).collect();
    }
    let named = |wanted: &dyn Fn(&str) -> bool| -> Vec<(&'e Entry<'s>, bool)> {
        let mut found = Vec::new();
        for entry in entries.iter().filter(|entry| entry.long.len() > 1) {
            if wanted(entry.long) {
                found.push((entry, false));
            } else if entry.long.strip_prefix("no-").is_some_and(wanted)
                || (!entry.long.starts_with("no-") && wanted(&format!("no-{}", entry.long)))
            {
                found.push((entry, true));
            }
        }
        found
    };
    let exact = named(&|long| long == name);
    if !exact.is_empty() || name.is_empty() {
        return exact;
    }
    named(&|long| long.starts_with(name))
}

fn read_cluster<'a>(
    entries: &[Entry],
    style: Style,
    cluster: &str,
    rest: &mut impl Iterator<Item = &'a String>,
    parsed: &mut Parsed,
) {
    for (index, letter) in cluster.char_indices() {
        let after = &cluster[index + letter.len_utf8()..];
        let entry = entries.iter().find(|entry| entry.short == Some(letter));
        match entry.map(|entry| (entry.long, entry.arity)) {
            Some((long, Arity::Required)) => {
                let attached = match style {
                    Style::Pflag => after.strip_prefix('=').unwrap_or(after),
                    _ => after,
                };
                let value =
                    if after.is_empty() { rest.next().cloned() } else { Some(attached.to_owned()) };
                parsed.flags.push(flag(long, true, value));
                return;
            }
            Some((long, Arity::Attached)) => {
                let value = (!after.is_empty()).then(|| after.to_owned());
                parsed.flags.push(flag(long, true, value));
                return;
            }
            Some((long, Arity::None)) => parsed.flags.push(flag(long, true, None)),
            None => {
                let mut name = [0; 4];
                parsed.flags.push(flag(letter.encode_utf8(&mut name), true, None));
            }
        }
    }
}

/// A flag in positive terms: `no-verify` given is `verify` off.
fn flag(long: &str, given: bool, value: Option<String>) -> Flag {
    let (name, on) = long.strip_prefix("no-").map_or((long, given), |rest| (rest, !given));
    Flag { name: name.to_owned(), on, value }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SPEC: &str =
        "n/no-verify m/message= u/untracked-files=? f/force force-with-lease=? verbose";

    fn read(style: Style, line: &str) -> Parsed {
        let words: Vec<String> = line.split(' ').map(str::to_owned).collect();
        parse(SPEC, style, &words)
    }

    #[test]
    fn every_spelling_of_an_option_is_the_same() {
        for line in ["--no-verify", "--no-verif", "-n", "-fn", "-nm x", "op -n", "--verify -n"] {
            assert!(read(Style::Git, line).has("no-verify"), "{line}");
        }
        for line in ["-mn", "-m -n", "-un", "-- -n", "--message=--no-verify", "-n --verify"] {
            assert!(!read(Style::Git, line).has("no-verify"), "{line}");
        }
    }

    #[test]
    fn the_exact_name_wins_and_pflag_knows_no_beginnings() {
        let parsed = read(Style::Git, "--force");
        assert!(parsed.has("force") && !parsed.has("force-with-lease"));
        assert!(!read(Style::Git, "--force --no-force").has("force"));
        assert!(!read(Style::Pflag, "--forc").has("force"));
        assert_eq!(read(Style::Pflag, "-m=x").value("message"), Some("x"));
        assert_eq!(read(Style::Git, "-m=x").value("message"), Some("=x"));
    }
}
