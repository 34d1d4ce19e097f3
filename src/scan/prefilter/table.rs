//! The tables of the prefilter: flat, so that those of the built-in rules lie
//! in the program as they are. The build script makes these with this file
//! too.

use std::borrow::Cow;

use super::grams::{Entry, FIVES, SLOTS, set};

/// Shortest keyword that can be looked for.
pub const SHORTEST: usize = 3;

/// One keyword.
#[derive(Debug, Clone, Copy)]
pub struct Keyword {
    /// Where its text begins, lower case.
    pub start: u32,
    /// Where its rules begin.
    pub rules: u32,
    /// How long its text is.
    pub length: u16,
    /// How many rules it has.
    pub count: u16,
}

/// All keywords of a rule set.
#[derive(Debug, Clone)]
pub struct Prefilter {
    /// By hash of three bytes: which bytes may follow.
    pub table: Cow<'static, [u32]>,
    /// By hash of five bytes: whether a keyword's rare part begins with such.
    pub fives: Cow<'static, [u64]>,
    /// By slot: whether the rare part of one there has fewer.
    pub short: Cow<'static, [u64]>,
    /// Where the entries of each slot begin.
    pub starts: Cow<'static, [u32]>,
    /// The keywords' rare parts, by slot.
    pub entries: Cow<'static, [Entry]>,
    /// The keywords.
    pub keywords: Cow<'static, [Keyword]>,
    /// Their texts.
    pub text: Cow<'static, [u8]>,
    /// Numbers of their rules.
    pub rules: Cow<'static, [u16]>,
}

impl Prefilter {
    /// The tables for pairs of a keyword (lower case, at least [`SHORTEST`]
    /// bytes) and a rule.
    pub fn new(mut pairs: Vec<(String, u16)>) -> Self {
        pairs.sort_unstable();
        pairs.dedup();
        let (mut keywords, mut text, mut rules) = (Vec::new(), Vec::new(), Vec::new());
        let mut placed = Vec::new();
        for alike in pairs.chunk_by(|(one, _), (other, _)| one == other) {
            let Some((keyword, _)) = alike.first() else { continue };
            placed.push(Entry::of(keyword.as_bytes(), keywords.len() as u32));
            keywords.push(Keyword {
                start: text.len() as u32,
                rules: rules.len() as u32,
                length: keyword.len() as u16,
                count: alike.len() as u16,
            });
            text.extend_from_slice(keyword.as_bytes());
            rules.extend(alike.iter().map(|(_, rule)| *rule));
        }
        placed.sort_by_key(|(slot, _)| *slot);
        let (mut table, mut starts) = (vec![0; SLOTS], vec![0; SLOTS + 1]);
        let (mut fives, mut short) = (vec![0; FIVES / 64], vec![0; SLOTS / 64]);
        for (slot, entry) in &placed {
            match entry.five() {
                Some(five) => set(&mut fives, five),
                None => set(&mut short, *slot),
            }
            if let (Some(bits), Some(count)) = (table.get_mut(*slot), starts.get_mut(slot + 1)) {
                *bits |= entry.bits();
                *count += 1;
            }
        }
        let mut total = 0;
        for start in &mut starts {
            total += *start;
            *start = total;
        }
        let entries: Vec<Entry> = placed.into_iter().map(|(_, entry)| entry).collect();
        Self {
            table: table.into(),
            fives: fives.into(),
            short: short.into(),
            starts: starts.into(),
            entries: entries.into(),
            keywords: keywords.into(),
            text: text.into(),
            rules: rules.into(),
        }
    }

    /// Every keyword with each of its rules.
    pub fn pairs(&self) -> impl Iterator<Item = (String, u16)> {
        self.keywords.iter().flat_map(|keyword| {
            let text = String::from_utf8_lossy(self.text_of(keyword));
            self.rules_of(keyword).iter().map(move |rule| (text.clone().into_owned(), *rule))
        })
    }

    /// The text of a keyword.
    pub fn text_of(&self, keyword: &Keyword) -> &[u8] {
        part(&self.text, keyword.start, keyword.length)
    }

    /// The rules of a keyword.
    pub fn rules_of(&self, keyword: &Keyword) -> &[u16] {
        part(&self.rules, keyword.rules, keyword.count)
    }
}

fn part<T>(all: &[T], start: u32, length: u16) -> &[T] {
    let start = start as usize;
    all.get(start..start + usize::from(length)).unwrap_or_default()
}
