//! What is staged, in every form an index can take.

use super::{Sandbox, assert_staged_as_git, git, git_command, parse_raw, sorted};

/// Stages an addition, an edit, a deletion, a mode change, a type change, a
/// file that becomes a directory, a submodule and hostile names.
fn stage_everything(sandbox: &Sandbox) {
    use std::os::unix::fs::PermissionsExt as _;
    let root = &sandbox.root;
    sandbox.write("new/deep/file", "new\n");
    sandbox.write("d0/e0/f0.txt", "edited\n");
    std::fs::remove_file(root.join("d1/e1/f7.txt")).unwrap();
    std::fs::set_permissions(root.join("d2/e1/f5.txt"), std::fs::Permissions::from_mode(0o755))
        .unwrap();
    std::fs::remove_file(root.join("d0/e1/f3.txt")).unwrap();
    std::os::unix::fs::symlink("nowhere", root.join("d0/e1/f3.txt")).unwrap();
    std::fs::remove_file(root.join("top")).unwrap();
    sandbox.write("top/inner", "was a file\n");
    sandbox.write_raw(b"line\nbreak \"quoted\" \xff\xfe", b"bytes\n");
    sandbox.write_raw(b"d0/e0/\x1b[31m", b"escape\n");
    git(root, &["add", "-A"]);
    let link = format!("160000,{},d0/sub", sandbox.oid("HEAD"));
    git(root, &["update-index", "--add", "--cacheinfo", &link]);
}

#[test]
fn every_kind_of_change_in_both_formats_and_all_index_versions() {
    for format in ["sha1", "sha256"] {
        let sandbox = Sandbox::with_history(format);
        assert_eq!(assert_staged_as_git(&sandbox.root), 0);
        stage_everything(&sandbox);
        assert_eq!(assert_staged_as_git(&sandbox.root), 10);
        for version in ["4", "3", "2"] {
            sandbox.git(&["update-index", "--index-version", version]);
            assert_eq!(assert_staged_as_git(&sandbox.root), 10, "{format}, version {version}");
        }
        sandbox.git(&["gc", "-q", "--prune=now"]);
        assert_eq!(assert_staged_as_git(&sandbox.root), 10, "{format}, packed");
    }
}

#[test]
fn an_unborn_branch_stages_everything() {
    let sandbox = Sandbox::new("sha1");
    assert!(sandbox.repo().staged().unwrap().is_empty());
    sandbox.write("a/b", "1");
    sandbox.write("c", "2");
    sandbox.git(&["add", "-A"]);
    assert_eq!(assert_staged_as_git(&sandbox.root), 2);
    let head = sandbox.repo().head().unwrap();
    assert_eq!((head.branch(), head.oid()), (Some("refs/heads/main"), None));
}

#[test]
fn intent_to_add_and_conflicts_are_not_staged() {
    let sandbox = Sandbox::with_history("sha1");
    sandbox.write("d0/announced", "later\n");
    sandbox.git(&["add", "-N", "d0/announced"]);
    sandbox.write("d0/real", "now\n");
    sandbox.git(&["add", "d0/real"]);
    assert_eq!(assert_staged_as_git(&sandbox.root), 1);

    let sandbox = Sandbox::with_history("sha1");
    sandbox.git(&["checkout", "-q", "-b", "side"]);
    sandbox.write("d0/e0/f0.txt", "theirs\n");
    sandbox.commit("side");
    sandbox.git(&["checkout", "-q", "main"]);
    sandbox.write("d0/e0/f0.txt", "ours\n");
    sandbox.commit("main");
    let merge = git_command(&sandbox.root, &["merge", "-q", "side"]).output().unwrap();
    assert!(!merge.status.success());
    assert_eq!(assert_staged_as_git(&sandbox.root), 0);
    assert!(sandbox.repo().index().unwrap().has_conflicts());
}

#[test]
fn a_split_index_is_merged_with_its_shared_part() {
    for version in ["2", "4"] {
        let sandbox = Sandbox::with_history("sha1");
        sandbox.git(&["config", "splitIndex.maxPercentChange", "100"]);
        sandbox.git(&["update-index", "--index-version", version]);
        sandbox.git(&["update-index", "--split-index"]);
        stage_everything(&sandbox);
        let shared = std::fs::read_dir(sandbox.root.join(".git")).unwrap();
        let is_shared = |name: &str| name.starts_with("sharedindex.");
        let mut names = shared.map(|entry| entry.unwrap().file_name().into_string().unwrap());
        assert!(names.any(|name| is_shared(&name)), "git did not split the index");
        assert_eq!(assert_staged_as_git(&sandbox.root), 10, "version {version}");
    }
}

#[test]
fn directories_of_a_sparse_index_are_compared_by_their_id() {
    let sandbox = Sandbox::with_history("sha1");
    sandbox.git(&["sparse-checkout", "set", "--cone", "--sparse-index", "d0"]);
    let listed = sandbox.git(&["ls-files", "--sparse"]);
    assert!(listed.lines().any(|line| line == "d1/"), "git did not make a sparse index");
    assert_eq!(assert_staged_as_git(&sandbox.root), 0);
    sandbox.write("d0/e0/f0.txt", "edited\n");
    sandbox.git(&["add", "d0"]);
    assert_eq!(assert_staged_as_git(&sandbox.root), 1);
    sandbox.git(&["reset", "-q", "--soft", "HEAD~2"]);
    assert_eq!(assert_staged_as_git(&sandbox.root), 4);
}

#[test]
fn amending_compares_with_the_parent() {
    let sandbox = Sandbox::with_history("sha1");
    sandbox.write("d0/new", "new\n");
    sandbox.git(&["add", "-A"]);
    let arguments = ["diff", "--cached", "--raw", "-z", "--no-renames", "--abbrev=64", "HEAD~1"];
    let expected = parse_raw(&git(&sandbox.root, &arguments));
    let found = sandbox.repo().staged_against(Some(sandbox.oid("HEAD~1"))).unwrap();
    assert_eq!(found.len(), 3);
    assert_eq!(sorted(found), sorted(expected));
}

#[test]
fn a_stale_cache_of_directories_is_not_needed() {
    let sandbox = Sandbox::with_history("sha1");
    sandbox.git(&["rm", "-q", "--cached", "-r", "."]);
    sandbox.git(&["add", "-A", "d0"]);
    let kept = sandbox.git(&["ls-files"]).lines().count();
    let all = sandbox.git(&["ls-tree", "-r", "HEAD"]).lines().count();
    assert_eq!(assert_staged_as_git(&sandbox.root), all - kept);
}
