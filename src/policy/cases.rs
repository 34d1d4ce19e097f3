//! Actions written down in files: the steps of a plan, and the cases of a
//! policy test with what they should come to.

use serde_json::{Map, Value};

use super::read::{Content, Fields, Node, Problem, Reader, SourceFile};
use super::rules_file::read_decision;
use crate::action::{Caller, CallerKind, DecisionResult, Delegator};

/// One action as somebody wrote it down.
#[derive(Debug, Clone, PartialEq)]
pub struct Step {
    /// Operation.
    pub operation: String,
    /// Target.
    pub target: Option<String>,
    /// Who asks: a name or a token.
    pub caller: Option<String>,
    /// Who asks, with roles and groups; in policy tests only.
    pub identity: Option<Caller>,
    /// Parameters.
    pub params: Map<String, Value>,
    /// Change ticket.
    pub ticket_id: Option<String>,
    /// When, RFC 3339.
    pub at: Option<String>,
}

/// One case of a policy test.
#[derive(Debug, Clone, PartialEq)]
pub struct PolicyTest {
    /// Its name.
    pub name: String,
    /// What is asked.
    pub step: Step,
    /// What should be decided.
    pub expect: DecisionResult,
    /// The rule that should decide, where the test says so.
    pub rule: Option<String>,
    /// Line in its file, from 1.
    pub line: usize,
}

const STEP_KEYS: &[&str] =
    &["action", "operation", "target", "caller", "params", "ticket_id", "timestamp", "at"];
const TEST_KEYS: &[&str] = &["name", "description", "expect", "rule"];

/// Reads the steps of a plan: a list, or a mapping with `steps` or `plan`.
///
/// # Errors
/// Everything that is wrong with it.
pub fn read_plan(file: &SourceFile) -> Result<Vec<Step>, Vec<Problem>> {
    let root = file.parse().map_err(|problem| vec![problem])?;
    let mut reader = Reader::new(&file.name);
    let steps = if matches!(root.content, Content::List(_)) {
        reader.list(&root, read_step)
    } else {
        reader.fields(&root, "a plan", &["steps", "plan"]).and_then(|fields| {
            let key = if fields.get("plan").is_some() { "plan" } else { "steps" };
            reader.required(&fields, key, |reader, node| reader.list(node, read_step))
        })
    };
    if reader.problems.is_empty() { Ok(steps.unwrap_or_default()) } else { Err(reader.problems) }
}

/// Reads the cases of a policy test file.
///
/// # Errors
/// Everything that is wrong with it.
pub fn read_tests(file: &SourceFile) -> Result<Vec<PolicyTest>, Vec<Problem>> {
    let root = file.parse().map_err(|problem| vec![problem])?;
    let mut reader = Reader::new(&file.name);
    let tests = reader.fields(&root, "a policy test file", &["tests"]).and_then(|fields| {
        reader.required(&fields, "tests", |reader, node| reader.list(node, read_test))
    });
    if reader.problems.is_empty() { Ok(tests.unwrap_or_default()) } else { Err(reader.problems) }
}

fn read_test(reader: &mut Reader<'_>, node: &Node) -> Option<PolicyTest> {
    let known = [TEST_KEYS, STEP_KEYS].concat();
    let fields = reader.fields(node, "a policy test", &known)?;
    let name = reader.required(&fields, "name", Reader::text);
    let expect = reader.required(&fields, "expect", read_decision);
    let rule = reader.optional(&fields, "rule", Reader::text);
    let step = of_fields(reader, &fields);
    Some(PolicyTest { name: name?, step: step?, expect: expect?, rule, line: fields.line })
}

fn read_step(reader: &mut Reader<'_>, node: &Node) -> Option<Step> {
    let fields = reader.fields(node, "a step", STEP_KEYS)?;
    of_fields(reader, &fields)
}

fn of_fields(reader: &mut Reader<'_>, fields: &Fields<'_>) -> Option<Step> {
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
    Some(Step {
        target: reader.optional(fields, "target", Reader::text),
        caller,
        identity,
        params: params.unwrap_or_default(),
        ticket_id: reader.optional(fields, "ticket_id", Reader::text),
        at: reader.optional(fields, time, Reader::text),
        operation: operation?,
    })
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
