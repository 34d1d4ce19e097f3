//! Where keywords stand in a text: a table over hashes of four bytes, then one
//! of five, then comparisons. Each keyword is looked for by its rarest four bytes. The tables
//! of the built-in rules lie in the program, so nothing has to be made at
//! start-up.

mod grams;
mod table;

use grams::{SLOTS, bit, five, folded, holds, slot, word};

pub(super) use grams::Entry;
pub(super) use table::{Keyword, Prefilter, SHORTEST};

impl Prefilter {
    /// Calls `found` with the position and the rules of every keyword, from
    /// the front to the back but for keywords that overlap.
    pub(super) fn hits(&self, text: &[u8], mut found: impl FnMut(usize, &[u16])) {
        let Some(table) = self.table.first_chunk::<SLOTS>() else { return };
        for (position, window) in text.windows(4).enumerate() {
            let head = window.try_into().map_or(0, u32::from_le_bytes);
            let slot = slot(head);
            if table[slot % SLOTS] >> bit(head) & 1 != 0 {
                self.verify(text, position, slot, &mut found);
            }
        }
        // The last three bytes are a keyword's only where it has three.
        if let Some(position) = text.len().checked_sub(3) {
            let head = word(text.get(position..).unwrap_or_default()) as u32;
            self.verify(text, position, slot(head), &mut found);
        }
    }

    #[inline]
    fn verify(
        &self,
        text: &[u8],
        position: usize,
        slot: usize,
        found: &mut impl FnMut(usize, &[u16]),
    ) {
        let word = folded(word(text.get(position..).unwrap_or_default()));
        if holds(&self.fives, five(word)) || holds(&self.short, slot) {
            self.compare(text, position, slot, word, found);
        }
    }

    #[inline(never)]
    fn compare(
        &self,
        text: &[u8],
        position: usize,
        slot: usize,
        word: u64,
        found: &mut impl FnMut(usize, &[u16]),
    ) {
        let (Some(begin), Some(end)) = (self.starts.get(slot), self.starts.get(slot + 1)) else {
            return;
        };
        let entries = self.entries.get(*begin as usize..*end as usize);
        for entry in entries.unwrap_or_default().iter().filter(|entry| entry.fits(word)) {
            let Some(keyword) = self.keywords.get(entry.keyword as usize) else { continue };
            let Some(start) = position.checked_sub(usize::from(entry.before)) else { continue };
            let lower = self.text_of(keyword);
            let here = text.get(start..start + lower.len());
            if here.is_some_and(|here| here.eq_ignore_ascii_case(lower)) {
                found(start, self.rules_of(keyword));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(keywords: &[&str], text: &[u8]) -> Vec<(usize, u16)> {
        let pairs = keywords.iter().zip(0..).map(|(keyword, rule)| (keyword.to_lowercase(), rule));
        let mut out = Vec::new();
        Prefilter::new(pairs.collect())
            .hits(text, |position, rules| out.extend(rules.iter().map(|rule| (position, *rule))));
        out
    }

    #[test]
    fn finds_keywords_in_any_case_and_at_both_ends() {
        assert_eq!(found(&["SG.", "token"], b"ToKeN x sg."), [(0, 1), (8, 0)]);
        assert_eq!(found(&["pass_"], b"passwd PASS_"), [(7, 0)]);
        assert_eq!(found(&["abc"], b"ab"), []);
        assert_eq!(found(&["stationzebra"], b"a STATIONzebra"), [(2, 0)]);
        assert_eq!(found(&["stationzebra"], b"tionzebra"), []);
    }

    proptest::proptest! {
        #[test]
        fn every_keyword_is_found_once_wherever_it_stands(
            keywords in proptest::collection::btree_set("[ab.]{3,9}", 1..8),
            text in "[aBb.]{0,60}",
        ) {
            let keywords: Vec<&str> = keywords.iter().map(String::as_str).collect();
            let mut here = found(&keywords, text.as_bytes());
            here.sort_unstable();
            let lower = text.to_lowercase();
            let mut all = Vec::new();
            for at in 0..text.len() {
                let standing = keywords.iter().zip(0_u16..);
                let standing = standing.filter(|(word, _)| lower[at..].starts_with(*word));
                all.extend(standing.map(|(_, rule)| (at, rule)));
            }
            proptest::prop_assert_eq!(here, all);
        }
    }

    #[test]
    fn keywords_that_share_their_beginning_are_all_found() {
        assert_eq!(found(&["sk-", "sk-ant-"], b"sk-ant-"), [(0, 0), (0, 1)]);
    }
}
