//! Files that a tool call touches, as cases for the guard.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::json;

use super::paths::readings;
use super::shape::Act;
use crate::action::{Digest, Evidence, Facts, visible_line};
use crate::config::paths;
use crate::entry::{Version, scanner};
use crate::guard::{Case, Site};
use crate::inspect::{AddedLine, FileRole, protected, role_of, workflow_signals};
use crate::redact::redact;
use crate::scan::{Finding, sensitive_file};
use crate::term::Failure;

/// Largest file whose secrets are taken as known already, in bytes.
const KNOWN: u64 = 4 << 20;
/// Most text that goes with an approval request, in bytes.
const SHOWN: usize = 16 * 1024;

/// What touching a file is.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Touch {
    operation: String,
    why: String,
    instead: Option<String>,
}

/// A case, and a command to use instead.
pub type FileCase = (Case, Option<String>);

/// The cases of one act on a file: what the file is, under each reading of its
/// path, and the secrets that come in.
///
/// # Errors
/// Where the scanner's settings can't be read.
pub fn cases(site: &Site, act: &Act, base: &Path) -> Result<Vec<FileCase>, Failure> {
    let (path, writes) = match act {
        Act::Write { path, .. } | Act::Delete { path } => (path, true),
        Act::Read { path } => (path, false),
        Act::Command { .. } => return Ok(Vec::new()),
    };
    let readings = readings(path, base);
    let mut found = Vec::new();
    for reading in &readings {
        let touch = touch(site, reading, base, writes).unwrap_or_else(|| plain(act));
        found.push(case(site, act, reading, touch));
    }
    if let (Act::Write { added, removed, .. }, Some(real)) = (act, readings.last()) {
        found.extend(secrets(site, real, added, removed)?);
    }
    Ok(found)
}

/// A file like any other.
fn plain(act: &Act) -> Touch {
    let operation = match act {
        Act::Write { .. } => "file.write",
        Act::Delete { .. } => "file.delete",
        _ => "file.read",
    };
    Touch { operation: operation.to_owned(), why: String::new(), instead: None }
}

/// What touching a protected file is; none for a file like any other.
fn touch(site: &Site, path: &Path, base: &Path, writes: bool) -> Option<Touch> {
    let text = path.to_string_lossy();
    let named = |operation: &str, why: &str| {
        let (operation, why) = (operation.to_owned(), format!("it is {why}"));
        Some(Touch { operation, why, instead: None })
    };
    if let Some(role) = role(site, path).filter(|_| writes) {
        let why = match role {
            FileRole::Workflow => "what CI runs",
            FileRole::Codeowners => "who must review",
            FileRole::Saferun => "saferun's own configuration",
        };
        return named(role.operation(), why);
    }
    if let Some(found) = sensitive_file(text.as_bytes()) {
        let kind = if found.rule_id == "env-file" { "env" } else { "credential" };
        let verb = if writes { "write" } else { "read" };
        return named(
            &format!("file.{kind}.{verb}"),
            &format!("a file of this kind: {}", found.description),
        );
    }
    if writes && own_directories().iter().any(|own| path.starts_with(own)) {
        return named("file.guard.write", "saferun's own file");
    }
    let found = protected(&text)?;
    let operation = if writes { &found.write } else { found.read.as_ref()? };
    if operation == "file.system.write" && is_at_home(site, path, base) {
        return None;
    }
    let instead = found.instead.clone().filter(|_| writes);
    Some(Touch { operation: operation.clone(), why: format!("it is {}", found.name), instead })
}

/// Why a file is guarded in its repository. Without a repository around it, the
/// end of its path tells.
fn role(site: &Site, path: &Path) -> Option<FileRole> {
    let root =
        site.repo.as_ref().and_then(|repo| repo.work_tree()).filter(|root| path.starts_with(root));
    let root = root.map(Path::to_owned).or_else(|| {
        path.ancestors().skip(1).find(|dir| dir.join(".git").exists()).map(Path::to_owned)
    });
    match root {
        Some(root) => role_of(path.strip_prefix(root).ok()?.to_string_lossy().as_bytes()),
        None => {
            let parts: Vec<_> = path.iter().map(|part| part.to_string_lossy()).collect();
            (0..parts.len()).find_map(|from| role_of(parts.get(from..)?.join("/").as_bytes()))
        }
    }
}

/// Whether the file lies where the agent works, be that below `/var` or `/usr`.
fn is_at_home(site: &Site, path: &Path, base: &Path) -> bool {
    let root = site.repo.as_ref().and_then(|repo| repo.work_tree());
    let deep = Some(base).filter(|base| base.components().count() > 3);
    root.into_iter().chain(deep).any(|root| path.starts_with(root))
}

fn own_directories() -> Vec<PathBuf> {
    let all =
        [paths::config_dir(), paths::state_dir(), paths::data_dir(), paths::account_config_dir()];
    all.into_iter().flatten().collect()
}

fn case(site: &Site, act: &Act, path: &Path, touch: Touch) -> FileCase {
    let shown = visible_line(&path.to_string_lossy());
    let mut action = site.action(&touch.operation, format!("file://{shown}"));
    action.params.insert("path".into(), json!(shown));
    let mut facts = Facts::default();
    if !touch.why.is_empty() {
        facts.signal("protected_file", format!("{shown}: {}", touch.why));
    }
    if let Act::Write { added, .. } = act {
        action
            .params
            .insert("content".into(), json!(format!("sha256:{}", Digest::of(added.as_bytes()))));
        if touch.operation == FileRole::Workflow.operation() {
            let lines = added.lines().enumerate();
            let lines: Vec<AddedLine> = lines
                .map(|(at, text)| AddedLine { number: at + 1, text: text.to_owned() })
                .collect();
            facts.signals.extend(workflow_signals(&shown, &lines));
        }
        facts.evidence.push(Evidence::Text { title: shown, text: excerpt(added) });
    }
    (Case { action, facts }, touch.instead)
}

/// The secrets that a write brings in: those that neither the file nor what the
/// call takes out of it holds.
fn secrets(
    site: &Site,
    path: &Path,
    added: &str,
    removed: &str,
) -> Result<Option<FileCase>, Failure> {
    if added.is_empty() {
        return Ok(None);
    }
    let (scanner, ignores) = scanner(site, Version::Head)?;
    let root = site.repo.as_ref().and_then(|repo| repo.work_tree());
    let name = root.and_then(|root| path.strip_prefix(root).ok()).unwrap_or(path);
    let name = name.to_string_lossy();
    let mut findings = scanner.scan(added.as_bytes(), name.as_bytes());
    findings.retain(|finding| !ignores.has(finding) && !removed.contains(&finding.secret));
    if findings.is_empty() {
        return Ok(None);
    }
    let there = known(path);
    findings.retain(|finding| !there.contains(&finding.secret));
    Ok((!findings.is_empty()).then(|| secret_case(site, path, added, &findings)))
}

fn known(path: &Path) -> String {
    let small = fs::metadata(path).is_ok_and(|found| found.is_file() && found.len() <= KNOWN);
    let bytes = if small { fs::read(path).unwrap_or_default() } else { Vec::new() };
    String::from_utf8_lossy(&bytes).into_owned()
}

fn secret_case(site: &Site, path: &Path, added: &str, findings: &[Finding]) -> FileCase {
    let shown = visible_line(&path.to_string_lossy());
    let mut action = site.action("file.secret.write", format!("file://{shown}"));
    action.params.insert("path".into(), json!(shown));
    action
        .params
        .insert("content".into(), json!(format!("sha256:{}", Digest::of(added.as_bytes()))));
    let mut facts = Facts::default();
    for finding in findings {
        let place = format!("{}:{}", visible_line(&finding.file), finding.start_line);
        facts.signal("secret_found", format!("{place} {}", finding.description));
    }
    let instead = "a variable of the environment, or a placeholder".to_owned();
    (Case { action, facts }, Some(instead))
}

fn excerpt(text: &str) -> String {
    let end = text.floor_char_boundary(SHOWN);
    redact(text.get(..end).unwrap_or_default()).into_owned()
}
