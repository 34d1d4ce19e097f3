//! Holds git to the hooks it would use without a redirection.

use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::OsStringExt;
use std::path::Path;

use crate::command;
use crate::install::is_shim;
use crate::term::Failure;

/// Puts `-c core.hooksPath=…` behind the global options in `argv`. Outside a
/// repository there is nothing to hold. With `only_ours`, only where those hooks
/// are saferun's.
///
/// # Errors
/// Where the real git cannot be asked.
pub(super) fn hooks(argv: &mut Vec<OsString>, real: &Path, only_ours: bool) -> Result<(), Failure> {
    let words: Vec<String> =
        argv.iter().skip(1).map(|word| word.to_string_lossy().into_owned()).collect();
    let place = command::place(&words);
    let Some(directory) = directory(&place, real)? else { return Ok(()) };
    if only_ours && !is_shim(&Path::new(&directory).join("pre-push")) {
        return Ok(());
    }
    let mut value = OsString::from("core.hooksPath=");
    value.push(directory);
    let at = (command::global_words(&words) + 1).min(argv.len());
    argv.splice(at..at, [OsString::from("-c"), value]);
    Ok(())
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
