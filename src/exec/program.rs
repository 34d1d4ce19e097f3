//! Finding the real program behind a shim of the same name.

use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};

use crate::config::env;

/// Where programs are looked for when `PATH` has none.
const USUAL_PLACES: &[&str] = &["/usr/local/bin", "/usr/bin", "/bin", "/opt/homebrew/bin"];

/// The first program called `name` on `PATH` (then in the usual places) that
/// is not saferun itself under that name.
#[must_use]
pub fn real_program(name: &str) -> Option<PathBuf> {
    let own = fs::metadata("/proc/self/exe").ok().map(|own| (own.dev(), own.ino()));
    let path = env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path)
        .filter(|dir| dir.is_absolute())
        .chain(USUAL_PLACES.iter().map(PathBuf::from))
        .map(|dir| dir.join(name))
        .find(|candidate| is_program(candidate, own))
}

fn is_program(candidate: &Path, own: Option<(u64, u64)>) -> bool {
    fs::metadata(candidate).is_ok_and(|found| {
        found.is_file()
            && found.permissions().mode() & 0o111 != 0
            && own != Some((found.dev(), found.ino()))
    })
}
