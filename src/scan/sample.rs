//! The notation of `examples` and `counterexamples`, which keeps whole secrets
//! out of the tree: they are put together only when a test runs.
//!
//! | written | becomes |
//! |---|---|
//! | `{}` | nothing; it splits a literal |
//! | `{36}` | 36 letters and digits |
//! | `{32:hex}` | 32 of a class: `hex`, `HEX`, `digit`, `lower`, `UPPER`, `LOWER9` (lower case and digits), `UPPER9`, `b64`, `url` (base64url), `word`, `b58` (base58), `b32` (lower-case base32) |
//! | `{36:crc}` | 30 letters and digits, then their CRC-32 in base62 |
//!
//! The characters follow from the position, so that a sample is always the same.

use super::filter::checksum::crc_digits;

const DIGITS: &str = "0123456789";
const LOWER: &str = "abcdefghijklmnopqrstuvwxyz";
const UPPER: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";

/// The text that a sample stands for.
#[must_use]
pub fn expand(sample: &str) -> String {
    let mut out = String::new();
    let mut rest = sample;
    while let Some(start) = rest.find('{') {
        let (before, from) = rest.split_at(start);
        out.push_str(before);
        let Some(end) = from.find('}') else {
            rest = from;
            break;
        };
        let inner = from.get(1..end).unwrap_or_default();
        let (text, length) = match generate(inner, out.len()) {
            Some(text) => (text, end + 1),
            None => ("{".to_owned(), 1),
        };
        out.push_str(&text);
        rest = from.get(length..).unwrap_or_default();
    }
    out.push_str(rest);
    out
}

fn generate(inner: &str, position: usize) -> Option<String> {
    if inner.is_empty() {
        return Some(String::new());
    }
    let (count, class) = inner.split_once(':').unwrap_or((inner, ""));
    let count: usize = count.parse().ok().filter(|count| *count <= 4096)?;
    let alphabet = match class {
        "" | "crc" => [DIGITS, LOWER, UPPER].concat(),
        "hex" => [DIGITS, "abcdef"].concat(),
        "HEX" => [DIGITS, "ABCDEF"].concat(),
        "digit" => "1234567890".to_owned(),
        "lower" => LOWER.to_owned(),
        "UPPER" => UPPER.to_owned(),
        "LOWER9" => [DIGITS, LOWER].concat(),
        "UPPER9" => ["234567", UPPER].concat(),
        "b64" => [DIGITS, LOWER, UPPER, "+/"].concat(),
        "b58" => ["123456789", "abcdefghijkmnopqrstuvwxyz", "ABCDEFGHJKLMNPQRSTUVWXYZ"].concat(),
        "b32" => [LOWER, "234567"].concat(),
        "url" | "word" => [DIGITS, LOWER, UPPER, "_"].concat(),
        _ => return None,
    };
    if class == "crc" {
        let payload = random(&alphabet, count.checked_sub(6)?, position);
        let digits = crc_digits(payload.as_bytes());
        return Some(payload + &digits);
    }
    Some(random(&alphabet, count, position))
}

/// A fixed pseudo-random walk over the alphabet that never repeats a character
/// at once.
fn random(alphabet: &str, count: usize, seed: usize) -> String {
    let letters: Vec<char> = alphabet.chars().collect();
    let mut state = seed as u64 ^ 0x9E37_79B9_7F4A_7C15;
    let mut previous = None;
    let mut out = String::with_capacity(count);
    while out.len() < count {
        state =
            state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let letter = letters.get((state >> 33) as usize % letters.len().max(1)).copied();
        if letter != previous {
            out.extend(letter);
            previous = letter;
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn samples_are_put_together_the_same_way_each_time() {
        assert_eq!(expand("a{}b{ c }"), "ab{ c }");
        assert_eq!(expand("x{12:hex}").len(), 13);
        assert_eq!(expand("x{36}"), expand("x{36}"));
        assert!(expand("{3:digit}").chars().all(|c| c.is_ascii_digit()));
        assert_eq!(expand("open {36"), "open {36");
        assert_eq!(expand("{ \"a\": {} {x} }"), "{ \"a\":  {x} }");
        assert_eq!(expand("{\"key\":\"{8}\"}").len(), 18);
    }
}
