//! Which rules are worth asking: by the name of the operation, or by who asks.
//!
//! A rule stands under what every match of it must have: each of its exact
//! operation names, the fixed beginning of each of its patterns, or else each
//! of its exact callers. What has none of these is always asked.

use foldhash::HashMap;

use super::Rule;

/// Positions of rules, ascending in every list.
#[derive(Debug, Clone, Default)]
pub struct Index {
    names: HashMap<String, Vec<u32>>,
    prefixes: HashMap<String, Vec<u32>>,
    /// Lengths of the prefixes, ascending.
    lengths: Vec<usize>,
    callers: HashMap<String, Vec<u32>>,
    always: Vec<u32>,
}

impl Index {
    /// The index of rules in the order in which they are asked.
    #[must_use]
    pub(super) fn of(rules: &[Rule]) -> Self {
        let mut index = Self::default();
        for (at, rule) in rules.iter().enumerate() {
            index.add(u32::try_from(at).unwrap_or(u32::MAX), rule);
        }
        index.lengths = index.prefixes.keys().map(String::len).collect();
        index.lengths.sort_unstable();
        index.lengths.dedup();
        index
    }

    fn add(&mut self, at: u32, rule: &Rule) {
        let push = |lists: &mut HashMap<String, Vec<u32>>, key: &str| {
            let list = lists.entry(key.to_owned()).or_default();
            if list.last() != Some(&at) {
                list.push(at);
            }
        };
        let any = |patterns: &[String]| patterns.iter().any(|pattern| fixed(pattern).is_empty());
        if let Some(patterns) = rule.matches.actions.as_ref().filter(|all| !any(all)) {
            for pattern in patterns {
                let prefix = fixed(pattern);
                let lists = if prefix.len() == pattern.len() {
                    &mut self.names
                } else {
                    &mut self.prefixes
                };
                push(lists, prefix);
            }
            return;
        }
        match rule.matches.callers.as_ref().and_then(|callers| callers.agent_ids.as_ref()) {
            Some(ids) => ids.iter().for_each(|id| push(&mut self.callers, id)),
            None => self.always.push(at),
        }
    }

    /// The positions of all rules that may match, ascending; one may come twice.
    pub(super) fn candidates<'a>(
        &'a self,
        operation: &'a str,
        caller: &'a str,
    ) -> impl Iterator<Item = usize> + use<'a> {
        let prefixes = self.lengths.iter().filter_map(move |length| {
            self.prefixes.get(operation.get(..*length)?).map(Vec::as_slice)
        });
        let exact = [self.names.get(operation), self.callers.get(caller)];
        let lists = exact.into_iter().flatten().map(Vec::as_slice).chain(prefixes);
        Merge::of(lists.chain([self.always.as_slice()]))
    }
}

/// What stands before the first character of a pattern that is not itself.
fn fixed(pattern: &str) -> &str {
    pattern.find(['*', '?', '[']).map_or(pattern, |at| pattern.get(..at).unwrap_or_default())
}

/// Lists that are merged without allocation, up to this many.
const LISTS: usize = 8;

/// Ascending lists as one. More than [`LISTS`] are joined at the start.
struct Merge<'a> {
    lists: [&'a [u32]; LISTS],
    /// How many of them there are.
    used: usize,
    joined: Vec<u32>,
}

impl<'a> Merge<'a> {
    fn of(all: impl Iterator<Item = &'a [u32]>) -> Self {
        let mut merge = Self { lists: [&[]; LISTS], used: 0, joined: Vec::new() };
        for list in all.filter(|list| !list.is_empty()) {
            match merge.lists.get_mut(merge.used) {
                Some(slot) => {
                    *slot = list;
                    merge.used += 1;
                }
                None => merge.joined.extend_from_slice(list),
            }
        }
        // Taken from its end.
        merge.joined.sort_unstable_by(|a, b| b.cmp(a));
        merge
    }
}

impl Iterator for Merge<'_> {
    type Item = usize;

    fn next(&mut self) -> Option<usize> {
        let lists = self.lists.get_mut(..self.used)?;
        let heads = lists.iter().filter_map(|list| list.first());
        let least = *heads.chain(self.joined.last()).min()?;
        for list in lists {
            if let [first, rest @ ..] = list
                && *first == least
            {
                *list = rest;
            }
        }
        while self.joined.last() == Some(&least) {
            self.joined.pop();
        }
        usize::try_from(least).ok()
    }
}
