//! Where saferun keeps its own files.

use std::path::PathBuf;

use super::env;

/// `$XDG_STATE_HOME/saferun`, or `~/.local/state/saferun`: databases and logs.
#[must_use]
pub fn state_dir() -> Option<PathBuf> {
    under("XDG_STATE_HOME", ".local/state")
}

/// `$XDG_CONFIG_HOME/saferun`, or `~/.config/saferun`: settings and credentials.
#[must_use]
pub fn config_dir() -> Option<PathBuf> {
    under("XDG_CONFIG_HOME", ".config")
}

/// `$XDG_DATA_HOME/saferun`, or `~/.local/share/saferun`: shims.
#[must_use]
pub fn data_dir() -> Option<PathBuf> {
    under("XDG_DATA_HOME", ".local/share")
}

/// The user's home directory.
#[must_use]
pub fn home() -> Option<PathBuf> {
    env::var_os("HOME").map(PathBuf::from)
}

/// The XDG base directory rules: a relative value is ignored.
fn under(variable: &str, fallback: &str) -> Option<PathBuf> {
    env::var_os(variable)
        .map(PathBuf::from)
        .filter(|path| path.is_absolute())
        .or_else(|| home().map(|home| home.join(fallback)))
        .map(|base| base.join("saferun"))
}
