//! EWAH-compressed bitmaps (git's `Documentation/technical/bitmap-format`).

use super::parse::be32;

/// Positions of the set bits, ascending, and the bytes after the bitmap.
/// `None` where it is malformed or sets a bit at `limit` or beyond.
pub fn positions(data: &[u8], limit: usize) -> Option<(Vec<usize>, &[u8])> {
    let words = be32(data, 4)? as usize;
    let end = 8usize.checked_add(words.checked_mul(8)?)?;
    let body = data.get(8..end)?;
    let rest = data.get(end + 4..)?;
    let mut words = body
        .chunks_exact(8)
        .map(|word| word.iter().fold(0u64, |value, byte| value << 8 | u64::from(*byte)));
    let (mut found, mut at) = (Vec::new(), 0usize);
    while let Some(marker) = words.next() {
        let run = usize::try_from(marker >> 1 & 0xffff_ffff).ok()?.checked_mul(64)?;
        if marker & 1 == 1 {
            let stop = at
                .checked_add(run)
                .filter(|stop| *stop <= limit.checked_add(63).unwrap_or(limit))?;
            found.extend(at..stop.min(limit));
        }
        at = at.checked_add(run)?;
        for _ in 0..marker >> 33 {
            let word = words.next()?;
            found.extend((0..64).filter(|bit| word >> bit & 1 == 1).map(|bit| at + bit));
            at = at.checked_add(64)?;
        }
    }
    let fits = found.last().is_none_or(|last| *last < limit);
    fits.then_some((found, rest))
}

#[cfg(test)]
mod tests {
    use super::positions;

    #[test]
    fn runs_and_literal_words_are_unpacked() {
        let marker = 1u64 | 1 << 1 | 1 << 33;
        let words = [marker.to_be_bytes(), 0b101u64.to_be_bytes()].concat();
        let data =
            [&128u32.to_be_bytes()[..], &2u32.to_be_bytes(), &words, &[0; 4], b"rest"].concat();
        let (found, rest) = positions(&data, 100).unwrap();
        assert_eq!((found.len(), found[63], &found[64..]), (66, 63, &[64, 66][..]));
        assert_eq!(rest, b"rest");
        assert!(positions(&data, 66).is_none(), "a bit beyond the entries");
        assert!(positions(&data[..20], 100).is_none());
    }
}
