//! The rules of one scanner. Built-in ones are read when they are first asked
//! for, and patterns are compiled at their first candidate.

use std::borrow::Cow;
use std::collections::HashSet;
use std::sync::OnceLock;

use regex::bytes::Regex;

use super::engine::{Mode, compile};
use super::prefilter::{Prefilter, SHORTEST};
use super::rule::{Rule, Sort, builtin};

/// One rule, wherever it comes from.
#[derive(Debug, Clone)]
pub(super) enum Source {
    /// The built-in rule of this number.
    Builtin(usize),
    /// One that was loaded.
    Own(Box<Rule>),
}

impl Source {
    /// The rule; none where a built-in one can't be read.
    pub(super) fn rule(&self) -> Option<&Rule> {
        match self {
            Self::Builtin(number) => builtin::RULES.get(*number),
            Self::Own(rule) => Some(rule),
        }
    }

    /// Its name, without reading it.
    pub(super) fn id(&self) -> &str {
        match self {
            Self::Builtin(number) => builtin::id(*number),
            Self::Own(rule) => &rule.id,
        }
    }

    /// The rule as one's own, to be changed.
    pub(super) fn to_mut(&mut self) -> Option<&mut Rule> {
        if let Self::Builtin(_) = self {
            *self = Self::Own(Box::new(self.rule()?.clone()));
        }
        match self {
            Self::Own(rule) => Some(rule),
            Self::Builtin(_) => None,
        }
    }
}

/// The built-in rules of a mode.
pub(super) fn builtin_rules(mode: Mode) -> Vec<Source> {
    let left_out = match mode {
        Mode::Scan => |number: &usize| builtin::REDACT_ONLY.binary_search(number).is_ok(),
        Mode::Redact => |number: &usize| {
            builtin::LOW.binary_search(number).is_ok()
                && builtin::REDACT_ONLY.binary_search(number).is_err()
        },
    };
    let all = 0..builtin::RULES.len();
    all.filter(|number| !left_out(number)).map(Source::Builtin).collect()
}

/// A rule, if it is used, and its patterns.
#[derive(Debug, Default)]
struct Entry {
    source: Option<Source>,
    pattern: OnceLock<Option<Box<Regex>>>,
    path: OnceLock<Option<Box<Regex>>>,
}

/// Rules by number, and what is known of them all together.
#[derive(Debug)]
pub(super) struct RuleSet {
    entries: Vec<Entry>,
    /// Rules that look at every text, whatever stands in it.
    pub(super) always: Vec<usize>,
    /// Rules that look at all of the files that are there to hold credentials,
    /// if they have certain names.
    pub(super) in_troves: Vec<usize>,
    /// Rules about assignments.
    pub(super) assigning: Vec<(Sort, usize)>,
    /// Rules for some paths only.
    with_path: Vec<usize>,
    /// Rules about files' names alone.
    pub(super) by_path: Vec<usize>,
}

impl RuleSet {
    /// The rules, and where their keywords are looked for.
    pub(super) fn new(sources: Vec<Source>) -> (Self, Cow<'static, Prefilter>) {
        let mut set = Self {
            entries: (0..builtin::RULES.len()).map(|_| Entry::default()).collect(),
            always: Vec::new(),
            in_troves: Vec::new(),
            assigning: Vec::new(),
            with_path: Vec::new(),
            by_path: Vec::new(),
        };
        let mut own = Vec::new();
        for source in sources {
            match source {
                Source::Builtin(number) => {
                    if let Some(entry) = set.entries.get_mut(number) {
                        entry.source = Some(source);
                    }
                }
                Source::Own(rule) => {
                    let number = set.entries.len();
                    let Ok(short) = u16::try_from(number) else { continue };
                    let keywords = rule.keywords.iter().filter(|_| is_searchable(&rule));
                    own.extend(keywords.map(|keyword| (keyword.to_ascii_lowercase(), short)));
                    set.note(number, &rule);
                    set.entries.push(Entry { source: Some(Source::Own(rule)), ..Entry::default() });
                }
            }
        }
        let used =
            |number: &&usize| set.entries.get(**number).is_some_and(|entry| entry.source.is_some());
        set.in_troves = builtin::IN_TROVES.iter().filter(used).copied().collect();
        for number in [builtin::ALWAYS, builtin::ASSIGNING, builtin::WITH_PATH].concat() {
            if let Some(rule) = set.builtin(number) {
                set.note(number, rule);
            }
        }
        let prefilter = set.prefilter(own);
        (set, prefilter)
    }

    /// The built-in tables, unless there are other keywords too.
    fn prefilter(&self, own: Vec<(String, u16)>) -> Cow<'static, Prefilter> {
        if own.is_empty() {
            return Cow::Borrowed(&builtin::PREFILTER);
        }
        let used = |rule: u16| {
            let entry = self.entries.get(usize::from(rule));
            entry.is_some_and(|entry| entry.source.is_some())
        };
        let mut pairs = own;
        pairs.extend(builtin::PREFILTER.pairs().filter(|(_, rule)| used(*rule)));
        Cow::Owned(Prefilter::new(pairs))
    }

    /// The built-in rule of this number, where it is one of these.
    fn builtin(&self, number: usize) -> Option<&'static Rule> {
        self.entries.get(number)?.source.as_ref()?;
        builtin::RULES.get(number)
    }

    fn note(&mut self, number: usize, rule: &Rule) {
        let add = |list: &mut Vec<usize>, holds: bool| {
            if holds && !list.contains(&number) {
                list.push(number);
            }
        };
        let in_troves = rule.path.is_some() && number < builtin::RULES.len();
        add(&mut self.always, !rule.regex.is_empty() && !is_searchable(rule) && !in_troves);
        add(&mut self.with_path, rule.path.is_some());
        add(&mut self.by_path, rule.regex.is_empty() && rule.path.is_some());
        if let Some(sort) = rule.assigns
            && self.assigning.iter().all(|(_, known)| *known != number)
        {
            self.assigning.push((sort, number));
        }
    }

    /// A number above every rule's.
    pub(super) fn len(&self) -> usize {
        self.entries.len()
    }

    /// The rule of this number.
    pub(super) fn get(&self, number: usize) -> Option<&Rule> {
        self.entries.get(number)?.rule()
    }

    /// All rules, in order.
    pub(super) fn iter(&self) -> impl Iterator<Item = &Rule> {
        self.entries.iter().filter_map(Entry::rule)
    }

    /// The rules of these names.
    pub(super) fn named<'a>(&'a self, ids: &HashSet<&str>) -> Vec<&'a Rule> {
        let sources = self.entries.iter().filter_map(|entry| entry.source.as_ref());
        sources.filter(|source| ids.contains(source.id())).filter_map(Source::rule).collect()
    }

    /// A rule's pattern, compiled.
    pub(super) fn pattern(&self, number: usize) -> Option<&Regex> {
        let entry = self.entries.get(number)?;
        let compiled = || compile(&entry.rule()?.regex).ok().map(Box::new);
        entry.pattern.get_or_init(compiled).as_deref()
    }

    /// Whether the rule is for other paths than this; an unknown path is any.
    pub(super) fn elsewhere(&self, number: usize, path: &[u8]) -> bool {
        if path.is_empty() || !self.with_path.contains(&number) {
            return false;
        }
        let Some(entry) = self.entries.get(number) else { return false };
        let compiled = || compile(entry.rule()?.path.as_ref()?).ok().map(Box::new);
        let pattern = entry.path.get_or_init(compiled).as_deref();
        pattern.is_some_and(|pattern| !pattern.is_match(path))
    }

    /// Whether every rule is for both paths or for none of them.
    pub(super) fn alike(&self, one: &[u8], other: &[u8]) -> bool {
        let same = |rule: &usize| self.elsewhere(*rule, one) == self.elsewhere(*rule, other);
        self.with_path.iter().all(same)
    }
}

impl Entry {
    fn rule(&self) -> Option<&Rule> {
        self.source.as_ref()?.rule()
    }
}

/// Whether one of its keywords has to stand in a text.
fn is_searchable(rule: &Rule) -> bool {
    !rule.keywords.is_empty() && rule.keywords.iter().all(|keyword| keyword.len() >= SHORTEST)
}
