//! `pre-commit`: what the index would add to history.

use serde_json::{Value, json};

use super::{explain_stop, guard};
use crate::action::{Evidence, Facts, visible_bytes};
use crate::git::{Change, Oid, Repo};
use crate::guard::{Case, Site};
use crate::inspect::{FileRole, added_lines, role_of, unified_diff, workflow_signals};
use crate::redact::redact;
use crate::scan::{Confidence, Finding, sensitive_file, source};
use crate::term::{Exit, Failure, Outcome, Printer};

/// Largest guarded file that is compared line by line, in bytes.
const GUARDED_FILE_LIMIT: u64 = 1 << 20;
/// Longest diff that goes with an approval request, in bytes.
const DIFF_LIMIT: usize = 64 * 1024;

/// Judges the commit that git is about to make.
///
/// # Errors
/// Where the repository can't be read.
pub fn run(site: &Site, printer: &Printer) -> Outcome {
    let Some(repo) = &site.repo else { return Ok(Exit::Done) };
    let changes = changes(repo)?;
    let scanner = crate::entry::scanner(site)?;
    let report = source::staged_changes(repo, &scanner, &changes)?;
    let lowest = Confidence::parse(&site.settings.scan_confidence.value).unwrap_or(Confidence::Medium);
    let findings: Vec<Finding> =
        report.findings.into_iter().filter(|finding| finding.confidence >= lowest).collect();
    let target = target(repo)?;
    let mut cases = vec![commit_case(site, &target, &changes)];
    cases.extend(secret_case(site, &target, &findings));
    cases.extend(sensitive_case(site, &target, &changes));
    cases.extend(guarded_cases(site, repo, &target, &changes)?);
    match guard(site, printer).pass(cases) {
        Ok(_) => Ok(Exit::Done),
        Err(stopped) => {
            if !findings.is_empty() {
                printer.alert(&crate::scan::report::text(&findings));
            }
            Ok(explain_stop(&stopped, "commit", printer))
        }
    }
}

/// What the commit changes. While a merge is made, what comes unchanged from
/// the other side was judged there.
fn changes(repo: &Repo) -> Result<Vec<Change>, Failure> {
    let mut changes = repo.staged()?;
    let merging = std::fs::read_to_string(repo.git_dir().join("MERGE_HEAD")).unwrap_or_default();
    for other in merging.lines().filter_map(|line| Oid::parse(line.trim())) {
        let differs = repo.staged_against(Some(other))?;
        changes.retain(|change| differs.iter().any(|other| other.path == change.path));
    }
    Ok(changes)
}

fn target(repo: &Repo) -> Result<String, Failure> {
    let branch = repo.head()?.branch().map(|name| format!("#{name}"));
    Ok(repo.target() + branch.as_deref().unwrap_or("#HEAD"))
}

fn case(site: &Site, operation: &str, target: &str, params: Value, facts: Facts) -> Case {
    let mut action = site.action(operation, target.to_owned());
    if let Value::Object(params) = params {
        action.params = params;
    }
    Case { action, facts }
}

fn commit_case(site: &Site, target: &str, changes: &[Change]) -> Case {
    case(site, "git.commit", target, json!({"files": changes.len()}), Facts::default())
}

fn secret_case(site: &Site, target: &str, findings: &[Finding]) -> Option<Case> {
    let mut facts = Facts::default();
    let places: Vec<Value> = findings
        .iter()
        .map(|finding| {
            let place = format!("{}:{}", finding.file, finding.start_line);
            facts.signal("secret_found", format!("{place} {}", finding.description));
            json!({"rule": finding.rule_id, "file": finding.file, "line": finding.start_line})
        })
        .collect();
    if places.is_empty() {
        return None;
    }
    Some(case(site, "git.secret.commit", target, json!({"findings": places}), facts))
}

fn sensitive_case(site: &Site, target: &str, changes: &[Change]) -> Option<Case> {
    let mut facts = Facts::default();
    let mut files = Vec::new();
    for change in changes.iter().filter(|change| change.new.is_some() && change.old.is_none()) {
        if let Some(found) = sensitive_file(&change.path) {
            let path = visible_bytes(&change.path);
            facts.signal("sensitive_file", format!("{path} {}", found.description));
            files.push(json!({"file": path, "rule": found.rule_id}));
        }
    }
    if files.is_empty() {
        return None;
    }
    Some(case(site, "git.sensitive-file.commit", target, json!({"files": files}), facts))
}

/// One case for each role: all changed files that have it.
fn guarded_cases(
    site: &Site,
    repo: &Repo,
    target: &str,
    changes: &[Change],
) -> Result<Vec<Case>, Failure> {
    let mut guarded: Vec<(FileRole, &Change)> =
        changes.iter().filter_map(|change| Some((role_of(&change.path)?, change))).collect();
    guarded.sort_by_key(|(role, _)| *role);
    let mut cases = Vec::new();
    for group in guarded.chunk_by(|a, b| a.0 == b.0) {
        let mut facts = Facts::default();
        let mut files = Vec::new();
        for (role, change) in group {
            files.push(inspect(repo, *role, change, &mut facts)?);
        }
        if let Some((role, _)) = group.first() {
            cases.push(case(site, role.operation(), target, json!({"files": files}), facts));
        }
    }
    Ok(cases)
}

/// Adds what a guarded file's change means to the facts, and returns what
/// binds the approval to it: path and object ids.
fn inspect(repo: &Repo, role: FileRole, change: &Change, facts: &mut Facts) -> Result<Value, Failure> {
    let path = visible_bytes(&change.path);
    let old = text(repo, change.old.map(|entry| entry.oid))?;
    let new = text(repo, change.new.map(|entry| entry.oid))?;
    if role == FileRole::Workflow {
        facts.signals.extend(workflow_signals(&path, &added_lines(&old, &new)));
    }
    let mut diff = redact(&unified_diff(&path, &old, &new)).into_owned();
    if diff.len() > DIFF_LIMIT {
        diff.truncate(diff.floor_char_boundary(DIFF_LIMIT));
        diff.push_str("\n… the rest is left out\n");
    }
    facts.evidence.push(Evidence::Diff { path: path.clone(), text: diff });
    let id = |entry: Option<crate::git::TreeEntry>| entry.map(|entry| entry.oid.to_string());
    Ok(json!({"path": path, "old": id(change.old), "new": id(change.new)}))
}

fn text(repo: &Repo, oid: Option<Oid>) -> Result<String, Failure> {
    let Some(oid) = oid else { return Ok(String::new()) };
    match repo.read_limited(oid, GUARDED_FILE_LIMIT) {
        Ok(object) => Ok(String::from_utf8_lossy(&object.data).into_owned()),
        Err(crate::git::Error::TooLarge { size, .. }) => Ok(format!("a file of {size} bytes\n")),
        Err(error) => Err(error.into()),
    }
}
