//! Finding repositories: linked work trees, submodules, bare ones, and what
//! the environment says.

use std::path::Path;
use std::process::Command;

use saferun::git::{Error, Head, Repo};

use super::{Sandbox, assert_staged_as_git, git};

#[test]
fn a_directory_below_finds_its_repository_and_one_outside_does_not() {
    let sandbox = Sandbox::with_history("sha1");
    let repo = Repo::discover(&sandbox.root.join("d0/e0")).unwrap();
    assert_eq!(repo.work_tree(), Some(sandbox.root.as_path()));
    assert_eq!(repo.git_dir(), sandbox.root.join(".git"));
    assert!(!repo.is_bare() && !repo.is_shallow());
    let error = Repo::discover(sandbox.root.parent().unwrap()).unwrap_err();
    assert!(matches!(error, Error::NotARepository { .. }), "{error}");
}

#[test]
fn a_linked_work_tree_has_its_own_head_and_index() {
    let sandbox = Sandbox::with_history("sha1");
    let linked = sandbox.root.with_file_name("linked");
    sandbox.git(&["worktree", "add", "-q", "-b", "other", linked.to_str().unwrap()]);
    sandbox.write("../linked/new", "new\n");
    git(&linked, &["add", "new"]);
    let repo = Repo::discover(&linked).unwrap();
    assert_eq!(repo.common_dir(), sandbox.root.join(".git"));
    assert_eq!(repo.git_dir(), sandbox.root.join(".git/worktrees/linked"));
    assert_eq!(repo.work_tree(), Some(linked.as_path()));
    assert_eq!(repo.head().unwrap().branch(), Some("refs/heads/other"));
    assert_eq!(repo.default_hooks_dir(), sandbox.root.join(".git/hooks"));
    assert_eq!((assert_staged_as_git(&linked), assert_staged_as_git(&sandbox.root)), (1, 0));
}

#[test]
fn a_submodule_is_a_repository_of_its_own() {
    let inner = Sandbox::with_history("sha1");
    let outer = Sandbox::with_history("sha1");
    outer.git(&["submodule", "--quiet", "add", inner.root.to_str().unwrap(), "sub"]);
    assert_eq!(assert_staged_as_git(&outer.root), 2);
    let repo = Repo::discover(&outer.root.join("sub/d0")).unwrap();
    assert_eq!(repo.work_tree(), Some(outer.root.join("sub").as_path()));
    assert_eq!(repo.git_dir(), outer.root.join(".git/modules/sub"));
    assert_eq!(repo.head().unwrap().oid(), Some(inner.oid("HEAD")));
}

#[test]
fn a_bare_repository_has_no_work_tree() {
    let sandbox = Sandbox::with_history("sha1");
    let bare = sandbox.root.with_file_name("bare.git");
    sandbox.git(&["clone", "-q", "--bare", ".", bare.to_str().unwrap()]);
    let repo = Repo::discover(&bare.join("refs")).unwrap();
    assert!(repo.is_bare() && repo.work_tree().is_none());
    assert_eq!(repo.head().unwrap().oid(), Some(sandbox.oid("HEAD")));
    assert_eq!(repo.target(), format!("file://{}", sandbox.root.display()));
}

#[test]
fn a_detached_head_and_the_target_of_a_push() {
    let sandbox = Sandbox::with_history("sha1");
    assert_eq!(sandbox.repo().target(), format!("file://{}", sandbox.root.display()));
    sandbox.git(&["remote", "add", "origin", "git@github.com:acme/app.git"]);
    sandbox.git(&["remote", "add", "fork", "https://github.com/me/app"]);
    assert_eq!(sandbox.repo().target(), "github.com/acme/app");
    sandbox.git(&["config", "branch.main.remote", "fork"]);
    assert_eq!(sandbox.repo().target(), "github.com/me/app");
    sandbox.git(&["config", "url.ssh://git@host.example/x/.pushInsteadOf", "https://github.com/"]);
    assert_eq!(sandbox.repo().target(), "host.example/x/me/app");
    sandbox.git(&["checkout", "-q", "--detach"]);
    assert_eq!(sandbox.repo().head().unwrap(), Head::Detached(sandbox.oid("HEAD")));
    assert_eq!(sandbox.repo().target(), "github.com/acme/app");
}

/// Runs [`probe`] in a process of its own, with its own environment.
fn probed(dir: &Path, variables: &[(&str, &Path)]) -> Vec<String> {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["--exact", "git_reader::layouts::probe", "--ignored", "--nocapture"]);
    command.current_dir(dir).envs(variables.iter().copied());
    let output = String::from_utf8(command.output().unwrap().stdout).unwrap();
    output.lines().filter_map(|line| line.strip_prefix("probe: ")).map(str::to_owned).collect()
}

/// Not a test of its own: what [`probed`] runs.
#[test]
#[ignore = "run by other tests, in a process of their own"]
fn probe() {
    let repo = Repo::discover(Path::new(".")).unwrap();
    println!("\nprobe: {}", repo.work_tree().unwrap().display());
    for change in repo.staged().unwrap() {
        println!("probe: {}", String::from_utf8_lossy(&change.path));
    }
    println!("probe: {:?}", repo.config().unwrap().get_all("probe.value"));
}

#[test]
fn the_environment_of_a_hook_is_honoured() {
    let sandbox = Sandbox::with_history("sha1");
    let root = sandbox.root.display().to_string();
    sandbox.write("other-index", "");
    std::fs::copy(sandbox.root.join(".git/index"), sandbox.root.join(".git/next")).unwrap();
    sandbox.write("d0/new", "new\n");
    sandbox.git(&["add", "d0/new"]);
    assert_eq!(probed(&sandbox.root, &[]), [&root, "d0/new", "[]"]);
    let next = [("GIT_INDEX_FILE", Path::new(".git/next"))];
    assert_eq!(probed(&sandbox.root.join("d0"), &next), [&root, "[]"]);

    let elsewhere = sandbox.root.parent().unwrap();
    let git_dir = sandbox.root.join(".git");
    let named = [("GIT_DIR", git_dir.as_path()), ("GIT_WORK_TREE", sandbox.root.as_path())];
    assert_eq!(probed(elsewhere, &named), [&root, "d0/new", "[]"]);
    let settings = [
        ("GIT_CONFIG_COUNT", Path::new("1")),
        ("GIT_CONFIG_KEY_0", Path::new("probe.value")),
        ("GIT_CONFIG_VALUE_0", Path::new("a")),
        ("GIT_CONFIG_PARAMETERS", Path::new("'probe.value'='b c'")),
    ];
    let answer = probed(&sandbox.root, &settings);
    assert_eq!(answer, [&root, "d0/new", "[\"a\", \"b c\"]"]);
}
