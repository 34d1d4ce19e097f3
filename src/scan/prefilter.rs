//! Where keywords stand in a text: a table over hashes of four bytes, then
//! comparisons. Each keyword is looked for by its rarest four bytes.

use super::grams::{Entry, SLOTS, bit, folded, slot, word};

/// Shortest keyword that can be looked for.
pub(super) const SHORTEST: usize = 3;

/// All keywords of a rule set.
#[derive(Debug)]
pub(super) struct Prefilter {
    /// By hash of three bytes: which bytes may follow.
    table: Box<[u32; SLOTS]>,
    /// Where the entries of each slot begin.
    starts: Vec<u16>,
    entries: Vec<Entry>,
    keywords: Vec<Keyword>,
}

#[derive(Debug)]
struct Keyword {
    lower: Box<[u8]>,
    rules: Vec<u16>,
}

impl Prefilter {
    /// Takes `(keyword, rule)` pairs; keywords have at least [`SHORTEST`] bytes.
    pub(super) fn new<'a>(pairs: impl Iterator<Item = (&'a str, u16)>) -> Self {
        let mut pairs: Vec<_> =
            pairs.map(|(keyword, rule)| (keyword.to_ascii_lowercase(), rule)).collect();
        pairs.sort_unstable();
        pairs.dedup();
        let alike = pairs.chunk_by(|(one, _), (other, _)| one == other);
        let keywords: Vec<Keyword> = alike
            .filter_map(|pairs| {
                let lower = pairs.first()?.0.as_bytes().into();
                Some(Keyword { lower, rules: pairs.iter().map(|(_, rule)| *rule).collect() })
            })
            .collect();
        let mut placed: Vec<(usize, Entry)> = (0..)
            .zip(&keywords)
            .map(|(number, keyword)| Entry::of(&keyword.lower, number))
            .collect();
        placed.sort_by_key(|(slot, _)| *slot);
        let mut table = Box::new([0; SLOTS]);
        let mut starts = vec![0; SLOTS + 1];
        for (slot, entry) in &placed {
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
        let entries = placed.into_iter().map(|(_, entry)| entry).collect();
        Self { table, starts, entries, keywords }
    }

    /// Calls `found` with the position and the rules of every keyword, from
    /// the front to the back but for keywords that overlap.
    pub(super) fn hits(&self, text: &[u8], mut found: impl FnMut(usize, &[u16])) {
        for (position, window) in text.windows(4).enumerate() {
            let head = window.try_into().map_or(0, u32::from_le_bytes);
            let slot = slot(head);
            if self.table[slot % SLOTS] >> bit(head) & 1 != 0 {
                self.verify(text, position, slot, &mut found);
            }
        }
        // The last three bytes are a keyword's only where it has three.
        if let Some(position) = text.len().checked_sub(3) {
            let head = word(text.get(position..).unwrap_or_default()) as u32;
            self.verify(text, position, slot(head), &mut found);
        }
    }

    #[inline(never)]
    fn verify(
        &self,
        text: &[u8],
        position: usize,
        slot: usize,
        found: &mut impl FnMut(usize, &[u16]),
    ) {
        let (Some(begin), Some(end)) = (self.starts.get(slot), self.starts.get(slot + 1)) else {
            return;
        };
        let word = folded(word(text.get(position..).unwrap_or_default()));
        let entries = self.entries.get(usize::from(*begin)..usize::from(*end));
        for entry in entries.unwrap_or_default().iter().filter(|entry| entry.fits(word)) {
            let Some(keyword) = self.keywords.get(usize::from(entry.keyword)) else { continue };
            let Some(start) = position.checked_sub(usize::from(entry.before)) else { continue };
            let here = text.get(start..start + keyword.lower.len());
            if here.is_some_and(|here| here.eq_ignore_ascii_case(&keyword.lower)) {
                found(start, &keyword.rules);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(keywords: &[&str], text: &[u8]) -> Vec<(usize, u16)> {
        let pairs = keywords.iter().zip(0..).map(|(keyword, rule)| (*keyword, rule));
        let mut out = Vec::new();
        Prefilter::new(pairs)
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

    #[test]
    fn keywords_that_share_their_beginning_are_all_found() {
        assert_eq!(found(&["sk-", "sk-ant-"], b"sk-ant-"), [(0, 0), (0, 1)]);
    }
}
