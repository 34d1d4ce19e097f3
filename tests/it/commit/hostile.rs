//! Repositories made to confuse: names, contents, sizes.

use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

use crate::support::sandbox::{Run, SAFERUN, Sandbox, write_file};

/// Names that must never reach a terminal as they are.
const NAMES: &[&[u8]] = &[
    b"new\nline.yml",
    b"tab\there.yml",
    b"quote\"'`$(id).yml",
    b"\x1b[2J\x1b]0;owned\x07.yml",
    b"invalid\xff\xfe.yml",
    "bidi\u{202e}lmy.yml".as_bytes(),
    "zero\u{200b}width.yml".as_bytes(),
    b"-rf.yml",
    b"carriage\rreturn.yml",
    b"\xc2\x9b31mred.yml",
];

/// Fails the test where something was said that a terminal obeys.
fn is_tame(run: &Run, bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let bad = |c: char| {
        (c.is_control() && c != '\n')
            || ('\u{200b}'..='\u{200f}').contains(&c)
            || ('\u{202a}'..='\u{202e}').contains(&c)
    };
    assert!(!text.chars().any(bad), "{run:#?}");
}

#[test]
fn odd_names_of_guarded_files_are_judged_and_shown_harmlessly() {
    for name in NAMES {
        let sandbox = Sandbox::guarded();
        let path = sandbox.dir.join(".github/workflows").join(OsStr::from_bytes(name));
        write_file(
            &path,
            b"on: pull_request_target # \x1b[31mred\x1b[0m \x07 \xe2\x80\xae\n",
            0o644,
        );
        sandbox.git(&["add", "-A"]).fine();
        let output = sandbox.command(SAFERUN).args(["hook", "pre-commit"]).output().unwrap();
        let run = Run::of(&output).ended(3).saying("pull_request_target");
        is_tame(&run, &output.stderr);
        is_tame(&run, &output.stdout);
        for command in [&["history"][..], &["audit", "show"]] {
            let output = sandbox.command(SAFERUN).args(command).output().unwrap();
            is_tame(&Run::of(&output).fine(), &output.stdout);
        }
        sandbox.saferun(&["audit", "verify"]).fine();
    }
}

#[test]
fn settings_that_hold_escape_sequences_are_shown_harmlessly() {
    for text in [
        "\"\\u001b[2Jx\" = 1\n",
        "preset = \"\\u001b[2J\"\n",
        "[approval]\ntimeout = \"\\u001b[2J\"\n",
        "\u{1b}[2J\n",
    ] {
        let sandbox = Sandbox::guarded();
        sandbox.write(".saferun.toml", text);
        sandbox.commit_unguarded("broken");
        let output = sandbox.command(SAFERUN).args(["hook", "pre-commit"]).output().unwrap();
        is_tame(&Run::of(&output).ended(2), &output.stderr);
        let output = sandbox.command(SAFERUN).args(["doctor"]).output().unwrap();
        is_tame(&Run::of(&output).ended(1), &output.stdout);
    }
}

#[test]
fn a_branch_with_an_odd_name_is_shown_harmlessly() {
    let sandbox = Sandbox::guarded();
    sandbox.git(&["checkout", "-q", "-b", "x\u{202e}\u{200b}y"]).fine();
    sandbox.stage("Jenkinsfile", "x\n");
    let output = sandbox.command(SAFERUN).args(["hook", "pre-commit"]).output().unwrap();
    is_tame(&Run::of(&output).ended(3), &output.stderr);
}

#[test]
fn links_binaries_and_empty_files_pass() {
    let sandbox = Sandbox::guarded();
    std::os::unix::fs::symlink("/etc/passwd", sandbox.dir.join("link")).unwrap();
    std::os::unix::fs::symlink("nowhere", sandbox.dir.join("dangling")).unwrap();
    sandbox.write("empty", "");
    sandbox.write("binary", (0..=255u8).cycle().take(70_000).collect::<Vec<_>>());
    sandbox.write(
        "wide",
        "\u{feff}text\n".encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<_>>(),
    );
    sandbox.write("dos", "a\r\nb\r\n");
    sandbox.git(&["add", "-A"]).fine();
    sandbox.commit("odd").fine();
}

#[test]
fn a_workflow_that_is_no_text_is_stopped_all_the_same() {
    for content in [vec![0u8; 100], vec![0xff; 3 << 20], b"on: push".repeat(300_000)] {
        let sandbox = Sandbox::guarded();
        sandbox.stage(".github/workflows/x.yml", &content);
        sandbox.commit("x").ended(1).saying("git.workflow.update");
    }
    let sandbox = Sandbox::guarded();
    let link = sandbox.dir.join(".github/workflows/x.yml");
    fs::create_dir_all(link.parent().unwrap()).unwrap();
    std::os::unix::fs::symlink("/dev/zero", link).unwrap();
    sandbox.git(&["add", "-A"]).fine();
    sandbox.commit("x").ended(1).saying("git.workflow.update");
}

#[test]
fn a_huge_file_takes_no_more_memory_than_it_has() {
    let sandbox = Sandbox::guarded();
    let file = fs::File::create(sandbox.dir.join("huge")).unwrap();
    file.set_len(300 << 20).unwrap();
    sandbox.git(&["add", "-A"]).fine();
    // Address space for one copy of the file, and none for two.
    let run = sandbox
        .run("sh", &["-c", &format!("ulimit -v 500000; exec '{SAFERUN}' hook pre-commit")])
        .fine();
    assert_eq!(run.err, "");
}

#[test]
fn settings_that_never_end_are_not_read() {
    let sandbox = Sandbox::plain();
    sandbox.saferun(&["init"]).fine();
    std::fs::remove_file(sandbox.dir.join(".saferun.toml")).unwrap();
    let pipe = sandbox.root.join("pipe");
    sandbox.run("mkfifo", &[pipe.to_str().unwrap()]).fine();
    std::os::unix::fs::symlink(&pipe, sandbox.dir.join(".saferun.toml")).unwrap();
    sandbox.run("timeout", &["20", SAFERUN, "hook", "pre-commit"]).fine();
}

#[test]
fn configuration_that_tries_to_blind_the_hook_does_not() {
    let sandbox = Sandbox::guarded();
    sandbox.write(".gitattributes", "* -diff -text\n*.yml binary\n");
    sandbox.commit_unguarded("attributes");
    for (key, value) in [
        ("color.ui", "always"),
        ("diff.external", "/bin/true"),
        ("core.quotePath", "false"),
        ("diff.noprefix", "true"),
    ] {
        sandbox.git(&["config", key, value]).fine();
    }
    sandbox.stage(".github/workflows/x.yml", "on: pull_request_target\n");
    sandbox.commit("x").ended(1).saying("x.yml:1 ");
}

#[test]
fn a_hook_outside_a_repository_lets_git_say_so() {
    let sandbox = Sandbox::empty("nowhere");
    sandbox.saferun(&["hook", "pre-commit"]).fine();
    assert!(!Path::new(&sandbox.dir.join(".saferun.toml")).exists());
}
