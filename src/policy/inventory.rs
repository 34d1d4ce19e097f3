//! The targets that there are: what they are, where, and how sensitive.

use foldhash::HashMap;
use serde::Serialize;
use serde_json::{Map, Value};

use super::read::{Content, Node, Problem, Reader, SourceFile, each_file};

/// Where a target is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Environment {
    /// Development.
    Dev,
    /// Staging.
    Staging,
    /// Production.
    Prod,
}

/// How much harm is done when a target is harmed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Sensitivity {
    /// None to speak of.
    Public,
    /// Some, inside.
    Internal,
    /// Much.
    Restricted,
    /// As much as can be; also what a target has that nobody listed.
    Critical,
}

/// Names of the environments.
pub(super) const ENVIRONMENTS: &[(&str, Environment)] =
    &[("dev", Environment::Dev), ("staging", Environment::Staging), ("prod", Environment::Prod)];

/// Names of the sensitivities.
pub(super) const SENSITIVITIES: &[(&str, Sensitivity)] = &[
    ("public", Sensitivity::Public),
    ("internal", Sensitivity::Internal),
    ("restricted", Sensitivity::Restricted),
    ("critical", Sensitivity::Critical),
];

impl Sensitivity {
    /// The name used in files.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        SENSITIVITIES.iter().find(|(_, one)| *one == self).map_or("", |(name, _)| name)
    }
}

/// One target.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Target {
    /// Its name, such as `prod/api-server`.
    pub id: String,
    /// What it is, such as `k8s-deployment`.
    #[serde(rename = "type")]
    pub kind: String,
    /// Where it is.
    pub environment: Environment,
    /// How sensitive it is.
    pub sensitivity: Sensitivity,
    /// Whose it is.
    pub owner: String,
    /// Words that rules may match.
    pub tags: Vec<String>,
    /// Names and values that rules may match.
    pub labels: Vec<(String, String)>,
    /// The values that parameters may have here: a call that names the target
    /// `dev/app` and the namespace `prod` is denied where `dev/app` says
    /// `params: {namespace: dev}`.
    #[serde(skip_serializing_if = "Map::is_empty")]
    pub params: Map<String, Value>,
}

impl Target {
    /// The first parameter that belongs to another target.
    #[must_use]
    pub fn foreign<'p>(&self, params: &'p Map<String, Value>) -> Option<(&'p str, &'p Value)> {
        params.iter().find_map(|(name, value)| {
            let allowed = self.params.get(name)?;
            let fits = match allowed {
                Value::Array(values) => values.contains(value),
                one => one == value,
            };
            (!fits).then_some((name.as_str(), value))
        })
    }
}

/// All targets that are known.
#[derive(Debug, Clone, Default)]
pub struct Inventory {
    targets: HashMap<String, Target>,
}

const KEYS: &[&str] =
    &["id", "type", "environment", "sensitivity", "owner", "tags", "labels", "params"];

impl Inventory {
    /// Reads inventory files.
    ///
    /// # Errors
    /// Everything that is wrong with them.
    pub fn load(files: &[SourceFile]) -> Result<Self, Vec<Problem>> {
        let mut targets: HashMap<String, Target> = HashMap::default();
        each_file(files, |reader, root| {
            for (line, target) in read(reader, root) {
                let id = target.id.clone();
                if targets.insert(id.clone(), target).is_some() {
                    reader.problem(line, format!("target `{id}` stands twice"));
                }
            }
        })?;
        Ok(Self { targets })
    }

    /// The target with this name.
    #[must_use]
    pub fn get(&self, id: &str) -> Option<&Target> {
        self.targets.get(id)
    }

    /// All targets, in no order.
    pub fn all(&self) -> impl Iterator<Item = &Target> {
        self.targets.values()
    }
}

fn read(reader: &mut Reader<'_>, root: &Node) -> Vec<(usize, Target)> {
    let Some(fields) = reader.fields(root, "an inventory", &["targets"]) else {
        return Vec::new();
    };
    reader
        .required(&fields, "targets", |reader, node| {
            reader.list(node, |reader, node| Some((node.line, read_target(reader, node)?)))
        })
        .unwrap_or_default()
}

fn read_target(reader: &mut Reader<'_>, node: &Node) -> Option<Target> {
    let fields = reader.fields(node, "a target", KEYS)?;
    let id = reader.required(&fields, "id", Reader::text);
    let kind = reader.required(&fields, "type", Reader::text);
    let environment = reader
        .required(&fields, "environment", |r, node| r.choice(node, "environment", ENVIRONMENTS));
    let sensitivity = reader
        .required(&fields, "sensitivity", |r, node| r.choice(node, "sensitivity", SENSITIVITIES));
    let owner = reader.optional(&fields, "owner", Reader::text).unwrap_or_default();
    let tags = reader.or_default(&fields, "tags", Reader::texts);
    let labels = reader.or_default(&fields, "labels", |r, node| r.map(node, Reader::text));
    let params = reader.optional(&fields, "params", read_params).unwrap_or_default();
    Some(Target {
        id: id?,
        kind: kind?,
        environment: environment?,
        sensitivity: sensitivity?,
        owner,
        tags,
        labels,
        params,
    })
}

fn read_params(reader: &mut Reader<'_>, node: &Node) -> Option<Map<String, Value>> {
    let values = reader.map(node, |_, value| Some(value.to_json()))?;
    if values.is_empty() || node.content == Content::Null {
        reader.problem(node.line, "`params` names the values that parameters may have");
    }
    Some(values.into_iter().collect())
}
