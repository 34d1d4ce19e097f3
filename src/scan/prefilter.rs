//! Where keywords stand in a text: a bitmap over hashes of four bytes, then an
//! exact comparison. Made in microseconds and read at memory speed, so nothing
//! has to be compiled at start-up.

/// Bits of the hash.
const BITS: u32 = 16;
/// Shortest keyword that can be looked for.
pub(super) const SHORTEST: usize = 3;
/// Setting this bit folds ASCII letters' case (and some symbols into others,
/// which the exact comparison sorts out).
const FOLD: u32 = 0x2020_2020;

#[derive(Debug)]
struct Keyword {
    lower: Vec<u8>,
    rules: Vec<u16>,
    next: u16,
}

/// All keywords of a rule set.
#[derive(Debug)]
pub(super) struct Prefilter {
    bitmap: Box<[u64; 1 << (BITS - 6)]>,
    /// First keyword of each bucket, plus one; by the keyword's first three bytes.
    heads: Box<[u16; 4096]>,
    keywords: Vec<Keyword>,
}

impl Prefilter {
    /// Takes `(keyword, rule)` pairs; keywords have at least [`SHORTEST`] bytes.
    pub(super) fn new<'a>(pairs: impl Iterator<Item = (&'a str, u16)>) -> Self {
        let mut made = Self {
            bitmap: Box::new([0; 1 << (BITS - 6)]),
            heads: Box::new([0; 4096]),
            keywords: Vec::new(),
        };
        for (keyword, rule) in pairs {
            made.add(&keyword.to_ascii_lowercase().into_bytes(), rule);
        }
        made
    }

    fn add(&mut self, lower: &[u8], rule: u16) {
        let &[a, b, c, ..] = lower else { return };
        let bucket = bucket(u32::from_le_bytes([a, b, c, 0]));
        let mut number = self.heads.get(bucket).copied().unwrap_or(0);
        while let Some(index) = usize::from(number).checked_sub(1)
            && let Some(known) = self.keywords.get_mut(index)
        {
            if known.lower == lower {
                if !known.rules.contains(&rule) {
                    known.rules.push(rule);
                }
                return;
            }
            number = known.next;
        }
        match lower.get(3) {
            Some(&d) => self.mark(u32::from_le_bytes([a, b, c, d])),
            None => (0..=255).for_each(|d| self.mark(u32::from_le_bytes([a, b, c, d]))),
        }
        let Ok(number) = u16::try_from(self.keywords.len() + 1) else { return };
        let next = match self.heads.get_mut(bucket) {
            Some(head) => std::mem::replace(head, number),
            None => 0,
        };
        self.keywords.push(Keyword { lower: lower.to_vec(), rules: vec![rule], next });
    }

    fn mark(&mut self, word: u32) {
        let hash = hash(word);
        if let Some(bits) = self.bitmap.get_mut(hash >> 6) {
            *bits |= 1 << (hash & 63);
        }
    }

    /// Calls `found` with the position and the rules of every keyword, from
    /// the front to the back.
    pub(super) fn hits(&self, text: &[u8], mut found: impl FnMut(usize, &[u16])) {
        for (position, window) in text.windows(4).enumerate() {
            let word = window.try_into().map_or(0, u32::from_le_bytes);
            let hash = hash(word);
            if self.bitmap[(hash >> 6) & ((1 << (BITS - 6)) - 1)] >> (hash & 63) & 1 != 0 {
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
            if rest
                .get(..keyword.lower.len())
                .is_some_and(|head| head.eq_ignore_ascii_case(&keyword.lower))
            {
                found(position, &keyword.rules);
            }
            number = keyword.next;
        }
    }
}

fn hash(word: u32) -> usize {
    ((word | FOLD).wrapping_mul(0x9E37_79B1) >> (32 - BITS)) as usize
}

fn bucket(word: u32) -> usize {
    (((word | FOLD) & 0x00FF_FFFF).wrapping_mul(0x85EB_CA6B) >> 20) as usize
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
    }

    #[test]
    fn keywords_that_share_their_beginning_are_all_found() {
        assert_eq!(found(&["sk-", "sk-ant-"], b"sk-ant-"), [(0, 1), (0, 0)]);
    }
}
