//! Where keywords stand in a text: a bitmap over hashes of four bytes, then an
//! exact comparison. The tables of the built-in rules lie in the program, so
//! nothing has to be made at start-up.

mod table;

pub(super) use table::{Keyword, Prefilter, SHORTEST};
use table::{WORDS, bucket, hash};

impl Prefilter {
    /// Calls `found` with the position and the rules of every keyword, from
    /// the front to the back.
    pub(super) fn hits(&self, text: &[u8], mut found: impl FnMut(usize, &[u16])) {
        let Some(bitmap) = self.bitmap.first_chunk::<WORDS>() else { return };
        for (position, window) in text.windows(4).enumerate() {
            let word = window.try_into().map_or(0, u32::from_le_bytes);
            let hash = hash(word);
            if bitmap[(hash >> 6) & (WORDS - 1)] >> (hash & 63) & 1 != 0 {
                self.verify(text, position, word, &mut found);
            }
        }
        // The last three bytes are a keyword's only where it has three.
        if let Some(position) = text.len().checked_sub(3)
            && let Some(&[a, b, c]) = text.get(position..)
        {
            self.verify(text, position, u32::from_le_bytes([a, b, c, 0]), &mut found);
        }
    }

    #[cold]
    fn verify(
        &self,
        text: &[u8],
        position: usize,
        word: u32,
        found: &mut impl FnMut(usize, &[u16]),
    ) {
        let rest = text.get(position..).unwrap_or_default();
        let mut number = self.heads.get(bucket(word)).copied().unwrap_or(0);
        while let Some(keyword) =
            usize::from(number).checked_sub(1).and_then(|index| self.keywords.get(index))
        {
            let lower = part(&self.text, keyword.start as usize, keyword.length);
            let head = rest.get(..lower.len());
            if head.is_some_and(|head| head.eq_ignore_ascii_case(lower)) {
                found(position, part(&self.rules, usize::from(keyword.rules), keyword.count));
            }
            number = keyword.next;
        }
    }
}

fn part<T>(all: &[T], start: usize, length: u16) -> &[T] {
    all.get(start..start + usize::from(length)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(keywords: &[&str], text: &[u8]) -> Vec<(usize, u16)> {
        let lower: Vec<String> = keywords.iter().map(|keyword| keyword.to_lowercase()).collect();
        let pairs = lower.iter().zip(0..).map(|(keyword, rule)| (keyword.as_str(), rule));
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
    }

    #[test]
    fn keywords_that_share_their_beginning_are_all_found() {
        assert_eq!(found(&["sk-", "sk-ant-"], b"sk-ant-"), [(0, 1), (0, 0)]);
    }
}
