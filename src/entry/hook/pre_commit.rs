//! `pre-commit`: what the index would add to history.

use std::collections::HashMap;

use serde_json::{Value, json};

use super::guarded::guarded_cases;
use super::{case, explain_stop, guard};
use crate::action::{CallerKind, Evidence, Facts, visible_bytes};
use crate::entry::{Version, scanner, shown};
use crate::git::{Change, Index, Oid, Repo};
use crate::guard::{Case, Site};
use crate::scan::{Finding, sensitive_file, source};
use crate::term::{Exit, Failure, Outcome, Printer};

/// Judges the commit that git is about to make.
///
/// # Errors
/// Where the repository can't be read.
pub fn run(site: &Site, printer: &Printer) -> Outcome {
    let Some(repo) = &site.repo else { return Ok(Exit::Done) };
    let index = repo.index()?;
    let changes = changes(repo, &index)?;
    let (scanner, ignores) = scanner(site, Version::Index(&index))?;
    // A comment that allows a secret is a person's word; an agent's needs one.
    let scanner = match site.caller.kind {
        CallerKind::Agent => scanner.keeping_marked(),
        _ => scanner,
    };
    let report = source::staged_changes(repo, &scanner, &changes)?;
    let (marked, mut findings): (Vec<Finding>, Vec<Finding>) =
        report.findings.into_iter().partition(|finding| finding.marked);
    findings.retain(|finding| !ignores.has(finding));
    let target = target(repo)?;
    let mut cases = vec![commit_case(site, &target, &changes)];
    cases.extend(secret_case(site, "git.secret.commit", &target, &changes, &findings));
    cases.extend(secret_case(site, "git.allowed-secret.commit", &target, &changes, &marked));
    cases.extend(sensitive_case(site, &target, &changes));
    cases.extend(guarded_cases(site, repo, &target, &changes)?);
    let guard = guard(site, printer);
    match guard.pass(cases) {
        Ok(warrants) => {
            for warrant in warrants {
                guard.release(warrant, None)?;
            }
            Ok(Exit::Done)
        }
        Err(stopped) => {
            if !findings.is_empty() {
                printer.alert(&shown(&findings));
            }
            Ok(explain_stop(&stopped, "commit", printer))
        }
    }
}

/// What the commit changes. While a merge is made, what comes unchanged from
/// the other side was judged there.
fn changes(repo: &Repo, index: &Index) -> Result<Vec<Change>, Failure> {
    let against = |base: Option<Oid>| -> Result<Vec<Change>, Failure> {
        let tree = base.map(|oid| repo.tree_of(oid)).transpose()?;
        Ok(repo.index_changes(index, tree)?)
    };
    let mut changes = against(repo.head()?.oid())?;
    let merging = std::fs::read_to_string(repo.git_dir().join("MERGE_HEAD")).unwrap_or_default();
    for other in merging.lines().filter_map(|line| Oid::parse(line.trim())) {
        let differs = against(Some(other))?;
        changes.retain(|change| differs.iter().any(|other| other.path == change.path));
    }
    Ok(changes)
}

fn target(repo: &Repo) -> Result<String, Failure> {
    let branch = repo.head()?.branch().map(|name| format!("#{name}"));
    Ok(repo.target() + branch.as_deref().unwrap_or("#HEAD"))
}

fn commit_case(site: &Site, target: &str, changes: &[Change]) -> Case {
    case(site, "git.commit", target, json!({"files": changes.len()}), Facts::default())
}

fn secret_case(
    site: &Site,
    operation: &str,
    target: &str,
    changes: &[Change],
    findings: &[Finding],
) -> Option<Case> {
    if findings.is_empty() {
        return None;
    }
    let mut facts = Facts::default();
    let staged: HashMap<String, String> = changes
        .iter()
        .filter_map(|change| Some((visible_bytes(&change.path), change.new?.oid.to_string())))
        .collect();
    let places: Vec<Value> = findings
        .iter()
        .map(|finding| {
            let place = format!("{}:{}", finding.file, finding.start_line);
            facts.signal("secret_found", format!("{place} {}", finding.description));
            json!({
                "rule": finding.rule_id,
                "file": finding.file,
                "line": finding.start_line,
                "new": staged.get(&finding.file),
            })
        })
        .collect();
    facts.evidence.push(Evidence::Text { title: "found".to_owned(), text: shown(findings) });
    Some(case(site, operation, target, json!({"findings": places}), facts))
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
