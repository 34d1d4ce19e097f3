//! `install.sh`: a given file is checked, put in place and explained.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use sha2::{Digest, Sha256};
use tempfile::TempDir;

const SAFERUN: &str = env!("CARGO_BIN_EXE_saferun");
const ROOT: &str = env!("CARGO_MANIFEST_DIR");

fn checksum() -> String {
    let bytes = fs::read(SAFERUN).expect("the binary");
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

fn install(home: &Path, arguments: &[&str]) -> Output {
    Command::new("sh")
        .arg(format!("{ROOT}/install.sh"))
        .args(arguments)
        .env("HOME", home)
        .current_dir(home)
        .output()
        .expect("sh")
}

fn stdout(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

fn stderr(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

#[test]
fn a_given_file_is_installed_with_what_belongs_to_it() {
    let home = TempDir::new().expect("a directory");
    let manual = home.path().join(".local/share/man/man1");
    fs::create_dir_all(&manual).expect("a directory");
    let output = install(home.path(), &["--from", SAFERUN, "--sha256", &checksum().to_uppercase()]);
    assert!(output.status.success(), "{}", stderr(&output));
    let program = home.path().join(".local/bin/saferun");
    let version = Command::new(&program).arg("--version").output().expect("the installed program");
    assert!(version.status.success());
    assert!(
        fs::read_to_string(manual.join("saferun.1")).expect("the manual").contains(".TH saferun")
    );
    let completions = home.path().join(".local/share/bash-completion");
    assert!(!completions.exists(), "a directory was made for completions");
    let said = stdout(&output);
    for line in ["is not on PATH", "export PATH=", "Next:", "Undo:", "saferun.1"] {
        assert!(said.contains(line), "`{line}` is not in\n{said}");
    }
    assert_eq!(
        fs::read_dir(home.path().join(".local/bin")).expect("bin").count(),
        1,
        "something is left over"
    );
}

#[test]
fn a_prefix_can_be_relative_and_a_second_run_replaces_the_first() {
    let home = TempDir::new().expect("a directory");
    for _ in 0..2 {
        let output =
            install(home.path(), &["--prefix=tools", "--from", SAFERUN, "--sha256", &checksum()]);
        assert!(output.status.success(), "{}", stderr(&output));
    }
    assert!(home.path().join("tools/bin/saferun").is_file());
    assert!(!home.path().join(".local").exists());
}

#[test]
fn a_file_with_another_checksum_is_not_installed() {
    let home = TempDir::new().expect("a directory");
    let output = install(home.path(), &["--from", SAFERUN, "--sha256", &"0".repeat(64)]);
    assert_eq!(output.status.code(), Some(1));
    assert!(stderr(&output).contains("nothing was installed"), "{}", stderr(&output));
    assert!(!home.path().join(".local").exists());
}

#[test]
fn a_file_that_does_not_run_is_not_installed() {
    let home = TempDir::new().expect("a directory");
    let file = home.path().join("saferun.txt");
    fs::write(&file, "not a program").expect("a file");
    let sum: String =
        Sha256::digest("not a program").iter().map(|byte| format!("{byte:02x}")).collect();
    let output = install(home.path(), &["--from", "saferun.txt", "--sha256", &sum]);
    assert_eq!(output.status.code(), Some(4));
    assert_eq!(
        fs::read_dir(home.path().join(".local/bin")).expect("bin").count(),
        0,
        "something is left over"
    );
}

#[test]
fn a_mistyped_command_line_changes_nothing() {
    let home = TempDir::new().expect("a directory");
    for (arguments, why) in [
        (&["--dmeo"][..], "`--dmeo` is not an option"),
        (&["--prefix"], "`--prefix` needs a value"),
        (&["--from", SAFERUN], "`--from` needs `--sha256`"),
        (&["--sha256", "00"], "`--sha256` needs `--from`"),
        (&["--from", "/nowhere", "--sha256", "00"], "there is no file `/nowhere`"),
    ] {
        let output = install(home.path(), arguments);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        assert!(stderr(&output).contains(why), "{arguments:?}: {}", stderr(&output));
        assert_eq!(stderr(&output).lines().count(), 1, "{}", stderr(&output));
    }
    assert_eq!(fs::read_dir(home.path()).expect("home").count(), 0);
}

/// A `PATH` with the programs that the script uses, and no others.
fn bare_path(dir: &Path, programs: &[&str]) -> String {
    for name in programs.iter().chain(&["sh", "dirname", "tr", "cut", "mkdir", "rm", "id", "env"]) {
        let found =
            Command::new("sh").args(["-c", &format!("command -v {name}")]).output().expect("sh");
        let real = String::from_utf8_lossy(&found.stdout).trim().to_owned();
        let _ = std::os::unix::fs::symlink(real, dir.join(name));
    }
    dir.display().to_string()
}

#[test]
fn what_a_build_lacks_is_said_in_one_line() {
    for (programs, lacking) in
        [(&[][..], "cargo is missing"), (&["cargo"], "a C compiler is missing")]
    {
        let home = TempDir::new().expect("a directory");
        let path = bare_path(home.path(), programs);
        let output = Command::new("/bin/sh")
            .arg(format!("{ROOT}/install.sh"))
            .env_clear()
            .env("HOME", home.path())
            .env("PATH", path)
            .output()
            .expect("sh");
        assert_eq!(output.status.code(), Some(4));
        assert!(stderr(&output).contains(lacking), "{}", stderr(&output));
        assert_eq!(stderr(&output).lines().count(), 1, "{}", stderr(&output));
    }
}

#[test]
fn scripts_are_executable_and_parse() {
    use std::os::unix::fs::PermissionsExt;
    for (shell, name) in
        [("sh", "install.sh"), ("sh", "tests/run"), ("bash", ".ci/run"), ("sh", "benches/hooks.sh")]
    {
        let file = Path::new(ROOT).join(name);
        let mode = fs::metadata(&file).expect("the script").permissions().mode();
        assert_eq!(mode & 0o111, 0o111, "{name} is not executable");
        let parsed = Command::new(shell).arg("-n").arg(&file).status().expect("a shell");
        assert!(parsed.success(), "{name}");
    }
}

#[test]
fn without_a_given_file_it_builds_with_the_lock_file() {
    let home = TempDir::new().expect("a directory");
    let programs = home.path().join("programs");
    fs::create_dir(&programs).expect("a directory");
    // A cargo that notes its arguments and has the program ready.
    let script = format!(
        "#!/bin/sh\necho \"$@\" > '{home}/arguments'\nmkdir -p '{home}/target/release'\ncp '{SAFERUN}' '{home}/target/release/saferun'\n",
        home = home.path().display()
    );
    fs::write(programs.join("cargo"), script).expect("a script");
    let executable = std::os::unix::fs::PermissionsExt::from_mode(0o755);
    fs::set_permissions(programs.join("cargo"), executable).expect("its mode");
    let path = std::env::var("PATH").unwrap_or_default();
    let output = Command::new("sh")
        .arg(format!("{ROOT}/install.sh"))
        .env("HOME", home.path())
        .env("PATH", format!("{}:{path}", programs.display()))
        .env("CARGO_TARGET_DIR", home.path().join("target"))
        .output()
        .expect("sh");
    assert!(output.status.success(), "{}", stderr(&output));
    assert!(home.path().join(".local/bin/saferun").is_file());
    let arguments = fs::read_to_string(home.path().join("arguments")).expect("the arguments");
    assert!(arguments.starts_with("build --release --locked --bin saferun"), "{arguments}");
}
