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

/// One step of a delta.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step<'a> {
    /// So many bytes of the base, from an offset on.
    Copy(usize, usize),
    /// Bytes that the base has not.
    Insert(&'a [u8]),
}

/// The steps of a delta's instructions; ends with `None` in its place where
/// one is wrong.
pub struct Steps<'a>(pub &'a [u8]);

impl<'a> Iterator for Steps<'a> {
    type Item = Option<Step<'a>>;

    fn next(&mut self) -> Option<Self::Item> {
        let (op, after) = self.0.split_first()?;
        let step = step(*op, after);
        self.0 = step.map_or(&[], |(_, rest)| rest);
        Some(step.map(|(step, _)| step))
    }
}

fn step(op: u8, after: &[u8]) -> Option<(Step<'_>, &[u8])> {
    if op & 0x80 != 0 {
        let (offset, length, rest) = copy(op, after)?;
        return Some((Step::Copy(offset, length), rest));
    }
    let (piece, rest) = after.split_at_checked(usize::from(op))?;
    (!piece.is_empty()).then_some((Step::Insert(piece), rest))
}

/// Applies `delta` to `base`. `None` where a length or an instruction is
/// wrong; never produces more than the size the delta declares, nor more than
/// `limit`.
pub fn apply(base: &[u8], delta: &[u8], limit: u64) -> Option<Vec<u8>> {
    let mut out = Vec::new();
    apply_into(&mut out, base, delta, limit, |_, _| {})?;
    Some(out)
}

/// [`apply`] into a buffer that is used again. Calls `seen` with every step
/// and where in the result it begins.
pub fn apply_into(
    out: &mut Vec<u8>,
    base: &[u8],
    delta: &[u8],
    limit: u64,
    mut seen: impl FnMut(usize, Step<'_>),
) -> Option<()> {
    let (base_size, result_size, steps) = sizes(delta)?;
    if base_size != base.len() as u64 || result_size > limit {
        return None;
    }
    let total = usize::try_from(result_size).ok()?;
    out.clear();
    out.reserve(total.min(1 << 20));
    for step in Steps(steps) {
        let step = step?;
        let piece = match step {
            Step::Copy(offset, length) => base.get(offset..offset.checked_add(length)?)?,
            Step::Insert(piece) => piece,
        };
        if out.len() + piece.len() > total {
            return None;
        }
        seen(out.len(), step);
        out.extend_from_slice(piece);
    }
    (out.len() == total).then_some(())
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
