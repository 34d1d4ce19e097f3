//! The operation catalogue that saferun brings along: every operation's base
//! risk and what moves it, and everything about those that are asked for.
//!
//! The data is `rules/actions/*.toml`, one file a family, embedded, and
//! read entry by entry.

use super::Operation;
use super::read::{Node, Problem, Reader, SourceFile, each_file};

/// A family of operations.
#[derive(Debug)]
pub struct Catalogue {
    operations: Vec<Operation>,
}

impl Catalogue {
    /// Reads one catalogue file: TOML or YAML by the ending of its name.
    ///
    /// # Errors
    /// Everything that is wrong with it.
    pub fn parse(file: &SourceFile) -> Result<Self, Vec<Problem>> {
        let mut operations = Vec::new();
        each_file(std::slice::from_ref(file), |reader, root| {
            operations = Self::read(reader, root);
        })?;
        Ok(Self { operations })
    }

    /// Reads the operations of a catalogue.
    pub(super) fn read(reader: &mut Reader<'_>, root: &Node) -> Vec<Operation> {
        let Some(fields) = reader.fields(root, "a catalogue", &["actions"]) else {
            return Vec::new();
        };
        reader
            .or_default(&fields, "actions", |reader, node| reader.list(node, Operation::read_entry))
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
        FAMILIES.iter().filter(|(name, _)| may_hold(name, id)).find_map(|(name, text)| {
            let entry = entry(text, id)?.to_owned();
            let file = SourceFile { name: format!("{name}.toml"), text: entry };
            Self::parse(&file).ok()?.operations.into_iter().next()
        })
    }

    /// Every built-in operation, family by family.
    #[must_use]
    pub fn all_builtin() -> Vec<Operation> {
        let file = |name: &str, text: &str| SourceFile {
            name: format!("{name}.toml"),
            text: text.to_owned(),
        };
        FAMILIES
            .iter()
            .filter_map(|(name, text)| Self::parse(&file(name, text)).ok())
            .flat_map(|catalogue| catalogue.operations)
            .collect()
    }
}

/// Families whose operations are asked for by plain names.
const PLAIN: &[&str] = &["kubernetes", "aws"];

/// Whether a family may hold an operation: dotted names begin with theirs.
fn may_hold(family: &str, id: &str) -> bool {
    match id.split_once('.') {
        Some((first, _)) => first == family,
        None => PLAIN.contains(&family),
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
    ("kubernetes", include_str!("../../rules/actions/kubernetes.toml")),
    ("aws", include_str!("../../rules/actions/aws.toml")),
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
            let file = SourceFile { name: format!("{family}.toml"), text: text.to_owned() };
            let catalogue = Catalogue::parse(&file).expect("readable");
            let mut seen = std::collections::HashSet::new();
            for operation in catalogue.operations() {
                assert!((0.0..=10.0).contains(&operation.risk), "{}", operation.id);
                assert!(!operation.title.is_empty(), "{}", operation.id);
                assert!(seen.insert(&operation.id), "{} stands twice", operation.id);
                assert!(may_hold(family, &operation.id), "{}", operation.id);
                assert_eq!(Catalogue::builtin(&operation.id).as_ref(), Some(operation));
            }
            assert!(!seen.is_empty());
        }
        assert_eq!(Catalogue::builtin("git.nothing-of-the-kind"), None);
    }

    #[test]
    fn what_is_asked_for_is_complete() {
        let all = Catalogue::all_builtin();
        let asked: Vec<_> = all.iter().filter(|one| !one.id.contains('.')).collect();
        assert_eq!(asked.len(), 33);
        for one in asked {
            assert!(one.parameters.is_some() && one.enforce_target_types, "{}", one.id);
            assert!(!one.required_privileges.is_empty() && !one.tags.is_empty(), "{}", one.id);
            let rollback = one.rollback_action.as_deref();
            assert!(rollback.is_none_or(|id| all.iter().any(|other| other.id == id)), "{}", one.id);
        }
    }
}
