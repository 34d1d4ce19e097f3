//! `pre-push` through real git and a real remote: what a push would overwrite,
//! delete and send.

mod kept;
mod updates;

use std::path::PathBuf;

use crate::support::sandbox::Sandbox;

/// A guarded repository with three commits on `main`, and a remote that has
/// them, `topic` and `v1`.
fn published() -> (Sandbox, PathBuf) {
    let sandbox = Sandbox::guarded();
    let remote = sandbox.with_remote();
    sandbox.write("a", "one\n");
    sandbox.commit_unguarded("one");
    sandbox.git(&["branch", "topic"]).fine();
    sandbox.git(&["tag", "v1"]).fine();
    sandbox.git(&["push", "-q", "--no-verify", "origin", "main", "topic", "v1"]).fine();
    sandbox.git(&["remote", "set-head", "origin", "main"]).fine();
    (sandbox, remote)
}

/// Rewrites the last commit of the branch that is checked out.
fn rewrite(sandbox: &Sandbox) {
    sandbox.git(&["commit", "-q", "--no-verify", "--amend", "-m", "rewritten"]).fine();
}
