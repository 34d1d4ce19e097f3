//! `saferun uninstall` takes out what is saferun's and nothing else.

use std::fs;

use crate::support::sandbox::{Sandbox, picture, same};

#[test]
fn twice_is_once() {
    let sandbox = Sandbox::guarded();
    sandbox.by_person(&["uninstall"]).fine().saying("removed").saying("saferun init");
    let before = picture(&sandbox.dir);
    sandbox.by_person(&["uninstall"]).fine().saying("nothing to do");
    same(&before, &picture(&sandbox.dir));
}

#[test]
fn it_leaves_the_repository_as_it_was() {
    let sandbox = Sandbox::plain();
    let before = picture(&sandbox.dir);
    sandbox.saferun(&["init"]).fine();
    sandbox.by_person(&["uninstall"]).fine();
    fs::remove_file(sandbox.dir.join(".saferun.toml")).unwrap();
    same(&before, &picture(&sandbox.dir));
}

#[test]
fn what_the_user_wrote_into_the_hook_is_kept() {
    let sandbox = Sandbox::plain();
    sandbox.script(".git/hooks/pre-commit", "#!/bin/sh\n# mine, from before\n");
    sandbox.saferun(&["init"]).fine();
    let edited =
        sandbox.read(".git/hooks/pre-commit").replace("exec ", "npm test || exit 1\nexec ");
    fs::write(sandbox.dir.join(".git/hooks/pre-commit"), &edited).unwrap();
    sandbox.by_person(&["uninstall"]).fine();
    assert_eq!(sandbox.read(".git/hooks/pre-commit"), "#!/bin/sh\n# mine, from before\n");
    let kept = picture(&sandbox.dir.join(".git"));
    assert!(kept.iter().any(|(_, _, content)| content == edited.as_bytes()), "the edit is lost");
}

#[test]
fn a_hook_that_took_the_place_of_ours_stays() {
    let sandbox = Sandbox::plain();
    sandbox.script(".git/hooks/pre-commit", "#!/bin/sh\n# before\n");
    sandbox.saferun(&["init"]).fine();
    sandbox.script(".git/hooks/pre-commit", "#!/bin/sh\n# after\n");
    sandbox.by_person(&["uninstall"]).fine();
    assert_eq!(sandbox.read(".git/hooks/pre-commit"), "#!/bin/sh\n# after\n");
    let kept = picture(&sandbox.dir.join(".git"));
    assert!(
        kept.iter().any(|(_, _, content)| content == b"#!/bin/sh\n# before\n"),
        "the first hook is lost"
    );
}

#[test]
fn the_audit_log_stays() {
    let sandbox = Sandbox::guarded();
    sandbox.stage("a", "a\n");
    sandbox.commit("a").fine();
    let before = sandbox.events();
    assert!(!before.is_empty());
    sandbox.by_person(&["uninstall"]).fine().saying("audit.jsonl");
    assert_eq!(before, sandbox.events());
}

#[test]
fn a_hooks_path_that_somebody_changed_since_stays() {
    let sandbox = Sandbox::plain();
    sandbox.git(&["config", "core.hooksPath", ".githooks"]).fine();
    sandbox.saferun(&["init"]).fine();
    sandbox.git(&["config", "core.hooksPath", ".other"]).fine();
    sandbox.saferun(&["doctor"]).ended(1).saying("saferun init");
    sandbox.by_person(&["uninstall"]).fine();
    assert_eq!(sandbox.ask(&["config", "core.hooksPath"]), ".other");
}

#[test]
fn a_damaged_manifest_is_named() {
    let sandbox = Sandbox::guarded();
    fs::write(sandbox.dir.join(".git/saferun/install.json"), "{").unwrap();
    sandbox.by_person(&["uninstall"]).ended(4).saying("install.json");
    sandbox.saferun(&["doctor"]).ended(1).saying("install.json");
}

#[test]
fn an_agent_needs_leave() {
    let sandbox = Sandbox::guarded();
    let before = picture(&sandbox.dir.join(".git/hooks"));
    sandbox.saferun(&["uninstall"]).ended(3).saying("saferun.uninstall");
    same(&before, &picture(&sandbox.dir.join(".git/hooks")));
}
