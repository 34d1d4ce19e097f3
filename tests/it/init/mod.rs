//! `saferun init` and `uninstall`: what they write, and that all of it goes
//! away again.

mod earlier_hooks;
mod places;
mod removal;

use std::fs;

use crate::support::sandbox::{SAFERUN, Sandbox, picture, same};

#[test]
fn it_tells_what_it_wrote_and_how_to_undo_it() {
    let sandbox = Sandbox::plain();
    let run = sandbox.saferun(&["init"]).fine();
    for said in [
        ".saferun.toml",
        "hooks/pre-commit",
        "hooks/pre-push",
        "saferun doctor",
        "saferun uninstall",
    ] {
        assert!(run.said().contains(said), "{said}: {run:#?}");
    }
    let hook = sandbox.read(".git/hooks/pre-commit");
    assert!(hook.starts_with("#!/bin/sh\n"), "{hook}");
    assert!(hook.lines().count() < 20, "{hook}");
    assert!(hook.contains(SAFERUN), "{hook}");
    assert!(sandbox.read(".saferun.toml").contains("preset = \"standard\""));
}

#[test]
fn a_second_run_changes_nothing() {
    let sandbox = Sandbox::plain();
    sandbox.saferun(&["init"]).fine();
    let before = picture(&sandbox.dir);
    sandbox.saferun(&["init"]).fine().saying("nothing to do");
    same(&before, &picture(&sandbox.dir));
    sandbox.saferun(&["init", "--dry-run"]).fine().saying("nothing to change");
}

#[test]
fn a_dry_run_shows_the_diff_and_writes_nothing() {
    let sandbox = Sandbox::plain();
    let before = picture(&sandbox.dir);
    let run = sandbox.saferun(&["init", "--dry-run", "--preset", "strict"]).fine();
    same(&before, &picture(&sandbox.dir));
    for line in
        ["would write", "hooks/pre-push", "+preset = \"strict\"", "+exec \"$bin\" hook pre-commit"]
    {
        assert!(run.out.contains(line), "{line}: {}", run.out);
    }
}

#[test]
fn a_dry_run_of_the_removal_writes_nothing_either() {
    let sandbox = Sandbox::guarded();
    let before = picture(&sandbox.dir);
    sandbox.by_person(&["uninstall", "--dry-run"]).fine().saying("would remove");
    same(&before, &picture(&sandbox.dir));
}

#[test]
fn settings_that_are_there_stay() {
    let sandbox = Sandbox::plain();
    sandbox.write(".saferun.toml", "preset = \"relaxed\"\n");
    sandbox.saferun(&["init", "--preset", "strict"]).fine();
    assert_eq!(sandbox.read(".saferun.toml"), "preset = \"relaxed\"\n");
}

#[test]
fn the_gateway_lands_in_the_settings() {
    let sandbox = Sandbox::plain();
    sandbox.saferun(&["init", "--gateway", "http://127.0.0.1:9/\"x"]).fine();
    sandbox.saferun(&["config", "show"]).fine().saying(r#"http://127.0.0.1:9/\"x"#);
}

#[test]
fn outside_a_repository_there_is_one_line_and_one_hint() {
    let sandbox = Sandbox::empty("nowhere");
    for command in [&["init"][..], &["uninstall"], &["status"], &["undo", "list"]] {
        let run = sandbox
            .by_person(command)
            .ended(2)
            .saying("not inside a git repository")
            .saying("git init");
        assert_eq!(run.out, "");
        assert!(run.err.lines().count() <= 3, "{run:#?}");
    }
    assert!(fs::read_dir(&sandbox.dir).unwrap().next().is_none());
}

#[test]
fn a_bare_repository_is_refused_with_a_way_on() {
    let sandbox = Sandbox::empty("bare.git");
    sandbox.git(&["init", "-q", "--bare"]).fine();
    let before = picture(&sandbox.dir);
    sandbox.saferun(&["init"]).ended(2).saying("bare repository").saying("clone");
    same(&before, &picture(&sandbox.dir));
}

#[test]
fn an_agent_list_that_is_not_known_is_refused() {
    let sandbox = Sandbox::plain();
    sandbox.saferun(&["init", "--agents", "nobody"]).ended(2);
    assert!(!sandbox.exists(".saferun.toml"));
}

#[test]
fn what_cannot_be_written_leaves_nothing_half_installed() {
    let sandbox = Sandbox::plain();
    sandbox.script(".git/hooks/pre-commit", "#!/bin/sh\necho mine\n");
    let before = picture(&sandbox.dir.join(".git/hooks"));
    // Where the earlier hook would be kept is a file, in the way even for root.
    sandbox.write(".git/saferun/previous", "");
    sandbox.saferun(&["init"]).ended(4).saying("cannot change");
    sandbox.commit("nothing").ended(1).saying("mine");
    fs::remove_file(sandbox.dir.join(".git/saferun/previous")).unwrap();
    sandbox.saferun(&["init"]).fine();
    sandbox.by_person(&["uninstall"]).fine();
    same(&before, &picture(&sandbox.dir.join(".git/hooks")));
}

#[test]
fn a_configuration_that_is_locked_keeps_the_hooks_as_they_were() {
    let sandbox = Sandbox::plain();
    sandbox.script(".githooks/pre-commit", "#!/bin/sh\necho mine\n");
    sandbox.git(&["config", "core.hooksPath", ".githooks"]).fine();
    let before = sandbox.read(".git/config");
    for command in ["init", "uninstall"] {
        sandbox.write(".git/config.lock", "");
        let now = sandbox.read(".git/config");
        sandbox.by_person(&[command]).ended(4).saying("config");
        assert_eq!(now, sandbox.read(".git/config"));
        sandbox.saferun(&["hook", "pre-commit"]).saying("mine");
        fs::remove_file(sandbox.dir.join(".git/config.lock")).unwrap();
        sandbox.by_person(&[command]).fine();
    }
    assert_eq!(before, sandbox.read(".git/config"));
}
