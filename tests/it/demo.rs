//! `saferun demo`: every step goes as told, and nothing is left behind.

use std::fs;
use std::io::{BufRead, BufReader};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use tempfile::TempDir;

/// A home and a place for temporary files, both empty.
struct World {
    home: TempDir,
    temporary: TempDir,
}

impl World {
    fn new() -> Self {
        Self {
            home: TempDir::new().expect("a directory"),
            temporary: TempDir::new().expect("a directory"),
        }
    }

    fn demo(&self) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_saferun"));
        command.arg("demo").env("HOME", self.home.path()).env("TMPDIR", self.temporary.path());
        for name in ["XDG_CONFIG_HOME", "XDG_STATE_HOME", "XDG_DATA_HOME", "GIT_CONFIG_GLOBAL"] {
            command.env_remove(name);
        }
        command
    }

    fn assert_nothing_is_left(&self) {
        for place in [&self.home, &self.temporary] {
            let left: Vec<_> = fs::read_dir(place.path()).expect("the directory").collect();
            assert!(left.is_empty(), "left behind: {left:?}");
        }
        let place = self.temporary.path().to_string_lossy().into_owned();
        let running: Vec<_> = fs::read_dir("/proc")
            .expect("processes")
            .filter_map(|entry| fs::read(entry.ok()?.path().join("cmdline")).ok())
            .map(|arguments| String::from_utf8_lossy(&arguments).replace('\0', " "))
            .filter(|arguments| arguments.contains(&place))
            .collect();
        assert!(running.is_empty(), "still running: {running:?}");
    }
}

fn text(output: &Output) -> String {
    format!(
        "{}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    )
}

#[test]
fn every_step_goes_as_told_and_nothing_is_left_behind() {
    let world = World::new();
    let output = world.demo().output().expect("the demo");
    let told = text(&output);
    assert!(output.status.success(), "{told}");
    for line in [
        "1/6  Guard a repository",
        "✓ guarded",
        "saferun: commit stopped: denied by policy",
        "✓ blocked before it was history",
        "git.workflow.update by claude-code",
        "runs a script straight from the network",
        "the approval is used up",
        "rejected by",
        "others have that commit; push a new one on top",
        "✓ the remote is untouched",
        "✓ README.md is back, word for word",
        "│ valid: ",
        "✓ nothing was changed, removed or inserted",
        "everything is removed again",
    ] {
        assert!(told.contains(line), "`{line}` is not in\n{told}");
    }
    assert_eq!(told.matches('✓').count(), 6, "{told}");
    assert!(!told.contains('\u{1b}'), "escape sequences without a terminal\n{told}");
    world.assert_nothing_is_left();
}

#[test]
fn an_interrupted_demo_leaves_nothing_behind() {
    for signal in ["INT", "TERM"] {
        let world = World::new();
        let mut demo = world.demo();
        let mut child =
            demo.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().expect("the demo");
        let mut lines = BufReader::new(child.stdout.take().expect("its output")).lines();
        let step = lines.find(|line| line.as_ref().is_ok_and(|line| line.starts_with("2/6")));
        assert!(step.is_some(), "the second step did not begin");
        let kill =
            Command::new("sh").args(["-c", &format!("kill -{signal} {}", child.id())]).status();
        assert!(kill.expect("a shell").success());
        lines.for_each(drop);
        assert_eq!(child.wait().expect("its end").code(), Some(130));
        world.assert_nothing_is_left();
    }
}

/// The commit that waits for its approval, and its hook, end with the demo.
#[test]
fn an_agent_that_waits_ends_with_the_demo() {
    let world = World::new();
    let programs = TempDir::new().expect("a directory");
    // A git whose approved commit never comes to its end.
    let script = "case \"$*\" in *'Add CI'*) git \"$@\"; sleep 600 ;; esac";
    special_git(&programs.path().join("git"), script);
    let path = std::env::var("PATH").unwrap_or_default();
    let mut demo = world.demo();
    demo.env("PATH", format!("{}:{path}", programs.path().display()));
    let mut child = demo.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().expect("the demo");
    let mut lines = BufReader::new(child.stdout.take().expect("its output")).lines();
    let step = lines.find(|line| line.as_ref().is_ok_and(|line| line.contains("and approve")));
    assert!(step.is_some(), "the approval was not asked for");
    let kill = Command::new("sh").args(["-c", &format!("kill -INT {}", child.id())]).status();
    assert!(kill.expect("a shell").success());
    lines.for_each(drop);
    assert_eq!(child.wait().expect("its end").code(), Some(130));
    world.assert_nothing_is_left();
}

#[test]
fn a_step_that_goes_otherwise_fails_the_demo() {
    let world = World::new();
    let programs = TempDir::new().expect("a directory");
    // A git that skips the hooks of one commit.
    let script = "case \"$*\" in *'Add settings'*) exec git \"$@\" --no-verify ;; esac";
    special_git(&programs.path().join("git"), script);
    let path = std::env::var("PATH").unwrap_or_default();
    let mut demo = world.demo();
    let output = demo
        .env("PATH", format!("{}:{path}", programs.path().display()))
        .output()
        .expect("the demo");
    let told = text(&output);
    assert_eq!(output.status.code(), Some(1), "{told}");
    assert!(
        told.contains("error: step 2 did not go as told: the commit was not blocked"),
        "{told}"
    );
    assert!(!told.contains("3/6"), "{told}");
    world.assert_nothing_is_left();
}

/// A git in front of the real one.
fn special_git(file: &Path, script: &str) {
    let path = std::env::var("PATH").unwrap_or_default();
    fs::write(file, format!("#!/bin/sh\nPATH='{path}'\n{script}\nexec git \"$@\"\n"))
        .expect("a script");
    fs::set_permissions(file, fs::Permissions::from_mode(0o755)).expect("its mode");
}
