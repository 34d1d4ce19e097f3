//! Which operation each update of a ref is, and what becomes of it.

use super::{published, rewrite};
use crate::support::sandbox::Sandbox;

/// Prepares a push in a repository as [`published`] leaves it.
type Prepare = fn(&Sandbox);

fn one_more(sandbox: &Sandbox) {
    sandbox.write("b", "two\n");
    sandbox.commit_unguarded("two");
}

fn on_topic(sandbox: &Sandbox) {
    sandbox.git(&["checkout", "-q", "topic"]).fine();
}

fn topic_rewritten(sandbox: &Sandbox) {
    on_topic(sandbox);
    rewrite(sandbox);
}

/// `topic` is a merge whose parents are not what the remote has.
fn topic_merged_elsewhere(sandbox: &Sandbox) {
    sandbox.git(&["checkout", "-q", "-b", "left", "HEAD~1"]).fine();
    sandbox.write("l", "l\n");
    sandbox.commit_unguarded("left");
    sandbox.git(&["checkout", "-q", "-b", "right", "HEAD~1"]).fine();
    sandbox.write("r", "r\n");
    sandbox.commit_unguarded("right");
    sandbox.git(&["merge", "-q", "--no-verify", "--no-edit", "left"]).fine();
}

/// `topic` is a merge that contains what the remote has.
fn topic_merged(sandbox: &Sandbox) {
    topic_merged_elsewhere(sandbox);
    sandbox.git(&["merge", "-q", "--no-verify", "--no-edit", "topic"]).fine();
}

fn tag_moved(sandbox: &Sandbox) {
    one_more(sandbox);
    sandbox.git(&["tag", "-f", "v1"]).fine();
}

fn nothing(_: &Sandbox) {}

/// What is done, what is pushed, the operation seen, and whether it goes on.
const CASES: &[(&str, Prepare, &[&str], &str, bool)] = &[
    ("fast-forward of main", one_more, &["main"], "git.protected-push", true),
    ("new branch", one_more, &["HEAD:refs/heads/new"], "git.push", true),
    ("new release branch", one_more, &["HEAD:refs/heads/release/1"], "git.protected-push", true),
    ("fast-forward of topic", one_more, &["main:topic"], "git.push", true),
    ("forced though it grows", one_more, &["--force", "main"], "git.protected-push", true),
    ("plus though it grows", one_more, &["+main:topic"], "git.push", true),
    ("rewritten topic", topic_rewritten, &["--force", "topic"], "git.force-push", true),
    (
        "rewritten with lease",
        topic_rewritten,
        &["--force-with-lease", "topic"],
        "git.force-push",
        true,
    ),
    ("merge that lost", topic_merged_elsewhere, &["+HEAD:topic"], "git.force-push", true),
    ("merge that grows", topic_merged, &["HEAD:topic"], "git.push", true),
    ("rewritten main", rewrite, &["--force", "main"], "git.force-push", false),
    ("rewritten main by plus", rewrite, &["+HEAD:main"], "git.force-push", false),
    (
        "rewritten main with lease",
        rewrite,
        &["--force-with-lease", "main"],
        "git.force-push",
        false,
    ),
    ("delete topic", nothing, &["--delete", "topic"], "git.remote-branch.delete", true),
    ("delete topic by colon", nothing, &[":topic"], "git.remote-branch.delete", true),
    ("delete tag", nothing, &[":refs/tags/v1"], "git.remote-tag.delete", true),
    ("move tag", tag_moved, &["--force", "v1"], "git.push", true),
    ("new tag", nothing, &["HEAD:refs/tags/v2"], "git.push", true),
    ("mirror that rewrites", rewrite, &["--mirror"], "git.force-push", false),
    ("all that rewrites", rewrite, &["--force", "--all"], "git.force-push", false),
    (
        "good and bad at once",
        rewrite,
        &["HEAD:refs/heads/new", "+HEAD:main", ":topic"],
        "git.force-push",
        false,
    ),
    ("not under heads", one_more, &["HEAD:refs/for/main"], "git.push", true),
];

#[test]
fn every_update_is_what_it_does() {
    for (name, prepare, refs, operation, goes_on) in CASES {
        let (sandbox, remote) = published();
        // A bare remote refuses to delete what its HEAD points to.
        prepare(&sandbox);
        let before = sandbox.git_in(&remote, &["for-each-ref"]).out;
        let arguments = if refs[0].starts_with("--") {
            [&["push", "-q"], &refs[..1], &["origin"], &refs[1..]].concat()
        } else {
            [&["push", "-q", "origin"], *refs].concat()
        };
        let run = sandbox.git(&arguments);
        let decided = sandbox.decided();
        assert!(decided.iter().any(|seen| seen == operation), "{name}: {decided:?} {run:#?}");
        assert_eq!(run.code == 0, *goes_on, "{name}: {run:#?}");
        let after = sandbox.git_in(&remote, &["for-each-ref"]).out;
        assert_eq!(before != after, *goes_on, "{name}");
    }
}

#[test]
fn deleting_a_protected_branch_waits() {
    for (name, branch) in
        [("release", "release/1"), ("production", "production"), ("default", "trunk")]
    {
        let (sandbox, remote) = published();
        sandbox
            .git(&["push", "-q", "--no-verify", "origin", &format!("HEAD:refs/heads/{branch}")])
            .fine();
        if name == "default" {
            sandbox.git_in(&remote, &["symbolic-ref", "HEAD", "refs/heads/trunk"]).fine();
            sandbox.git_in(&remote, &["config", "receive.denyDeleteCurrent", "ignore"]).fine();
            sandbox.git(&["remote", "set-head", "origin", "trunk"]).fine();
        }
        sandbox
            .git(&["push", "-q", "origin", &format!(":{branch}")])
            .ended(1)
            .saying("git.remote-branch.delete");
    }
}

#[test]
fn configured_patterns_protect_branches_and_tags() {
    let (sandbox, _) = published();
    sandbox.write(
        ".saferun.toml",
        "[git]\nprotected_branches = [\"topic*\"]\nprotected_tags = [\"v*\"]\n",
    );
    sandbox.commit_unguarded("patterns");
    sandbox
        .git(&["push", "-q", "origin", ":topic"])
        .ended(1)
        .saying("`refs/heads/topic` is protected");
    sandbox
        .git(&["push", "-q", "origin", ":refs/tags/v1"])
        .ended(1)
        .saying("git.remote-tag.delete");
    sandbox.git(&["tag", "-f", "v1"]).fine();
    sandbox
        .git(&["push", "-q", "--force", "origin", "v1"])
        .ended(1)
        .saying("git.protected-tag.update");
    sandbox.git(&["push", "-q", "origin", "HEAD~1:refs/heads/free"]).fine();
}

#[test]
fn a_remote_commit_that_is_not_here_counts_as_overwritten() {
    let (sandbox, remote) = published();
    let other = sandbox.root.join("other");
    sandbox.git_in(&sandbox.root, &["clone", "-q", remote.to_str().unwrap(), "other"]).fine();
    for branch in ["main", "topic"] {
        sandbox.git_in(&other, &["checkout", "-q", branch]).fine();
        sandbox.git_in(&other, &["commit", "-q", "--allow-empty", "-m", "unseen"]).fine();
        sandbox.git_in(&other, &["push", "-q", "origin", branch]).fine();
    }
    sandbox
        .git(&["push", "-q", "--force", "origin", "main"])
        .ended(1)
        .saying("not here")
        .saying("git.force-push");
    sandbox.git(&["push", "-q", "--force", "origin", "topic"]).fine();
    assert!(sandbox.saferun(&["undo", "list"]).fine().out.contains("refs/heads/topic"));
}

#[test]
fn the_first_push_and_pushes_to_urls_pass() {
    let sandbox = Sandbox::guarded();
    let remote = sandbox.with_remote();
    sandbox.git(&["push", "-q", "-u", "origin", "main"]).fine();
    assert_eq!(sandbox.decided(), ["git.protected-push"]);
    sandbox.git(&["push", "-q", "origin", "main"]).fine();
    sandbox.git(&["push", "-q", remote.to_str().unwrap(), "HEAD:refs/heads/by-path"]).fine();
    sandbox
        .git(&["push", "-q", &format!("file://{}", remote.display()), "HEAD:refs/heads/by-url"])
        .fine();
    rewrite(&sandbox);
    sandbox
        .git(&["push", "-q", "-f", remote.to_str().unwrap(), "main"])
        .ended(1)
        .saying("git.force-push");
}

#[test]
fn the_commits_that_would_be_lost_are_counted() {
    let (sandbox, _) = published();
    for name in ["two", "three"] {
        sandbox.write(name, name);
        sandbox.commit_unguarded(name);
    }
    sandbox.git(&["push", "-q", "origin", "main"]).fine();
    sandbox.git(&["reset", "-q", "--hard", "HEAD~2"]).fine();
    sandbox.write("other", "x");
    sandbox.commit_unguarded("other");
    sandbox.git(&["push", "-q", "-f", "origin", "main"]).ended(1).saying("2 commits would be lost");
}

#[test]
fn longer_hashes_work_too() {
    let sandbox = Sandbox::empty("repo");
    sandbox.git(&["init", "-q", "--object-format=sha256"]).fine();
    sandbox.saferun(&["init"]).fine();
    sandbox.commit_unguarded("one");
    let remote = sandbox.root.join("remote.git");
    sandbox
        .git(&["init", "-q", "--bare", "--object-format=sha256", remote.to_str().unwrap()])
        .fine();
    sandbox.git(&["remote", "add", "origin", remote.to_str().unwrap()]).fine();
    sandbox.git(&["push", "-q", "origin", "main"]).fine();
    rewrite(&sandbox);
    sandbox.git(&["push", "-q", "-f", "origin", "main"]).ended(1).saying("git.force-push");
}

#[test]
fn nonsense_on_standard_input_blocks() {
    let (sandbox, _) = published();
    for input in ["one two three four\n", "refs/heads/main\n", "a b c\n\x1b[2J d e f\n"] {
        let script = format!(
            "printf '{input}' | '{}' hook pre-push origin url",
            crate::support::sandbox::SAFERUN
        );
        sandbox.run("sh", &["-c", &script]).ended(4).not_saying("\x1b");
    }
    sandbox.saferun(&["hook", "pre-push", "origin", "url"]).fine();
}
