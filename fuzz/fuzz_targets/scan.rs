//! The scan engine: any bytes at any kind of path, held and read in pieces.
#![no_main]

use std::sync::OnceLock;

use libfuzzer_sys::fuzz_target;
use saferun::scan::{Confidence, Scanner};

const PATHS: &[&str] = &["", "a.py", "src/a.rs", ".env", "b.json", "c.yaml", "tests/d.ts", "e.md"];

fuzz_target!(|data: &[u8]| {
    static SCANNER: OnceLock<Scanner> = OnceLock::new();
    let scanner = SCANNER
        .get_or_init(|| Scanner::builtin().with_confidence(Confidence::Low).keeping_marked());
    let Some((first, text)) = data.split_first() else { return };
    let path = PATHS[usize::from(*first) % PATHS.len()].as_bytes();
    for finding in scanner.scan(text, path) {
        assert!(finding.start_line <= finding.end_line);
        let hidden = finding.redacted();
        assert!(finding.secret.len() < 24 || !hidden.secret.contains(&finding.secret));
    }
    let read = scanner.scan_reader(text, path).expect("memory can be read");
    assert_eq!(read.1 > 0, !text.is_empty());
});
