//! What can't be read is no pass: in hooks, of what is staged, of ranges and of
//! whole histories.

#![expect(clippy::unwrap_used, reason = "a test stops where its stage breaks")]

use std::fs;

use saferun::scan::sample::expand;

use crate::support::sandbox::Sandbox;

/// Takes an object away, or breaks it.
fn damage(sandbox: &Sandbox, name: &str, how: &str) -> String {
    let oid = sandbox.ask(&["rev-parse", name]);
    let path = sandbox.dir.join(".git/objects").join(&oid[..2]).join(&oid[2..]);
    fs::remove_file(&path).unwrap();
    if how == "corrupt" {
        fs::write(&path, "nonsense").unwrap();
    }
    oid
}

fn secret() -> String {
    format!("token = \"{}\"\n", expand("ghp_{36:crc}"))
}

const DAMAGES: [&str; 2] = ["missing", "corrupt"];

#[test]
fn a_staged_blob_that_cannot_be_read_is_an_error() {
    for how in DAMAGES {
        for others in [0, 3] {
            let sandbox = Sandbox::guarded();
            (0..others).for_each(|n| sandbox.stage(&format!("fine{n}.txt"), format!("{n}\n")));
            sandbox.stage("a.txt", secret());
            let oid = damage(&sandbox, ":a.txt", how);
            let scan = sandbox.saferun(&["scan", "--staged"]).ended(4);
            scan.saying(&oid).saying("git fsck").saying("git add").not_saying("no secrets found");
            sandbox.saferun(&["hook", "pre-commit"]).ended(4).saying(&oid).saying("git fsck");
            let before = sandbox.commits();
            assert_ne!(sandbox.commit("x").code, 0, "{how} {others}");
            assert_eq!(sandbox.commits(), before, "{how} {others}");
        }
    }
}

#[test]
fn a_blob_of_a_range_that_cannot_be_read_is_an_error() {
    for how in DAMAGES {
        let sandbox = Sandbox::plain();
        sandbox.write("a.txt", "one\n");
        sandbox.commit_unguarded("one");
        sandbox.write("a.txt", "two\n");
        sandbox.commit_unguarded("two");
        let oid = damage(&sandbox, "HEAD~1:a.txt", how);
        let run = sandbox.saferun(&["scan", "--range", "HEAD~2..HEAD"]).ended(4);
        run.saying(&oid).saying("incomplete").saying("git fetch --refetch");
        let zeros = "0".repeat(40) + "..HEAD";
        sandbox.saferun(&["scan", "--range", &zeros, "--exit-code", "0"]).ended(4).saying(&oid);
        sandbox.saferun(&["scan", "--range", "HEAD~1..HEAD"]).fine();
    }
}

#[test]
fn a_commit_or_tree_of_a_range_that_cannot_be_read_is_an_error() {
    for how in DAMAGES {
        for object in ["HEAD~1", "HEAD~1^{tree}"] {
            let sandbox = Sandbox::plain();
            sandbox.write("a.txt", "one\n");
            sandbox.commit_unguarded("one");
            sandbox.write("a.txt", "two\n");
            let tip = sandbox.commit_unguarded("two");
            let oid = damage(&sandbox, object, how);
            let run = sandbox.saferun(&["scan", "--range", &tip]).ended(4);
            run.saying(&oid[..10]).saying("git fsck").not_saying("panic");
        }
    }
}

#[test]
fn a_push_of_what_cannot_be_read_is_stopped() {
    for how in DAMAGES {
        let sandbox = Sandbox::guarded();
        let remote = sandbox.with_remote();
        sandbox.write("a.txt", secret());
        sandbox.commit_unguarded("sin");
        sandbox.write("a.txt", "clean\n");
        let tip = sandbox.commit_unguarded("repentance");
        let oid = damage(&sandbox, "HEAD~1:a.txt", how);
        let line = format!("refs/heads/main {tip} refs/heads/main {}\n", "0".repeat(40));
        let mut hook = sandbox.command(crate::support::sandbox::SAFERUN);
        hook.args(["hook", "pre-push", "origin", remote.to_str().unwrap()]);
        hook.stdin(std::process::Stdio::piped()).stderr(std::process::Stdio::piped());
        let mut child = hook.spawn().unwrap();
        std::io::Write::write_all(&mut child.stdin.take().unwrap(), line.as_bytes()).unwrap();
        let output = child.wait_with_output().unwrap();
        let run = crate::support::sandbox::Run::of(&output).ended(4);
        run.saying(&oid).saying("incomplete").saying("git fsck");
        assert_ne!(sandbox.git(&["push", "-q", "origin", "main"]).code, 0, "{how}");
        assert_eq!(sandbox.git_in(&remote, &["for-each-ref"]).out, "", "{how}");
    }
}

#[test]
fn a_damaged_history_is_scanned_to_its_end_and_is_no_pass() {
    for how in DAMAGES {
        for (code, content) in [(4, "other\n".to_owned()), (1, secret())] {
            let sandbox = Sandbox::plain();
            sandbox.write("a.txt", "plain\n");
            sandbox.commit_unguarded("plain");
            sandbox.write("b.txt", content);
            sandbox.commit_unguarded("other");
            let oid = damage(&sandbox, "HEAD~1:a.txt", how);
            let run = sandbox.saferun(&["scan", "--history"]).ended(code);
            let run = run.saying(&oid).saying("incomplete").saying("git fsck");
            assert_eq!(run.out.contains("b.txt:1"), code == 1, "{run:#?}");
            sandbox.saferun(&["scan", "--history", "--exit-code", "0"]).ended(4).saying(&oid);
        }
    }
}
