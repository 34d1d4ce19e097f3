//! `rules/commands/wrappers.toml`, read.

use std::collections::HashMap;
use std::sync::LazyLock;

use serde::Deserialize;

use crate::records::document;

/// The table; a broken one reads as empty, and a test reads it.
pub(in crate::command) static TABLE: LazyLock<Table> =
    LazyLock::new(|| Table::indexed(document!("wrappers")));

/// Everything in the file.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::command) struct Table {
    pub(in crate::command) programs: Vec<String>,
    pub(in crate::command) trusted: Vec<String>,
    wrappers: Vec<Wrapper>,
    #[serde(skip)]
    by_name: HashMap<String, Vec<usize>>,
}

/// One entry; the notation is explained at the head of the file.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Wrapper {
    names: String,
    values: String,
    pairs: String,
    pub(super) commands: Vec<String>,
    pub(super) operands: usize,
    pub(super) assignments: bool,
    pub(super) separator: String,
    lines: String,
    words_after: String,
    pub(super) joined: bool,
    pub(super) each: bool,
    pub(super) options_only: bool,
    pub(super) stdin: bool,
    pub(super) itself: bool,
    pub(super) label: usize,
}

impl Table {
    fn indexed(mut table: Self) -> Self {
        for (index, wrapper) in table.wrappers.iter().enumerate() {
            for name in wrapper.names.split(' ') {
                table.by_name.entry(name.to_owned()).or_default().push(index);
            }
        }
        table
    }

    /// The entries about a program.
    pub(super) fn of(&self, name: &str) -> impl Iterator<Item = &Wrapper> {
        let found = self.by_name.get(name).map(Vec::as_slice).unwrap_or_default();
        found.iter().filter_map(|index| self.wrappers.get(*index))
    }
}

impl Wrapper {
    /// How many words behind an option belong to it.
    pub(super) fn values_of(&self, option: &str) -> usize {
        if names(&self.pairs, option) {
            return 2;
        }
        if option.starts_with("--") {
            let alone = !option.contains('=');
            return usize::from(alone && names(&self.values, option));
        }
        // The first of a cluster that takes a value takes what is left of it.
        let mut letters = option.chars().skip(1).peekable();
        while let Some(letter) = letters.next() {
            let mut short = [b'-', 0, 0, 0, 0];
            let length = letter.len_utf8();
            if let Some(room) = short.get_mut(1..=length) {
                letter.encode_utf8(room);
            }
            let short = std::str::from_utf8(short.get(..=length).unwrap_or_default());
            if short.is_ok_and(|short| names(&self.values, short)) {
                return usize::from(letters.peek().is_none());
            }
        }
        usize::from(names(&self.values, option))
    }

    /// Whether an option's value is a line; what is attached of it.
    pub(super) fn line_in<'o>(&self, option: &'o str) -> Option<Option<&'o str>> {
        for line in self.lines.split(' ').filter(|line| !line.is_empty()) {
            if option == line {
                return Some(None);
            }
            let rest = option.strip_prefix(line);
            if let Some(attached) = rest.and_then(|rest| rest.strip_prefix('=')) {
                return Some(Some(attached));
            }
            let short = line.len() == 2 && !option.starts_with("--") && option.starts_with('-');
            if let (true, Some(letter)) = (short, line.chars().nth(1))
                && let Some(at) = option.find(letter)
            {
                let attached = option.get(at + 1..).filter(|rest| !rest.is_empty());
                return Some(attached);
            }
        }
        None
    }

    /// The line in the value of an option that has lines and others: `-o
    /// ProxyCommand=LINE` where `lines` names `-oProxyCommand`.
    pub(super) fn line_in_value(&self, option: &str, value: &str) -> Option<String> {
        let names = self.lines.split(' ').filter_map(|line| line.strip_prefix(option));
        names.filter(|name| !name.is_empty() && !option.starts_with("--")).find_map(|name| {
            let start = value.get(..name.len())?;
            let rest = value.get(name.len()..)?.strip_prefix(['=', ' '])?;
            start.eq_ignore_ascii_case(name).then(|| rest.to_owned())
        })
    }

    /// Whether the command begins right behind this option.
    pub(super) fn begins_after(&self, option: &str) -> bool {
        names(&self.words_after, option)
    }
}

fn names(list: &str, name: &str) -> bool {
    list.split(' ').any(|known| known == name)
}
