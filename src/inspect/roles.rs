//! Files whose change is an operation of its own.

use std::sync::LazyLock;

use serde::Deserialize;

use crate::action::glob_match;
use crate::records::document;

/// Why a file is guarded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FileRole {
    /// It says what CI runs.
    Workflow,
    /// It says who must review.
    Codeowners,
    /// It says what saferun and other hooks do.
    Saferun,
}

impl FileRole {
    /// The operation that changing such a file is.
    #[must_use]
    pub fn operation(self) -> &'static str {
        match self {
            Self::Workflow => "git.workflow.update",
            Self::Codeowners => "git.codeowners.update",
            Self::Saferun => "git.saferun-config.update",
        }
    }
}

/// `rules/files/guarded.toml`.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Guarded {
    files: Vec<Files>,
    pub(super) signals: Vec<SignalRule>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Files {
    role: FileRole,
    patterns: Vec<String>,
}

/// What one added line of a workflow may do.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct SignalRule {
    pub(super) code: String,
    pub(super) regex: String,
    pub(super) message: String,
}

/// Data that can't be read guards nothing; a test reads it.
pub(super) static GUARDED: LazyLock<Guarded> = LazyLock::new(|| document!("guarded"));

/// Why the file at `path` is guarded, if it is. Case is ignored, because some
/// file systems ignore it.
#[must_use]
pub fn role_of(path: &[u8]) -> Option<FileRole> {
    let path = String::from_utf8_lossy(path).to_lowercase();
    // The directory itself too: a link or submodule in its place replaces all of it.
    let is = |pattern: &String| {
        glob_match(pattern, &path) || pattern.strip_suffix("/*") == Some(path.as_str())
    };
    let matching = |files: &&Files| files.patterns.iter().any(is);
    GUARDED.files.iter().find(matching).map(|files| files.role)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn knows_the_files_of_every_ci_system() {
        for path in [
            ".github/workflows/ci.yml",
            ".GitHub/Workflows/CI.yaml",
            ".github/actions/setup/action.yml",
            "tools/setup/action.yaml",
            ".gitlab-ci.yml",
            "Jenkinsfile",
            ".circleci/config.yml",
            "azure-pipelines.yml",
            ".buildkite/pipeline.yml",
        ] {
            assert_eq!(role_of(path.as_bytes()), Some(FileRole::Workflow), "{path}");
        }
        assert_eq!(role_of(b"CODEOWNERS"), Some(FileRole::Codeowners));
        assert_eq!(role_of(b".saferun.toml"), Some(FileRole::Saferun));
        for path in
            ["src/main.rs", "docs/workflows.md", "src/reaction.yml", ".github/dependabot.yml"]
        {
            assert_eq!(role_of(path.as_bytes()), None, "{path}");
        }
    }
}
