//! How long classifying a line takes: `cargo bench --bench classify`.

#![expect(clippy::print_stdout, reason = "a benchmark prints its figures")]

use std::hint::black_box;
use std::time::Instant;

use saferun::command::{Nothing, classify_line};

/// What people and agents type all day.
const ORDINARY: &[&str] = &[
    "git status",
    "cargo test --all",
    "ls -la src",
    "grep -rn 'TODO' src | head -20",
    "cd src && npm run build 2>&1 | tee build.log",
    "git commit -m \"Fix the parser\"",
    "for f in *.rs; do wc -l \"$f\"; done",
    "docker compose up -d",
    "curl -s https://example.com/api | jq .name",
    "python3 -m pytest -x tests/",
];

/// What nobody should.
const DISGUISED: &[&str] = &[
    "sudo bash -lc 'rm -rf /'",
    "echo cm0gLXJmIC8K | base64 -d | sh",
    "X=rm; F=-rf; $X $F /",
    "python3 -c 'import shutil; shutil.rmtree(\"/\")'",
    "find / -name '*' -exec rm -rf {} +",
];

const ROUNDS: u32 = 20_000;

fn main() {
    for (name, lines) in [("ordinary", ORDINARY), ("disguised", DISGUISED)] {
        for line in lines {
            black_box(classify_line(line, &Nothing));
            let started = Instant::now();
            for _ in 0..ROUNDS {
                black_box(classify_line(black_box(line), &Nothing));
            }
            println!("{name:<10} {:>9.2?}  {line}", started.elapsed() / ROUNDS);
        }
    }
}
