//! Agents' payloads: every protocol reads any JSON and answers it.
#![no_main]

use libfuzzer_sys::fuzz_target;
use saferun::entry::agent::{Verdict, named, names};

fuzz_target!(|data: &[u8]| {
    let Ok(payload) = serde_json::from_slice(data) else { return };
    let verdict = Verdict::unjudged("of a test");
    for name in names() {
        let dialect = named(name).expect("its own name");
        let _ = (dialect.recognises(&payload), dialect.read(&payload));
        let _ = dialect.answer(&verdict, &payload);
    }
});
