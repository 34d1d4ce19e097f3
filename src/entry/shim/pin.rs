//! Holds git to the hooks it would use without a redirection.

use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::OsStringExt;
use std::path::{Path, PathBuf};

use crate::command;
use crate::git::Repo;
use crate::install::is_shim;
use crate::term::Failure;

/// Puts `-c core.hooksPath=…` behind the global options in `argv`. Outside a
/// repository there is nothing to hold.
///
/// # Errors
/// Where the real git cannot be asked.
pub(super) fn hooks(argv: &mut Vec<OsString>, real: &Path) -> Result<(), Failure> {
    let words = words(argv);
    let place = command::place(&words);
    let Some(directory) = directory(&place, real)? else { return Ok(()) };
    put(argv, &words, &directory);
    Ok(())
}

/// Puts saferun's hooks in force where they are in the repository and only
/// configuration from outside it names other hooks. What the repository itself
/// configures stands: it was judged when it was written.
pub(super) fn hidden(argv: &mut Vec<OsString>, repo: Option<&Repo>) {
    let Some(directory) = repo.and_then(hidden_directory) else { return };
    let words = words(argv);
    put(argv, &words, directory.as_os_str());
}

fn hidden_directory(repo: &Repo) -> Option<PathBuf> {
    let ours = repo.default_hooks_dir();
    if !is_shim(&ours.join("pre-push")) || repo.hooks_dir().is_ok_and(|used| used == ours) {
        return None;
    }
    let own = repo.local_config().ok()?.get("core.hookspath").is_some();
    (!own).then_some(ours)
}

fn words(argv: &[OsString]) -> Vec<String> {
    argv.iter().skip(1).map(|word| word.to_string_lossy().into_owned()).collect()
}

/// A later `-c` wins over everything else.
fn put(argv: &mut Vec<OsString>, words: &[String], directory: &OsStr) {
    let mut value = OsString::from("core.hooksPath=");
    value.push(directory);
    let at = (command::global_words(words) + 1).min(argv.len());
    argv.splice(at..at, [OsString::from("-c"), value]);
}

/// The directory that git takes hooks from, asked of git itself without the
/// redirections in the environment.
#[expect(clippy::disallowed_methods, reason = "the shim asks the real git")]
fn directory(place: &command::Place, real: &Path) -> Result<Option<OsString>, Failure> {
    let mut git = std::process::Command::new(real);
    for directory in &place.directories {
        git.arg("-C").arg(directory);
    }
    git.args(place.git_dir.iter().map(|path| format!("--git-dir={path}")));
    git.args(place.work_tree.iter().map(|path| format!("--work-tree={path}")));
    for name in
        ["GIT_CONFIG_COUNT", "GIT_CONFIG_PARAMETERS", "GIT_CONFIG_GLOBAL", "GIT_CONFIG_SYSTEM"]
    {
        git.env_remove(name);
    }
    let output = git
        .args(["rev-parse", "--path-format=absolute", "--git-path", "hooks"])
        .output()
        .map_err(|error| Failure::environment("cannot ask git for its hooks").because(&error))?;
    let text = output.stdout.strip_suffix(b"\n").unwrap_or(&output.stdout).to_vec();
    let found = OsString::from_vec(text);
    Ok((output.status.success() && found != OsStr::new("")).then_some(found))
}
