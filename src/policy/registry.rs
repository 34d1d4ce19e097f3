//! The operations that a policy decides about.

use std::ops::Deref;

use foldhash::HashMap;

use super::read::{Problem, Reader, SourceFile};
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
        let mut problems = Vec::new();
        let mut operations: HashMap<String, Operation> = HashMap::default();
        for file in files {
            for operation in read(file, &mut problems) {
                let id = operation.id.clone();
                if operations.insert(id.clone(), operation).is_some() {
                    problems.push(Problem::new(
                        &file.name,
                        0,
                        format!("action `{id}` stands twice"),
                    ));
                }
            }
        }
        if problems.is_empty() { Ok(Self { operations: Some(operations) }) } else { Err(problems) }
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

fn read(file: &SourceFile, problems: &mut Vec<Problem>) -> Vec<Operation> {
    let root = match file.parse() {
        Ok(root) => root,
        Err(problem) => {
            problems.push(problem);
            return Vec::new();
        }
    };
    let is_catalogue =
        root.entries().is_some_and(|all| all.iter().any(|(key, _)| key.text() == Some("actions")));
    if is_catalogue {
        return match Catalogue::parse(file) {
            Ok(catalogue) => catalogue.operations().to_vec(),
            Err(more) => {
                problems.extend(more);
                Vec::new()
            }
        };
    }
    let mut reader = Reader::new(&file.name);
    let operation = Operation::read_definition(&mut reader, &root);
    problems.append(&mut reader.problems);
    operation.into_iter().collect()
}
