//! Redaction of a stream in constant memory.

use std::io::{self, Read, Write};

use super::{Redactor, scanner};

/// Bytes held at most.
const PIECE: usize = 1 << 20;
/// Bytes that stay for the next piece: longer than any rule's window.
const OVERLAP: usize = 64 << 10;

/// Copies `from` to `to` without its secrets, also those that straddle two
/// reads.
///
/// # Errors
/// What reading or writing fails with.
pub(super) fn copy(redactor: &Redactor, mut from: impl Read, mut to: impl Write) -> io::Result<()> {
    let mut held: Vec<u8> = Vec::with_capacity(PIECE);
    loop {
        let want = PIECE.saturating_sub(held.len()) as u64;
        let got = from.by_ref().take(want).read_to_end(&mut held)? as u64;
        if got < want {
            to.write_all(&redactor.redact(&held))?;
            return to.flush();
        }
        let cut = redactor.end_across(&held, cut(&held));
        let (done, rest) = held.split_at(cut.min(held.len()));
        to.write_all(&redactor.redact(done))?;
        held = rest.to_vec();
    }
}

/// After a line where there is one, and never inside a secret.
fn cut(held: &[u8]) -> usize {
    let limit = held.len().saturating_sub(OVERLAP);
    let line = held.get(..limit).unwrap_or_default().iter().rposition(|byte| *byte == b'\n');
    let cut = line.map_or(limit, |at| at + 1);
    let inside =
        scanner().hits(held, b"").into_iter().find(|hit| hit.match_start < cut && cut < hit.end);
    inside.map_or(cut, |hit| hit.end)
}
