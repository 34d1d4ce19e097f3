//! Deltas: copies from a base and literal bytes (gitformat-pack, "Deltified
//! representation").

/// The two sizes that open a delta, base and result, and the rest of it.
pub fn sizes(delta: &[u8]) -> Option<(u64, u64, &[u8])> {
    let (base, rest) = size(delta)?;
    let (result, rest) = size(rest)?;
    Some((base, result, rest))
}

fn size(data: &[u8]) -> Option<(u64, &[u8])> {
    let mut value = 0u64;
    for (index, byte) in data.iter().enumerate().take(10) {
        let shift = u32::try_from(index).ok()? * 7;
        value |= u64::from(byte & 0x7f).checked_shl(shift)?;
        if byte & 0x80 == 0 {
            return Some((value, data.get(index + 1..)?));
        }
    }
    None
}

/// Applies `delta` to `base`. `None` where a length or an instruction is
/// wrong; never produces more than the size the delta declares, nor more than
/// `limit`.
pub fn apply(base: &[u8], delta: &[u8], limit: u64) -> Option<Vec<u8>> {
    let (base_size, result_size, mut rest) = sizes(delta)?;
    if base_size != base.len() as u64 || result_size > limit {
        return None;
    }
    let total = usize::try_from(result_size).ok()?;
    let mut out = Vec::with_capacity(total.min(1 << 20));
    while let Some((op, after)) = rest.split_first() {
        let piece = if op & 0x80 != 0 {
            let (offset, length, after) = copy(*op, after)?;
            rest = after;
            base.get(offset..offset.checked_add(length)?)?
        } else {
            let length = usize::from(*op);
            rest = after.get(length..)?;
            after.get(..length).filter(|piece| !piece.is_empty())?
        };
        if out.len() + piece.len() > total {
            return None;
        }
        out.extend_from_slice(piece);
    }
    (out.len() == total).then_some(out)
}

fn copy(op: u8, mut rest: &[u8]) -> Option<(usize, usize, &[u8])> {
    let mut field = |bits: std::ops::Range<u32>| {
        let first = bits.start;
        bits.filter(|bit| op & 1 << bit != 0).try_fold(0usize, |value, bit| {
            let (byte, after) = rest.split_first()?;
            rest = after;
            Some(value | usize::from(*byte) << ((bit - first) * 8))
        })
    };
    let (offset, length) = (field(0..4)?, field(4..7)?);
    Some((offset, if length == 0 { 0x10000 } else { length }, rest))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn copies_and_literals_make_the_result() {
        let delta = [6, 7, 0x91, 2, 4, 3, b'x', b'y', b'z'];
        assert_eq!(apply(b"abcdef", &delta, 100).as_deref(), Some(&b"cdefxyz"[..]));
        assert!(apply(b"abcdef", &delta, 6).is_none(), "larger than allowed");
        assert!(apply(b"abcde", &delta, 100).is_none(), "another base");
        assert!(apply(b"abcdef", &delta[..8], 100).is_none(), "cut off");
        assert!(apply(b"abcdef", &[6, 1, 0], 100).is_none(), "reserved instruction");
    }

    proptest! {
        #[test]
        fn any_delta_ends_within_the_limit(
            base in proptest::collection::vec(any::<u8>(), 0..40),
            mut delta in proptest::collection::vec(any::<u8>(), 0..60),
        ) {
            delta.splice(0..0, [base.len() as u8, 0x7f]);
            if let Some(result) = apply(&base, &delta, 200) {
                prop_assert_eq!(result.len(), 0x7f);
            }
        }
    }
}
