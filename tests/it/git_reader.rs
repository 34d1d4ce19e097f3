//! The repository reader against the real git, which is the reference.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]
#![expect(clippy::disallowed_methods, reason = "the real git is run to compare with")]
#![expect(clippy::panic, reason = "a test that cannot go on has failed")]

mod config;
mod damage;
mod history;
mod layouts;
mod objects;
mod staged;

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use saferun::git::{Change, Oid, Repo, TreeEntry};

/// A throw-away directory with a repository in it.
struct Sandbox {
    _temporary: tempfile::TempDir,
    root: PathBuf,
}

impl Sandbox {
    fn new(format: &str) -> Self {
        let temporary = tempfile::tempdir().unwrap();
        let root = temporary.path().canonicalize().unwrap().join("repo");
        std::fs::create_dir(&root).unwrap();
        let sandbox = Self { _temporary: temporary, root };
        sandbox.git(&["init", "-q", "-b", "main", &format!("--object-format={format}")]);
        sandbox
    }

    fn git(&self, arguments: &[&str]) -> String {
        String::from_utf8(git(&self.root, arguments)).unwrap().trim_end().to_owned()
    }

    fn write(&self, path: &str, content: impl AsRef<[u8]>) {
        self.write_raw(path.as_bytes(), content.as_ref());
    }

    fn write_raw(&self, path: &[u8], content: &[u8]) {
        let path = self.root.join(OsStr::from_bytes(path));
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, content).unwrap();
    }

    fn commit(&self, message: &str) -> Oid {
        self.git(&["add", "-A"]);
        self.git(&["commit", "-q", "--allow-empty", "-m", message]);
        self.oid("HEAD")
    }

    fn oid(&self, name: &str) -> Oid {
        Oid::parse(&self.git(&["rev-parse", "--verify", name])).unwrap()
    }

    fn repo(&self) -> Repo {
        Repo::discover(&self.root).unwrap()
    }

    /// Files in several directories, and three commits.
    fn with_history(format: &str) -> Self {
        let sandbox = Self::new(format);
        for number in 0..30 {
            let text = format!("file {number}\n").repeat(40 + number);
            sandbox.write(&format!("d{}/e{}/f{number}.txt", number % 3, number % 2), text);
        }
        sandbox.write("top", "one\n");
        sandbox.commit("one");
        sandbox.write("d1/e1/f1.txt", "file 1\n".repeat(41) + "more\n");
        sandbox.commit("two");
        std::fs::remove_file(sandbox.root.join("d2/e0/f2.txt")).unwrap();
        sandbox.write("d1-x", "sorts between d1 and d1/\n");
        sandbox.commit("three");
        sandbox
    }
}

/// Runs the real git with clocks and names fixed; fails the test where it fails.
fn git(dir: &Path, arguments: &[&str]) -> Vec<u8> {
    let output = git_command(dir, arguments).output().unwrap();
    let message = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "git {arguments:?}: {message}");
    output.stdout
}

fn git_command(dir: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new("git");
    command
        .current_dir(dir)
        .args(["-c", "protocol.file.allow=always", "-c", "gc.auto=0"])
        .args(arguments)
        .env("GIT_AUTHOR_NAME", "A U Thor")
        .env("GIT_AUTHOR_EMAIL", "author@example.com")
        .env("GIT_COMMITTER_NAME", "C O Mitter")
        .env("GIT_COMMITTER_EMAIL", "committer@example.com");
    command
}

/// `git … --raw -z --abbrev=64` as changes; conflicts left out.
fn parse_raw(raw: &[u8]) -> Vec<Change> {
    let mut fields = raw.split(|byte| *byte == 0).filter(|field| !field.is_empty());
    let mut changes = Vec::new();
    while let Some(head) = fields.next() {
        let head = std::str::from_utf8(head).unwrap().trim_start_matches(':');
        let words: Vec<_> = head.split(' ').collect();
        let [old_mode, new_mode, old, new, status] = words[..] else { panic!("{head}") };
        let path = fields.next().unwrap().to_vec();
        let side = |mode: &str, id: &str| {
            let mode = u32::from_str_radix(mode, 8).unwrap();
            (mode != 0).then(|| TreeEntry { mode, oid: Oid::parse(id).unwrap() })
        };
        if status != "U" {
            changes.push(Change { path, old: side(old_mode, old), new: side(new_mode, new) });
        }
    }
    changes
}

fn sorted(mut changes: Vec<Change>) -> Vec<Change> {
    changes.sort_by(|a, b| (&a.path, a.new.is_some()).cmp(&(&b.path, b.new.is_some())));
    changes
}

/// Holds `staged()` against `git diff --cached`, and returns how many changes
/// there are.
#[track_caller]
fn assert_staged_as_git(dir: &Path) -> usize {
    let arguments = ["diff", "--cached", "--raw", "-z", "--no-renames", "--abbrev=64"];
    let expected = git(dir, &arguments);
    let found = Repo::discover(dir).unwrap().staged().unwrap();
    let count = found.len();
    assert_eq!(sorted(found), sorted(parse_raw(&expected)));
    count
}

fn oids(text: &str) -> Vec<Oid> {
    text.lines().map(|line| Oid::parse(line).unwrap()).collect()
}
