//! Whether git runs saferun's hooks as saferun wrote them. A mark in a file
//! proves nothing: whoever wants the hook gone can leave the mark in.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use super::hooks::{configured_key, has_configured_hooks, shim_text};
use super::{HOOKS, Manifest};
use crate::config::env;
use crate::exec::RealGit;
use crate::git::Repo;

/// The program that the shim at `path` runs, where the file is today's shim of
/// the hook `name` to the byte, and git may execute it.
#[must_use]
pub fn shim_program(path: &Path, name: &str) -> Option<PathBuf> {
    let executable = fs::metadata(path).ok()?.permissions().mode() & 0o111 != 0;
    let text = fs::read_to_string(path).ok().filter(|_| executable)?;
    let (_, rest) = text.split_once("\nat='")?;
    let (quoted, _) = rest.split_once("'\nbin=$at\n")?;
    let program = PathBuf::from(quoted.replace("'\\''", "'"));
    (shim_text(&program, name) == text).then_some(program)
}

/// Whether git runs this very program for every hook of this repository.
#[must_use]
pub fn hooks_run(repo: &Repo) -> bool {
    let Some(own) = env::own_program().and_then(|own| own.canonicalize().ok()) else {
        return false;
    };
    let is_own = |program: PathBuf| program.canonicalize().is_ok_and(|program| program == own);
    let Ok(dir) = repo.hooks_dir() else { return false };
    HOOKS.iter().all(|name| shim_program(&dir.join(name), name).is_some_and(is_own))
        || configured(repo, &own)
}

/// Whether the same is set up in git's configuration, and this git reads it.
fn configured(repo: &Repo, own: &Path) -> bool {
    let manifest = Manifest::load(repo.common_dir()).ok().flatten();
    let place = repo.work_tree().unwrap_or(repo.git_dir());
    let (true, Ok(config), Ok(git)) =
        (manifest.is_some_and(|found| found.configured_hooks), repo.config(), RealGit::at(place))
    else {
        return false;
    };
    let own = own.display().to_string();
    let runs = |name: &&str| {
        config.get(&configured_key(name, "command")).is_some_and(|command| command.contains(&own))
            && config.get(&configured_key(name, "event")) == Some(*name)
    };
    HOOKS.iter().all(runs) && has_configured_hooks(&git)
}
