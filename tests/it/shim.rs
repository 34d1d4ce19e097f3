//! The shim in front of the real git.

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use tempfile::TempDir;

/// A repository with one commit, and a directory with the shims.
pub struct Bench {
    pub root: TempDir,
}

impl Bench {
    pub fn new() -> Self {
        let bench = Self { root: tempfile::tempdir().expect("a directory") };
        for name in ["shims", "home", "repo"] {
            fs::create_dir(bench.path(name)).expect("a directory");
        }
        for name in ["git", "gh"] {
            symlink(env!("CARGO_BIN_EXE_saferun"), bench.path("shims").join(name)).expect("a link");
        }
        for line in [
            "init -q -b main",
            "config user.name Ada",
            "config user.email ada@example.com",
            "commit -q --allow-empty -m one",
        ] {
            assert!(bench.real(line).status.success(), "{line}");
        }
        bench
    }

    /// The user wants everything that destroys asked for.
    pub fn strict(&self) {
        let dir = self.path("home").join(".config/saferun");
        fs::create_dir_all(&dir).expect("a directory");
        fs::write(dir.join("config.toml"), "preset = \"strict\"\n").expect("a file");
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.root.path().join(name)
    }

    pub fn start(&self, program: &Path, line: &str, path: &str) -> Command {
        let mut command = Command::new(program);
        command
            .args(line.split(' ').filter(|word| !word.is_empty()))
            .current_dir(self.path("repo"))
            .env_clear()
            .env("HOME", self.path("home"))
            .env("PATH", path)
            .env("LC_ALL", "C");
        command
    }

    /// `git` as a user types it, the shim first on `PATH`.
    pub fn shim(&self, line: &str) -> Command {
        let shims = self.path("shims");
        let path = format!("{}:/usr/local/bin:/usr/bin:/bin", shims.display());
        self.start(&shims.join("git"), line, &path)
    }

    pub fn real(&self, line: &str) -> Output {
        let path = "/usr/local/bin:/usr/bin:/bin";
        self.start(Path::new("git"), line, path).output().expect("git runs")
    }

    /// A hook that leaves a mark.
    pub fn hook(&self, directory: &str, name: &str) {
        let directory = self.path(directory);
        fs::create_dir_all(&directory).expect("a directory");
        let mark = self.path("mark");
        fs::write(directory.join(name), format!("#!/bin/sh\necho $0 >> {}\n", mark.display()))
            .expect("a hook");
        fs::set_permissions(directory.join(name), fs::Permissions::from_mode(0o755))
            .expect("a hook");
    }

    pub fn marks(&self) -> String {
        fs::read_to_string(self.path("mark")).unwrap_or_default()
    }
}

pub fn stderr(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

#[test]
fn harmless_commands_are_the_real_ones() {
    let bench = Bench::new();
    fs::write(bench.path("repo").join("new.txt"), "x").expect("a file");
    for line in [
        "status",
        "status --porcelain",
        "log --oneline",
        "--version",
        "rev-parse --verify nonexistent",
        "diff --frobnicate",
        "log --no-such-option",
        "-C nowhere status",
        "",
    ] {
        let (ours, theirs) = (bench.shim(line).output().expect("the shim runs"), bench.real(line));
        assert_eq!(ours.status.code(), theirs.status.code(), "{line}");
        assert_eq!(
            String::from_utf8_lossy(&ours.stdout),
            String::from_utf8_lossy(&theirs.stdout),
            "{line}"
        );
        assert_eq!(stderr(&ours), stderr(&theirs), "{line}");
    }
}

#[test]
fn arguments_arrive_byte_for_byte() {
    let bench = Bench::new();
    let message = "  two\n'lines' \"and\" $HOME \\ *";
    let done =
        bench.shim("commit -q --allow-empty --cleanup=verbatim").args(["-m", message]).status();
    assert!(done.expect("the shim runs").success());
    let log = bench.real("log -1 --format=%B");
    assert_eq!(String::from_utf8_lossy(&log.stdout).trim_end_matches('\n'), message);
}

#[test]
fn the_shim_becomes_git_and_leaves_no_process() {
    let bench = Bench::new();
    // git's own process number is that of the process that was started.
    let child = bench
        .shim("log -1")
        .env("GIT_TRACE2_EVENT", bench.path("trace"))
        .stdout(std::process::Stdio::null())
        .spawn()
        .expect("the shim runs");
    let started = child.id();
    assert!(child.wait_with_output().expect("it ends").status.success());
    let trace = fs::read_to_string(bench.path("trace")).expect("git traced");
    assert!(trace.contains(&format!("-P{started:08x}\"")), "{started}: {trace}");
}

#[test]
fn dangerous_commands_stop_and_say_what_they_are() {
    let bench = Bench::new();
    bench.strict();
    bench.real("config alias.forget reflog");
    let before = bench.real("reflog").stdout;
    for (line, operation) in [
        ("forget expire --expire=now --all", "git.reflog.expire"),
        ("gc --prune=now", "git.gc.prune"),
        ("-c core.hooksPath=/dev/null commit --allow-empty -m x", "git.hooks-path"),
        ("commit --allow-empty -nm x", "git.no-verify"),
    ] {
        let output = bench.shim(line).env("SAFERUN_ACTIVE", "1").output().expect("the shim runs");
        assert_eq!(output.status.code(), Some(3), "{line}: {}", stderr(&output));
        assert!(stderr(&output).contains(operation), "{line}: {}", stderr(&output));
    }
    assert_eq!(bench.real("reflog").stdout, before);
}

#[test]
fn a_redirection_does_not_take_the_repositorys_hooks_away() {
    let bench = Bench::new();
    bench.hook("hooks", "post-checkout");
    let configured = format!("config core.hooksPath {}", bench.path("hooks").display());
    bench.real(&configured);
    bench.real("branch other");
    let run =
        |line: &str| assert!(bench.shim(line).output().expect("the shim runs").status.success());
    run("checkout -q other");
    assert_eq!(bench.marks().lines().count(), 1);
    run("-c core.hooksPath=/dev/null checkout -q main");
    assert_eq!(bench.marks().lines().count(), 2);
    let hidden = bench
        .shim("checkout -q other")
        .envs([("GIT_CONFIG_COUNT", "1"), ("GIT_CONFIG_KEY_0", "core.hooksPath")])
        .env("GIT_CONFIG_VALUE_0", "/dev/null")
        .status();
    assert!(hidden.expect("the shim runs").success());
    assert_eq!(bench.marks().lines().count(), 3);
}

#[test]
fn gh_is_guarded_too_and_gets_its_arguments() {
    let bench = Bench::new();
    let tools = bench.path("tools");
    fs::create_dir(&tools).expect("a directory");
    fs::write(tools.join("gh"), "#!/bin/sh\nprintf '%s|' \"$@\"\nexit 7\n").expect("a script");
    fs::set_permissions(tools.join("gh"), fs::Permissions::from_mode(0o755)).expect("a script");
    let path = format!("{}:{}:/usr/bin:/bin", bench.path("shims").display(), tools.display());
    let gh =
        |line| bench.start(&bench.path("shims").join("gh"), line, &path).output().expect("it runs");
    let harmless = gh("pr view 3 --json title");
    assert_eq!(harmless.status.code(), Some(7));
    assert_eq!(harmless.stdout, b"pr|view|3|--json|title|");
    let delete = gh("api -XDELETE repos/o/r");
    assert_eq!(delete.status.code(), Some(3), "{}", stderr(&delete));
    assert!(delete.stdout.is_empty() && stderr(&delete).contains("github.repo.delete"));
}

#[test]
fn an_alias_of_the_user_is_resolved_outside_a_repository() {
    let bench = Bench::new();
    fs::write(bench.path("home").join(".gitconfig"), "[alias]\n\tquick = commit -n\n")
        .expect("a file");
    let output =
        bench.shim("quick -m x").current_dir(bench.path("home")).output().expect("it runs");
    assert_eq!(output.status.code(), Some(3), "{}", stderr(&output));
    assert!(stderr(&output).contains("git.no-verify"), "{}", stderr(&output));
}

#[test]
fn two_shims_do_not_run_in_a_circle() {
    let bench = Bench::new();
    let script = bench.path("shims2");
    fs::create_dir(&script).expect("a directory");
    let text = format!("#!/bin/sh\nexec {} git \"$@\"\n", env!("CARGO_BIN_EXE_saferun"));
    fs::write(script.join("git"), text).expect("a script");
    fs::set_permissions(script.join("git"), fs::Permissions::from_mode(0o755)).expect("a script");
    let path = format!("{}:/usr/bin:/bin", script.display());
    let output = bench.start(&script.join("git"), "status", &path).output().expect("it runs");
    assert_eq!(output.status.code(), Some(4), "{}", stderr(&output));
    assert!(stderr(&output).contains("hint:"));
}

#[test]
fn saferun_git_is_the_shim_too() {
    let bench = Bench::new();
    let saferun = Path::new(env!("CARGO_BIN_EXE_saferun"));
    let path = "/usr/local/bin:/usr/bin:/bin";
    let output = bench.start(saferun, "git --version", path).output().expect("it runs");
    assert!(String::from_utf8_lossy(&output.stdout).starts_with("git version"));
    let output = bench.start(saferun, "git gc --prune=now", path).output().expect("it runs");
    assert_eq!(output.status.code(), Some(3));
}

#[test]
fn explain_tells_and_runs_nothing() {
    let bench = Bench::new();
    let saferun = Path::new(env!("CARGO_BIN_EXE_saferun"));
    let output = bench
        .start(saferun, "explain --json -- git push -uf origin main", "/usr/bin:/bin")
        .output()
        .expect("it runs");
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    let told: serde_json::Value = serde_json::from_slice(&output.stdout).expect("one document");
    let first = &told["commands"][0];
    assert_eq!(first["operation"], "git.force-push");
    assert_eq!(first["target_ref"], "refs/heads/main");
    assert_eq!(first["redirect"], "git push --force-with-lease");
    assert_eq!(first["argv"][1], "push");
}
