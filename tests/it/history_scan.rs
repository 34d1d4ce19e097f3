//! `scan --history` along delta trees against scanning every blob as a whole,
//! on repositories that the real git packed; and on damaged ones.

#![expect(clippy::unwrap_used, reason = "a test stops where its stage breaks")]

use std::fmt::Write as _;
use std::fs;
use std::io::Write as _;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use saferun::scan::sample;
use serde_json::Value;
use tempfile::TempDir;

/// A rule that may match anywhere keeps the scanner from leaving anything out:
/// every blob is scanned as a whole.
const WHOLE: &str = "[extend]\nuseDefault = true\n[[rules]]\nid = \"anywhere\"\n\
    description = \"x\"\nregex = '''zzqq{8}NEVER'''\n";

/// A sample that no other one is equal to: its characters follow from where it
/// stands.
fn expand(text: &str) -> String {
    static NEXT: AtomicUsize = AtomicUsize::new(0);
    let before = " ".repeat(NEXT.fetch_add(1, Ordering::Relaxed) * 7);
    sample::expand(&format!("{before}{text}")).split_off(before.len())
}

struct Room {
    _home: TempDir,
    dir: PathBuf,
    config: PathBuf,
}

impl Room {
    fn new() -> Self {
        let home = tempfile::tempdir().unwrap();
        let (dir, config) = (home.path().join("repo"), home.path().join("whole.toml"));
        fs::create_dir(&dir).unwrap();
        fs::write(&config, WHOLE).unwrap();
        let room = Self { _home: home, dir, config };
        room.git(&["init", "-q", "-b", "main"], b"");
        room
    }

    fn git(&self, arguments: &[&str], input: &[u8]) -> String {
        let mut command = Command::new("git");
        command.args(["-c", "user.name=Ann", "-c", "user.email=ann@example.net"]);
        command.args(arguments).current_dir(&self.dir).env("GIT_CONFIG_NOSYSTEM", "1");
        command.env("HOME", self.dir.parent().unwrap());
        let mut child =
            command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn();
        let child = child.as_mut().unwrap();
        child.stdin.take().unwrap().write_all(input).unwrap();
        let mut out = String::new();
        std::io::Read::read_to_string(&mut child.stdout.take().unwrap(), &mut out).unwrap();
        assert!(child.wait().unwrap().success(), "git {arguments:?}");
        out.trim().to_owned()
    }

    fn scan(&self, arguments: &[&str]) -> (i32, Vec<Value>, String) {
        let output = Command::new(env!("CARGO_BIN_EXE_saferun"))
            .args(["scan", "--history", "--format", "json", "--show-secrets"])
            .args(arguments)
            .current_dir(&self.dir)
            .env("HOME", self.dir.parent().unwrap())
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        let findings = serde_json::from_slice(&output.stdout).unwrap_or_default();
        (output.status.code().unwrap_or(-1), findings, said)
    }

    fn found(&self, arguments: &[&str]) -> Vec<String> {
        let (code, findings, said) = self.scan(arguments);
        assert!(matches!(code, 0 | 1), "{code} {said}");
        let mut found: Vec<String> = findings.iter().map(Value::to_string).collect();
        found.sort();
        found
    }

    #[track_caller]
    fn same_both_ways(&self, arguments: &[&str]) -> Vec<String> {
        let whole = [&["--config", self.config.to_str().unwrap()], arguments].concat();
        let (parts, whole) = (self.found(arguments), self.found(&whole));
        let lost: Vec<_> = whole.iter().filter(|found| !parts.contains(found)).collect();
        let extra: Vec<_> = parts.iter().filter(|found| !whole.contains(found)).collect();
        assert!(lost.is_empty() && extra.is_empty(), "lost {lost:#?}\nextra {extra:#?}");
        parts
    }
}

/// A stream for `git fast-import`.
#[derive(Default)]
struct Stream {
    text: Vec<u8>,
    commits: usize,
}

impl Stream {
    fn commit(&mut self, branch: &str, merge: Option<&str>, files: &[(&str, Option<&[u8]>)]) {
        self.commits += 1;
        let message = format!("change {}", self.commits);
        let mut head = format!("commit refs/heads/{branch}\n");
        let time = 1_600_000_000 + self.commits * 60;
        writeln!(head, "committer Ann <ann@example.net> {time} +0000").unwrap();
        writeln!(head, "data {}\n{message}", message.len()).unwrap();
        if let Some(merge) = merge {
            writeln!(head, "merge refs/heads/{merge}").unwrap();
        }
        self.text.extend(head.bytes());
        for (path, content) in files {
            match content {
                None => self.text.extend(format!("D {path}\n").bytes()),
                Some(content) => {
                    let head = format!("M 100644 inline {path}\ndata {}\n", content.len());
                    self.text.extend(head.bytes());
                    self.text.extend(*content);
                    self.text.push(b'\n');
                }
            }
        }
    }

    fn file(&mut self, path: &str, content: impl AsRef<[u8]>) {
        self.commit("main", None, &[(path, Some(content.as_ref()))]);
    }

    fn into(self, room: &Room) {
        room.git(&["fast-import", "--quiet", "--force"], &self.text);
    }
}

fn lines(count: usize, seed: usize) -> String {
    (0..count).fold(String::new(), |mut text, line| {
        let number = line.wrapping_mul(2_654_435_761).wrapping_add(seed * 7919) % 100_003;
        writeln!(text, "    let value_{line} = compute({number}, other); // step {line}").unwrap();
        text
    })
}

/// Every way that a change may make a secret out of what was there.
fn seams(stream: &mut Stream) -> usize {
    let (token, stripe) = (expand("ghp_{36:crc}"), expand("sk_{}live_{24}"));
    let (head, tail) = token.split_at(20);
    let (before, after) = (lines(80, 1), lines(80, 2));
    // Put together from two halves, each of which was there.
    stream.file("halves.rs", format!("{before}let a = \"{head}\";\n{after}let b = \"{tail}\";\n"));
    stream.file("halves.rs", format!("{before}let a = \"{head}{tail}\";\n{after}"));
    // What stood before it goes: the file begins with it.
    stream.file("start.rs", format!("x{stripe} = 1\n{before}"));
    stream.file("start.rs", format!("{stripe} = 1\n{before}"));
    // The end of the file is cut off right behind it.
    let at_end = expand("sk_{}live_{24}");
    stream.file("end.rs", format!("{before}key = {at_end}{}\n{after}", "Z".repeat(90)));
    stream.file("end.rs", format!("{before}key = {at_end}"));
    // A marker goes from the line above, and from its own.
    let allowed = expand("sk_{}live_{24}");
    let above = "# pragma: allowlist nextline secret\n";
    stream.file("marker.py", format!("{before}{above}k = '{allowed}'\n{after}"));
    stream.file("marker.py", format!("{before}k = '{allowed}'\n{after}"));
    // Lines that end in CR LF.
    let crlf = lines(120, 3).replace('\n', "\r\n");
    stream.file("crlf.txt", &crlf);
    let secret = expand("sk_{}live_{24}");
    stream.file("crlf.txt", crlf.replacen("// step 60\r\n", &format!("key={secret}\r\n"), 1));
    // A private key of which a line is changed, and one whose head comes later.
    let body = |seed: &str| expand(&format!("{{64:b64}}\n{{64:b64}}\n{seed}\n{{64:b64}}\n"));
    let (begin, end) =
        (expand("-----BEGIN {}RSA PRIVATE KEY-----"), "-----END RSA PRIVATE KEY-----");
    let (first, second) = (body("{64:b64}"), expand("{64:b64}"));
    stream.file("key.pem", format!("{before}{begin}\n{first}{end}\n{after}"));
    let changed = first.replacen(first.lines().nth(2).unwrap(), &second, 1);
    stream.file("key.pem", format!("{before}{begin}\n{changed}{end}\n{after}"));
    let body = body("{64:b64}");
    stream.file("late.pem", format!("{before}HEAD\n{body}{end}\n{after}"));
    stream.file("late.pem", format!("{before}{begin}\n{body}{end}\n{after}"));
    // Text built on what is binary, and the other way round.
    let noise: Vec<u8> = (0..6000u32).map(|n| (n.wrapping_mul(97) >> 3) as u8).collect();
    let zeros = [&[0u8, 1, 2, 3, 0, 4, 5, 6][..], &noise].concat();
    let hidden = format!("\npassword = \"{}\"\n", expand("{20}"));
    stream.file("mixed.bin", [&zeros, hidden.as_bytes(), before.as_bytes()].concat());
    stream.file("mixed.bin", [hidden.as_bytes(), before.as_bytes()].concat());
    stream.file("mixed.bin", [&zeros, hidden.as_bytes(), after.as_bytes()].concat());
    // UTF-16.
    let wide = |text: &str| -> Vec<u8> {
        [0xff, 0xfe].into_iter().chain(text.encode_utf16().flat_map(u16::to_le_bytes)).collect()
    };
    stream.file("wide.txt", wide(&before));
    stream.file("wide.txt", wide(&format!("{before}k = \"{}\"\n", expand("sk_{}live_{24}"))));
    // A line of many bytes, and one that is encoded.
    let (left, right) = ("a=1;".repeat(6000), "b=2;".repeat(6000));
    stream.file("long.js", format!("{left}{right}"));
    stream.file("long.js", format!("{left}k='{}';{right}", expand("sk_{}live_{24}")));
    // Moved and renamed with a change; its secret is old.
    stream.file("old.cfg", format!("{before}s = \"{}\"\n{after}", expand("sk_{}live_{24}")));
    let moved = format!("{before}new line\ns = \"{}\"\n", expand("sk_{}live_{24}"));
    stream.commit("main", None, &[("old.cfg", None), ("new.cfg", Some(moved.as_bytes()))]);
    // Only in the resolution of a merge.
    stream.text.extend(b"reset refs/heads/side\nfrom refs/heads/main\n\n");
    stream.commit("side", None, &[("side.txt", Some(b"side\n"))]);
    stream.file("main.txt", "main\n");
    let merged = format!("merged {}\n", expand("ghp_{36:crc}"));
    stream.commit("main", Some("side"), &[("main.txt", Some(merged.as_bytes()))]);
    14
}

/// Files that change at random, with a secret now and then.
fn random(stream: &mut Stream, rounds: usize) {
    let mut state = 99u64;
    let mut next = move |below: usize| {
        state =
            state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(state >> 33).unwrap() % below
    };
    let names = ["a.go", "src/b.py", "src/c.yaml", "conf/d.env", "conf/e.json"];
    let mut files: Vec<Vec<String>> = (0..names.len())
        .map(|seed| lines(150, seed).lines().map(str::to_owned).collect())
        .collect();
    for _ in 0..rounds {
        let file = next(names.len());
        let text = &mut files[file];
        let at = next(text.len() - 12);
        match next(6) {
            0 => drop(text.drain(at..at + 1 + next(3))),
            1 => {
                let moved: Vec<String> = text.drain(at..at + 5).collect();
                let to = next(text.len());
                text.splice(to..to, moved);
            }
            2 => text.insert(at, format!("password: \"{}\"", expand("{18}"))),
            3 => text.insert(at, format!("token = '{}' // saferun:allow", expand("ghp_{36:crc}"))),
            4 => text[at] = text[at].replace("// saferun:allow", "").replace("compute", "call"),
            _ => text.insert(at, format!("    call_{}(\"{}\");", next(99), expand("{6}"))),
        }
        stream.file(names[file], text.join("\n"));
    }
}

#[test]
fn delta_trees_give_what_every_blob_gives() {
    let room = Room::new();
    let mut stream = Stream::default();
    let secrets = seams(&mut stream);
    random(&mut stream, 150);
    stream.into(&room);
    for depth in ["5", "250"] {
        room.git(&["repack", "-adfq", "--window=60", &format!("--depth={depth}")], b"");
        let found = room.same_both_ways(&[]);
        assert!(found.len() >= secrets + 15, "{}", found.len());
    }
    // Nothing leads to these any more.
    room.git(&["update-ref", "refs/heads/main", "main~40"], b"");
    let (fewer, all) = (room.same_both_ways(&[]), room.same_both_ways(&["--all"]));
    assert!(fewer.len() < all.len(), "{} of {}", fewer.len(), all.len());
    // Loose ones, and packed ones besides.
    room.git(&["repack", "-dq"], b"");
    room.git(&["reset", "-q", "--hard", "main"], b"");
    fs::write(room.dir.join("loose.txt"), expand("key = ghp_{36:crc}\n")).unwrap();
    room.git(&["add", "-A"], b"");
    room.git(&["commit", "-qm", "loose"], b"");
    assert_eq!(room.same_both_ways(&[]).len(), fewer.len() + 1);
}

#[test]
fn rows_added_to_a_table_are_read_by_its_head() {
    let room = Room::new();
    let mut stream = Stream::default();
    for (path, head, row) in [
        ("users.csv", "name,mail,password\n", "ann,ann@example.net,{14}\n"),
        ("users.md", "| name | password |\n|---|---|\n", "| ann | {14} |\n"),
        ("users.sql", "INSERT INTO users (name, password) VALUES\n", "('ann', '{14}'),\n"),
    ] {
        let mut text = head.to_owned();
        for _ in 0..12 {
            text.extend((0..6).map(|_| expand(row)));
            stream.file(path, &text);
        }
    }
    // What says how a changed line is to be read stands above it.
    for (path, text) in [
        ("call.js", "vault.put(\n    \"password\", \"{14}\"\n)\n"),
        ("dump.sql", "INSERT INTO users (\n  name,\n  password\n) VALUES\n('ann', '{14}');\n"),
    ] {
        for _ in 0..6 {
            stream.file(path, format!("{}{}{}", lines(30, 1), expand(text), lines(30, 2)));
        }
    }
    // Each version is built on the one before it.
    let arguments = ["-c", "fastimport.unpackLimit=1", "fast-import", "--quiet"];
    room.git(&arguments, &stream.text);
    let found = room.same_both_ways(&[]);
    for path in ["users.csv", "users.md", "users.sql", "call.js", "dump.sql"] {
        let there = found.iter().filter(|found| found.contains(path)).count();
        assert!(there >= 6, "{path}: {there}");
    }
}

/// This repository's own history, where all of it is here.
#[test]
fn the_own_history_gives_the_same_both_ways() {
    let own = Path::new(env!("CARGO_MANIFEST_DIR"));
    let room = Room::new();
    let from = own.to_str().unwrap();
    let fetched = Command::new("git")
        .args(["fetch", "-q", from, "+refs/heads/*:refs/heads/*"])
        .args(["--update-head-ok"])
        .current_dir(&room.dir)
        .output()
        .unwrap();
    if fetched.status.success() {
        room.git(&["repack", "-adfq"], b"");
        room.same_both_ways(&[]);
    }
}

#[test]
fn messages_of_tags_and_stashes_are_scanned() {
    let room = Room::new();
    fs::write(room.dir.join("a.txt"), "one\n").unwrap();
    room.git(&["add", "-A"], b"");
    room.git(&["commit", "-qm", "first"], b"");
    room.git(&["tag", "-a", "v1", "-m", &expand("release ghp_{36:crc}")], b"");
    fs::write(room.dir.join("a.txt"), expand("ghp_{36:crc}\n")).unwrap();
    room.git(&["add", "-A"], b"");
    fs::write(room.dir.join("a.txt"), "two\n").unwrap();
    fs::write(room.dir.join("new.txt"), expand("ghp_{36:crc}\n")).unwrap();
    room.git(&["stash", "-q", "--include-untracked"], b"");
    room.git(&["notes", "add", "-m", &expand("note ghp_{36:crc}"), "HEAD"], b"");
    let files = |arguments: &[&str]| {
        let (_, findings, _) = room.scan(arguments);
        let mut files: Vec<String> = findings
            .iter()
            .map(|found| found["file"].as_str().unwrap_or_default().to_owned())
            .map(|file| if file.len() == 40 { "note".to_owned() } else { file })
            .collect();
        files.sort();
        files
    };
    let expected = ["TAG_MSG", "a.txt", "new.txt", "note"];
    assert_eq!(files(&[]), expected);
    room.git(&["repack", "-adq"], b"");
    assert_eq!(files(&[]), expected);
}

#[test]
fn a_finding_says_which_commit_removed_it() {
    let room = Room::new();
    let (gone, here) = (expand("ghp_{36:crc}"), expand("ghp_{36:crc}"));
    let mut stream = Stream::default();
    stream.file("a.txt", format!("k = {gone}\n"));
    stream.file("b.txt", format!("k = {here}\n"));
    stream.file("c.txt", "nothing\n");
    stream.file("a.txt", "k = env\n");
    stream.file("c.txt", "nothing more\n");
    stream.into(&room);
    let removed = room.git(&["rev-parse", "main~1"], b"");
    let (_, findings, _) = room.scan(&[]);
    let of = |file: &str| findings.iter().find(|found| found["file"] == file).unwrap();
    assert_eq!(of("a.txt")["removed_in"], removed.as_str());
    assert_eq!(of("b.txt")["in_head"], true);
    assert_eq!(of("a.txt")["in_head"], false);
    assert_eq!(of("b.txt")["removed_in"], Value::Null);
}

#[test]
fn a_damaged_repository_is_scanned_as_far_as_it_goes() {
    let room = Room::new();
    let mut stream = Stream::default();
    random(&mut stream, 60);
    stream.into(&room);
    room.git(&["repack", "-adfq"], b"");
    let packs = fs::read_dir(room.dir.join(".git/objects/pack")).unwrap();
    let pack = packs
        .map(|entry| entry.unwrap().path())
        .find(|path| path.extension().is_some_and(|extension| extension == "pack"))
        .unwrap();
    fs::set_permissions(&pack, fs::Permissions::from_mode(0o644)).unwrap();
    let whole = fs::read(&pack).unwrap();
    let begun = Instant::now();
    for step in 0..24 {
        let mut broken = whole.clone();
        let at = 12 + step * (whole.len() - 32) / 24;
        for byte in &mut broken[at..at + 6] {
            *byte ^= 0x5a;
        }
        if step % 8 == 7 {
            broken.truncate(at);
        }
        fs::write(&pack, &broken).unwrap();
        let (code, _, said) = room.scan(&["--all"]);
        assert!(matches!(code, 0 | 1 | 4), "{code} {said}");
        assert!(said.contains("corrupt") || said.contains("not"), "{said}");
    }
    assert!(begun.elapsed() < Duration::from_secs(60));
    fs::write(&pack, &whole).unwrap();
    assert!(!room.same_both_ways(&[]).is_empty());
}

#[test]
fn an_unreadable_tree_does_not_hide_the_rest() {
    let room = Room::new();
    let secret = expand("ghp_{36:crc}");
    for (dir, text) in [("a", "plain"), ("b", secret.as_str())] {
        fs::create_dir(room.dir.join(dir)).unwrap();
        fs::write(room.dir.join(dir).join("f.txt"), format!("{text}\n")).unwrap();
        room.git(&["add", "-A"], b"");
        room.git(&["commit", "-qm", dir], b"");
    }
    for oid in ["HEAD:a/f.txt", "HEAD:a"].map(|name| room.git(&["rev-parse", name], b"")) {
        let path = room.dir.join(".git/objects").join(&oid[..2]).join(&oid[2..]);
        fs::remove_file(path).unwrap();
        let (code, findings, said) = room.scan(&[]);
        assert_eq!((code, findings.len()), (1, 1), "{said}");
        assert!(said.contains(&oid), "{said}");
    }
}
