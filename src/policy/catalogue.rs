//! The operation catalogue: every operation's base risk and what moves it.
//!
//! The data is `rules/actions/*.toml`, one file a family, embedded, and
//! read entry by entry.

use serde::Deserialize;

/// One operation of the catalogue.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Operation {
    /// Dotted name, such as `git.force-push`.
    pub id: String,
    /// What it does, in a few words for people.
    pub title: String,
    /// Base risk in 0.0–10.0.
    pub risk: f64,
    /// Whether it can be undone.
    #[serde(default)]
    pub reversible: bool,
    /// Words to filter by.
    #[serde(default)]
    pub tags: Vec<String>,
    /// What raises and lowers the risk.
    #[serde(default)]
    pub adjust: Vec<Adjustment>,
}

/// What one signal does to the risk.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Adjustment {
    /// Code of the signal.
    pub signal: String,
    /// Points added (or taken, when negative).
    pub score: f64,
    /// Why, used where the signal brings no message of its own.
    #[serde(default)]
    pub message: String,
}

/// A catalogue file that can't be read.
#[derive(Debug, thiserror::Error)]
#[error("operation catalogue: {0}")]
pub struct CatalogueError(#[from] toml::de::Error);

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    actions: Vec<Operation>,
}

/// A family of operations.
#[derive(Debug)]
pub struct Catalogue {
    operations: Vec<Operation>,
}

impl Catalogue {
    /// Reads one catalogue file.
    ///
    /// # Errors
    /// Where the text is not TOML of the catalogue's schema.
    pub fn parse(text: &str) -> Result<Self, CatalogueError> {
        let file: File = toml::from_str(text)?;
        Ok(Self { operations: file.actions })
    }

    /// All operations, in the order of the file.
    #[must_use]
    pub fn operations(&self) -> &[Operation] {
        &self.operations
    }

    /// The built-in operation named `id`. Only its own entry is parsed: every
    /// decision asks for one, and a hook has no time for the others.
    #[must_use]
    pub fn builtin(id: &str) -> Option<Operation> {
        let family = id.split('.').next()?;
        let (_, text) = FAMILIES.iter().find(|(name, _)| *name == family)?;
        Self::parse(entry(text, id)?).ok()?.operations.into_iter().next()
    }
}

/// The built-in families and their files. An operation that could not be read
/// counts as unknown, and so as critical; a test reads them all.
const FAMILIES: &[(&str, &str)] = &[
    ("access", include_str!("../../rules/actions/access.toml")),
    ("backup", include_str!("../../rules/actions/backup.toml")),
    ("ci", include_str!("../../rules/actions/ci.toml")),
    ("cloud", include_str!("../../rules/actions/cloud.toml")),
    ("code", include_str!("../../rules/actions/code.toml")),
    ("container", include_str!("../../rules/actions/container.toml")),
    ("credential", include_str!("../../rules/actions/credential.toml")),
    ("database", include_str!("../../rules/actions/database.toml")),
    ("disk", include_str!("../../rules/actions/disk.toml")),
    ("filesystem", include_str!("../../rules/actions/filesystem.toml")),
    ("agent", include_str!("../../rules/actions/agent.toml")),
    ("file", include_str!("../../rules/actions/file.toml")),
    ("git", include_str!("../../rules/actions/git.toml")),
    ("github", include_str!("../../rules/actions/github.toml")),
    ("iac", include_str!("../../rules/actions/iac.toml")),
    ("k8s", include_str!("../../rules/actions/k8s.toml")),
    ("network", include_str!("../../rules/actions/network.toml")),
    ("package", include_str!("../../rules/actions/package.toml")),
    ("process", include_str!("../../rules/actions/process.toml")),
    ("queue", include_str!("../../rules/actions/queue.toml")),
    ("saferun", include_str!("../../rules/actions/saferun.toml")),
    ("shell", include_str!("../../rules/actions/shell.toml")),
    ("system", include_str!("../../rules/actions/system.toml")),
    ("vault", include_str!("../../rules/actions/vault.toml")),
    ("vcs", include_str!("../../rules/actions/vcs.toml")),
];

/// The text of one entry of a catalogue file.
fn entry<'a>(text: &'a str, id: &str) -> Option<&'a str> {
    const HEADER: &str = "[[actions]]\n";
    let named = text.find(&format!("\nid = \"{id}\"\n"))?;
    let start = text.get(..named)?.rfind(HEADER.trim_end())?;
    let after = start + HEADER.len();
    let end = text.get(after..)?.find(HEADER).map_or(text.len(), |next| after + next);
    text.get(start..end)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_builtin_operation_is_sound() {
        for &(family, text) in FAMILIES {
            let catalogue = Catalogue::parse(text).expect("readable");
            let mut seen = std::collections::HashSet::new();
            for operation in catalogue.operations() {
                assert!((0.0..=10.0).contains(&operation.risk), "{}", operation.id);
                assert!(!operation.title.is_empty(), "{}", operation.id);
                assert!(seen.insert(&operation.id), "{} stands twice", operation.id);
                assert_eq!(operation.id.split('.').next(), Some(family));
                assert_eq!(Catalogue::builtin(&operation.id).as_ref(), Some(operation));
            }
            assert!(!seen.is_empty());
        }
        assert_eq!(Catalogue::builtin("git.nothing-of-the-kind"), None);
    }
}
