//! Archive and decompression readers, by each signature that starts one.
#![no_main]

use std::sync::OnceLock;

use libfuzzer_sys::fuzz_target;
use saferun::scan::Scanner;

const SIGNATURES: &[&[u8]] =
    &[b"", b"PK\x03\x04", b"\x1f\x8b\x08", b"\xfd7zXZ\0", b"\x28\xb5\x2f\xfd"];

fuzz_target!(|data: &[u8]| {
    static SCANNER: OnceLock<Scanner> = OnceLock::new();
    let scanner = SCANNER.get_or_init(Scanner::builtin);
    let Some((first, rest)) = data.split_first() else { return };
    let bytes = [SIGNATURES[usize::from(*first) % SIGNATURES.len()], rest].concat();
    let _ = scanner.scan(&bytes, b"a.bin");
    let _ = scanner.scan_reader(bytes.as_slice(), b"a.bin");
});
