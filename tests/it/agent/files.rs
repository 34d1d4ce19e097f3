//! Files that agents write and read.

use std::os::unix::fs::symlink;

use serde_json::{Value, json};

use crate::support::sandbox::Sandbox;

fn secret() -> String {
    ["ghp_", "wWPw5k4aXcaT4fNP0UcnZwJUVFk6LO0pINUx"].concat()
}

impl Sandbox {
    fn write_call(&self, path: &str, content: &str) -> Value {
        self.judged(json!({"tool": "write", "path": path, "content": content}))
    }
}

#[test]
fn protected_files_are_told_from_others() {
    let sandbox = Sandbox::plain();
    for (path, operation) in [
        (".env", "file.env.write"),
        ("config/.env.production", "file.env.write"),
        ("~/.ssh/authorized_keys", "file.credential.write"),
        ("/home/x/.aws/credentials", "file.credential.write"),
        (".github/workflows/ci.yml", "git.workflow.update"),
        ("CODEOWNERS", "git.codeowners.update"),
        (".saferun.toml", "git.saferun-config.update"),
        ("$HOME/config/saferun/config.toml", "file.guard.write"),
        (".git/hooks/pre-commit", "file.git.write"),
        (".git/config", "file.git.write"),
        (".claude/settings.json", "file.agent-config.write"),
        (".cursor/hooks.json", "file.agent-config.write"),
        ("~/.bashrc", "file.profile.write"),
        ("/etc/hosts", "file.system.write"),
        ("package-lock.json", "file.lock.write"),
        ("a/../.env", "file.env.write"),
    ] {
        let answer =
            sandbox.judged(json!({"tool": "write", "path": path, "content": "x", "session": path}));
        assert_ne!(answer["decision"], "allow", "{path}: {answer}");
        assert!(answer["reason"].as_str().unwrap().contains(operation), "{path}: {answer}");
    }
    for path in [
        "src/main.rs",
        ".env.example",
        "docs/keys.md",
        "Cargo.toml",
        ".gitignore",
        "/tmp/notes.txt",
        ".git/COMMIT_EDITMSG",
    ] {
        assert_eq!(sandbox.write_call(path, "x")["decision"], "allow", "{path}");
    }
    let lock = sandbox.write_call("Cargo.lock", "x");
    assert_eq!(
        (&lock["decision"], &lock["redirect"]),
        (&json!("deny"), &json!("cargo update -p PACKAGE"))
    );
}

#[test]
fn links_lead_nobody_around() {
    let sandbox = Sandbox::plain();
    sandbox.write("deep/er/x", "");
    symlink("../.env", sandbox.dir.join("deep/notes.txt")).unwrap();
    symlink(".git", sandbox.dir.join("data")).unwrap();
    symlink("deep/er", sandbox.dir.join("short")).unwrap();
    for path in [
        "deep/notes.txt",
        "data/hooks/pre-push",
        "short/../../.env",
        "data/config",
        "short/../../.git/config",
    ] {
        let answer = sandbox
            .judged(json!({"tool": "edit", "path": path, "new_string": "x", "session": path}));
        assert_eq!(answer["decision"], "require_approval", "{path}: {answer}");
    }
}

#[test]
fn a_secret_does_not_come_in_and_one_that_is_there_may_stay() {
    let sandbox = Sandbox::plain();
    let line = format!("token = \"{}\"\n", secret());
    let answer = sandbox.write_call("src/settings.py", &line);
    assert_eq!(answer["decision"], "deny");
    let reason = answer["reason"].as_str().unwrap();
    assert!(
        reason.contains("src/settings.py:1") && reason.contains("file.secret.write"),
        "{reason}"
    );
    assert!(!answer.to_string().contains(&secret()));
    let edit = |old: &str, new: &str| {
        sandbox.judged(json!({"tool": "Edit", "params": {"file_path": "a.py", "old_string": old, "new_string": new}}))
    };
    assert_eq!(edit("x = 1", &line)["decision"], "deny");
    assert_eq!(edit(&line, &format!("{line}x = 2\n"))["decision"], "allow");
    sandbox.write("old.py", &line);
    assert_eq!(sandbox.write_call("old.py", &format!("{line}y = 1\n"))["decision"], "allow");
    let patch = format!("*** Begin Patch\n*** Add File: b.py\n+{line}*** End Patch\n");
    let answer = sandbox.judged(json!({"tool": "apply_patch", "params": {"command": patch}}));
    assert_eq!(answer["decision"], "deny", "{answer}");
    let log = std::fs::read_to_string(sandbox.dir.join(".git/saferun/audit.jsonl")).unwrap();
    assert!(!log.contains(&secret()), "the log holds the secret");
}

#[test]
fn patches_and_several_files_are_judged_file_by_file() {
    let sandbox = Sandbox::plain();
    let patch = "*** Begin Patch\n*** Update File: README.md\n@@\n-hello\n+hi\n*** Update File: .git/config\n@@\n+x\n*** End Patch";
    for call in [
        json!({"tool": "apply_patch", "params": {"command": patch}}),
        json!({"tool": "shell", "command": format!("apply_patch <<'EOF'\n{patch}\nEOF")}),
        json!({"tool": "mcp__files__write_files", "params": {"files": [{"path": "a", "content": "1"}, {"path": ".git/config", "content": "2"}]}}),
        json!({"tool": "Delete", "path": ".git/config"}),
    ] {
        let mut call = call;
        call["session"] = json!(call.to_string());
        let answer = sandbox.judged(call.clone());
        assert_eq!(answer["decision"], "require_approval", "{call}: {answer}");
    }
}

#[test]
fn reading_keys_is_asked_for_and_reading_code_is_not() {
    let sandbox = Sandbox::plain();
    let read = |path: &str| {
        sandbox.judged(json!({"tool": "Read", "params": {"file_path": path}, "session": path}))
    };
    for path in [
        ".env",
        "~/.ssh/id_ed25519",
        "/home/x/.aws/credentials",
        "~/.config/saferun/credentials.toml",
    ] {
        assert_eq!(read(path)["decision"], "require_approval", "{path}");
    }
    for path in [
        "README.md",
        ".env.example",
        "~/.ssh/id_ed25519.pub",
        "/etc/hosts",
        ".git/config",
        "Cargo.lock",
    ] {
        assert_eq!(read(path)["decision"], "allow", "{path}");
    }
    sandbox.write(".saferun.toml", "preset = \"strict\"\n");
    assert_eq!(read("/home/y/.aws/credentials")["decision"], "deny");
}

#[test]
fn tools_of_servers_are_operations_where_their_names_say_so() {
    let sandbox = Sandbox::plain();
    let call = |tool: &str, mut params: Value| {
        params["owner"] = json!("acme");
        params["repo"] = json!("app");
        sandbox.judged(json!({"tool": tool, "params": params, "session": tool}))
    };
    let deleted = call("mcp__github__delete_repository", json!({}));
    assert!(
        deleted["reason"].as_str().unwrap().contains("github.repo.delete on github.com/acme/app"),
        "{deleted}"
    );
    let workflow = call(
        "mcp__github__create_or_update_file",
        json!({"path": ".github/workflows/x.yml", "branch": "main", "content": "on: push"}),
    );
    assert_ne!(workflow["decision"], "allow", "{workflow}");
    assert_eq!(call("mcp__github__list_issues", json!({}))["decision"], "allow");
    let fetch = sandbox.judged(
        json!({"tool": "WebFetch", "params": {"url": "https://example.com", "prompt": "sum up"}}),
    );
    assert_eq!(fetch["decision"], "allow");
    let shell =
        sandbox.judged(json!({"tool": "mcp__terminal__run", "params": {"command": super::ASKED}}));
    assert_eq!(shell["decision"], "require_approval");
}
