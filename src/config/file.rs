//! One configuration file: its schema, and errors that say file, line and what
//! was meant.

use std::path::PathBuf;

use serde::Deserialize;

use super::Preset;
use crate::action::nearest;

/// A configuration file as it is written. Unknown keys are errors.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ConfigFile {
    /// Built-in policy to start from.
    pub preset: Option<Preset>,
    /// Keys that files below may not change; counts in the managed file only.
    #[serde(default)]
    pub locked: Vec<String>,
    /// What is protected in git.
    #[serde(default)]
    pub git: GitSection,
    /// How secrets are searched.
    #[serde(default)]
    pub scan: ScanSection,
    /// How approvals are had.
    #[serde(default)]
    pub approval: ApprovalSection,
    /// Where approvals are had.
    #[serde(default)]
    pub gateway: GatewaySection,
    /// How long snapshots are kept.
    #[serde(default)]
    pub undo: UndoSection,
    /// How the audit log is kept.
    #[serde(default)]
    pub audit: AuditSection,
    /// Who is believed to be who it says.
    #[serde(default)]
    pub identity: IdentitySection,
    /// Command packs.
    #[serde(default)]
    pub commands: CommandsSection,
    /// Own rules, which can only tighten the preset.
    #[serde(default)]
    pub policy: PolicySection,
}

/// `[git]`
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GitSection {
    /// Patterns of branches whose history and existence are protected.
    pub protected_branches: Option<Vec<String>>,
    /// Patterns of tags that may not move or vanish.
    pub protected_tags: Option<Vec<String>>,
}

/// `[scan]`
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ScanSection {
    /// Lowest confidence that blocks: `high`, `medium` or `low`.
    pub confidence: Option<String>,
    /// A gitleaks-style rule file to use as well, relative to the repository.
    pub config: Option<String>,
}

/// `[approval]`
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ApprovalSection {
    /// How long to wait for an answer, such as `5m`.
    pub timeout: Option<String>,
}

/// `[gateway]`
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GatewaySection {
    /// URL of the gateway.
    pub url: Option<String>,
}

/// `[undo]`
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct UndoSection {
    /// Days that snapshots are kept.
    pub keep_days: Option<u32>,
}

/// `[audit]`
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AuditSection {
    /// Length of a file, in MiB, beyond which a new one is begun; 0 is never.
    pub rotate_mb: Option<u32>,
}

/// `[identity]`
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct IdentitySection {
    /// Whether callers of named actions must show a signed token.
    pub require_signed: Option<bool>,
}

/// `[commands]`
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CommandsSection {
    /// Packs and rules that are switched off; never by a repository.
    #[serde(default)]
    pub disable: Vec<String>,
    /// `[[commands.rules]]`, as in `rules/commands/`.
    #[serde(default)]
    pub rules: Vec<toml::Value>,
}

/// `[policy]`
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PolicySection {
    /// `[[policy.rules]]`, as in `rules/policies/`.
    #[serde(default)]
    pub rules: Vec<toml::Value>,
}

/// A configuration that can't be used.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The file is there but can't be read.
    #[error("cannot read `{}`: {source}", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The text is not a configuration.
    #[error("`{origin}`, line {line}, column {column}: {message}{}", suggestion(message))]
    Invalid {
        /// The file, or the commit and file.
        origin: String,
        /// Line, from 1.
        line: usize,
        /// Column, from 1.
        column: usize,
        /// What is wrong.
        message: String,
    },
    /// A value is of the right type and means nothing.
    #[error("`{origin}`: `{key}` is `{value}`; {expected}")]
    BadValue {
        /// The file.
        origin: String,
        /// The key.
        key: &'static str,
        /// What stands there.
        value: String,
        /// What could stand there.
        expected: &'static str,
    },
}

/// Parses `text`; `origin` names it in errors.
///
/// # Errors
/// [`ConfigError::Invalid`] with the line and column of the mistake.
pub fn parse(text: &str, origin: &str) -> Result<ConfigFile, ConfigError> {
    toml::from_str(text).map_err(|error| invalid(text, origin, &error))
}

fn invalid(text: &str, origin: &str, error: &toml::de::Error) -> ConfigError {
    let start = error.span().map_or(0, |span| span.start);
    let before = text.get(..start).unwrap_or_default();
    ConfigError::Invalid {
        origin: origin.to_owned(),
        line: before.matches('\n').count() + 1,
        column: before.rsplit('\n').next().map_or(0, |line| line.chars().count()) + 1,
        message: error.message().to_owned(),
    }
}

/// `; did you mean …` for the parser's "unknown field … expected …" messages,
/// which quote every name in backticks.
fn suggestion(message: &str) -> String {
    let mut names = message.split('`').skip(1).step_by(2);
    let (Some(wrong), true) = (names.next(), message.starts_with("unknown ")) else {
        return String::new();
    };
    nearest(wrong, names).map_or_else(String::new, |name| format!("; did you mean `{name}`?"))
}

#[cfg(test)]
mod tests {
    use super::parse;

    #[test]
    fn a_mistyped_key_is_named_with_its_place_and_what_was_meant() {
        let error = parse("preset = \"strict\"\n[git]\nprotected_brances = []\n", ".saferun.toml")
            .expect_err("unknown key");
        let text = error.to_string();
        assert!(text.starts_with("`.saferun.toml`, line 3, column 1: unknown field"), "{text}");
        assert!(text.ends_with("did you mean `protected_branches`?"), "{text}");
    }
}
