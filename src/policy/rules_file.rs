//! Reads rules: as Agent-Safe's policy files have them, as the presets have
//! them, and as `[[policy.rules]]` of the configuration has them.

use super::inventory::{ENVIRONMENTS, SENSITIVITIES};
use super::operation::CLASSES;
use super::read::{Fields, Node, Problem, Reader, SourceFile, each_file, node_of_toml};
use super::rules::{CallerMatch, Match, Place, RiskRange, Rule, RuleSet, TargetMatch, TimeWindow};
use super::{Limits, limits};
use crate::action::{CallerKind, DecisionResult};

const RULE_KEYS: &[&str] = &["name", "description", "priority", "match", "decision", "reason"];
const MATCH_KEYS: &[&str] = &[
    "actions",
    "targets",
    "callers",
    "time_windows",
    "risk_classes",
    "require_ticket",
    "risk",
    "signals",
];
const TARGET_KEYS: &[&str] = &["environments", "sensitivities", "types", "labels", "ids", "tags"];
const CALLER_KEYS: &[&str] = &[
    "agent_ids",
    "roles",
    "groups",
    "delegated_from",
    "max_delegation_depth",
    "require_delegation",
    "ids",
    "kinds",
    "agents",
];

const DECISIONS: &[(&str, DecisionResult)] = &[
    ("allow", DecisionResult::Allow),
    ("deny", DecisionResult::Deny),
    ("require_approval", DecisionResult::RequireApproval),
];
const KINDS: &[(&str, CallerKind)] = &[
    ("human", CallerKind::Human),
    ("agent", CallerKind::Agent),
    ("ci", CallerKind::Ci),
    ("service", CallerKind::Service),
];

/// What the files of a policy say together.
#[derive(Debug, Clone, Default)]
pub struct PolicyFiles {
    /// The rules of all files.
    pub rules: RuleSet,
    /// Windows and ticket patterns, where a file has some.
    pub limits: Limits,
}

/// What was read of a policy so far.
#[derive(Default)]
struct Gathered {
    rules: Vec<Rule>,
    default: Option<DecisionResult>,
    limits: Limits,
}

impl Gathered {
    fn read(&mut self, reader: &mut Reader<'_>, root: &Node) {
        let known = [&["rules", "default"], limits::KEYS].concat();
        let file = reader.file().to_owned();
        let Some(fields) = reader.fields(root, "a policy", &known) else { return };
        let more = reader.required(&fields, "rules", |reader, node| {
            reader.list(node, |reader, node| read_rule(reader, node, &file, true))
        });
        self.rules.extend(more.unwrap_or_default());
        self.default = self.default.max(reader.optional(&fields, "default", read_decision));
        self.limits.tighten(limits::read(reader, &fields));
    }

    fn files(self) -> PolicyFiles {
        let default = self.default.or(Some(DecisionResult::Deny));
        PolicyFiles { rules: RuleSet::new(self.rules, default), limits: self.limits }
    }
}

/// Reads policy files, in the order given: rules of equal priority keep it.
/// Where no rule matches and no file says otherwise, they deny.
///
/// # Errors
/// Everything that is wrong with the files.
pub fn load(files: &[SourceFile]) -> Result<PolicyFiles, Vec<Problem>> {
    let mut gathered = Gathered::default();
    each_file(files, |reader, root| gathered.read(reader, root))?;
    Ok(gathered.files())
}

/// The rules of a policy file that was parsed elsewhere.
///
/// # Errors
/// Everything that is wrong with them; `origin` names the file.
pub(super) fn of_node(root: &Node, origin: &str) -> Result<RuleSet, Vec<Problem>> {
    let (mut reader, mut gathered) = (Reader::new(origin), Gathered::default());
    gathered.read(&mut reader, root);
    if reader.problems.is_empty() { Ok(gathered.files().rules) } else { Err(reader.problems) }
}

/// Reads rules that stand in the configuration; without `match` they match
/// everything.
///
/// # Errors
/// Everything that is wrong with them; `origin` names the file.
pub fn of_settings(rules: &[toml::Value], origin: &str) -> Result<RuleSet, Vec<Problem>> {
    let place = format!("{origin}, [[policy.rules]]");
    let mut reader = Reader::new(&place);
    let rules =
        rules.iter().filter_map(|rule| read_rule(&mut reader, &node_of_toml(rule), origin, false));
    let rules: Vec<Rule> = rules.collect();
    if reader.problems.is_empty() { Ok(RuleSet::new(rules, None)) } else { Err(reader.problems) }
}

pub(super) fn read_decision(reader: &mut Reader<'_>, node: &Node) -> Option<DecisionResult> {
    reader.choice(node, "decision", DECISIONS)
}

fn read_rule(
    reader: &mut Reader<'_>,
    node: &Node,
    file: &str,
    match_required: bool,
) -> Option<Rule> {
    let fields = reader.fields(node, "a rule", RULE_KEYS)?;
    let name = reader.required(&fields, "name", Reader::text);
    let description = reader.or_default(&fields, "description", Reader::text);
    let priority = reader.or_default(&fields, "priority", Reader::integer);
    let matches = if match_required || fields.get("match").is_some() {
        reader.required(&fields, "match", read_match)
    } else {
        Some(Match::default())
    };
    let decision = reader.required(&fields, "decision", read_decision);
    let reason = reader.required(&fields, "reason", Reader::text);
    Some(Rule {
        name: name?,
        description,
        priority,
        matches: matches?,
        decision: decision?,
        reason: reason?,
        place: Place { file: file.to_owned(), line: fields.line },
    })
}

fn read_match(reader: &mut Reader<'_>, node: &Node) -> Option<Match> {
    let fields = reader.fields(node, "`match`", MATCH_KEYS)?;
    Some(Match {
        actions: fields.get("actions").map(|node| reader.texts(node).unwrap_or_default()),
        signals: reader.optional(&fields, "signals", Reader::texts),
        risk: reader.optional(&fields, "risk", read_range),
        risk_classes: reader.optional(&fields, "risk_classes", |reader, node| {
            reader.list(node, |reader, node| reader.choice(node, "risk class", CLASSES))
        }),
        callers: reader.optional(&fields, "callers", read_callers),
        targets: reader.optional(&fields, "targets", read_targets),
        time_windows: reader
            .optional(&fields, "time_windows", |reader, node| reader.list(node, read_window)),
        require_ticket: reader.optional(&fields, "require_ticket", Reader::boolean),
    })
}

fn read_range(reader: &mut Reader<'_>, node: &Node) -> Option<RiskRange> {
    let fields = reader.fields(node, "`risk`", &["min", "max"])?;
    let min = reader.optional(&fields, "min", Reader::number).unwrap_or(0.0);
    let max = reader.optional(&fields, "max", Reader::number).unwrap_or(10.0);
    Some(RiskRange { min, max })
}

fn read_callers(reader: &mut Reader<'_>, node: &Node) -> Option<CallerMatch> {
    let fields = reader.fields(node, "`callers`", CALLER_KEYS)?;
    let mut texts = |key: &str| reader.optional(&fields, key, Reader::texts);
    let matches = CallerMatch {
        ids: texts("ids"),
        agent_ids: texts("agent_ids"),
        agents: texts("agents"),
        roles: texts("roles"),
        groups: texts("groups"),
        delegated_from: texts("delegated_from"),
        ..CallerMatch::default()
    };
    Some(CallerMatch {
        kinds: reader.optional(&fields, "kinds", |reader, node| {
            reader.list(node, |reader, node| reader.choice(node, "kind of caller", KINDS))
        }),
        max_delegation_depth: reader.optional(&fields, "max_delegation_depth", Reader::integer),
        require_delegation: reader.optional(&fields, "require_delegation", Reader::boolean),
        ..matches
    })
}

fn read_targets(reader: &mut Reader<'_>, node: &Node) -> Option<TargetMatch> {
    let fields = reader.fields(node, "`targets`", TARGET_KEYS)?;
    Some(TargetMatch {
        ids: reader.optional(&fields, "ids", Reader::texts),
        environments: reader.optional(&fields, "environments", |reader, node| {
            reader.list(node, |reader, node| reader.choice(node, "environment", ENVIRONMENTS))
        }),
        sensitivities: reader.optional(&fields, "sensitivities", |reader, node| {
            reader.list(node, |reader, node| reader.choice(node, "sensitivity", SENSITIVITIES))
        }),
        types: reader.optional(&fields, "types", Reader::texts),
        tags: reader.optional(&fields, "tags", Reader::texts),
        labels: reader.optional(&fields, "labels", |r, node| r.map(node, Reader::text)),
    })
}

fn read_window(reader: &mut Reader<'_>, node: &Node) -> Option<TimeWindow> {
    let fields = reader.fields(node, "a time window", &["days", "start_hour", "end_hour"])?;
    let days = reader.optional(&fields, "days", |reader, node| {
        reader.list(node, |reader, node| bounded(reader, node, "a day", 6))
    });
    let start_hour = read_hour(reader, &fields, "start_hour", 0)?;
    let end_hour = read_hour(reader, &fields, "end_hour", 23)?;
    Some(TimeWindow { days, start_hour, end_hour })
}

fn read_hour(reader: &mut Reader<'_>, fields: &Fields<'_>, key: &str, default: i64) -> Option<i64> {
    fields.get(key).map_or(Some(default), |node| bounded(reader, node, "an hour", 23))
}

fn bounded(reader: &mut Reader<'_>, node: &Node, what: &str, most: i64) -> Option<i64> {
    let value = reader.integer(node)?;
    if (0..=most).contains(&value) {
        return Some(value);
    }
    reader.problem(node.line, format!("{what} is 0 to {most}, not {value}"));
    None
}
