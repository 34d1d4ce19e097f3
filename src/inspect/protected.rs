//! Files that a tool call may not change or read like any other.

use std::sync::LazyLock;

use serde::Deserialize;

use crate::action::glob_match;
use crate::records::document;

/// Why a file is protected, and what touching it is called.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Protected {
    /// What the file is, for people.
    pub name: String,
    /// The operation that changing or deleting it is.
    pub write: String,
    /// The operation that reading it is; none where everybody may.
    #[serde(default)]
    pub read: Option<String>,
    /// A command to use instead of an editor.
    #[serde(default)]
    pub instead: Option<String>,
    patterns: Vec<String>,
    #[serde(default)]
    except: Vec<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Data {
    files: Vec<Protected>,
}

/// Data that can't be read protects nothing; a test reads it.
static DATA: LazyLock<Data> = LazyLock::new(|| document!("protected"));

/// Why the file at `path`, absolute and resolved, is protected, if it is. Case
/// is ignored, because some file systems ignore it.
#[must_use]
pub fn protected(path: &str) -> Option<&'static Protected> {
    let path = path.to_lowercase();
    let any = |patterns: &[String]| patterns.iter().any(|pattern| glob_match(pattern, &path));
    DATA.files.iter().find(|files| any(&files.patterns) && !any(&files.except))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_kind_is_known_and_daily_files_are_not() {
        for (path, write) in [
            ("/w/app/.saferun.toml", "file.guard.write"),
            ("/home/a/.config/saferun/credentials.toml", "file.guard.write"),
            ("/w/app/.claude/settings.local.json", "file.agent-config.write"),
            ("/w/app/.GIT/hooks/pre-commit", "file.git.write"),
            ("/home/a/.ssh/config", "file.credential.write"),
            ("/w/app/Cargo.lock", "file.lock.write"),
            ("/home/a/.zshrc", "file.profile.write"),
            ("/etc/hosts", "file.system.write"),
            ("/w/app/Dockerfile", "file.deployment.write"),
        ] {
            assert_eq!(protected(path).map(|found| found.write.as_str()), Some(write), "{path}");
        }
        for path in [
            "/w/app/src/main.rs",
            "/w/app/.git/COMMIT_EDITMSG",
            "/home/a/.ssh/id_ed25519.pub",
            "/tmp/x",
            "/w/app/.github/dependabot.yml",
            "/w/app/.gitignore",
            "/w/app/package.json",
            "/dev/null",
        ] {
            assert_eq!(protected(path), None, "{path}");
        }
    }
}
