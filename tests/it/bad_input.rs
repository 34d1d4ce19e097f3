//! Input that is made to hurt, or that changes under the reader's hands: a
//! finding, a warning or a clear error, in bounded memory and time.

#![expect(clippy::unwrap_used, reason = "a test stops where its stage breaks")]

use std::fs::{self, File, OpenOptions};
use std::io::{BufWriter, Write};
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::os::unix::net::UnixListener;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use flate2::Compression;
use flate2::write::GzEncoder;
use saferun::scan::sample::expand;

use crate::support::sandbox::{Run, SAFERUN, Sandbox};

/// Most memory that a scan may take, MiB: this is the slow build, on all cores.
const MEMORY: u64 = 256;
/// Seconds after which a scan is not thought to end.
const LONG: &str = "300";
/// Runs a program with a time limit and says how much memory it took, in MiB.
const MEASURED: &str = "
import resource, subprocess, sys
done = subprocess.run(sys.argv[2:], timeout=float(sys.argv[1]))
peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
sys.stderr.write('\\npeak %d' % (peak >> (20 if sys.platform == 'darwin' else 10)))
sys.exit(done.returncode)
";

fn place() -> Sandbox {
    Sandbox::empty("files")
}

fn token() -> String {
    expand("ghp_{36:crc}")
}

/// A scan within the limits.
#[track_caller]
fn scan(sandbox: &Sandbox, arguments: &[&str]) -> Run {
    let run = ["-c", MEASURED, LONG, SAFERUN, "scan"];
    let mut run = sandbox.run("python3", &[&run[..], arguments].concat());
    let (said, peak) = run.err.rsplit_once("\npeak ").expect("it was measured");
    let peak: u64 = peak.trim().parse().unwrap();
    assert!(peak < MEMORY, "{peak} MiB: {said}");
    assert!(!said.contains("panicked"), "{said}");
    run.err = said.to_owned();
    run
}

fn create(sandbox: &Sandbox, name: &str) -> BufWriter<File> {
    BufWriter::new(File::create(sandbox.dir.join(name)).unwrap())
}

#[test]
fn a_line_of_many_megabytes() {
    let sandbox = place();
    let mut file = create(&sandbox, "words.txt");
    let words = "lorem ipsum dolor sit amet ".repeat(40_000);
    for _ in 0..10 {
        file.write_all(words.as_bytes()).unwrap();
    }
    write!(file, "t='{}'", token()).unwrap();
    drop(file);
    scan(&sandbox, &["words.txt"]).ended(1).saying("words.txt:1:");
    // Nothing but zeros, and the secret behind them.
    let sparse = File::create(sandbox.dir.join("sparse.bin")).unwrap();
    sparse.set_len(24 << 20).unwrap();
    drop(sparse);
    let mut sparse = OpenOptions::new().append(true).open(sandbox.dir.join("sparse.bin")).unwrap();
    write!(sparse, " {} ", token()).unwrap();
    scan(&sandbox, &["sparse.bin"]).ended(1).saying("sparse.bin:1:");
}

/// Another key for every number.
fn key(number: u128) -> String {
    let mixed = number.wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15_f39c_c060_5ced_c835);
    format!("key{}live_{:.24}", "=sk_", format!("{mixed:032x}"))
}

#[test]
fn a_file_of_a_million_matches() {
    let sandbox = place();
    let mut lines = create(&sandbox, "lines.txt");
    for number in 0..1_000_000 {
        writeln!(lines, "{}", key(number)).unwrap();
    }
    drop(lines);
    let run = scan(&sandbox, &["lines.txt", "--format", "jsonl"]).ended(1);
    assert!(run.out.lines().count() >= 1000, "{}", run.out.lines().count());
    let mut line = create(&sandbox, "line.txt");
    for number in 0..20_000 {
        write!(line, "{} ", key(number)).unwrap();
    }
    drop(line);
    scan(&sandbox, &["line.txt", "--format", "jsonl"]).ended(1);
}

fn gzip(content: &[u8]) -> Vec<u8> {
    let mut out = GzEncoder::new(Vec::new(), Compression::best());
    out.write_all(content).unwrap();
    out.finish().unwrap()
}

#[test]
fn archives_that_unpack_to_too_much_are_reported() {
    let sandbox = place();
    sandbox.write("ratio.gz", gzip(&vec![0; 200 << 20]));
    let nested = (0..8).fold(b"hello\n".to_vec(), |inner, _| gzip(&inner));
    sandbox.write("nested.gz", nested);
    let mut header = [0_u8; 512];
    header[..1].copy_from_slice(b"a");
    header[100..108].copy_from_slice(b"0000644\0");
    header[124..136].copy_from_slice(b"00000000000\0");
    header[156] = b'0';
    header[257..263].copy_from_slice(b"ustar\0");
    header[148..156].copy_from_slice(b"        ");
    let sum: u32 = header.iter().map(|byte| u32::from(*byte)).sum();
    header[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
    sandbox.write("many.tgz", gzip(&header.repeat(101_000)));
    for name in ["ratio.gz", "nested.gz", "many.tgz"] {
        scan(&sandbox, &[name]).ended(1).saying("archive-not-scanned").saying(name);
    }
}

#[test]
fn links_in_a_circle_pipes_sockets_and_devices_are_left_out() {
    let sandbox = place();
    sandbox.write("a/b/fine.txt", "fine\n");
    sandbox.write("a/secret.txt", token());
    symlink("..", sandbox.dir.join("a/b/up")).unwrap();
    symlink("self", sandbox.dir.join("self")).unwrap();
    symlink("/dev/zero", sandbox.dir.join("endless")).unwrap();
    symlink("gone", sandbox.dir.join("dangling")).unwrap();
    sandbox.run("mkfifo", &["pipe"]).fine();
    let _socket = UnixListener::bind(sandbox.dir.join("socket")).unwrap();
    let run = scan(&sandbox, &["--format", "jsonl"]).ended(1);
    assert_eq!(run.out.lines().count(), 1, "{}", run.out);
    // Named, they are no pass.
    for name in ["pipe", "socket", "endless"] {
        scan(&sandbox, &[name]).ended(4).saying(name).saying("--stdin");
    }
    scan(&sandbox, &["self"]).ended(4).saying("self");
    // A link that is named is what it leads to.
    symlink("a/secret.txt", sandbox.dir.join("link")).unwrap();
    scan(&sandbox, &["link"]).ended(1).saying("link:1");
    symlink("a", sandbox.dir.join("way")).unwrap();
    scan(&sandbox, &["way"]).ended(1).saying("secret.txt:1");
}

/// Scans again and again while `change` is done to a file.
fn while_changing(sandbox: &Sandbox, change: impl Fn(&Path, usize) + Sync) {
    let over = AtomicBool::new(false);
    let path = sandbox.dir.join("changing.txt");
    thread::scope(|scope| {
        scope.spawn(|| {
            for turn in 0.. {
                if over.load(Ordering::Relaxed) {
                    break;
                }
                change(&path, turn);
            }
        });
        let codes: Vec<i32> = (0..4).map(|_| scan(sandbox, &["."]).code).collect();
        over.store(true, Ordering::Relaxed);
        assert!(codes.iter().all(|code| matches!(code, 0 | 1)), "{codes:?}");
    });
}

#[test]
fn a_file_that_shrinks_grows_or_vanishes_while_it_is_read() {
    let sandbox = place();
    sandbox.write("changing.txt", "word ".repeat(1 << 20));
    while_changing(&sandbox, |path, turn| {
        let file = OpenOptions::new().write(true).open(path).unwrap();
        file.set_len([6 << 20, 1 << 10, 5 << 20, 0][turn % 4]).unwrap();
    });
    fs::write(sandbox.dir.join("changing.txt"), "word ".repeat(1 << 20)).unwrap();
    while_changing(&sandbox, |path, _| {
        let mut file = OpenOptions::new().append(true).open(path).unwrap();
        if file.metadata().unwrap().len() < 16 << 20 {
            file.write_all(&[b'x'; 100_000]).unwrap();
        }
    });
    while_changing(&sandbox, |path, turn| {
        if turn % 2 == 0 {
            let _ = fs::remove_file(path);
        } else {
            fs::write(path, "hello\n").unwrap();
        }
        thread::sleep(Duration::from_millis(1));
    });
}

#[test]
fn a_file_that_cannot_be_read_is_no_pass() {
    let sandbox = place();
    sandbox.write("fine.txt", "fine\n");
    // Reading its own first page of memory fails, even for the superuser.
    if Path::new("/proc/self/mem").exists() {
        scan(&sandbox, &["/proc/self/mem"]).ended(4).saying("/proc/self/mem");
        scan(&sandbox, &["fine.txt", "/proc/self/mem"]).ended(4).saying("make it readable");
    }
    sandbox.write("closed.txt", token());
    let closed = sandbox.dir.join("closed.txt");
    fs::set_permissions(&closed, fs::Permissions::from_mode(0o0)).unwrap();
    if File::open(&closed).is_err() {
        scan(&sandbox, &["."]).ended(4).saying("closed.txt").saying("make it readable");
        sandbox.write("open.txt", token());
        scan(&sandbox, &["."]).ended(1).saying("open.txt").saying("closed.txt");
    }
}

#[test]
fn patterns_that_explode_are_refused_or_run_in_linear_time() {
    let sandbox = place();
    sandbox.write("a.txt", "a".repeat(1 << 20) + "!\n");
    let rule = |pattern: &str| format!("[[rules]]\nid = 'own'\nregex = '''{pattern}'''\n");
    for pattern in ["(a{1000}){1000}", "((a{100}){100}){100}", r"\pL{1000}{100}", "(((((a"] {
        sandbox.write(".gitleaks.toml", rule(pattern));
        scan(&sandbox, &[".", "--config", ".gitleaks.toml"]).ended(2).saying("own");
    }
    for pattern in ["(a+)+$", "(a|aa)+b", "(.*)*x", "(a|a)*c", "^(([a-z])+.)+[A-Z]([a-z])+$"] {
        sandbox.write(".gitleaks.toml", rule(pattern));
        let run = scan(&sandbox, &["a.txt", "--config", ".gitleaks.toml"]);
        assert!(matches!(run.code, 0 | 1), "{pattern}: {run:#?}");
    }
}

#[test]
fn an_ignore_file_of_a_hundred_thousand_entries() {
    let sandbox = place();
    sandbox.write("a.txt", format!("t = '{}'\n", token()));
    let mut ignores: String =
        (0..100_000).map(|n| format!("dir/file{n}.txt:rule-{n}:1\n")).collect();
    sandbox.write(".gitleaksignore", &ignores);
    scan(&sandbox, &["."]).ended(1).saying("a.txt:1").saying("99990 more ignores");
    ignores.push_str("a.txt:github-pat:1\n");
    sandbox.write(".gitleaksignore", &ignores);
    scan(&sandbox, &["."]).fine();
}
