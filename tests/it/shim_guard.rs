//! The shim, the guard and the way back: what a destructive command lost comes
//! back byte for byte, wherever git allows the command.

use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::process::Output;

use super::shim::{Bench, stderr};

const PATH: &str = "/usr/local/bin:/usr/bin:/bin";

/// A repository with a tracked file, an ignore rule, a branch, a tag, a stash.
struct Stage {
    bench: Bench,
}

impl Stage {
    fn new() -> Self {
        let stage = Self { bench: Bench::new() };
        stage.write("repo/a.txt", "one\n");
        stage.write("repo/.gitignore", "*.log\nbuild/\n");
        for line in ["add .", "commit -q -m two", "branch side", "tag v1"] {
            stage.real("repo", line);
        }
        stage
    }

    fn write(&self, path: &str, text: &str) {
        let path = self.bench.path(path);
        fs::create_dir_all(path.parent().expect("a parent")).expect("a directory");
        fs::write(path, text).expect("a file");
    }

    fn read(&self, path: &str) -> String {
        fs::read_to_string(self.bench.path(path)).unwrap_or_else(|_| "(none)".to_owned())
    }

    fn real(&self, dir: &str, line: &str) -> String {
        let mut command = self.bench.start(Path::new("git"), line, PATH);
        let output = command.current_dir(self.bench.path(dir)).output().expect("git runs");
        assert!(output.status.success(), "{line}: {}", stderr(&output));
        String::from_utf8_lossy(&output.stdout).trim().to_owned()
    }

    fn try_shim(&self, dir: &str, line: &str) -> Output {
        let mut command = self.bench.shim(line);
        command.current_dir(self.bench.path(dir)).output().expect("the shim runs")
    }

    /// Runs a command that must be let through and whose loss must be kept.
    fn loses(&self, dir: &str, line: &str) {
        let output = self.try_shim(dir, line);
        assert!(output.status.success(), "{line}: {}", stderr(&output));
        assert!(stderr(&output).contains("saferun undo apply"), "{line}: {}", stderr(&output));
    }

    fn undo(&self, dir: &str) {
        let output = self.try_undo(dir);
        assert!(output.status.success(), "{}", stderr(&output));
    }

    fn try_undo(&self, dir: &str) -> Output {
        let saferun = Path::new(env!("CARGO_BIN_EXE_saferun"));
        let mut command = self.bench.start(saferun, "undo apply", PATH);
        command.current_dir(self.bench.path(dir)).output().expect("saferun runs")
    }

    fn status(&self, dir: &str) -> String {
        self.real(dir, "status --porcelain=v1 --untracked-files=all")
    }
}

/// Changes of every kind, in `dir`.
fn mess(stage: &Stage, dir: &str) -> String {
    stage.write(&format!("{dir}/a.txt"), "changed\n");
    stage.write(&format!("{dir}/staged.txt"), "staged\n");
    stage.real(dir, "add staged.txt");
    stage.write(&format!("{dir}/staged.txt"), "and changed\n");
    stage.write(&format!("{dir}/new.txt"), "untracked\n");
    stage.status(dir)
}

#[test]
fn discarded_work_comes_back_with_the_index_it_had() {
    for line in [
        "reset --hard",
        "reset -q --hard HEAD~1",
        "clean -fd",
        "checkout -- .",
        "checkout -f",
        "restore .",
        "restore --staged --worktree .",
        "-C . reset --hard",
        "--git-dir=.git --work-tree=. reset --hard",
        "switch -f -C side",
        "rm -rf .",
    ] {
        let stage = Stage::new();
        let before = mess(&stage, "repo");
        let head = stage.real("repo", "symbolic-ref HEAD");
        stage.loses("repo", line);
        stage.undo("repo");
        assert_eq!(stage.status("repo"), before, "{line}");
        assert_eq!(stage.read("repo/a.txt"), "changed\n", "{line}");
        assert_eq!(stage.read("repo/staged.txt"), "and changed\n", "{line}");
        assert_eq!(stage.read("repo/new.txt"), "untracked\n", "{line}");
        assert_eq!(stage.real("repo", "show :staged.txt"), "staged", "{line}");
        assert_eq!(stage.real("repo", "symbolic-ref HEAD"), head, "{line}");
        assert_eq!(stage.real("repo", "log -1 --format=%s"), "two", "{line}");
    }
}

#[test]
fn ignored_files_come_back_after_clean_x() {
    let stage = Stage::new();
    stage.write("repo/x.log", "log\n");
    stage.write("repo/build/out", "built\n");
    stage.loses("repo", "clean -qfdx");
    assert_eq!(stage.read("repo/x.log"), "(none)");
    // Meanwhile something else stands there, ignored as well.
    stage.write("repo/x.log", "newer\n");
    stage.undo("repo");
    assert_eq!(stage.read("repo/x.log"), "log\n");
    assert_eq!(stage.read("repo/build/out"), "built\n");
    assert_eq!(stage.status("repo"), "");
    // What the undo overwrote is kept too.
    stage.undo("repo");
    assert_eq!(stage.read("repo/x.log"), "newer\n");
}

#[test]
fn refs_and_stashes_come_back_and_files_stay_as_they_are() {
    for (line, name) in [
        ("branch -D side", "refs/heads/side"),
        ("tag -d v1", "refs/tags/v1"),
        ("update-ref -d refs/heads/side", "refs/heads/side"),
    ] {
        let stage = Stage::new();
        let id = stage.real("repo", &format!("rev-parse {name}"));
        stage.loses("repo", line);
        stage.write("repo/a.txt", "written since\n");
        stage.undo("repo");
        assert_eq!(stage.real("repo", &format!("rev-parse {name}")), id, "{line}");
        assert_eq!(stage.read("repo/a.txt"), "written since\n", "{line}");
    }
    for line in ["stash clear", "stash drop stash@{1}", "stash drop"] {
        let stage = Stage::new();
        for text in ["first", "second"] {
            stage.write("repo/a.txt", text);
            stage.real("repo", "stash");
        }
        let before = stage.real("repo", "rev-list -g refs/stash");
        stage.loses("repo", line);
        stage.undo("repo");
        let mut now: Vec<String> =
            stage.real("repo", "rev-list -g refs/stash").lines().map(str::to_owned).collect();
        let mut then: Vec<String> = before.lines().map(str::to_owned).collect();
        now.sort();
        then.sort();
        assert_eq!(now, then, "{line}");
    }
}

#[test]
fn moved_branches_and_rebases_are_taken_back() {
    for line in ["branch -f side HEAD~1", "rebase -q --onto HEAD~1 HEAD main"] {
        let stage = Stage::new();
        let before = stage.real("repo", "for-each-ref --format=%(refname)%(objectname) refs/heads");
        stage.loses("repo", line);
        stage.undo("repo");
        let after = stage.real("repo", "for-each-ref --format=%(refname)%(objectname) refs/heads");
        assert_eq!(after, before, "{line}");
    }
}

#[test]
fn linked_work_trees_and_subdirectories() {
    let stage = Stage::new();
    stage.real("repo", "worktree add -q ../linked side");
    let before = mess(&stage, "linked");
    stage.loses("linked", "reset --hard");
    stage.undo("linked");
    assert_eq!(stage.status("linked"), before);
    // Removed altogether, and brought back from the main work tree.
    stage.write("linked/x.log", "ignored\n");
    stage.loses("repo", "worktree remove --force ../linked");
    assert!(!stage.bench.path("linked").exists());
    stage.undo("repo");
    assert_eq!(stage.status("linked"), before);
    assert_eq!(stage.read("linked/x.log"), "ignored\n");
    assert_eq!(stage.real("linked", "symbolic-ref HEAD"), "refs/heads/side");
    assert_eq!(stage.status("repo"), "");

    fs::create_dir_all(stage.bench.path("repo/deep/er")).expect("a directory");
    let before = mess(&stage, "repo");
    stage.loses("repo/deep/er", "reset --hard");
    stage.undo("repo/deep/er");
    assert_eq!(stage.status("repo"), before);
}

#[test]
fn another_repository_than_the_one_around_is_the_one_that_is_kept() {
    let stage = Stage::new();
    let git_dir = stage.bench.path("repo/.git").display().to_string();
    fs::create_dir(stage.bench.path("files")).expect("a directory");
    stage.write("files/a.txt", "elsewhere\n");
    let line = format!("--git-dir={git_dir} --work-tree=../files reset --hard");
    stage.loses("home", &line);
    assert_eq!(stage.read("files/a.txt"), "one\n");
    stage.undo("repo");
    assert_eq!(stage.read("files/a.txt"), "elsewhere\n");
    assert_eq!(stage.read("repo/a.txt"), "one\n");
}

#[test]
fn a_repository_without_commits_and_none_at_all() {
    let stage = Stage::new();
    fs::create_dir(stage.bench.path("empty")).expect("a directory");
    stage.real("empty", "init -q -b main");
    stage.write("empty/new.txt", "work\n");
    stage.write("empty/staged.txt", "staged\n");
    stage.real("empty", "add staged.txt");
    stage.loses("empty", "clean -fd");
    stage.undo("empty");
    assert_eq!(stage.read("empty/new.txt"), "work\n");
    assert_eq!(stage.status("empty"), "A  staged.txt\n?? new.txt");
    let outside = stage.try_shim("home", "reset --hard");
    assert_eq!(outside.status.code(), Some(128), "{}", stderr(&outside));
}

#[test]
fn a_bare_repository_keeps_refs() {
    let stage = Stage::new();
    stage.real("", "clone -q --bare repo bare.git");
    stage.loses("bare.git", "branch -D side");
    stage.undo("bare.git");
    stage.real("bare.git", "rev-parse --verify refs/heads/side");
}

#[test]
fn unmerged_entries_come_back_unmerged() {
    let stage = Stage::new();
    stage.real("repo", "switch -q side");
    stage.write("repo/a.txt", "theirs\n");
    stage.real("repo", "commit -qam theirs");
    stage.real("repo", "switch -q main");
    stage.write("repo/a.txt", "ours\n");
    stage.real("repo", "commit -qam ours");
    assert_eq!(stage.try_shim("repo", "merge side").status.code(), Some(1));
    let (before, stages) = (stage.status("repo"), stage.real("repo", "ls-files -u"));
    let conflict = stage.read("repo/a.txt");
    assert!(stages.lines().count() == 3 && conflict.contains("<<<<<<<"));
    stage.loses("repo", "reset --hard");
    stage.undo("repo");
    assert_eq!(stage.real("repo", "ls-files -u"), stages);
    assert_eq!(stage.status("repo"), before);
    assert_eq!(stage.read("repo/a.txt"), conflict);
}

#[test]
fn names_in_any_bytes_and_submodules() {
    let stage = Stage::new();
    let odd = stage.bench.path("repo").join(OsStr::from_bytes(b"\xff\n\"\x1b[31m'"));
    fs::write(&odd, "odd").expect("a file");
    stage.real("", "clone -q repo other");
    stage.real("repo", "-c protocol.file.allow=always submodule add -q ../other sub");
    stage.real("repo", "commit -qm sub -- .gitmodules sub");
    stage.write("repo/sub/a.txt", "inside\n");
    stage.loses("repo", "clean -fd");
    assert!(!odd.exists());
    stage.undo("repo");
    assert_eq!(fs::read(&odd).expect("it is back"), b"odd");
    assert_eq!(stage.read("repo/sub/a.txt"), "inside\n");
}

#[test]
fn a_locked_index_stops_git_and_the_undo_but_loses_nothing() {
    let stage = Stage::new();
    let before = mess(&stage, "repo");
    stage.loses("repo", "reset --hard");
    let lock = stage.bench.path("repo/.git/index.lock");
    fs::write(&lock, "").expect("a lock");
    stage.write("repo/a.txt", "after\n");
    assert_eq!(stage.try_undo("repo").status.code(), Some(4));
    assert_eq!(stage.try_shim("repo", "reset --hard").status.code(), Some(128));
    assert_eq!(stage.read("repo/a.txt"), "after\n");
    fs::remove_file(&lock).expect("the lock goes");
    stage.undo("repo");
    // The newest snapshot is that of the reset that the lock stopped.
    assert_eq!(stage.read("repo/a.txt"), "after\n");
    assert_ne!(stage.status("repo"), before);
}

#[test]
fn a_change_of_the_same_size_and_second_is_kept() {
    let stage = Stage::new();
    let file: PathBuf = stage.bench.path("repo/a.txt");
    let time = fs::metadata(&file).and_then(|metadata| metadata.modified()).expect("a time");
    fs::write(&file, "two\n").expect("a file");
    for path in [&file, &stage.bench.path("repo/.git/index")] {
        let open = fs::File::options().write(true).open(path).expect("a file");
        open.set_modified(time).expect("a time");
    }
    stage.loses("repo", "reset --hard");
    stage.undo("repo");
    assert_eq!(stage.read("repo/a.txt"), "two\n");
}

#[test]
fn configuration_from_another_file_does_not_switch_hooks_off() {
    let stage = Stage::new();
    let saferun = Path::new(env!("CARGO_BIN_EXE_saferun"));
    let init = stage.bench.start(saferun, "init --yes --agents none", PATH).output();
    let init = init.expect("saferun runs");
    assert!(init.status.success(), "{}", stderr(&init));
    stage.write(
        "evil",
        "[core]\n\thooksPath = /dev/null\n[alias]\n\tx = push --force origin main\n",
    );
    stage.write("repo/id_rsa", "-----BEGIN OPENSSH PRIVATE KEY-----\n");
    stage.real("repo", "add id_rsa");
    let evil = stage.bench.path("evil");
    let mut commit = stage.bench.shim("commit -q -m key");
    let blocked = commit.env("GIT_CONFIG_GLOBAL", &evil).env("GIT_AUTHOR_NAME", "x").output();
    let blocked = blocked.expect("the shim runs");
    assert_eq!(blocked.status.code(), Some(1), "{}", stderr(&blocked));
    stage.real("", "init -q --bare origin.git");
    stage.real("repo", "remote add origin ../origin.git");
    let explain = format!("explain --json -- git -c include.path={} x", evil.display());
    let told = stage.bench.start(saferun, &explain, PATH).output().expect("saferun runs");
    let told = String::from_utf8_lossy(&told.stdout).into_owned();
    assert!(told.contains("git.force-push"), "{told}");
}

/// A repository guarded by hooks, its remote, and a local `main` that diverged.
fn diverged() -> (Stage, String) {
    let stage = Stage::new();
    stage.real("", "init -q --bare -b main origin.git");
    stage.real("repo", "remote add origin ../origin.git");
    stage.real("repo", "push -q -u origin main");
    let saferun = Path::new(env!("CARGO_BIN_EXE_saferun"));
    let init = stage.bench.start(saferun, "init --yes --agents none", PATH).output();
    assert!(init.expect("saferun runs").status.success());
    stage.real("repo", "reset -q --hard HEAD~1");
    stage.real("repo", "commit -q --allow-empty --no-verify -m other");
    stage.real("", "clone -q --bare repo unguarded.git");
    let url = stage.bench.path("origin.git");
    stage.real("unguarded.git", &format!("remote set-url origin {}", url.display()));
    let before = stage.real("origin.git", "rev-parse main");
    (stage, before)
}

#[test]
fn no_way_around_leads_to_protected_history() {
    let (stage, before) = diverged();
    let push = "git push -f origin main";
    stage.write(
        "evil",
        "[core]\n\thooksPath=/dev/null\n[alias]\n\tx = push -f origin main\n\ty = !$Z\n",
    );
    stage.write("repo/e.sh", &format!("{push} --no-verify\n"));
    for line in [
        push.to_owned(),
        "git push --no-verify --force-w origin main".to_owned(),
        "git push -f --all".to_owned(),
        "git push --mirror".to_owned(),
        "git push origin :main --no-verify".to_owned(),
        "git -c push.default=matching push -f --no-verify".to_owned(),
        "git -c core.hooksPath=/dev/null push -f".to_owned(),
        "GIT_CONFIG_GLOBAL=../evil git push -f".to_owned(),
        "GIT_CONFIG_GLOBAL=../evil git x".to_owned(),
        "git -c include.path=$PWD/../evil x".to_owned(),
        format!("Z='{push}' git -c include.path=$PWD/../evil y"),
        "GIT_DIR=../unguarded.git git push -f origin main".to_owned(),
        "GIT_DIR=.git git --git-dir=../unguarded.git push -f origin main".to_owned(),
        "git -C ../unguarded.git push -f origin main".to_owned(),
        "git -c alias.q='!cd ../unguarded.git && git push -f origin main' q".to_owned(),
        format!("git -c alias.q='!echo {push} | sh' q"),
        "git -c alias.q='!g=git; $g push -f origin main' q".to_owned(),
        "git -c alias.q='!sh ./e.sh' q".to_owned(),
        "cd deep; git -c alias.q='!. ./e.sh' q".to_owned(),
        format!("GIT_PAGER='{push} --no-verify; cat' git -p log"),
        format!("GIT_EDITOR='{push} --no-verify #' git commit --allow-empty"),
        format!("git -c core.fsmonitor='{push} --no-verify; true' status"),
        format!("git -c diff.external='{push} --no-verify; true' diff HEAD~1"),
        format!("git rebase -x '{push} --no-verify' HEAD~1"),
        format!("git difftool -y -x '{push} --no-verify; true' HEAD~1"),
        format!("git grep -O'{push} --no-verify; true' one"),
        "git -c a.b=$PWD for-each-repo --config=a.b -- push -f --no-verify origin main".to_owned(),
        "git send-pack --force ../origin.git main".to_owned(),
        "git remote add --mirror=push m ../origin.git; git push --no-verify m".to_owned(),
    ] {
        fs::create_dir_all(stage.bench.path("repo/deep")).expect("a directory");
        let path = format!("{}:{PATH}", stage.bench.path("shims").display());
        let mut shell = stage.bench.start(Path::new("timeout"), "20 sh -c", &path);
        let output = shell.arg(&line).env("CLAUDECODE", "1").output().expect("a shell runs");
        let after = stage.real("origin.git", "rev-parse main");
        assert_eq!(after, before, "{line}: {}", stderr(&output));
        assert!(stderr(&output).contains("saferun"), "{line}: {}", stderr(&output));
    }
}

#[test]
fn a_day_of_ordinary_work_asks_nobody() {
    let (stage, _) = diverged();
    stage.real("repo", "config alias.st status");
    stage.real("repo", "config alias.lg log --oneline");
    for line in [
        "fetch --prune",
        "st",
        "reset -q --hard origin/main",
        "switch -q -c topic",
        "add a.txt",
        "commit -q --allow-empty -m work",
        "commit -q --amend --allow-empty -m better",
        "push -q -u origin topic",
        "pull -q --ff-only",
        "commit -q --amend --allow-empty -m best",
        "push -q --force-with-lease",
        "rebase -q main",
        "-c user.name=Ada log -1",
        "-c core.pager=cat lg -3",
        "stash",
        "switch -q main",
        "merge -q --no-ff -m merged topic",
        "branch -d topic",
        "branch -q scratch",
        "branch -q -D scratch",
        "push -q origin :topic",
        "tag v2",
        "push -q origin v2",
        "worktree add -q ../other side",
        "worktree remove ../other",
        "bisect start",
        "bisect reset",
        "config user.email ada@example.org",
        "remote -v",
        "gc -q",
        "clean -nd",
        "checkout -q HEAD~1",
        "checkout -q main",
        "revert -n HEAD -m 1",
        "revert --quit",
        "restore --staged .",
    ] {
        let mut command = stage.bench.shim(line);
        let output = command.env("CLAUDECODE", "1").output().expect("the shim runs");
        assert_eq!(output.status.code(), Some(0), "{line}: {}", stderr(&output));
    }
}
