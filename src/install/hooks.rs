//! The git hooks: by configuration where git can (2.54 and later), by files
//! otherwise.
//!
//! Without `core.hooksPath` the files go into the repository's hooks
//! directory, and hooks that were there are moved aside and run first. With
//! `core.hooksPath` (husky and the like, often a tracked directory) nothing in
//! that directory is touched: the repository's configuration is pointed at a
//! directory of saferun's own, whose hooks run the ones configured before.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use super::remove::put_back;
use super::{InstallError, InstalledHook, Manifest, Plan, Step, saferun_dir};
use crate::exec::RealGit;
use crate::git::Repo;

/// The hooks that saferun installs.
pub const HOOKS: &[&str] = &["pre-commit", "pre-push"];
/// First line of every shim after `#!/bin/sh`, up to the version.
const MARK: &str = "# saferun hook shim";
/// The same with the version of today's shim.
const MARK_OF_TODAY: &str = "# saferun hook shim 1:";
/// Hooks that are passed on whether they are there yet or not: a hook that
/// comes into a tracked directory later must run too. Left out are those whose
/// mere presence costs much or changes what git does.
const ALWAYS_PASSED_ON: &[&str] = &[
    "applypatch-msg",
    "commit-msg",
    "post-applypatch",
    "post-checkout",
    "post-commit",
    "post-merge",
    "post-rewrite",
    "pre-applypatch",
    "pre-auto-gc",
    "pre-merge-commit",
    "pre-rebase",
    "prepare-commit-msg",
];
/// First version of git that reads hooks from its configuration.
const CONFIGURED_HOOKS_SINCE: (u32, u32) = (2, 54);

/// Plans the hooks of a repository that run `program`, and what else `beside`
/// adds to the manifest and the plan.
///
/// # Errors
/// Where the repository can't be read or has no work tree.
pub fn plan_hooks(
    repo: &Repo,
    program: &Path,
    plan: &mut Plan,
    beside: impl FnOnce(&mut Manifest, &mut Plan) -> Result<(), InstallError>,
) -> Result<Manifest, InstallError> {
    if repo.is_bare() {
        return Err(InstallError::Bare(repo.git_dir().to_owned()));
    }
    let git = RealGit::at(repo.work_tree().unwrap_or(repo.git_dir()))?;
    let before = Manifest::load(repo.common_dir())?.unwrap_or_default();
    let mut manifest = Manifest { version: env!("CARGO_PKG_VERSION").to_owned(), ..before };
    // The manifest goes first: what a later step moves is then known, however
    // the steps end.
    let mut steps = Plan::default();
    if has_configured_hooks(&git) {
        plan_configured(&git, program, &mut steps);
        manifest.configured_hooks = true;
    } else {
        plan_files(repo, program, &mut steps, &mut manifest)?;
    }
    program.clone_into(&mut manifest.program);
    beside(&mut manifest, &mut steps)?;
    plan.write(Manifest::path(repo.common_dir()), manifest.to_text()?, 0o644);
    plan.steps.extend(steps.steps);
    Ok(manifest)
}

pub(super) fn has_configured_hooks(git: &RealGit) -> bool {
    let version = git.run(&["version"]).unwrap_or_default();
    let mut numbers = version
        .trim_start_matches("git version ")
        .split(|c: char| !c.is_ascii_digit())
        .map_while(|number| number.parse::<u32>().ok());
    matches!((numbers.next(), numbers.next()), (Some(major), Some(minor))
        if (major, minor) >= CONFIGURED_HOOKS_SINCE)
}

/// A key of git's configuration that sets up a hook.
pub(super) fn configured_key(name: &str, key: &str) -> String {
    format!("hook.saferun-{name}.{key}")
}

fn plan_configured(git: &RealGit, program: &Path, plan: &mut Plan) {
    for name in HOOKS {
        let command = format!("'{}' hook {name}", quoted(program));
        for (key, value) in [("event", (*name).to_owned()), ("command", command)] {
            let key = configured_key(name, key);
            let before = git.run(&["config", "--local", "--get", &key]).ok();
            if before.as_deref() != Some(&value) {
                plan.steps.push(Step::GitConfig { key, before, after: Some(value) });
            }
        }
    }
}

fn plan_files(
    repo: &Repo,
    program: &Path,
    plan: &mut Plan,
    manifest: &mut Manifest,
) -> Result<(), InstallError> {
    let own = saferun_dir(repo.common_dir());
    let configured = repo.config()?.get("core.hooksPath").filter(|path| !path.is_empty());
    let own_hooks = own.join("hooks");
    let ours = configured.is_some_and(|path| Path::new(path) == own_hooks);
    let dir = match configured {
        None => repo.common_dir().join("hooks"),
        Some(_) => {
            if !ours {
                chain(repo, &own_hooks, plan, manifest)?;
            }
            own_hooks
        }
    };
    for name in HOOKS {
        let path = dir.join(name);
        let known = manifest.hooks.iter().position(|hook| hook.name == *name);
        let known = known.map(|at| manifest.hooks.remove(at));
        if let Some(elsewhere) = known.as_ref().filter(|hook| hook.path != path) {
            put_back(elsewhere, manifest, &own, plan);
        }
        let mut hook = known.filter(|hook| hook.path == path).unwrap_or_default();
        hook.path.clone_from(&path);
        if is_shim(&path) {
            let ours = [shim_text(program, name), shim_text(&manifest.program, name)];
            keep_edited(&path, name, &ours, &own, plan);
        } else if is_there(&path) {
            set_aside(&mut hook, &own.join("previous").join(name), plan);
        }
        plan.write(path, shim_text(program, name), 0o755);
        manifest.hooks.push(InstalledHook { name: (*name).to_owned(), ..hook });
    }
    Ok(())
}

/// Moves a hook of somebody else out of the way; a link is made anew there,
/// because its target may be relative.
fn set_aside(hook: &mut InstalledHook, kept: &Path, plan: &mut Plan) {
    let path = hook.path.clone();
    if is_there(kept) {
        plan.steps.push(Step::Move { from: kept.to_owned(), to: free(kept) });
    }
    hook.previous_link = fs::read_link(&path).ok();
    match &hook.previous_link {
        Some(target) => {
            let to = path.parent().map_or_else(|| target.clone(), |dir| dir.join(target));
            plan.steps.push(Step::Link { path: kept.to_owned(), to });
        }
        None => plan.steps.push(Step::Move { from: path, to: kept.to_owned() }),
    }
    hook.previous = Some(kept.to_owned());
}

/// Plans to keep a shim that somebody wrote into; whether there was one.
pub(super) fn keep_edited(
    path: &Path,
    name: &str,
    ours: &[String],
    own: &Path,
    plan: &mut Plan,
) -> bool {
    let text = fs::read(path)
        .map(|bytes| String::from_utf8_lossy(&bytes).into_owned())
        .unwrap_or_default();
    let edited = text.contains(MARK_OF_TODAY) && !ours.contains(&text);
    if edited {
        let to = free(&own.join("edited").join(name));
        plan.steps.push(Step::Move { from: path.to_owned(), to });
    }
    edited
}

/// The shim of a hook.
pub(super) fn shim_text(program: &Path, name: &str) -> String {
    include_str!("../../hooks/hook.sh").replace("@HOOK@", name).replace("@BIN@", &quoted(program))
}

/// Whether anything is there, be it a link to nowhere.
pub(super) fn is_there(path: &Path) -> bool {
    fs::symlink_metadata(path).is_ok()
}

/// `path`, or the first `path.1`, `path.2` … that is free.
pub(super) fn free(path: &Path) -> PathBuf {
    let numbered = (1..1000).map(|number| path.with_added_extension(number.to_string()));
    std::iter::once(path.to_owned())
        .chain(numbered)
        .find(|path| !is_there(path))
        .unwrap_or_else(|| path.to_owned())
}

/// Points `core.hooksPath` at our own directory, which passes every hook that
/// is configured there now on to its file.
fn chain(
    repo: &Repo,
    own_hooks: &Path,
    plan: &mut Plan,
    manifest: &mut Manifest,
) -> Result<(), InstallError> {
    let absolute = repo.hooks_dir()?;
    let original = relative_hooks_dir(repo)?.unwrap_or_else(|| absolute.clone());
    let local = repo.local_config()?.get("core.hooksPath").map(str::to_owned);
    let mut names = executable_hooks(&absolute);
    names.extend(ALWAYS_PASSED_ON.iter().map(|name| (*name).to_owned()));
    names.sort();
    names.dedup();
    for name in names.into_iter().filter(|name| !HOOKS.contains(&name.as_str())) {
        let text = include_str!("../../hooks/passthrough.sh")
            .replace("@ORIGINAL@", &quoted(&Path::new(".").join(&original).join(&name)));
        let path = own_hooks.join(&name);
        plan.write(path.clone(), text, 0o755);
        manifest.hooks.retain(|hook| hook.name != name);
        manifest.hooks.push(InstalledHook { name, path, ..InstalledHook::default() });
    }
    plan.steps.push(Step::GitConfig {
        key: "core.hooksPath".to_owned(),
        before: local.clone(),
        after: Some(own_hooks.display().to_string()),
    });
    manifest.previous_hooks_path = local;
    manifest.chained_hooks_dir = Some(original);
    manifest.owns_hooks_path = true;
    Ok(())
}

/// `core.hooksPath` as it is written, where it is relative: every work tree has
/// such hooks of its own, and git starts hooks at the top of the work tree.
fn relative_hooks_dir(repo: &Repo) -> Result<Option<PathBuf>, InstallError> {
    let written = repo.config()?.get("core.hooksPath").map(PathBuf::from);
    Ok(written.filter(|path| path.is_relative() && !path.starts_with("~")))
}

fn executable_hooks(dir: &Path) -> Vec<String> {
    let entries = fs::read_dir(dir).into_iter().flatten().flatten();
    let hooks = entries.filter(|entry| {
        fs::metadata(entry.path())
            .is_ok_and(|found| found.is_file() && found.permissions().mode() & 0o111 != 0)
    });
    let mut names: Vec<String> = hooks
        .filter_map(|entry| entry.file_name().into_string().ok())
        .filter(|name| !name.contains('.'))
        .collect();
    names.sort();
    names
}

/// Whether a file is one of our shims.
#[must_use]
pub fn is_shim(path: &Path) -> bool {
    fs::read(path).is_ok_and(|bytes| String::from_utf8_lossy(&bytes).contains(MARK))
}

/// A path inside single quotes of a shell script.
fn quoted(path: &Path) -> String {
    path.display().to_string().replace('\'', "'\\''")
}
