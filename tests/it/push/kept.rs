//! What the remote is about to lose is kept here, and `undo` puts it back.

use super::{published, rewrite};

#[test]
fn the_old_commit_of_a_forced_branch_is_kept() {
    let (sandbox, remote) = published();
    sandbox.git(&["checkout", "-q", "topic"]).fine();
    let old = sandbox.ask(&["rev-parse", "topic"]);
    rewrite(&sandbox);
    sandbox.git(&["push", "-q", "-f", "origin", "topic"]).fine().saying("saferun undo apply");
    sandbox
        .saferun(&["undo", "list"])
        .fine()
        .saying("refs/heads/topic of origin was")
        .saying(&old[..10]);
    // Nothing else holds on to the old commit, and it survives a clean-up.
    sandbox.git(&["reflog", "expire", "--expire=now", "--all"]).fine();
    sandbox.git(&["gc", "-q", "--prune=now"]).fine();
    sandbox.saferun(&["undo", "apply"]).fine().saying("refs/heads/topic of origin is");
    assert_eq!(sandbox.git_in(&remote, &["rev-parse", "topic"]).out.trim(), old);
}

#[test]
fn the_commit_of_a_deleted_branch_and_tag_is_kept() {
    let (sandbox, remote) = published();
    let old = sandbox.ask(&["rev-parse", "topic"]);
    for (reference, name) in [(":topic", "refs/heads/topic"), (":refs/tags/v1", "refs/tags/v1")] {
        sandbox.git(&["push", "-q", "origin", reference]).fine();
        sandbox.saferun(&["undo", "apply"]).fine().saying(name);
        assert_eq!(sandbox.git_in(&remote, &["rev-parse", name]).out.trim(), old);
    }
}

#[test]
fn an_undo_does_not_overwrite_what_came_since() {
    let (sandbox, remote) = published();
    sandbox.git(&["checkout", "-q", "topic"]).fine();
    rewrite(&sandbox);
    sandbox.git(&["push", "-q", "-f", "origin", "topic"]).fine();
    let id = sandbox.saferun(&["undo", "list"]).out.split_whitespace().next().unwrap().to_owned();
    sandbox.write("later", "x");
    let later = sandbox.commit_unguarded("later");
    sandbox.git(&["push", "-q", "origin", "topic"]).fine();
    sandbox.saferun(&["undo", "apply", &id]).ended(4).saying("still kept here");
    assert_eq!(sandbox.git_in(&remote, &["rev-parse", "topic"]).out.trim(), later);
}
