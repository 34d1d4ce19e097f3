//! The tables of the prefilter: flat, so that those of the built-in rules lie
//! in the program as they are. The build script makes these with this file
//! too.

use std::borrow::Cow;

/// Bits of the hash.
pub const BITS: u32 = 16;
/// Words of the bitmap.
pub const WORDS: usize = 1 << (BITS - 6);
/// Buckets of keywords.
pub const BUCKETS: usize = 1 << 12;
/// Shortest keyword that can be looked for.
pub const SHORTEST: usize = 3;
/// Setting this bit folds ASCII letters' case (and some symbols into others,
/// which the exact comparison sorts out).
const FOLD: u32 = 0x2020_2020;

/// One keyword.
#[derive(Debug, Clone, Copy)]
pub struct Keyword {
    /// Where its text begins, lower case.
    pub start: u32,
    /// How long its text is.
    pub length: u16,
    /// Where its rules begin.
    pub rules: u16,
    /// How many rules it has.
    pub count: u16,
    /// The next keyword of the bucket, plus one.
    pub next: u16,
}

/// All keywords of a rule set.
#[derive(Debug, Clone)]
pub struct Prefilter {
    /// A bit for each hash of a keyword's first four bytes.
    pub bitmap: Cow<'static, [u64]>,
    /// First keyword of each bucket, plus one; by the keyword's first three bytes.
    pub heads: Cow<'static, [u16]>,
    /// The keywords.
    pub keywords: Cow<'static, [Keyword]>,
    /// Their texts.
    pub text: Cow<'static, [u8]>,
    /// Numbers of their rules.
    pub rules: Cow<'static, [u16]>,
}

impl Prefilter {
    /// The tables for pairs of a keyword (lower case, at least [`SHORTEST`]
    /// bytes) and a rule, ordered by keyword.
    pub fn new<'a>(pairs: impl IntoIterator<Item = (&'a str, u16)>) -> Self {
        let (mut bitmap, mut heads) = (vec![0; WORDS], vec![0; BUCKETS]);
        let (mut keywords, mut text, mut rules) = (Vec::new(), Vec::new(), Vec::new());
        let mut last = "";
        for (keyword, rule) in pairs {
            let &[a, b, c, ..] = keyword.as_bytes() else { continue };
            if keyword != last || keywords.is_empty() {
                last = keyword;
                match keyword.as_bytes().get(3) {
                    Some(&d) => mark(&mut bitmap, u32::from_le_bytes([a, b, c, d])),
                    None => {
                        (0..=255).for_each(|d| mark(&mut bitmap, u32::from_le_bytes([a, b, c, d])))
                    }
                }
                let number = u16::try_from(keywords.len() + 1).unwrap_or_default();
                let head = heads.get_mut(bucket(u32::from_le_bytes([a, b, c, 0])));
                keywords.push(Keyword {
                    start: u32::try_from(text.len()).unwrap_or_default(),
                    length: u16::try_from(keyword.len()).unwrap_or_default(),
                    rules: u16::try_from(rules.len()).unwrap_or_default(),
                    count: 0,
                    next: head.map_or(0, |head| std::mem::replace(head, number)),
                });
                text.extend_from_slice(keyword.as_bytes());
            }
            if let Some(keyword) = keywords.last_mut() {
                keyword.count += 1;
                rules.push(rule);
            }
        }
        Self {
            bitmap: bitmap.into(),
            heads: heads.into(),
            keywords: keywords.into(),
            text: text.into(),
            rules: rules.into(),
        }
    }
}

impl Prefilter {
    /// Every keyword with each of its rules.
    pub fn pairs(&self) -> impl Iterator<Item = (&str, u16)> {
        self.keywords.iter().flat_map(|keyword| {
            let (start, rules) = (keyword.start as usize, usize::from(keyword.rules));
            let text = self.text.get(start..start + usize::from(keyword.length));
            let text = text.and_then(|text| std::str::from_utf8(text).ok()).unwrap_or_default();
            let rules = self.rules.get(rules..rules + usize::from(keyword.count));
            rules.unwrap_or_default().iter().map(move |rule| (text, *rule))
        })
    }
}

fn mark(bitmap: &mut [u64], word: u32) {
    let hash = hash(word);
    if let Some(bits) = bitmap.get_mut(hash >> 6) {
        *bits |= 1 << (hash & 63);
    }
}

/// Place of four bytes in the bitmap.
pub fn hash(word: u32) -> usize {
    ((word | FOLD).wrapping_mul(0x9E37_79B1) >> (32 - BITS)) as usize
}

/// Bucket of a keyword's first three bytes.
pub fn bucket(word: u32) -> usize {
    (((word | FOLD) & 0x00FF_FFFF).wrapping_mul(0x85EB_CA6B) >> 20) as usize
}
