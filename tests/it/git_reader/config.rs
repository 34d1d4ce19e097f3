//! git's configuration, against `git config --list`.

use std::path::PathBuf;

use super::{Sandbox, git};

fn listed(sandbox: &Sandbox, arguments: &[&str]) -> Vec<(String, Option<String>)> {
    let list = git(&sandbox.root, &[&["config", "--list", "-z"], arguments].concat());
    let text = String::from_utf8(list).unwrap();
    let pairs = text.split_terminator('\0').map(|pair| match pair.split_once('\n') {
        Some((key, value)) => (key.to_owned(), Some(value.to_owned())),
        None => (pair.to_owned(), None),
    });
    pairs.filter(|(key, _)| key != "protocol.file.allow" && key != "gc.auto").collect()
}

fn read(config: &saferun::git::GitConfig) -> Vec<(String, Option<String>)> {
    let key = |entry: &saferun::git::ConfigEntry| match &entry.subsection {
        Some(subsection) => format!("{}.{subsection}.{}", entry.section, entry.name),
        None => format!("{}.{}", entry.section, entry.name),
    };
    config.entries().map(|entry| (key(entry), entry.value.clone())).collect()
}

const ODD: &str = r#"
[odd "Sub.section \"quoted\""]
	key = "  kept  " trimmed   ; comment
	flag
	long = one \
  two
	tab = a\tb\\c\"d # comment
	Empty =
[Old.Style] mixed = 1
[include]
	path = more
[includeIf "gitdir:**/repo/.git"]
	path = matching
[includeIf "gitdir/i:REPO/"]
	path = nothing
[includeIf "onbranch:ma*"]
	path = branch
[includeIf "onbranch:other/"]
	path = wrong
[after]
	include = 1
"#;

#[test]
fn values_includes_and_conditions_are_read_as_git_reads_them() {
    let sandbox = Sandbox::with_history("sha1");
    let config = sandbox.root.join(".git/config");
    let text = std::fs::read_to_string(&config).unwrap() + ODD;
    std::fs::write(config, text).unwrap();
    for name in ["more", "matching", "nothing", "branch", "wrong"] {
        sandbox.write(&format!(".git/{name}"), format!("[from]\n{name} = yes\n"));
    }
    let repo = sandbox.repo();
    let local = read(repo.local_config().unwrap());
    assert_eq!(local, listed(&sandbox, &["--local", "--includes"]));
    assert!(local.contains(&("from.branch".into(), Some("yes".into()))));
    assert_eq!(read(repo.config().unwrap()), listed(&sandbox, &[]));
}

#[test]
fn the_work_tree_has_settings_of_its_own() {
    let sandbox = Sandbox::with_history("sha1");
    sandbox.git(&["config", "extensions.worktreeConfig", "true"]);
    sandbox.git(&["config", "--worktree", "own.value", "here"]);
    let repo = sandbox.repo();
    assert_eq!(repo.config().unwrap().get("own.value"), Some("here"));
    assert_eq!(read(repo.config().unwrap()), listed(&sandbox, &[]));
}

#[test]
fn files_that_include_one_another_are_an_error() {
    let sandbox = Sandbox::new("sha1");
    sandbox.git(&["config", "include.path", "config"]);
    let error = sandbox.repo().local_config().unwrap_err();
    assert!(error.to_string().contains("include one another"), "{error}");
}

#[test]
fn hooks_are_where_git_looks_for_them() {
    let sandbox = Sandbox::new("sha1");
    let place = || {
        PathBuf::from(sandbox.git(&["rev-parse", "--path-format=absolute", "--git-path", "hooks"]))
    };
    assert_eq!(sandbox.repo().hooks_dir().unwrap(), place());
    sandbox.git(&["config", "core.hooksPath", "tools/hooks"]);
    assert_eq!(sandbox.repo().hooks_dir().unwrap(), place());
    sandbox.git(&["config", "core.hooksPath", "/srv/hooks"]);
    assert_eq!(sandbox.repo().hooks_dir().unwrap(), PathBuf::from("/srv/hooks"));
}
