//! Redaction: a stream in pieces of any size gives what the whole gives, and a
//! second pass changes nothing that matters.
#![no_main]

use std::io::{self, Read};
use std::sync::OnceLock;

use libfuzzer_sys::fuzz_target;
use saferun::redact::Redactor;

/// Hands out a text in pieces of these sizes.
struct Pieces<'a> {
    text: &'a [u8],
    sizes: std::iter::Cycle<std::slice::Iter<'a, u8>>,
}

impl Read for Pieces<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let size = self.sizes.next().map_or(1, |size| usize::from(*size) + 1);
        let (now, later) = self.text.split_at(size.min(self.text.len()).min(buffer.len()));
        buffer[..now.len()].copy_from_slice(now);
        self.text = later;
        Ok(now.len())
    }
}

fuzz_target!(|data: &[u8]| {
    static REDACTOR: OnceLock<Redactor> = OnceLock::new();
    let redactor = REDACTOR.get_or_init(|| {
        let named = Redactor::default().variable("TOKEN", Some("correct horse battery")).ok();
        named.and_then(|known| known.pattern("TICKET", "TCK-[0-9]{4}").ok()).expect("patterns")
    });
    let Some((sizes, text)) = data.split_at_checked(4) else { return };
    let whole = redactor.redact(text);
    let mut streamed = Vec::new();
    let pieces = Pieces { text, sizes: sizes.iter().cycle() };
    redactor.redact_stream(pieces, &mut streamed).expect("memory can be read");
    assert_eq!(whole.as_ref(), streamed.as_slice());
});
