//! Lists of words.

use memchr::memmem;

/// Words that a space parts, lower case.
pub(super) struct Words {
    text: &'static str,
    /// By first byte: the lengths of the words, a bit for each.
    lengths: [u32; 128],
}

impl Words {
    pub(super) const fn new(text: &'static str) -> Self {
        let bytes = text.as_bytes();
        let (mut lengths, mut start, mut at) = ([0; 128], 0, 0);
        while at <= bytes.len() {
            if at == bytes.len() || bytes[at] == b' ' {
                if at > start {
                    lengths[bytes[start] as usize % 128] |= bit(at - start);
                }
                start = at + 1;
            }
            at += 1;
        }
        Self { text, lengths }
    }

    /// Whether `word`, lower case, is one of them.
    pub(super) fn hold(&self, word: &str) -> bool {
        let Some(first) = word.as_bytes().first() else { return false };
        self.lengths[usize::from(*first) % 128] & bit(word.len()) != 0 && self.is_there(word)
    }

    fn is_there(&self, word: &str) -> bool {
        let text = self.text.as_bytes();
        let space =
            |at: Option<usize>| at.and_then(|at| text.get(at)).is_none_or(|byte| *byte == b' ');
        let mut places = memmem::find_iter(text, word);
        places.any(|at| space(at.checked_sub(1)) && space(Some(at + word.len())))
    }
}

/// The bit of a length; long ones share the last.
const fn bit(length: usize) -> u32 {
    1 << if length < 31 { length } else { 31 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_words_are_held() {
        static WORDS: Words = Words::new("one two three");
        for word in ["one", "two", "three"] {
            assert!(WORDS.hold(word), "{word}");
        }
        for word in ["", "on", "ne", "thr", "ones", "wo", "tree"] {
            assert!(!WORDS.hold(word), "{word}");
        }
    }
}
