//! What the audit log costs: `cargo bench --bench audit [-- EVENTS]`.

#![expect(clippy::print_stdout, reason = "a bench prints its figures")]
#![expect(clippy::unwrap_used, reason = "a bench stops where its stage breaks")]

use std::fs;
use std::hint::black_box;
use std::thread;
use std::time::{Duration, Instant};

use saferun::audit::{Event, EventType, Log, Trust};
use serde_json::json;

/// Events of one batch.
const BATCH: usize = 1_000;

/// A decision as a guard records it, of about 600 bytes.
fn event(number: usize) -> Event {
    let mut event = Event::new(EventType::Decision, jiff::Timestamp::now());
    event.operation = "k8s.deployment.restart".to_owned();
    event.target = format!("prod/api-server-{}", number % 100);
    event.params = json!({"namespace": "prod", "deployment": "api-server", "replicas": number % 7});
    event.context =
        json!({"facts": {"windows": {"count": number, "risk": 12.5}}, "source": "gateway"});
    event.rule = Some("prod-restarts-need-approval".to_owned());
    event.ticket_id = Some("OPS-1234".to_owned());
    event
}

fn main() {
    let argument = std::env::args().skip(1).find_map(|argument| argument.parse().ok());
    let total: usize = argument.unwrap_or(1_000_000);
    let dir = tempfile::tempdir_in(".").unwrap();
    let key = ed25519_dalek::SigningKey::from_bytes(&[1; 32]);
    let trust = Trust { keys: vec![key.verifying_key()], against: Vec::new() };
    let log = Log::at(dir.path().join("audit.jsonl")).signed_by(Some(key.clone()));

    let mut spent = Duration::ZERO;
    for batch in 0..total / BATCH {
        let events: Vec<Event> = (0..BATCH).map(|number| event(batch * BATCH + number)).collect();
        let start = Instant::now();
        black_box(log.append(events, false).unwrap());
        spent += start.elapsed();
    }
    let rate = total as f64 / spent.as_secs_f64();
    println!("append, batches of {BATCH}:      {rate:>10.0} events/s");

    let bytes = fs::metadata(log.path()).unwrap().len() as f64 / 1e6;
    for round in 0..3 {
        let start = Instant::now();
        let found = log.verify(&trust).unwrap();
        let spent = start.elapsed().as_secs_f64();
        assert!(found.fault.is_none() && found.events >= (total / BATCH * BATCH) as u64);
        println!("verify, {bytes:.0} MB, round {round}:      {:>10.0} MB/s", bytes / spent);
    }

    for (name, key) in [("signed", Some(key.clone())), ("not signed", None)] {
        let log = Log::at(dir.path().join(format!("one by one, {name}.jsonl"))).signed_by(key);
        let start = Instant::now();
        (0..2_000).for_each(|number| drop(log.append(vec![event(number)], false).unwrap()));
        let each = start.elapsed().as_secs_f64() * 1e6 / 2_000.0;
        println!("append, one by one, {name:<10}: {each:>9.1} µs each");
    }

    for threads in [1, 8, 64] {
        let log = Log::at(dir.path().join(format!("durable-{threads}.jsonl"))).signed_by(None);
        let each = 1_024 / threads;
        let start = Instant::now();
        thread::scope(|scope| {
            for _ in 0..threads {
                scope.spawn(|| (0..each).for_each(|n| drop(log.append(vec![event(n)], true))));
            }
        });
        let rate = 1_024.0 / start.elapsed().as_secs_f64();
        println!("append, durable, {threads:>2} threads:  {rate:>10.0} events/s");
    }
    let path = dir.path().join("fsync");
    let mut file = fs::File::create(path).unwrap();
    let start = Instant::now();
    for _ in 0..256 {
        std::io::Write::write_all(&mut file, &[b'x'; 600]).unwrap();
        file.sync_data().unwrap();
    }
    println!(
        "the disk: write and sync:     {:>10.0} a second",
        256.0 / start.elapsed().as_secs_f64()
    );
}
