//! Actions written down in files: the steps of a plan, and the cases of a
//! policy test with what they should come to.

use jiff::Timestamp;
use jiff::fmt::temporal::Pieces;
use jiff::tz::Offset;
use serde_json::{Map, Value};

use super::read::{Content, Fields, Node, Problem, Reader, SourceFile, each_file};
use super::rules_file::read_decision;
use crate::action::{Caller, CallerKind, DecisionResult, Delegator};

/// One question: may this be done?
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Request {
    /// Operation, such as `restart-deployment`.
    pub operation: String,
    /// Target, such as `prod/api-server`.
    pub target: Option<String>,
    /// A name or a token.
    pub caller: Option<String>,
    /// Who it is, where that is known already.
    pub identity: Option<Caller>,
    /// Parameters.
    pub params: Map<String, Value>,
    /// Change ticket.
    pub ticket_id: Option<String>,
    /// When, and how far the clock there is ahead of UTC; none is now, in UTC.
    /// What is asked for another time leaves no trace in the windows.
    pub at: Option<When>,
}

/// A time with the offset that it was written with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct When {
    /// The instant.
    pub at: Timestamp,
    /// Seconds that the clock there is ahead of UTC.
    pub utc_offset_seconds: i32,
}

impl When {
    /// Reads RFC 3339, such as `2026-03-06T22:00:00+09:00`; without an offset
    /// it is UTC.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let pieces = Pieces::parse(text).ok()?;
        let time = pieces.time().unwrap_or_else(jiff::civil::Time::midnight);
        let offset = pieces.to_numeric_offset().unwrap_or(Offset::UTC);
        let at = offset.to_timestamp(pieces.date().to_datetime(time)).ok()?;
        Some(Self { at, utc_offset_seconds: offset.seconds() })
    }
}

/// One case of a policy test.
#[derive(Debug, Clone, PartialEq)]
pub struct PolicyTest {
    /// Its name.
    pub name: String,
    /// What is asked.
    pub asked: Request,
    /// What should be decided.
    pub expect: DecisionResult,
    /// The rule that should decide, where the test says so.
    pub rule: Option<String>,
    /// The file.
    pub file: String,
    /// Line in it, from 1.
    pub line: usize,
}

const STEP_KEYS: &[&str] =
    &["action", "operation", "target", "caller", "params", "ticket_id", "timestamp", "at"];
const TEST_KEYS: &[&str] = &["name", "description", "expect", "rule"];

/// Reads the steps of a plan, in each file a list, or a mapping with `steps` or
/// `plan`.
///
/// # Errors
/// Everything that is wrong with the files.
pub fn read_plan(files: &[SourceFile]) -> Result<Vec<Request>, Vec<Problem>> {
    let mut plan = Vec::new();
    each_file(files, |reader, root| {
        let steps = if matches!(root.content, Content::List(_)) {
            reader.list(root, read_step)
        } else {
            reader.fields(root, "a plan", &["steps", "plan"]).and_then(|fields| {
                let key = if fields.get("plan").is_some() { "plan" } else { "steps" };
                reader.required(&fields, key, |reader, node| reader.list(node, read_step))
            })
        };
        plan.extend(steps.unwrap_or_default());
    })?;
    Ok(plan)
}

/// Reads the cases of policy test files.
///
/// # Errors
/// Everything that is wrong with them.
pub fn read_tests(files: &[SourceFile]) -> Result<Vec<PolicyTest>, Vec<Problem>> {
    let mut tests = Vec::new();
    each_file(files, |reader, root| {
        let more = reader.fields(root, "a policy test file", &["tests"]).and_then(|fields| {
            reader.required(&fields, "tests", |reader, node| reader.list(node, read_test))
        });
        tests.extend(more.unwrap_or_default());
    })?;
    Ok(tests)
}

fn read_test(reader: &mut Reader<'_>, node: &Node) -> Option<PolicyTest> {
    let known = [TEST_KEYS, STEP_KEYS].concat();
    let fields = reader.fields(node, "a policy test", &known)?;
    let name = reader.required(&fields, "name", Reader::text);
    let expect = reader.required(&fields, "expect", read_decision);
    let rule = reader.optional(&fields, "rule", Reader::text);
    let asked = of_fields(reader, &fields);
    let file = reader.file().to_owned();
    Some(PolicyTest { name: name?, asked: asked?, expect: expect?, rule, file, line: fields.line })
}

fn read_step(reader: &mut Reader<'_>, node: &Node) -> Option<Request> {
    let fields = reader.fields(node, "a step", STEP_KEYS)?;
    of_fields(reader, &fields)
}

fn of_fields(reader: &mut Reader<'_>, fields: &Fields<'_>) -> Option<Request> {
    let key = if fields.get("operation").is_some() { "operation" } else { "action" };
    let operation = reader.required(fields, key, Reader::text);
    let (caller, identity) = match fields.get("caller") {
        Some(node) if node.entries().is_some() => (None, read_caller(reader, node)),
        _ => (reader.optional(fields, "caller", Reader::text), None),
    };
    let params = reader.optional(fields, "params", |reader, node| match node.to_json() {
        Value::Object(params) => Some(params),
        _ => {
            reader.problem(node.line, "`params` is a mapping");
            None
        }
    });
    let time = if fields.get("timestamp").is_some() { "timestamp" } else { "at" };
    Some(Request {
        target: reader.optional(fields, "target", Reader::text),
        caller,
        identity,
        params: params.unwrap_or_default(),
        ticket_id: reader.optional(fields, "ticket_id", Reader::text),
        at: reader.optional(fields, time, read_time),
        operation: operation?,
    })
}

fn read_time(reader: &mut Reader<'_>, node: &Node) -> Option<When> {
    let text = reader.text(node)?;
    let when = When::parse(&text);
    if when.is_none() {
        reader.problem(
            node.line,
            format!("`{text}` is not a time such as `2026-03-06T22:00:00+09:00`"),
        );
    }
    when
}

fn read_caller(reader: &mut Reader<'_>, node: &Node) -> Option<Caller> {
    let known = ["agent_id", "id", "agent_name", "roles", "groups", "delegated_from"];
    let fields = reader.fields(node, "a caller", &known)?;
    let key = if fields.get("id").is_some() { "id" } else { "agent_id" };
    let id = reader.required(&fields, key, Reader::text);
    let chain = reader.or_default(&fields, "delegated_from", Reader::texts);
    let delegator = |id| Delegator { id, roles: Vec::new(), groups: Vec::new(), at: None };
    Some(Caller {
        roles: reader.or_default(&fields, "roles", Reader::texts),
        groups: reader.or_default(&fields, "groups", Reader::texts),
        delegation: chain.into_iter().map(delegator).collect(),
        ..Caller::named(id?, CallerKind::Service)
    })
}
