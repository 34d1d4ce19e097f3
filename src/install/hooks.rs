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
use std::path::Path;

use super::{InstallError, InstalledHook, Manifest, Plan, Step, saferun_dir};
use crate::exec::RealGit;
use crate::git::Repo;

/// The hooks that saferun installs.
pub const HOOKS: &[&str] = &["pre-commit", "pre-push"];
/// First line of every shim after `#!/bin/sh`, up to the version.
const MARK: &str = "# saferun hook shim";
/// First version of git that reads hooks from its configuration.
const CONFIGURED_HOOKS_SINCE: (u32, u32) = (2, 54);

/// Plans the hooks of a repository that run `program`.
///
/// # Errors
/// Where the repository can't be read or has no work tree.
pub fn plan_hooks(repo: &Repo, program: &Path, plan: &mut Plan) -> Result<Manifest, InstallError> {
    if repo.is_bare() {
        return Err(InstallError::Bare(repo.git_dir().to_owned()));
    }
    let git = RealGit::at(repo.work_tree().unwrap_or(repo.git_dir()))?;
    let before = Manifest::load(repo.common_dir())?.unwrap_or_default();
    let mut manifest = Manifest {
        version: env!("CARGO_PKG_VERSION").to_owned(),
        program: program.to_owned(),
        ..before
    };
    if has_configured_hooks(&git) {
        plan_configured(&git, program, plan);
        manifest.configured_hooks = true;
    } else {
        plan_files(repo, program, plan, &mut manifest)?;
    }
    plan.write(Manifest::path(repo.common_dir()), manifest.to_text(), 0o644);
    Ok(manifest)
}

fn has_configured_hooks(git: &RealGit) -> bool {
    let version = git.run(&["version"]).unwrap_or_default();
    let mut numbers = version
        .trim_start_matches("git version ")
        .split(|c: char| !c.is_ascii_digit())
        .map_while(|number| number.parse::<u32>().ok());
    matches!((numbers.next(), numbers.next()), (Some(major), Some(minor))
        if (major, minor) >= CONFIGURED_HOOKS_SINCE)
}

fn plan_configured(git: &RealGit, program: &Path, plan: &mut Plan) {
    for name in HOOKS {
        let command = format!("'{}' hook {name}", program.display());
        for (key, value) in [("event", (*name).to_owned()), ("command", command)] {
            let key = format!("hook.saferun-{name}.{key}");
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
        let previous = manifest
            .hooks
            .iter()
            .find(|hook| hook.name == *name)
            .and_then(|hook| hook.previous.clone());
        let previous = if is_shim(&path) || !path.exists() {
            previous
        } else {
            let kept = own.join("previous").join(name);
            plan.steps.push(Step::Move { from: path.clone(), to: kept.clone() });
            Some(kept)
        };
        let text = include_str!("../../hooks/hook.sh")
            .replace("@BIN@", &quoted(program))
            .replace("@HOOK@", name);
        plan.write(path.clone(), text, 0o755);
        manifest.hooks.retain(|hook| hook.name != *name);
        manifest.hooks.push(InstalledHook { name: (*name).to_owned(), path, previous });
    }
    Ok(())
}

/// Points `core.hooksPath` at our own directory, which passes every hook that
/// is configured there now on to its file.
fn chain(
    repo: &Repo,
    own_hooks: &Path,
    plan: &mut Plan,
    manifest: &mut Manifest,
) -> Result<(), InstallError> {
    let original = repo.hooks_dir()?;
    let local = repo.local_config()?.get("core.hooksPath").map(str::to_owned);
    for name in
        executable_hooks(&original).into_iter().filter(|name| !HOOKS.contains(&name.as_str()))
    {
        let text = include_str!("../../hooks/passthrough.sh")
            .replace("@ORIGINAL@", &quoted(&original.join(&name)));
        let path = own_hooks.join(&name);
        plan.write(path.clone(), text, 0o755);
        manifest.hooks.retain(|hook| hook.name != name);
        manifest.hooks.push(InstalledHook { name, path, previous: None });
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
