//! What was installed in a repository, and what was there before.

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::InstallError;
use super::agents::InstalledAgent;

/// Everything that `saferun uninstall` needs to know.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    /// Version of saferun that installed.
    pub version: String,
    /// The program that the hooks run.
    pub program: PathBuf,
    /// `core.hooksPath` as it stood in the repository's own configuration.
    #[serde(default)]
    pub previous_hooks_path: Option<String>,
    /// Where hooks configured before are found, where they stay in place;
    /// relative to the work tree where it was configured so.
    #[serde(default)]
    pub chained_hooks_dir: Option<PathBuf>,
    /// Whether `core.hooksPath` was pointed at saferun's own directory.
    #[serde(default)]
    pub owns_hooks_path: bool,
    /// Whether git runs the hooks from its configuration, without files.
    #[serde(default)]
    pub configured_hooks: bool,
    /// The hook files that were written.
    #[serde(default)]
    pub hooks: Vec<InstalledHook>,
    /// The agents whose own hooks were changed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub agents: Vec<InstalledAgent>,
}

/// One hook file.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct InstalledHook {
    /// Name of the hook, such as `pre-commit`.
    pub name: String,
    /// The file.
    pub path: PathBuf,
    /// Where the file that was there before is kept.
    #[serde(default)]
    pub previous: Option<PathBuf>,
    /// What the link pointed to, where the file that was there was one.
    #[serde(default)]
    pub previous_link: Option<PathBuf>,
}

/// saferun's own directory in a repository, shared by all its worktrees.
#[must_use]
pub fn saferun_dir(common_dir: &Path) -> PathBuf {
    common_dir.join("saferun")
}

impl Manifest {
    /// Where it is.
    #[must_use]
    pub fn path(common_dir: &Path) -> PathBuf {
        saferun_dir(common_dir).join("install.json")
    }

    /// Reads it; none where saferun is not installed.
    ///
    /// # Errors
    /// Where it is there and can't be read or understood.
    pub fn load(common_dir: &Path) -> Result<Option<Self>, InstallError> {
        let path = Self::path(common_dir);
        match fs::read_to_string(&path) {
            Ok(text) => serde_json::from_str(&text)
                .map(Some)
                .map_err(|error| InstallError::Manifest { path, message: error.to_string() }),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(source) => Err(InstallError::Io { path, source }),
        }
    }

    /// Its text.
    ///
    /// # Errors
    /// Where a path in it is not UTF-8.
    pub fn to_text(&self) -> Result<String, InstallError> {
        serde_json::to_string_pretty(self)
            .map(|text| text + "\n")
            .map_err(|_| InstallError::NotUtf8(self.program.clone()))
    }

    /// The hook that was there before `name`, seen from `work_tree`.
    #[must_use]
    pub fn previous_hook(&self, name: &str, work_tree: &Path) -> Option<PreviousHook> {
        let hook = self.hooks.iter().find(|hook| hook.name == name);
        let moved = hook.and_then(|hook| {
            Some(PreviousHook { file: hook.previous.clone()?, shown_as: Some(hook.path.clone()) })
        });
        moved.or_else(|| {
            let file = work_tree.join(self.chained_hooks_dir.as_ref()?).join(name);
            Some(PreviousHook { file, shown_as: None })
        })
    }
}

/// A hook that runs before ours.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PreviousHook {
    /// The file.
    pub file: PathBuf,
    /// Where it stood before it was moved; its script still believes so.
    pub shown_as: Option<PathBuf>,
}
