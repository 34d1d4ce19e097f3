//! The one reader of environment variables, and what each one is for.

use std::ffi::OsString;
use std::path::PathBuf;

/// Path of a configuration file to use instead of the user's.
pub const SAFERUN_CONFIG: &str = "SAFERUN_CONFIG";
/// URL of the gateway.
pub const SAFERUN_GATEWAY_URL: &str = "SAFERUN_GATEWAY_URL";
/// API key for the gateway.
pub const SAFERUN_API_KEY: &str = "SAFERUN_API_KEY";
/// Path of the key that signs the checkpoints of audit logs.
pub const SAFERUN_AUDIT_KEY: &str = "SAFERUN_AUDIT_KEY";
/// Secret that signs what is shipped to a webhook.
pub const SAFERUN_AUDIT_WEBHOOK_SECRET: &str = "SAFERUN_AUDIT_WEBHOOK_SECRET";
/// Key that tokens and tickets are signed with: a JSON Web Key, a shared secret,
/// or `@PATH` of a file with one.
pub const SAFERUN_SIGNING_KEY: &str = "SAFERUN_SIGNING_KEY";
/// Level of the diagnostic log (`error`, `warn`, `info`, `debug`).
pub const SAFERUN_LOG: &str = "SAFERUN_LOG";
/// Level of the gateway's log, by the name that the earlier gateway had.
pub const SR_LOG_LEVEL: &str = "SR_LOG_LEVEL";
/// Path of the gateway's database file.
pub const SR_SQLITE_PATH: &str = "SR_SQLITE_PATH";
/// Port that the gateway listens on.
pub const PORT: &str = "PORT";
/// Any value but `0` and the empty one: never ask at a terminal.
pub const SAFERUN_NO_PROMPT: &str = "SAFERUN_NO_PROMPT";
/// A person's reason to go on where approval is needed and nobody can be asked;
/// recorded, and refused from agents.
pub const SAFERUN_BREAK_GLASS: &str = "SAFERUN_BREAK_GLASS";
/// Set while saferun runs a hook that was there before it, to that hook's path:
/// such a hook that runs saferun's again is not run a second time.
pub const SAFERUN_PREVIOUS_HOOK: &str = "SAFERUN_PREVIOUS_HOOK";
/// How many hooks of earlier tools stand above this one; ends circles.
pub const SAFERUN_HOOK_DEPTH: &str = "SAFERUN_HOOK_DEPTH";
/// Any value: no colour.
pub const NO_COLOR: &str = "NO_COLOR";
/// Set by a shim for the real program: its process id, and how many shims it
/// went through. Says nothing about permission, since anybody can set it.
pub const SAFERUN_ACTIVE: &str = "SAFERUN_ACTIVE";

/// A variable's value as UTF-8 text; empty counts as unset.
#[must_use]
pub fn var(name: &str) -> Option<String> {
    var_os(name)?.into_string().ok()
}

/// A variable's value; empty counts as unset.
#[must_use]
#[expect(clippy::disallowed_methods, reason = "this is the one reader of the environment")]
pub fn var_os(name: &str) -> Option<OsString> {
    std::env::var_os(name).filter(|value| !value.is_empty())
}

/// Whether a switch variable is on: set, not empty and not `0`.
#[must_use]
pub fn is_on(name: &str) -> bool {
    var_os(name).is_some_and(|value| value != "0")
}

/// The arguments of this process, the name it was called by first.
#[must_use]
pub fn args() -> Vec<OsString> {
    std::env::args_os().collect()
}

/// The file of this program.
#[must_use]
pub fn own_program() -> Option<PathBuf> {
    std::env::current_exe().ok()
}

/// The directories of `PATH`, in order.
#[must_use]
pub fn search_path() -> Vec<PathBuf> {
    var_os("PATH").map(|path| std::env::split_paths(&path).collect()).unwrap_or_default()
}
