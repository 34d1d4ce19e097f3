//! A throw-away directory with a home, a repository, and an environment in
//! which nothing of the machine shows: the same result everywhere.

use std::ffi::OsStr;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use tempfile::TempDir;

/// The binary under test.
pub const SAFERUN: &str = env!("CARGO_BIN_EXE_saferun");
/// Name of the agent that every command is run by unless a test says otherwise:
/// told by the environment, so that the process that runs the tests doesn't matter.
pub const AGENT: (&str, &str) = ("CLAUDECODE", "1");

/// What a program said, and how it ended.
#[derive(Debug, Clone)]
pub struct Run {
    pub code: i32,
    pub out: String,
    pub err: String,
}

impl Run {
    pub fn of(output: &Output) -> Self {
        Self {
            code: output.status.code().unwrap_or(-1),
            out: String::from_utf8_lossy(&output.stdout).into_owned(),
            err: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
    }

    /// Both streams.
    pub fn said(&self) -> String {
        format!("{}{}", self.out, self.err)
    }

    /// Fails the test unless the program ended with `code`.
    #[track_caller]
    pub fn ended(self, code: i32) -> Self {
        assert_eq!(self.code, code, "{self:#?}");
        self
    }

    /// Fails the test unless the program ended with 0.
    #[track_caller]
    pub fn fine(self) -> Self {
        self.ended(0)
    }

    /// Fails the test unless something was said.
    #[track_caller]
    pub fn saying(self, text: &str) -> Self {
        assert!(self.said().contains(text), "`{text}` is not in {self:#?}");
        self
    }

    /// Fails the test if something was said.
    #[track_caller]
    pub fn not_saying(self, text: &str) -> Self {
        assert!(!self.said().contains(text), "`{text}` is in {self:#?}");
        self
    }
}

/// A home and a repository.
pub struct Sandbox {
    _temporary: TempDir,
    /// Holds everything.
    pub root: PathBuf,
    /// The repository.
    pub dir: PathBuf,
    env: Vec<(String, String)>,
}

impl Sandbox {
    /// No repository yet, but the directory for one.
    pub fn empty(name: &str) -> Self {
        let temporary = TempDir::new().unwrap();
        let root = temporary.path().canonicalize().unwrap();
        let dir = root.join(name);
        fs::create_dir_all(&dir).unwrap();
        fs::create_dir_all(root.join("home")).unwrap();
        let config = "[user]\nname = Ada Tester\nemail = ada@example.com\n[init]\ndefaultBranch = main\n\
            [protocol \"file\"]\nallow = always\n[gc]\nauto = 0\n[commit]\ngpgSign = false\n[advice]\ndetachedHead = false\n";
        fs::write(root.join("home/gitconfig"), config).unwrap();
        let env = vec![(AGENT.0.to_owned(), AGENT.1.to_owned())];
        Self { _temporary: temporary, root, dir, env }
    }

    /// A repository without commits and without saferun.
    pub fn unborn() -> Self {
        let sandbox = Self::empty("repo");
        sandbox.git(&["init", "-q"]).fine();
        sandbox
    }

    /// A repository with one commit, without saferun.
    pub fn plain() -> Self {
        let sandbox = Self::unborn();
        sandbox.write("README.md", "hello\n");
        sandbox.git(&["add", "-A"]).fine();
        sandbox.git(&["commit", "-q", "-m", "first"]).fine();
        sandbox
    }

    /// A repository with one commit and saferun's hooks; `.saferun.toml` is
    /// committed.
    pub fn guarded() -> Self {
        let sandbox = Self::plain();
        sandbox.saferun(&["init"]).fine();
        sandbox.git(&["add", "-A"]).fine();
        sandbox.git(&["commit", "-q", "--no-verify", "-m", "guard"]).fine();
        sandbox
    }

    /// Sets a variable for everything that is run from now on.
    pub fn set(&mut self, name: &str, value: impl AsRef<OsStr>) {
        self.unset(name);
        self.env.push((name.to_owned(), value.as_ref().to_str().unwrap().to_owned()));
    }

    /// Takes a variable away.
    pub fn unset(&mut self, name: &str) {
        self.env.retain(|(known, _)| known != name);
    }

    /// The environment of everything that is run.
    pub fn environment(&self) -> Vec<(String, String)> {
        let home = self.root.join("home");
        let path = |name: &str| home.join(name).to_str().unwrap().to_owned();
        let mut env = vec![
            ("PATH".to_owned(), "/usr/local/bin:/usr/bin:/bin".to_owned()),
            ("HOME".to_owned(), home.to_str().unwrap().to_owned()),
            ("XDG_CONFIG_HOME".to_owned(), path("config")),
            ("XDG_STATE_HOME".to_owned(), path("state")),
            ("XDG_DATA_HOME".to_owned(), path("data")),
            ("GIT_CONFIG_GLOBAL".to_owned(), path("gitconfig")),
            ("GIT_CONFIG_NOSYSTEM".to_owned(), "1".to_owned()),
            ("GIT_TERMINAL_PROMPT".to_owned(), "0".to_owned()),
            ("GIT_EDITOR".to_owned(), "true".to_owned()),
            ("USER".to_owned(), "ada".to_owned()),
            ("LC_ALL".to_owned(), "C".to_owned()),
            ("TZ".to_owned(), "UTC".to_owned()),
        ];
        env.retain(|(name, _)| !self.env.iter().any(|(own, _)| own == name));
        env.extend(self.env.iter().cloned());
        env
    }

    /// A program in the repository, with nothing of this machine's environment.
    pub fn command(&self, program: impl AsRef<OsStr>) -> Command {
        let mut command = Command::new(program);
        command.env_clear().envs(self.environment()).current_dir(&self.dir);
        command.stdin(std::process::Stdio::null());
        command
    }

    pub fn run(&self, program: &str, arguments: &[&str]) -> Run {
        Run::of(&self.command(program).args(arguments).output().unwrap())
    }

    pub fn saferun(&self, arguments: &[&str]) -> Run {
        self.run(SAFERUN, arguments)
    }

    pub fn git(&self, arguments: &[&str]) -> Run {
        self.run("git", arguments)
    }

    /// git in another directory.
    pub fn git_in(&self, dir: impl AsRef<Path>, arguments: &[&str]) -> Run {
        Run::of(&self.command("git").current_dir(dir).args(arguments).output().unwrap())
    }

    /// What git prints, without the last line feed; fails the test where git
    /// fails.
    #[track_caller]
    pub fn ask(&self, arguments: &[&str]) -> String {
        self.git(arguments).fine().out.trim_end_matches('\n').to_owned()
    }

    /// Writes a file in the repository.
    pub fn write(&self, path: &str, content: impl AsRef<[u8]>) {
        write_file(&self.dir.join(path), content.as_ref(), 0o644);
    }

    /// Writes an executable file in the repository.
    pub fn script(&self, path: &str, content: &str) {
        write_file(&self.dir.join(path), content.as_bytes(), 0o755);
    }

    /// Writes and stages a file.
    pub fn stage(&self, path: &str, content: impl AsRef<[u8]>) {
        self.write(path, content);
        self.git(&["add", "-f", "--", path]).fine();
    }

    /// Commits what is staged, through the hooks.
    pub fn commit(&self, message: &str) -> Run {
        self.git(&["commit", "-q", "-m", message])
    }

    /// Commits everything around the hooks.
    #[track_caller]
    pub fn commit_unguarded(&self, message: &str) -> String {
        self.git(&["add", "-A"]).fine();
        self.git(&["commit", "-q", "--allow-empty", "--no-verify", "-m", message]).fine();
        self.ask(&["rev-parse", "HEAD"])
    }

    pub fn read(&self, path: &str) -> String {
        fs::read_to_string(self.dir.join(path)).unwrap()
    }

    pub fn exists(&self, path: &str) -> bool {
        fs::symlink_metadata(self.dir.join(path)).is_ok()
    }

    /// How many commits HEAD has.
    pub fn commits(&self) -> usize {
        self.git(&["rev-list", "--count", "HEAD"]).out.trim().parse().unwrap_or(0)
    }

    /// An empty bare repository beside, set as the remote `origin`.
    pub fn with_remote(&self) -> PathBuf {
        let remote = self.root.join("remote.git");
        self.git(&["init", "-q", "--bare", remote.to_str().unwrap()]).fine();
        self.git(&["remote", "add", "origin", remote.to_str().unwrap()]).fine();
        remote
    }

    /// The audit log's events.
    pub fn events(&self) -> Vec<serde_json::Value> {
        let text =
            fs::read_to_string(self.dir.join(".git/saferun/audit.jsonl")).unwrap_or_default();
        text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    /// Operations that the log has decisions about, in order.
    pub fn decided(&self) -> Vec<String> {
        let decisions = self.events().into_iter().filter(|event| event["event_type"] == "decision");
        decisions.map(|event| event["operation"].as_str().unwrap().to_owned()).collect()
    }
}

/// Writes a file and the directories above it.
pub fn write_file(path: &Path, content: &[u8], mode: u32) {
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, content).unwrap();
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
}

/// Files with their modes and contents.
pub type Picture = Vec<(PathBuf, u32, Vec<u8>)>;

/// Fails the test, naming files, where two pictures differ.
#[track_caller]
pub fn same(before: &Picture, after: &Picture) {
    let only = |these: &Picture, those: &Picture| {
        let these = these.iter().filter(|file| !those.contains(file));
        these
            .map(|(path, mode, text)| {
                format!("{} {mode:o} {}", path.display(), String::from_utf8_lossy(text))
            })
            .collect()
    };
    let (gone, new): (Vec<String>, Vec<String>) = (only(before, after), only(after, before));
    assert!(gone.is_empty() && new.is_empty(), "\nbefore: {gone:#?}\nafter: {new:#?}");
}

/// Every file below `dir` with its mode and content (or link target), sorted.
pub fn picture(dir: &Path) -> Picture {
    let mut found = Vec::new();
    let mut open = vec![dir.to_owned()];
    while let Some(next) = open.pop() {
        for entry in fs::read_dir(next).unwrap() {
            let path = entry.unwrap().path();
            let metadata = fs::symlink_metadata(&path).unwrap();
            let name = path.strip_prefix(dir).unwrap().to_owned();
            let mode = metadata.permissions().mode();
            if metadata.is_dir() {
                open.push(path);
            } else if metadata.is_symlink() {
                let target = fs::read_link(&path).unwrap();
                found.push((name, mode, target.to_str().unwrap().as_bytes().to_vec()));
            } else {
                found.push((name, mode, fs::read(&path).unwrap()));
            }
        }
    }
    found.sort();
    found
}
