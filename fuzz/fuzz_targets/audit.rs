//! The audit log: its lines, its checkpoints, and appending to what is damaged.
#![no_main]

use std::cell::OnceCell;
use std::fs;

use libfuzzer_sys::fuzz_target;
use saferun::audit::{Checkpoint, Log, Trust};
use tempfile::TempDir;

fuzz_target!(|data: &[u8]| {
    thread_local!(static PLACE: OnceCell<TempDir> = const { OnceCell::new() });
    PLACE.with(|place| {
        let dir = place.get_or_init(|| TempDir::new().expect("a directory"));
        let path = dir.path().join("audit.jsonl");
        fs::write(&path, data).expect("a file");
        let log = Log::at(path);
        let trust = Trust::default();
        if let Ok(verified) = log.verify(&trust) {
            assert!(verified.events <= data.len() as u64);
        }
        let _ = log.let_through(|_| true);
        let text = String::from_utf8_lossy(data);
        let _ = Checkpoint::unverified(&text);
        let _ = log.prove("evt-000000000000");
    });
});
