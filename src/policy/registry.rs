//! The operations that a policy decides about.

use std::ops::Deref;

use foldhash::HashMap;

use super::read::{Node, Problem, Reader, SourceFile, each_file};
use super::{Catalogue, Operation};

/// The operations there are.
#[derive(Debug, Clone, Default)]
pub struct Registry {
    /// None: the built-in catalogue, of which each look-up reads its own entry.
    operations: Option<HashMap<String, Operation>>,
}

/// An operation that was found.
#[derive(Debug)]
pub enum Found<'a> {
    /// In a registry that is all in memory.
    Here(&'a Operation),
    /// Read just now.
    Read(Box<Operation>),
}

impl Deref for Found<'_> {
    type Target = Operation;

    fn deref(&self) -> &Operation {
        match self {
            Self::Here(operation) => operation,
            Self::Read(operation) => operation,
        }
    }
}

impl Registry {
    /// The built-in catalogue, read when asked: quick to make, slower to ask.
    #[must_use]
    pub fn builtin() -> Self {
        Self { operations: None }
    }

    /// The built-in catalogue, all of it read: for many decisions.
    #[must_use]
    pub fn builtin_in_memory() -> Self {
        Self::of(Catalogue::all_builtin())
    }

    /// These operations and no other.
    #[must_use]
    pub fn of(operations: impl IntoIterator<Item = Operation>) -> Self {
        let by_id = operations.into_iter().map(|operation| (operation.id.clone(), operation));
        Self { operations: Some(by_id.collect()) }
    }

    /// Reads action definitions: one a file, as Agent-Safe has them, or many
    /// under `actions`, as the built-in catalogue has them.
    ///
    /// # Errors
    /// Everything that is wrong with the files.
    pub fn load(files: &[SourceFile]) -> Result<Self, Vec<Problem>> {
        let mut operations: HashMap<String, Operation> = HashMap::default();
        each_file(files, |reader, root| {
            for operation in read(reader, root) {
                let id = operation.id.clone();
                if operations.insert(id.clone(), operation).is_some() {
                    reader.problem(root.line, format!("action `{id}` stands twice"));
                }
            }
        })?;
        Ok(Self { operations: Some(operations) })
    }

    /// The operation with this name.
    #[must_use]
    pub fn get(&self, id: &str) -> Option<Found<'_>> {
        match &self.operations {
            Some(operations) => operations.get(id).map(Found::Here),
            None => Catalogue::builtin(id).map(|found| Found::Read(Box::new(found))),
        }
    }

    /// All operations by name.
    #[must_use]
    pub fn all(&self) -> Vec<Operation> {
        let mut all = match &self.operations {
            Some(operations) => operations.values().cloned().collect(),
            None => Catalogue::all_builtin(),
        };
        all.sort_by(|a, b| a.id.cmp(&b.id));
        all
    }
}

fn read(reader: &mut Reader<'_>, root: &Node) -> Vec<Operation> {
    let mut entries = root.entries().into_iter().flatten();
    if entries.any(|(key, _)| key.text() == Some("actions")) {
        return Catalogue::read(reader, root);
    }
    Operation::read_definition(reader, root).into_iter().collect()
}
