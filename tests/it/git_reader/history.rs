//! Walks, ancestry and what commits bring in.

use std::collections::BTreeMap;
use std::ops::ControlFlow;

use saferun::git::{Error, Oid};

use super::{Sandbox, git, git_command, oids, parse_raw, sorted};

/// Two branches that merge twice, with commits one minute apart.
fn braided() -> Sandbox {
    let sandbox = Sandbox::new("sha1");
    let mut minute = 0;
    let mut commit = |file: &str, text: &str| {
        minute += 1;
        sandbox.write(file, text);
        git(&sandbox.root, &["add", "-A"]);
        run_dated(&sandbox, minute, &["commit", "-q", "-m", text]);
    };
    commit("a", "1");
    commit("a", "2");
    sandbox.git(&["checkout", "-q", "-b", "side", "HEAD~1"]);
    commit("b", "3");
    commit("b", "4");
    sandbox.git(&["checkout", "-q", "main"]);
    commit("a", "5");
    run_dated(&sandbox, 10, &["merge", "-q", "--no-edit", "side"]);
    sandbox.git(&["checkout", "-q", "side"]);
    let mut minute = 20;
    for text in ["6", "7", "8"] {
        minute += 1;
        sandbox.write("b", text);
        git(&sandbox.root, &["add", "-A"]);
        run_dated(&sandbox, minute, &["commit", "-q", "-m", text]);
    }
    sandbox.git(&["checkout", "-q", "main"]);
    sandbox
}

fn run_dated(sandbox: &Sandbox, minute: u32, arguments: &[&str]) {
    let date = format!("2024-01-01T00:{minute:02}:00Z");
    let mut command = git_command(&sandbox.root, arguments);
    command.env("GIT_COMMITTER_DATE", &date).env("GIT_AUTHOR_DATE", &date);
    assert!(command.output().unwrap().status.success(), "{arguments:?}");
}

#[test]
fn walks_list_what_rev_list_lists_in_its_order() {
    let sandbox = braided();
    sandbox.git(&["tag", "-a", "v1", "-m", "tag", "side"]);
    let names = ["main", "side", "main~1", "side~2", "main~2", "side~4", "v1"];
    for shown in names {
        for hidden in names {
            let expected = oids(&sandbox.git(&["rev-list", shown, &format!("^{hidden}")]));
            let repo = sandbox.repo();
            let walked = repo.walk(&[sandbox.oid(shown)], &[sandbox.oid(hidden)]).unwrap();
            assert_eq!(walked.commits, expected, "{shown} ^{hidden}");
            assert!(walked.missing.is_empty());
        }
        let expected = oids(&sandbox.git(&["rev-list", shown]));
        assert_eq!(sandbox.repo().walk(&[sandbox.oid(shown)], &[]).unwrap().commits, expected);
    }
    let listed =
        sandbox.repo().list_commits(&[sandbox.oid("side")], &[sandbox.oid("main")], 2).unwrap();
    let subjects: Vec<_> = listed.commits.iter().map(saferun::git::Commit::subject).collect();
    assert_eq!((subjects, listed.total, listed.complete), (vec!["8".into(), "7".into()], 3, true));
}

#[test]
fn ancestry_is_what_merge_base_says() {
    let sandbox = braided();
    let repo = sandbox.repo();
    let names = ["main", "side", "main~1", "side~1", "side~3", "main~2", "main~3"];
    for a in names {
        for b in names {
            let arguments = ["merge-base", "--is-ancestor", a, b];
            let expected =
                git_command(&sandbox.root, &arguments).output().unwrap().status.success();
            let found = repo.is_ancestor(sandbox.oid(a), sandbox.oid(b)).unwrap();
            assert_eq!(found, expected, "{a} {b}");
        }
    }
}

#[test]
fn ancestry_does_not_trust_dates() {
    let sandbox = Sandbox::new("sha1");
    for minute in [50, 3, 40, 2, 30, 1] {
        run_dated(&sandbox, minute, &["commit", "-q", "--allow-empty", "-m", "x"]);
    }
    let repo = sandbox.repo();
    for back in 0..6 {
        let old = sandbox.oid(&format!("HEAD~{back}"));
        assert!(repo.is_ancestor(old, sandbox.oid("HEAD")).unwrap(), "{back}");
        assert_eq!(repo.is_ancestor(sandbox.oid("HEAD"), old).unwrap(), back == 0);
    }
}

#[test]
fn what_is_missing_is_reported_and_counts_as_no_ancestor() {
    let sandbox = braided();
    let repo = sandbox.repo();
    let (main, unknown) = (sandbox.oid("main"), Oid::parse(&"ab".repeat(20)).unwrap());
    assert!(!repo.is_ancestor(unknown, main).unwrap());
    let error = repo.is_ancestor(main, unknown).unwrap_err();
    assert!(matches!(error, Error::Missing { oid } if oid == unknown), "{error}");
    let walked = repo.walk(&[main], &[unknown]).unwrap();
    assert_eq!((walked.commits.len(), walked.missing), (6, vec![unknown]));
}

#[test]
fn a_shallow_clone_ends_where_it_was_cut() {
    let sandbox = braided();
    let clone = sandbox.root.with_file_name("shallow");
    let url = format!("file://{}", sandbox.root.display());
    sandbox.git(&["clone", "-q", "--depth=2", &url, clone.to_str().unwrap()]);
    let sandbox = Sandbox { root: clone, ..sandbox };
    let repo = sandbox.repo();
    assert!(repo.is_shallow());
    let walked = repo.walk(&[sandbox.oid("HEAD")], &[]).unwrap();
    assert_eq!(walked.commits, oids(&sandbox.git(&["rev-list", "HEAD"])));
    assert!(walked.missing.is_empty());
    let edge = repo.commit(*walked.commits.last().unwrap()).unwrap();
    let tree = sandbox.git(&["ls-tree", "-r", "--name-only", &edge.oid.to_string()]);
    assert_eq!(repo.changes_of_commit(&edge).unwrap().len(), tree.lines().count());
}

#[test]
fn a_commit_brings_in_what_no_parent_has() {
    let sandbox = Sandbox::with_history("sha256");
    sandbox.git(&["checkout", "-q", "-b", "side", "HEAD~1"]);
    sandbox.write("d0/side", "side\n");
    sandbox.commit("side");
    sandbox.git(&["checkout", "-q", "main"]);
    sandbox.git(&["merge", "-q", "--no-commit", "--no-ff", "side"]);
    sandbox.write("d0/evil", "only in the merge\n");
    let merge = sandbox.commit("merge");
    let repo = sandbox.repo();
    let brought = repo.changes_of_commit(&repo.commit(merge).unwrap()).unwrap();
    let paths: Vec<_> = brought.iter().map(|change| change.path.as_slice()).collect();
    assert_eq!(paths, [b"d0/evil"]);
    for name in ["HEAD~1", "HEAD~2", "side", "HEAD~3"] {
        let arguments =
            ["diff-tree", "-r", "-z", "--root", "--no-commit-id", "--no-renames", "--abbrev=64"];
        let expected = git(&sandbox.root, &[&arguments[..], &[name]].concat());
        let commit = repo.commit(sandbox.oid(name)).unwrap();
        let found = repo.changes_of_commit(&commit).unwrap();
        assert!(!found.is_empty());
        assert_eq!(sorted(found), sorted(parse_raw(&expected)), "{name}");
    }
    let arguments = ["diff-tree", "-r", "-z", "--no-renames", "--abbrev=64", "side", "HEAD"];
    let expected = parse_raw(&git(&sandbox.root, &arguments));
    let found = repo.tree_changes(Some(sandbox.oid("side")), Some(merge)).unwrap();
    assert_eq!(sorted(found), sorted(expected));
}

#[test]
fn every_blob_of_a_history_is_visited_once_where_it_first_came_in() {
    let sandbox = Sandbox::with_history("sha1");
    sandbox.write("copy-of-new", "sorts between d1 and d1/\n");
    sandbox.commit("four");
    let repo = sandbox.repo();
    let commits = repo.walk(&[sandbox.oid("HEAD")], &[]).unwrap().commits;
    let mut found = BTreeMap::new();
    repo.introduced_blobs(&commits, &mut |new| {
        assert!(found.insert(new.blob, (new.commit.subject(), new.path.to_vec())).is_none());
        ControlFlow::Continue(())
    })
    .unwrap();
    let list = "--batch-check=%(objectname) %(objecttype)";
    let all = sandbox.git(&["cat-file", "--batch-all-objects", list]);
    let blobs: Vec<_> = all.lines().filter_map(|line| line.strip_suffix(" blob")).collect();
    assert_eq!(found.keys().copied().collect::<Vec<_>>(), oids(&blobs.join("\n")));
    let first = &found[&sandbox.oid("HEAD:copy-of-new")];
    assert_eq!(first, &("three".to_owned(), b"d1-x".to_vec()));
    let mut visits = 0;
    repo.introduced_blobs(&commits, &mut |_| {
        visits += 1;
        ControlFlow::Break(())
    })
    .unwrap();
    assert_eq!(visits, 1);
}
