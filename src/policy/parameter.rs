//! Parameters of an operation: their types and constraints, and what is wrong
//! with the values that somebody gives. Messages are Agent-Safe's, word for
//! word, so that whatever reads them goes on to.

use fancy_regex::Regex as Backtracking;
use regex::Regex;
use serde::Serialize;
use serde_json::{Map, Value};

use super::read::{Node, Reader};

/// Key of the object that stands for a number which can't be passed on as it
/// is: NaN, an infinity, or an integer of more than 64 bits. No type takes it.
pub const NOT_A_NUMBER: &str = "$number";

/// One parameter.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Parameter {
    /// Its name.
    pub name: String,
    /// What values it takes.
    #[serde(rename = "type")]
    pub kind: Kind,
    /// Whether it must be given.
    pub required: bool,
    /// What it is, for people.
    pub description: String,
    /// What the executor takes where it is not given.
    #[serde(skip_serializing_if = "Value::is_null")]
    pub default: Value,
    /// Bounds of its values.
    pub constraints: Constraints,
}

/// Type of a parameter. A boolean is no number, and `5.0` is no integer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// Text.
    String,
    /// A number written without fraction or exponent.
    Integer,
    /// A finite number.
    Number,
    /// `true` or `false`.
    Boolean,
    /// A list of anything.
    Array,
}

const KINDS: &[(&str, Kind)] = &[
    ("string", Kind::String),
    ("integer", Kind::Integer),
    ("number", Kind::Number),
    ("boolean", Kind::Boolean),
    ("array", Kind::Array),
];

/// Bounds: numbers lie between the values; texts have the length (in
/// characters), match the pattern from end to end; every scalar, as Python
/// prints it, is one of the enum.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Constraints {
    /// Least number.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub min_value: Option<f64>,
    /// Greatest number.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_value: Option<f64>,
    /// Least length.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub min_length: Option<i64>,
    /// Greatest length.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_length: Option<i64>,
    /// What a text looks like.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pattern: Option<Pattern>,
    /// All values there are.
    #[serde(rename = "enum", skip_serializing_if = "Option::is_none")]
    pub values: Option<Vec<String>>,
}

/// A regular expression that matches whole texts.
#[derive(Debug, Clone)]
pub struct Pattern {
    text: String,
    regex: Matcher,
}

#[derive(Debug, Clone)]
enum Matcher {
    /// In linear time.
    Linear(Regex),
    /// With look-around or back-references, in a bounded number of steps.
    Backtracking(Box<Backtracking>),
}

impl Pattern {
    /// Compiles `text`.
    ///
    /// # Errors
    /// Where it is no regular expression.
    pub fn new(text: &str) -> Result<Self, regex::Error> {
        let whole = format!(r"\A(?:{text})\z");
        let regex = match Regex::new(&whole) {
            Ok(regex) => Matcher::Linear(regex),
            Err(error) => {
                Matcher::Backtracking(Box::new(Backtracking::new(&whole).map_err(|_| error)?))
            }
        };
        Ok(Self { text: text.to_owned(), regex })
    }

    /// Whether all of `text` matches. What takes too many steps doesn't.
    #[must_use]
    pub fn matches(&self, text: &str) -> bool {
        match &self.regex {
            Matcher::Linear(regex) => regex.is_match(text),
            Matcher::Backtracking(regex) => regex.is_match(text).unwrap_or(false),
        }
    }
}

impl PartialEq for Pattern {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

impl Serialize for Pattern {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.text)
    }
}

/// Everything that is wrong with `params`.
#[must_use]
pub fn invalid(parameters: &[Parameter], params: &Map<String, Value>) -> Vec<String> {
    if fit(parameters, params) {
        return Vec::new();
    }
    let mut wrong: Vec<String> = parameters
        .iter()
        .filter(|one| one.required && value_of(params, &one.name).is_none())
        .map(|one| format!("Missing required parameter: {}", one.name))
        .collect();
    let unknown = params.keys().filter(|name| !parameters.iter().any(|one| one.name == **name));
    wrong.extend(unknown.map(|name| format!("Unknown parameter: {name}")));
    for parameter in parameters {
        if let Some(value) = value_of(params, &parameter.name) {
            parameter.check(value, &mut wrong);
        }
    }
    wrong
}

/// Whether nothing is wrong, found in one pass: most often nothing is.
fn fit(parameters: &[Parameter], params: &Map<String, Value>) -> bool {
    let mut missing = parameters.iter().filter(|one| one.required).count();
    for (name, value) in params {
        let mut known = false;
        for one in parameters.iter().filter(|one| one.name == *name) {
            let mut wrong = Vec::new();
            one.check(value, &mut wrong);
            if !wrong.is_empty() {
                return false;
            }
            known = true;
            missing -= usize::from(one.required);
        }
        if !known {
            return false;
        }
    }
    missing == 0
}

/// Up to this many parameters are quicker to compare than to hash.
const FEW: usize = 16;

fn value_of<'p>(params: &'p Map<String, Value>, name: &str) -> Option<&'p Value> {
    if params.len() > FEW {
        return params.get(name);
    }
    params.iter().find(|(key, _)| *key == name).map(|(_, value)| value)
}

impl Parameter {
    fn check(&self, value: &Value, wrong: &mut Vec<String>) {
        let mut say = |text: String| wrong.push(format!("Parameter '{}': {text}", self.name));
        let odd = value.get(NOT_A_NUMBER).and_then(Value::as_str);
        let odd = odd.filter(|text| {
            self.kind == Kind::Number || (self.kind == Kind::Integer && is_integer(text))
        });
        if odd.is_none() && !self.kind.takes(value) {
            return say(format!("expected {}, got {}", self.kind.name(), python_type(value)));
        }
        let Constraints { min_value, max_value, min_length, max_length, pattern, values } =
            &self.constraints;
        let truth = value.as_bool().map(|truth| f64::from(u8::from(truth)));
        let number = value.as_f64().or(truth).or_else(|| odd?.parse().ok());
        let below = number.zip(*min_value).filter(|(number, least)| number < least);
        let above = number.zip(*max_value).filter(|(number, most)| number > most);
        if let Some((_, least)) = below {
            say(format!("value {} is below minimum {}", shown(value), python_float(least)));
        }
        if let Some((_, most)) = above {
            say(format!("value {} exceeds maximum {}", shown(value), python_float(most)));
        }
        if odd.is_some() && below.is_none() && above.is_none() {
            say(format!("value {} is not a finite number of 64 bits", shown(value)));
        }
        if let Some(text) = value.as_str() {
            let length = || i64::try_from(text.chars().count()).unwrap_or(i64::MAX);
            if let Some(least) = min_length.filter(|least| length() < *least) {
                say(format!("length {} is below minimum {least}", length()));
            }
            if let Some(most) = max_length.filter(|most| length() > *most) {
                say(format!("length {} exceeds maximum {most}", length()));
            }
            if let Some(pattern) = pattern.as_ref().filter(|pattern| !pattern.matches(text)) {
                say(format!("value does not match pattern '{}'", pattern.text));
            }
        }
        if let Some(values) = values.as_ref().filter(|values| !values.contains(&shown(value))) {
            let values: Vec<String> = values.iter().map(|value| quoted(value)).collect();
            say(format!("value '{}' not in allowed values [{}]", shown(value), values.join(", ")));
        }
    }
}

impl Kind {
    fn takes(self, value: &Value) -> bool {
        match self {
            Self::String => value.is_string(),
            Self::Integer => value.is_i64() || value.is_u64(),
            Self::Number => value.is_number(),
            Self::Boolean => value.is_boolean(),
            Self::Array => value.is_array(),
        }
    }

    /// The name used in files.
    #[must_use]
    pub fn name(self) -> &'static str {
        KINDS.iter().find(|(_, kind)| *kind == self).map_or("", |(name, _)| name)
    }
}

fn python_type(value: &Value) -> &'static str {
    match value {
        Value::Null => "NoneType",
        Value::Bool(_) => "bool",
        Value::Number(number) if number.is_f64() => "float",
        Value::Number(_) => "int",
        Value::String(_) => "str",
        Value::Array(_) => "list",
        Value::Object(members) => match members.get(NOT_A_NUMBER).and_then(Value::as_str) {
            Some(text) if is_integer(text) => "int",
            Some(_) => "float",
            None => "dict",
        },
    }
}

fn is_integer(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'-')
}

/// A value as Python prints it.
fn shown(value: &Value) -> String {
    match value {
        Value::Bool(true) => "True".to_owned(),
        Value::Bool(false) => "False".to_owned(),
        Value::String(text) => text.clone(),
        Value::Number(number) => match number.as_f64() {
            Some(float) if number.is_f64() => python_float(float),
            _ => number.to_string(),
        },
        Value::Null => "None".to_owned(),
        Value::Array(items) => {
            format!("[{}]", items.iter().map(nested).collect::<Vec<_>>().join(", "))
        }
        Value::Object(members) => match members.get(NOT_A_NUMBER).and_then(Value::as_str) {
            Some(odd) => odd.to_owned(),
            None => {
                let member = |(name, value): (&String, &Value)| {
                    format!("{}: {}", quoted(name), nested(value))
                };
                format!("{{{}}}", members.iter().map(member).collect::<Vec<_>>().join(", "))
            }
        },
    }
}

/// A value in a list, as Python prints it.
fn nested(value: &Value) -> String {
    value.as_str().map_or_else(|| shown(value), quoted)
}

/// A text in quotes, as Python prints it.
fn quoted(text: &str) -> String {
    let text = text.replace('\\', "\\\\").replace('\n', "\\n").replace('\t', "\\t");
    match (text.contains('\''), text.contains('"')) {
        (true, false) => format!("\"{text}\""),
        (true, true) => format!("'{}'", text.replace('\'', "\\'")),
        _ => format!("'{text}'"),
    }
}

/// A float as Python prints it.
fn python_float(value: f64) -> String {
    let magnitude = value.abs();
    if !value.is_finite() {
        return value.to_string().to_lowercase();
    }
    if magnitude != 0.0 && !(1e-4..1e16).contains(&magnitude) {
        let text = format!("{value:e}");
        let (mantissa, exponent) = text.split_once('e').unwrap_or((&text, "0"));
        let (sign, digits) =
            exponent.strip_prefix('-').map_or(('+', exponent), |digits| ('-', digits));
        return format!("{mantissa}e{sign}{digits:0>2}");
    }
    format!("{value:?}")
}

const KEYS: &[&str] = &["name", "type", "required", "description", "default", "constraints"];
const CONSTRAINT_KEYS: &[&str] =
    &["min_value", "max_value", "min_length", "max_length", "pattern", "enum"];

/// Reads one parameter.
pub(super) fn read(reader: &mut Reader<'_>, node: &Node) -> Option<Parameter> {
    let fields = reader.fields(node, "a parameter", KEYS)?;
    let name = reader.required(&fields, "name", Reader::text);
    let kind = reader
        .required(&fields, "type", |reader, node| reader.choice(node, "parameter type", KINDS));
    let required = fields.get("required").map_or(Some(true), |node| reader.boolean(node));
    let description = reader.or_default(&fields, "description", Reader::text);
    let default = fields.get("default").map(Node::to_json).unwrap_or_default();
    let constraints = reader.optional(&fields, "constraints", read_constraints).unwrap_or_default();
    Some(Parameter {
        name: name?,
        kind: kind?,
        required: required?,
        description,
        default,
        constraints,
    })
}

fn read_constraints(reader: &mut Reader<'_>, node: &Node) -> Option<Constraints> {
    let fields = reader.fields(node, "constraints", CONSTRAINT_KEYS)?;
    let constraints = Constraints {
        min_value: reader.optional(&fields, "min_value", Reader::bound),
        max_value: reader.optional(&fields, "max_value", Reader::bound),
        min_length: reader.optional(&fields, "min_length", Reader::integer),
        max_length: reader.optional(&fields, "max_length", Reader::integer),
        pattern: reader.optional(&fields, "pattern", read_pattern),
        values: reader.optional(&fields, "enum", Reader::texts),
    };
    Some(constraints)
}

/// Reads a regular expression.
pub(super) fn read_pattern(reader: &mut Reader<'_>, node: &Node) -> Option<Pattern> {
    let text = reader.text(node)?;
    match Pattern::new(&text) {
        Ok(pattern) => Some(pattern),
        Err(error) => {
            let why = error.to_string();
            let why = why.lines().last().unwrap_or_default().trim();
            reader.problem(node.line, format!("`{text}` is not a pattern: {why}"));
            None
        }
    }
}

#[cfg(test)]
mod tests {
    use super::python_float;

    #[test]
    fn floats_are_printed_as_python_does() {
        for (value, text) in [(10.0, "10.0"), (-1.5, "-1.5"), (1e16, "1e+16"), (1.5e-7, "1.5e-07")]
        {
            assert_eq!(python_float(value), text);
        }
    }
}
