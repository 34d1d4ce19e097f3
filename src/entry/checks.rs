//! Everything about an installation that can be wrong, each with its fix.

use std::fs::{self, File};
use std::io::BufReader;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use serde::Serialize;

use super::agent_checks;
use crate::audit::verify;
use crate::config::{REPOSITORY_FILE, env};
use crate::exec::{RealGit, real_program};
use crate::git::{Error as GitError, Repo};
use crate::guard::{Site, SiteError};
use crate::install::{HOOKS, Manifest, is_shim, shim_dir, shim_program};

/// How a check went.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// As it should be.
    Ok,
    /// Works, and could be better.
    Warn,
    /// Does not guard.
    Fail,
}

/// One check.
#[derive(Debug, Clone, Serialize)]
pub struct Check {
    /// What was checked.
    pub name: &'static str,
    /// How it went.
    pub status: Status,
    /// What was found.
    pub message: String,
    /// What to do about it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fix: Option<String>,
}

pub(super) fn ok(name: &'static str, message: impl Into<String>) -> Check {
    Check { name, status: Status::Ok, message: message.into(), fix: None }
}

pub(super) fn warn(
    name: &'static str,
    message: impl Into<String>,
    fix: impl Into<String>,
) -> Check {
    Check { name, status: Status::Warn, message: message.into(), fix: Some(fix.into()) }
}

pub(super) fn fail(
    name: &'static str,
    message: impl Into<String>,
    fix: impl Into<String>,
) -> Check {
    Check { name, status: Status::Fail, message: message.into(), fix: Some(fix.into()) }
}

/// Checks the repository around `dir`.
#[must_use]
pub fn run(dir: &Path) -> Vec<Check> {
    let mut checks = vec![git()];
    let repo = match Repo::discover(dir) {
        Ok(repo) => repo,
        Err(error) => {
            let fix = match error {
                GitError::NotARepository { .. } => {
                    "change into a repository, or make one with `git init`"
                }
                _ => "`git fsck` tells what is damaged",
            };
            checks.push(fail("repository", error.to_string(), fix));
            return checks;
        }
    };
    checks.push(ok("repository", repo.work_tree().unwrap_or(repo.git_dir()).display().to_string()));
    match Manifest::load(repo.common_dir()) {
        Ok(Some(manifest)) => {
            checks.push(program(&manifest));
            checks.extend(HOOKS.iter().map(|name| hook(&repo, &manifest, name)));
            checks.extend(unchained(&repo, &manifest));
            checks.extend(agent_checks::run(repo.work_tree().unwrap_or(repo.git_dir()), &manifest));
        }
        Ok(None) => checks.push(fail(
            "hooks",
            "saferun is not installed in this repository",
            "saferun init",
        )),
        Err(error) => {
            checks.push(fail("hooks", error.to_string(), "remove the file, then run: saferun init"))
        }
    }
    checks.push(committed(&repo));
    match Site::of_repo(repo) {
        Ok(site) => {
            checks.push(ok(
                "configuration",
                format!(
                    "preset {} from {}",
                    site.settings.preset.value, site.settings.preset.origin
                ),
            ));
            checks.push(log(site.log.path()));
            checks.push(gateway(&site));
        }
        Err(error) => checks.push(configuration(&error)),
    }
    checks.extend(shims());
    checks
}

fn git() -> Check {
    match real_program("git") {
        Some(path) => ok("git", path.display().to_string()),
        None => fail("git", "there is no git on PATH", "install git, or add it to PATH"),
    }
}

fn program(manifest: &Manifest) -> Check {
    let path = &manifest.program;
    let runs = fs::metadata(path).is_ok_and(|found| found.permissions().mode() & 0o111 != 0);
    if runs {
        ok("program", path.display().to_string())
    } else {
        fail(
            "program",
            format!("the hooks run `{}`, which is not there", path.display()),
            "reinstall saferun, then run: saferun init",
        )
    }
}

/// Whether the file that git runs as `name` is our shim.
fn hook(repo: &Repo, manifest: &Manifest, name: &'static str) -> Check {
    if manifest.configured_hooks {
        let key = format!("hook.saferun-{name}.command");
        let set = repo.config().ok().and_then(|config| config.get(&key).map(str::to_owned));
        return match set {
            Some(command) => ok(name, format!("git's configuration runs {command}")),
            None => fail(name, format!("git's `{key}` is not set"), "saferun init"),
        };
    }
    let dir = match repo.hooks_dir() {
        Ok(dir) => dir,
        Err(error) => {
            return fail(
                name,
                error.to_string(),
                "git config --list --show-origin tells where it stands",
            );
        }
    };
    let path = dir.join(name);
    let executable = fs::metadata(&path).is_ok_and(|found| found.permissions().mode() & 0o111 != 0);
    match (is_shim(&path), executable) {
        (true, true) if shim_program(&path, name).is_some() => ok(name, path.display().to_string()),
        (true, true) => fail(
            name,
            format!("`{}` is not as this saferun writes it: somebody edited it", path.display()),
            "saferun init",
        ),
        (true, false) => fail(
            name,
            format!("`{}` is not executable, so git skips it", path.display()),
            format!("chmod +x '{}'", path.display()),
        ),
        (false, _) if path.exists() => fail(
            name,
            format!("`{}` is not saferun's: something replaced it", path.display()),
            "saferun init",
        ),
        (false, _) => fail(
            name,
            format!("git runs hooks from `{}`, and saferun's `{name}` is not there", dir.display()),
            "saferun init",
        ),
    }
}

/// Hooks that were added to the directory configured before, after saferun
/// took its place.
fn unchained(repo: &Repo, manifest: &Manifest) -> Option<Check> {
    let dir = repo.work_tree()?.join(manifest.chained_hooks_dir.as_ref()?);
    let known = |name: &str| manifest.hooks.iter().any(|hook| hook.name == name);
    let missing: Vec<String> = fs::read_dir(&dir)
        .ok()?
        .flatten()
        .filter(|entry| {
            fs::metadata(entry.path())
                .is_ok_and(|found| found.is_file() && found.permissions().mode() & 0o111 != 0)
        })
        .filter_map(|entry| entry.file_name().into_string().ok())
        .filter(|name| !name.contains('.') && !known(name))
        .collect();
    Some(if missing.is_empty() {
        ok("earlier hooks", format!("run first, from `{}`", dir.display()))
    } else {
        fail(
            "earlier hooks",
            format!("{} in `{}` came later and does not run", missing.join(", "), dir.display()),
            "saferun uninstall && saferun init",
        )
    })
}

fn committed(repo: &Repo) -> Check {
    let name = "settings";
    let root = repo.work_tree().unwrap_or(repo.git_dir());
    if !root.join(REPOSITORY_FILE).exists() {
        return warn(
            name,
            format!("there is no `{REPOSITORY_FILE}`: the defaults count"),
            "saferun init",
        );
    }
    let tracked = RealGit::at(root)
        .is_ok_and(|git| git.run(&["cat-file", "-e", &format!("HEAD:{REPOSITORY_FILE}")]).is_ok());
    if tracked {
        ok(name, format!("`{REPOSITORY_FILE}` is committed and guards its own changes"))
    } else {
        warn(
            name,
            format!(
                "`{REPOSITORY_FILE}` is not committed: until it is, it can only tighten the defaults"
            ),
            format!("git add {REPOSITORY_FILE} && git commit"),
        )
    }
}

fn configuration(error: &SiteError) -> Check {
    fail(
        "configuration",
        error.to_string(),
        "correct the file; `saferun config explain` tells which ones are read",
    )
}

fn log(path: &Path) -> Check {
    let name = "audit log";
    let Ok(file) = File::open(path) else {
        return ok(name, format!("`{}` will be written at the first decision", path.display()));
    };
    if fs::OpenOptions::new().append(true).open(path).is_err() {
        return fail(
            name,
            format!("`{}` can't be written", path.display()),
            "make it yours: chown, chmod u+rw",
        );
    }
    match verify(BufReader::new(file)) {
        Ok(found) => match found.fault {
            None => ok(name, format!("{} events verify", found.events)),
            Some(fault) => fail(
                name,
                format!("`{}`: {fault}", path.display()),
                "keep it as evidence, move it away, and find who wrote to it",
            ),
        },
        Err(error) => fail(name, error.to_string(), "make it readable"),
    }
}

fn gateway(site: &Site) -> Check {
    let name = "gateway";
    match crate::approval::gateway(&site.settings, site.caller.kind) {
        None => warn(
            name,
            "none: what needs approval can only be answered at a terminal",
            "saferun gateway, then saferun login",
        ),
        Some(remote) => match remote.ping() {
            Ok(()) => ok(name, remote.url().to_owned()),
            Err(error) => fail(
                name,
                error.to_string(),
                "start it with `saferun gateway`, or log in with `saferun login`",
            ),
        },
    }
}

/// Where shims are installed: whether they are in front.
fn shims() -> Option<Check> {
    let dir = shim_dir().filter(|dir| dir.join("git").exists())?;
    let path = env::var_os("PATH").unwrap_or_default();
    let first =
        std::env::split_paths(&path).map(|entry| entry.join("git")).find(|git| git.is_file());
    let in_front = first
        .as_ref()
        .and_then(|git| git.parent().map(PathBuf::from))
        .is_some_and(|found| found == dir);
    Some(if in_front {
        ok("shims", format!("`{}` is in front of PATH", dir.display()))
    } else {
        fail(
            "shims",
            format!(
                "`{}` is not in front of PATH, so `git` is not guarded as typed",
                dir.display()
            ),
            format!("export PATH=\"{}:$PATH\"", dir.display()),
        )
    })
}
