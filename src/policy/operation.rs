//! One operation of the catalogue, complete: what Agent-Safe calls an action
//! definition.

use serde::Serialize;
use serde_json::Value;

use super::parameter::{self, Parameter};
use super::read::{Fields, Node, Reader};
use crate::action::RiskClass;

/// One operation of the catalogue.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Operation {
    /// Name: dotted where a door recognises it by itself (`git.force-push`),
    /// plain where it is asked for (`restart-deployment`).
    pub id: String,
    /// `1.2.3`; empty for what saferun itself recognises.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub version: String,
    /// What it does, in a few words for people.
    pub title: String,
    /// Base risk in 0.0–10.0.
    pub risk: f64,
    /// Whether it can be undone.
    pub reversible: bool,
    /// Words to filter by.
    pub tags: Vec<String>,
    /// What raises and lowers the risk.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub adjust: Vec<Adjustment>,
    /// Types of the targets in the inventory that it is for. One that has some
    /// acts on the inventory: a target that isn't listed there is critical.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub target_types: Vec<String>,
    /// Whether a target of another type is denied.
    pub enforce_target_types: bool,
    /// Its parameters, all of them; none where they are not checked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub parameters: Option<Vec<Parameter>>,
    /// What to make sure of before.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub prechecks: Vec<Precheck>,
    /// The operation that takes it back.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rollback_action: Option<String>,
    /// Where the parameters of the rollback come from: `params.x` or
    /// `before_state.y`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub rollback_params: Vec<(String, String)>,
    /// Rights that it needs there.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub required_privileges: Vec<String>,
    /// What credentials it is done with.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub credentials: Option<Credentials>,
    /// What of the target's state is kept before and after.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub state_fields: Vec<StateField>,
}

/// What one signal does to the risk.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Adjustment {
    /// Code of the signal.
    pub signal: String,
    /// Points added (or taken, when negative).
    pub score: f64,
    /// Why, used where the signal brings no message of its own.
    pub message: String,
}

/// Something to make sure of before an operation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Precheck {
    /// Its name.
    pub name: String,
    /// What it makes sure of.
    pub description: String,
}

/// The scope of the credentials for one operation.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Credentials {
    /// Kind, such as `kubernetes` or `aws`.
    #[serde(rename = "type")]
    pub kind: String,
    /// Scope; texts may hold `{{ params.x }}`.
    pub fields: Value,
    /// How long they are good for, in seconds, at least 1.
    pub ttl: i64,
}

/// A value of the target's state.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct StateField {
    /// Its name.
    pub name: String,
    /// What it is.
    pub description: String,
    /// Its type, for people.
    #[serde(rename = "type")]
    pub kind: String,
    /// Whether a capture without it is incomplete.
    pub required: bool,
}

/// Names of the four classes.
pub(super) const CLASSES: &[(&str, RiskClass)] = &[
    ("low", RiskClass::Low),
    ("medium", RiskClass::Medium),
    ("high", RiskClass::High),
    ("critical", RiskClass::Critical),
];

const KEYS: &[&str] = &[
    "id",
    "name",
    "version",
    "title",
    "description",
    "risk",
    "risk_class",
    "reversible",
    "tags",
    "adjust",
    "target_types",
    "enforce_target_types",
    "parameters",
    "prechecks",
    "rollback_action",
    "rollback_params",
    "required_privileges",
    "credentials",
    "state_fields",
];

impl Operation {
    /// Class of the base risk.
    #[must_use]
    pub fn risk_class(&self) -> RiskClass {
        RiskClass::of_risk(self.risk)
    }

    /// Reads an action definition as Agent-Safe writes it: `name`, `version`,
    /// `description`, `risk_class` and `target_types` must be there.
    pub(super) fn read_definition(reader: &mut Reader<'_>, node: &Node) -> Option<Self> {
        let fields = reader.fields(node, "an action", KEYS)?;
        for key in ["version", "target_types"] {
            if fields.get(key).is_none() {
                reader.problem(fields.line, format!("`{key}` is missing"));
            }
        }
        let mut operation = Self::read_fields(reader, &fields)?;
        operation.parameters.get_or_insert_default();
        if let Some(node) = fields.get("target_types").filter(|_| operation.target_types.is_empty())
        {
            reader.problem(node.line, "`target_types` names at least one type");
        }
        Some(operation)
    }

    /// Reads an entry of `[[actions]]`, as the built-in catalogue has them.
    pub(super) fn read_entry(reader: &mut Reader<'_>, node: &Node) -> Option<Self> {
        let fields = reader.fields(node, "an action", KEYS)?;
        Self::read_fields(reader, &fields)
    }

    fn read_fields(reader: &mut Reader<'_>, fields: &Fields<'_>) -> Option<Self> {
        let id = either(reader, fields, "id", "name", |reader, node| {
            read_name(reader, node, fields.get("id").is_some())
        });
        let title = either(reader, fields, "title", "description", |r, node| r.text(node));
        let only_class = fields.get("risk").is_none();
        let risk = either(reader, fields, "risk", "risk_class", |reader, node| {
            read_risk(reader, node, only_class)
        });
        let version = reader.or_default(fields, "version", read_version);
        let operation = Self {
            version,
            reversible: reader.or_default(fields, "reversible", Reader::boolean),
            tags: reader.or_default(fields, "tags", Reader::texts),
            adjust: reader.or_default(fields, "adjust", |r, node| r.list(node, read_adjustment)),
            target_types: reader.or_default(fields, "target_types", Reader::texts),
            enforce_target_types: reader.or_default(
                fields,
                "enforce_target_types",
                Reader::boolean,
            ),
            parameters: reader.optional(fields, "parameters", read_parameters),
            prechecks: reader
                .or_default(fields, "prechecks", |r, node| r.list(node, read_precheck)),
            rollback_action: reader.optional(fields, "rollback_action", Reader::text),
            rollback_params: reader
                .optional(fields, "rollback_params", |r, node| r.map(node, read_source))
                .unwrap_or_default(),
            required_privileges: reader.or_default(fields, "required_privileges", Reader::texts),
            credentials: reader.optional(fields, "credentials", read_credentials),
            state_fields: reader
                .or_default(fields, "state_fields", |r, node| r.list(node, read_state_field)),
            ..Self::default()
        };
        Some(Self { id: id?, title: title?.trim().to_owned(), risk: risk?, ..operation })
    }
}

/// A value that has two names, of which one stands there.
fn either<T>(
    reader: &mut Reader<'_>,
    fields: &Fields<'_>,
    ours: &str,
    theirs: &str,
    read: impl FnOnce(&mut Reader<'_>, &Node) -> Option<T>,
) -> Option<T> {
    match (fields.get(ours), fields.get(theirs)) {
        (Some(_), Some(node)) => {
            reader.problem(node.line, format!("`{ours}` and `{theirs}` say the same; keep one"));
            None
        }
        (Some(node), None) | (None, Some(node)) => read(reader, node),
        (None, None) => {
            reader.problem(fields.line, format!("`{theirs}` is missing"));
            None
        }
    }
}

/// Lower-case words with hyphens; in an `id`, dots join them into families.
fn read_name(reader: &mut Reader<'_>, node: &Node, dotted: bool) -> Option<String> {
    let name = reader.text(node)?;
    let more = if dotted { "-._" } else { "-" };
    let sound = name.starts_with(|c: char| c.is_ascii_lowercase())
        && name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || more.contains(c));
    if sound {
        return Some(name);
    }
    reader.problem(
        node.line,
        format!("`{name}` is not a name: it begins with a lower-case letter, and lower-case letters, digits and `-` follow"),
    );
    None
}

fn read_version(reader: &mut Reader<'_>, node: &Node) -> Option<String> {
    let version = reader.text(node)?;
    let parts: Vec<&str> = version.split('.').collect();
    let sound = parts.len() == 3
        && parts.iter().all(|part| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit()));
    if !sound {
        reader.problem(node.line, format!("`{version}` is not a version such as `1.0.0`"));
        return None;
    }
    Some(version)
}

/// A class, or a number in 0.0–10.0 where that may stand.
fn read_risk(reader: &mut Reader<'_>, node: &Node, only_class: bool) -> Option<f64> {
    if only_class || node.text().is_some() {
        return reader.choice(node, "risk class", CLASSES).map(RiskClass::score);
    }
    let risk = reader.number(node)?;
    if !(0.0..=10.0).contains(&risk) {
        reader.problem(node.line, format!("a risk of {risk} is not in 0.0 to 10.0"));
        return None;
    }
    Some(risk)
}

fn read_adjustment(reader: &mut Reader<'_>, node: &Node) -> Option<Adjustment> {
    let fields = reader.fields(node, "an adjustment", &["signal", "score", "message"])?;
    let signal = reader.required(&fields, "signal", Reader::text);
    let score = reader.required(&fields, "score", Reader::number);
    let message = reader.or_default(&fields, "message", Reader::text);
    Some(Adjustment { signal: signal?, score: score?, message })
}

fn read_parameters(reader: &mut Reader<'_>, node: &Node) -> Option<Vec<Parameter>> {
    let parameters = reader.list(node, parameter::read)?;
    for (index, one) in parameters.iter().enumerate() {
        if parameters[..index].iter().any(|other| other.name == one.name) {
            reader.problem(node.line, format!("parameter `{}` stands twice", one.name));
        }
    }
    Some(parameters)
}

fn read_precheck(reader: &mut Reader<'_>, node: &Node) -> Option<Precheck> {
    let fields = reader.fields(node, "a precheck", &["name", "description"])?;
    let name = reader.required(&fields, "name", Reader::text);
    let description = reader.or_default(&fields, "description", Reader::text);
    Some(Precheck { name: name?, description })
}

fn read_source(reader: &mut Reader<'_>, node: &Node) -> Option<String> {
    let fields = reader.fields(node, "a rollback parameter", &["source"])?;
    let source = reader.required(&fields, "source", Reader::text)?;
    let known = ["params.", "before_state."]
        .iter()
        .any(|from| source.strip_prefix(from).is_some_and(|name| !name.is_empty()));
    if !known {
        reader.problem(node.line, format!("`{source}` is neither `params.x` nor `before_state.x`"));
        return None;
    }
    Some(source)
}

fn read_credentials(reader: &mut Reader<'_>, node: &Node) -> Option<Credentials> {
    let fields = reader.fields(node, "credentials", &["type", "fields", "ttl"])?;
    let kind = reader.required(&fields, "type", Reader::text);
    let scope = reader.or_default(&fields, "fields", |reader, node| {
        reader.map(node, |_, value| Some(value.to_json()))
    });
    let ttl = fields.get("ttl").map_or(Some(300), |node| {
        let ttl = reader.integer(node)?;
        if ttl < 1 {
            reader.problem(node.line, "`ttl` is at least 1 second");
        }
        Some(ttl)
    });
    let scope = Value::Object(scope.into_iter().collect());
    Some(Credentials { kind: kind?, fields: scope, ttl: ttl? })
}

fn read_state_field(reader: &mut Reader<'_>, node: &Node) -> Option<StateField> {
    let keys = ["name", "description", "type", "required"];
    let fields = reader.fields(node, "a state field", &keys)?;
    let name = reader.required(&fields, "name", Reader::text);
    let description = reader.or_default(&fields, "description", Reader::text);
    let kind = fields.get("type").map_or(Some("any".to_owned()), |node| reader.text(node));
    let required = reader.or_default(&fields, "required", Reader::boolean);
    Some(StateField { name: name?, description, kind: kind?, required })
}
