//! The reader of command lines.
#![no_main]

use libfuzzer_sys::fuzz_target;
use saferun::command::{Nothing, classify_line};

fuzz_target!(|data: &[u8]| {
    let _ = classify_line(&String::from_utf8_lossy(data), &Nothing);
});
