//! The throw-away directory, and programs that see nothing outside of it.

use std::cell::Cell;
use std::fs::{self, DirBuilder};
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};

use super::{broken, expect, go_on};
use crate::config::env;
use crate::exec::{Finished, Job, Running, interrupted, real_program};
use crate::term::{Failure, Printer};

/// Variables of the user's that programs keep.
const KEPT: &[&str] = &["PATH", "LANG", "LC_ALL", "TMPDIR", "LD_LIBRARY_PATH"];

/// Who starts a program.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Who {
    /// The newcomer.
    You,
    /// A coding agent, as its environment tells.
    Agent,
}

impl Who {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::You => "you  ",
            Self::Agent => "agent",
        }
    }
}

/// A home, a remote and a repository. Dropping it removes them.
pub(super) struct Stage {
    root: Root,
    git: PathBuf,
    saferun: PathBuf,
    programs: Cell<usize>,
}

/// A directory that goes when this does.
struct Root(PathBuf);

impl Drop for Root {
    fn drop(&mut self) {
        // A program that is just ending may still write; then the second try counts.
        let _ = fs::remove_dir_all(&self.0).or_else(|_| fs::remove_dir_all(&self.0));
    }
}

impl Stage {
    /// Sets the stage: a repository with one commit that a remote has too.
    pub(super) fn set(printer: &Printer) -> Result<Self, Failure> {
        let git = real_program("git").ok_or_else(|| {
            Failure::environment("there is no `git` on `PATH`")
                .hint("install git, then run this again")
        })?;
        let saferun = env::own_program()
            .ok_or_else(|| Failure::environment("cannot tell where saferun itself is"))?;
        let stage = Self { root: Root::make()?, git, saferun, programs: Cell::new(0) };
        printer.detail(&format!("playing in {}", stage.root.0.display()));
        for dir in ["home", "said", "remote.git", "project"] {
            fs::create_dir(stage.path(dir)).map_err(broken("make the demo's directories"))?;
        }
        stage.write("home/.gitconfig", "[user]\n\tname = You\n\temail = you@example.com\n[init]\n\tdefaultBranch = main\n[gc]\n\tauto = 0\n")?;
        stage.write("project/README.md", "# Project\n\nAn hour of work.\n")?;
        let remote = stage.path("remote.git");
        let remote = remote.to_string_lossy();
        for arguments in [
            &["init", "--quiet", "--bare", &remote][..],
            &["init", "--quiet"],
            &["remote", "add", "origin", &remote],
            &["add", "README.md"],
            &["commit", "--quiet", "-m", "Start"],
            &["push", "--quiet", "--set-upstream", "origin", "main"],
        ] {
            let done = stage.git(Who::You, arguments)?;
            expect(done.code == 0, || {
                format!("`git {}` failed: {}", arguments.join(" "), done.output)
            })?;
        }
        Ok(stage)
    }

    /// A path on the stage.
    pub(super) fn path(&self, name: &str) -> PathBuf {
        self.root.0.join(name)
    }

    /// Writes a file on the stage; its directory is made where it is missing.
    pub(super) fn write(&self, name: &str, text: &str) -> Result<(), Failure> {
        let path = self.path(name);
        let parent = path.parent().unwrap_or(&path);
        fs::create_dir_all(parent)
            .and_then(|()| fs::write(&path, text))
            .map_err(broken("write the demo's files"))
    }

    /// Runs git in the repository.
    pub(super) fn git(&self, who: Who, arguments: &[&str]) -> Result<Finished, Failure> {
        self.finish(self.start_git(who, arguments)?)
    }

    /// Starts git in the repository.
    pub(super) fn start_git(&self, who: Who, arguments: &[&str]) -> Result<Running, Failure> {
        self.start(&self.git, who, arguments)
    }

    /// Runs saferun in the repository.
    pub(super) fn saferun(&self, who: Who, arguments: &[&str]) -> Result<Finished, Failure> {
        self.finish(self.start_saferun(who, arguments)?)
    }

    /// Starts saferun in the repository.
    pub(super) fn start_saferun(&self, who: Who, arguments: &[&str]) -> Result<Running, Failure> {
        self.start(&self.saferun, who, arguments)
    }

    /// Waits for a program's end.
    pub(super) fn finish(&self, mut running: Running) -> Result<Finished, Failure> {
        let finished = running.wait(interrupted).map_err(broken("wait for a program"))?;
        finished.map_or_else(|| Err(go_on().err().unwrap_or_else(never_ended)), Ok)
    }

    /// What a git command prints, without the last line feed.
    pub(super) fn ask_git(&self, arguments: &[&str]) -> Result<String, Failure> {
        Ok(self.git(Who::You, arguments)?.output.trim_end().to_owned())
    }

    fn start(&self, program: &Path, who: Who, arguments: &[&str]) -> Result<Running, Failure> {
        let number = self.programs.get() + 1;
        self.programs.set(number);
        let home = self.path("home");
        let mut job = Job::new(program, &self.path("project"))
            .args(arguments)
            .env("HOME", &home)
            .env("XDG_CONFIG_HOME", home.join(".config"))
            .env("XDG_STATE_HOME", home.join(".local/state"))
            .env("XDG_DATA_HOME", home.join(".local/share"))
            .env("GIT_CONFIG_GLOBAL", home.join(".gitconfig"))
            .env("GIT_CONFIG_NOSYSTEM", "1")
            .env("GIT_TERMINAL_PROMPT", "0")
            .env(env::SAFERUN_NO_PROMPT, "1")
            .env(env::NO_COLOR, "1");
        for name in KEPT {
            if let Some(value) = env::var_os(name) {
                job = job.env(name, value);
            }
        }
        if who == Who::Agent {
            job = job.env("CLAUDECODE", "1");
        }
        let output = self.path("said").join(number.to_string());
        job.start(output).map_err(broken(&format!("start `{}`", program.display())))
    }
}

fn never_ended() -> Failure {
    Failure::environment("a program did not end")
}

impl Root {
    fn make() -> Result<Self, Failure> {
        let place = env::var_os("TMPDIR").map(PathBuf::from).filter(|place| place.is_absolute());
        let place = place.unwrap_or_else(|| "/tmp".into());
        let unique =
            format!("{}-{}", std::process::id(), jiff::Timestamp::now().subsec_nanosecond());
        let path = place.join(format!("saferun-demo-{unique}"));
        DirBuilder::new()
            .mode(0o700)
            .create(&path)
            .map_err(broken(&format!("make a directory in `{}`", place.display())))?;
        // The name that git will find, so that paths in what it says match.
        Ok(Self(fs::canonicalize(&path).unwrap_or(path)))
    }
}
