//! What a value is made of: letters in word-like runs, other letters, digits,
//! symbols. Word-likeness comes from a table of letter trigrams
//! (`rules/words/trigrams.bin`, made by `train.py` beside it).

/// -log2 P(letter | two before), in sixteenths of a bit.
static TRIGRAMS: &[u8] = include_bytes!("../../../rules/words/trigrams.bin");
const SIDE: usize = 27;
/// Sixteenths of a bit a letter: words and identifiers stay below (95 % of
/// English words), of eight random letters 98 % lie above.
const WORDLIKE: usize = 72;
/// Random letters lie above this, words hardly ever.
const RANDOM: usize = 78;
/// Shortest run that can count as a word.
const WORD: usize = 4;

/// Counts of a value's characters.
#[derive(Debug, Default, Clone, Copy)]
pub(in crate::scan) struct Makeup {
    /// Bytes.
    pub(in crate::scan) length: usize,
    /// Small letters.
    pub(in crate::scan) lower: usize,
    /// Capitals.
    pub(in crate::scan) upper: usize,
    /// Digits.
    pub(in crate::scan) digits: usize,
    /// Neither letters nor digits.
    pub(in crate::scan) symbols: usize,
    /// Of those, blanks.
    pub(in crate::scan) blanks: usize,
    /// Letters in word-like runs.
    pub(in crate::scan) in_words: usize,
    /// Runs of one class.
    pub(in crate::scan) runs: usize,
    /// Different bytes.
    pub(in crate::scan) distinct: usize,
    /// Cost of all letters in sixteenths of a bit.
    cost: usize,
}

impl Makeup {
    /// Of `value`.
    pub(in crate::scan) fn of(value: &[u8]) -> Self {
        let mut made = Self { length: value.len(), ..Self::default() };
        let mut seen = [false; 256];
        for byte in value {
            match byte {
                b'a'..=b'z' => made.lower += 1,
                b'A'..=b'Z' => made.upper += 1,
                b'0'..=b'9' => made.digits += 1,
                _ => made.symbols += 1,
            }
            made.blanks += usize::from(byte.is_ascii_whitespace());
            if let Some(seen) = seen.get_mut(usize::from(*byte)) {
                made.distinct += usize::from(!*seen);
                *seen = true;
            }
        }
        made.runs = value.chunk_by(|a, b| class(*a) == class(*b)).count();
        for run in letter_runs(value) {
            let cost = cost(run);
            made.cost += cost;
            if run.len() >= WORD && cost <= WORDLIKE * run.len() {
                made.in_words += run.len();
            }
        }
        made
    }

    /// Letters of either case.
    pub(in crate::scan) fn letters(&self) -> usize {
        self.lower + self.upper
    }

    /// Small letters, capitals, digits, symbols: how many of these.
    pub(in crate::scan) fn classes(&self) -> usize {
        [self.lower, self.upper, self.digits, self.symbols]
            .iter()
            .filter(|count| **count > 0)
            .count()
    }

    /// Whether the letters come in no order that words have.
    pub(in crate::scan) fn random_letters(&self) -> bool {
        self.cost >= RANDOM * self.letters() && self.in_words * 3 <= self.letters()
    }
}

/// Small letters, capitals, digits and symbols change at most this often in
/// what people name.
fn class(byte: u8) -> u8 {
    match byte {
        b'a'..=b'z' => 0,
        b'A'..=b'Z' => 1,
        b'0'..=b'9' => 2,
        _ => 3,
    }
}

/// Runs of letters, cut where camel case begins a word.
fn letter_runs(value: &[u8]) -> impl Iterator<Item = &[u8]> {
    let together = |a: &u8, b: &u8| {
        a.is_ascii_alphabetic()
            && b.is_ascii_alphabetic()
            && !(a.is_ascii_lowercase() && b.is_ascii_uppercase())
    };
    value
        .chunk_by(together)
        .filter(|run| run.first().is_some_and(u8::is_ascii_alphabetic))
        .flat_map(|run| {
            // `APIKey`: the last capital begins the next word.
            let capitals = run.iter().take_while(|byte| byte.is_ascii_uppercase()).count();
            let cut = if capitals > 1 && capitals < run.len() { capitals - 1 } else { 0 };
            let (first, second) = run.split_at(cut);
            [first, second]
        })
        .filter(|run| !run.is_empty())
}

fn cost(run: &[u8]) -> usize {
    let (mut first, mut second, mut total) = (0, 0, 0);
    for byte in run {
        let letter = usize::from(byte.to_ascii_lowercase().saturating_sub(b'a') + 1).min(SIDE - 1);
        let index = (first * SIDE + second) * SIDE + letter;
        total += usize::from(TRIGRAMS.get(index).copied().unwrap_or(u8::MAX));
        (first, second) = (second, letter);
    }
    total
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_and_random_letters_are_told_apart() {
        assert_eq!(TRIGRAMS.len(), SIDE * SIDE * SIDE);
        for word in [
            "password",
            "getUserName",
            "kubernetes",
            "HTTPResponse",
            "sonnenschein",
            "correct-horse-battery",
        ] {
            let made = Makeup::of(word.as_bytes());
            assert!(
                made.in_words * 3 >= made.letters() * 2 && !made.random_letters(),
                "{word} {made:?}"
            );
        }
        for random in ["qdnzwqjc", "xKfjWqRtZp", "gzttkcbh", "Vx9Qz3Kp7Lw"] {
            let made = Makeup::of(random.as_bytes());
            assert!(made.in_words == 0 && made.random_letters(), "{random} {made:?}");
        }
    }
}
