//! Where saferun keeps its own files.

use std::fs;
use std::os::unix::fs::MetadataExt;
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

/// The account that this process runs under.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    /// Its name.
    pub name: String,
    /// Its home directory.
    pub home: PathBuf,
}

/// The account as `/etc/passwd` has it: unlike a variable, nobody below can
/// choose it.
#[must_use]
pub fn account() -> Option<Account> {
    let uid = fs::metadata("/proc/self").ok()?.uid().to_string();
    let users = fs::read_to_string("/etc/passwd").ok()?;
    let fields = users
        .lines()
        .map(|line| line.split(':').collect::<Vec<_>>())
        .find(|fields| fields.get(2) == Some(&uid.as_str()))?;
    Some(Account { name: (*fields.first()?).to_owned(), home: PathBuf::from(fields.get(5)?) })
}

/// [`config_dir`] of the account's own home, whatever the environment says.
#[must_use]
pub fn account_config_dir() -> Option<PathBuf> {
    account().map(|account| account.home.join(".config").join("saferun"))
}

/// The XDG base directory rules: a relative value is ignored.
fn under(variable: &str, fallback: &str) -> Option<PathBuf> {
    env::var_os(variable)
        .map(PathBuf::from)
        .filter(|path| path.is_absolute())
        .or_else(|| home().map(|home| home.join(fallback)))
        .map(|base| base.join("saferun"))
}
