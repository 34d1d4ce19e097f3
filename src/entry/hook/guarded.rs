//! Changes of guarded files (workflows, code owners, saferun's own) as cases
//! for the guard: in a commit, and in commits that are pushed.

use std::collections::HashSet;

use serde_json::{Value, json};

use super::case;
use crate::action::{Evidence, Facts, visible_bytes};
use crate::config::{REPOSITORY_FILE, RepositoryFile, Settings};
use crate::git::{Change, Error as GitError, Oid, Repo, TreeEntry};
use crate::guard::{Case, Site};
use crate::inspect::{FileRole, added_lines, role_of, unified_diff, workflow_signals};
use crate::policy::Policy;
use crate::redact::redact;
use crate::term::Failure;

/// Largest guarded file that is compared line by line, in bytes.
const GUARDED_FILE_LIMIT: u64 = 1 << 20;
/// Longest diff that goes with an approval request, in bytes.
const DIFF_LIMIT: usize = 64 * 1024;

/// The cases of commits that the remote doesn't have: changes of guarded files
/// that no earlier decision let through, as after `git commit --no-verify`.
///
/// # Errors
/// Where the repository or the log can't be read.
pub fn unseen_cases(
    site: &Site,
    repo: &Repo,
    target: &str,
    tips: &[Oid],
    hidden: &[Oid],
) -> Result<Vec<Case>, Failure> {
    let mut changes: Vec<Change> = Vec::new();
    for oid in repo.walk(tips, hidden)?.commits {
        let guarded = repo.changes_of_commit(&repo.commit(oid)?)?;
        changes.extend(guarded.into_iter().filter(|change| role_of(&change.path).is_some()));
    }
    if changes.is_empty() {
        return Ok(Vec::new());
    }
    let let_through = let_through(site)?;
    let mut seen = HashSet::new();
    changes.retain(|change| {
        let key = (visible_bytes(&change.path), id(change.new));
        !let_through.contains(&key) && seen.insert(key)
    });
    guarded_cases(site, repo, target, &changes)
}

/// Path and new object of every guarded change that was let through here.
fn let_through(site: &Site) -> Result<HashSet<(String, Option<String>)>, Failure> {
    let text = |value: &Value| value.as_str().map(str::to_owned);
    let params = site.log.let_through(|operation| {
        [FileRole::Workflow, FileRole::Codeowners, FileRole::Saferun]
            .iter()
            .any(|role| role.operation() == operation)
    })?;
    let files = params.iter().filter_map(|params| params["files"].as_array()).flatten();
    Ok(files.filter_map(|file| Some((text(&file["path"])?, text(&file["new"])))).collect())
}

fn id(entry: Option<TreeEntry>) -> Option<String> {
    entry.map(|entry| entry.oid.to_string())
}

/// One case for each role: all changed files that have it.
///
/// # Errors
/// Where the repository can't be read, or `.saferun.toml` would be invalid.
pub fn guarded_cases(
    site: &Site,
    repo: &Repo,
    target: &str,
    changes: &[Change],
) -> Result<Vec<Case>, Failure> {
    let mut guarded: Vec<(FileRole, &Change)> = Vec::new();
    for change in changes {
        match role_of(&change.path) {
            Some(FileRole::Saferun) if settings_only_tighten(site, repo, change)? => {}
            Some(role) => guarded.push((role, change)),
            None => {}
        }
    }
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

/// Whether the change is the first commit of `.saferun.toml`, as after
/// `saferun init`, and nothing is guarded less with it than without.
fn settings_only_tighten(site: &Site, repo: &Repo, change: &Change) -> Result<bool, Failure> {
    if change.path != REPOSITORY_FILE.as_bytes() {
        return Ok(false);
    }
    let Some(entry) = change.new else { return Ok(false) };
    let file = RepositoryFile {
        name: format!("staged {REPOSITORY_FILE}"),
        committed: true,
        text: text(repo, Some(entry.oid))?,
    };
    let then = Settings::load(site.caller.kind, Some(&file))?;
    Policy::from_settings(&then).map_err(|error| Failure::usage(error.to_string()))?;
    Ok(change.old.is_none() && then.guard_at_least(&site.settings))
}

/// Adds what a guarded file's change means to the facts, and returns what
/// binds the approval to it: path and object ids.
fn inspect(
    repo: &Repo,
    role: FileRole,
    change: &Change,
    facts: &mut Facts,
) -> Result<Value, Failure> {
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
    Ok(json!({"path": path, "old": id(change.old), "new": id(change.new)}))
}

fn text(repo: &Repo, oid: Option<Oid>) -> Result<String, Failure> {
    let Some(oid) = oid else { return Ok(String::new()) };
    match repo.read_limited(oid, GUARDED_FILE_LIMIT) {
        Ok(object) => Ok(String::from_utf8_lossy(&object.data).into_owned()),
        Err(GitError::TooLarge { size, .. }) => Ok(format!("a file of {size} bytes\n")),
        Err(error) => Err(error.into()),
    }
}
