//! The operation catalogue: every operation's base risk and what moves it.
//!
//! The data is `rules/actions/*.toml`, one file a family, embedded and read
//! when the family is first asked for.

use std::sync::LazyLock;

use serde::Deserialize;

/// One operation of the catalogue.
#[derive(Debug, Clone, Deserialize)]
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
#[derive(Debug, Clone, Deserialize)]
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

    /// The built-in operation named `id`.
    #[must_use]
    pub fn builtin(id: &str) -> Option<&'static Operation> {
        let family = id.split('.').next()?;
        let (_, catalogue) = FAMILIES.iter().find(|(name, _)| *name == family)?;
        catalogue.operations.iter().find(|operation| operation.id == id)
    }

    /// Every built-in operation.
    pub fn all_builtin() -> impl Iterator<Item = &'static Operation> {
        FAMILIES.iter().flat_map(|(_, catalogue)| &catalogue.operations)
    }
}

type Family = (&'static str, LazyLock<Catalogue>);

/// A family that could not be read is empty, and an unknown operation counts
/// as critical; a test reads them all.
static FAMILIES: [Family; 3] = [
    ("git", LazyLock::new(|| builtin(include_str!("../../rules/actions/git.toml")))),
    ("github", LazyLock::new(|| builtin(include_str!("../../rules/actions/github.toml")))),
    ("saferun", LazyLock::new(|| builtin(include_str!("../../rules/actions/saferun.toml")))),
];

fn builtin(text: &str) -> Catalogue {
    Catalogue::parse(text).unwrap_or(Catalogue { operations: Vec::new() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_builtin_operation_is_sound() {
        for text in [
            include_str!("../../rules/actions/git.toml"),
            include_str!("../../rules/actions/github.toml"),
            include_str!("../../rules/actions/saferun.toml"),
        ] {
            let catalogue = Catalogue::parse(text).expect("readable");
            let mut seen = std::collections::HashSet::new();
            for operation in catalogue.operations() {
                assert!((0.0..=10.0).contains(&operation.risk), "{}", operation.id);
                assert!(!operation.title.is_empty(), "{}", operation.id);
                assert!(seen.insert(&operation.id), "{} stands twice", operation.id);
            }
            assert!(!seen.is_empty());
        }
    }
}
