//! From a tool call to the one case that is judged: the worst of everything
//! that it would do, with the rest beside it.

use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use super::request::Request;
use super::shape::{Act, acts};
use super::{files, tools};
use crate::action::{Action, DecisionResult, Digest, Facts, to_canonical_json};
use crate::command::{Classification, OwnPacks, classify_line};
use crate::entry::shim::{Outside, case, unknown};
use crate::exec::real_program;
use crate::git::Repo;
use crate::guard::{Case, Site};
use crate::policy::judge;
use crate::redact::redact;
use crate::term::Failure;

/// Longest command that is written down, in bytes.
const LONGEST: usize = 4096;

/// What is judged of a call.
#[derive(Debug, Clone)]
pub struct Judgeable {
    /// The worst that the call would do.
    pub case: Case,
    /// Why it was recognised, where its operation's title doesn't say.
    pub why: String,
    /// A safer command to use instead.
    pub redirect: Option<String>,
    /// Everything that the call would do, the worst among it.
    pub all: Vec<Action>,
}

/// The case of a tool call in `directory`, where this process must stand.
///
/// # Errors
/// Where the settings of the scanner can't be read.
pub fn of(site: &Site, request: &Request, directory: &Path) -> Result<Judgeable, Failure> {
    let Some(acts) = acts(&request.tool, &request.params) else {
        let mut action = site.action("agent.tool.unreadable", here(site));
        action.params.insert("call".into(), json!(digest(request, directory).to_string()));
        return Ok(single(Case { action, facts: Default::default() }));
    };
    let mut found = Vec::new();
    for act in &acts {
        found.extend(of_act(site, act, directory)?);
    }
    if let Some(intent) = tools::intent(&request.tool, &request.params) {
        let mut case = case(site, &intent);
        case.action.params.insert("tool".into(), json!(request.tool));
        found.push(Judgeable { why: intent.message, redirect: intent.redirect, ..single(case) });
    }
    if found.is_empty() {
        let mut action = site.action("agent.tool", here(site));
        action.params.insert("tool".into(), json!(request.tool));
        action.params.insert("parameters".into(), tools::summary(&request.params));
        found.push(single(Case { action, facts: Default::default() }));
    }
    for one in &mut found {
        asked_by_agent(&mut one.case.facts);
    }
    Ok(combined(site, found, &acts, directory))
}

/// Notes that an agent asks before it runs something: policies are stricter
/// there than where the command already runs.
pub fn asked_by_agent(facts: &mut Facts) {
    facts.signal("asked_by_agent", "an agent asks before it runs this");
}

/// Names a call, whichever agent's hook brings it.
#[must_use]
pub fn digest(request: &Request, directory: &Path) -> Digest {
    let acts = acts(&request.tool, &request.params);
    let call = match acts {
        Some(acts) if !acts.is_empty() => json!(format!("{acts:?}")),
        _ => json!([request.tool, request.params]),
    };
    Digest::of(to_canonical_json(&json!([call, directory])).as_bytes())
}

fn single(case: Case) -> Judgeable {
    Judgeable { case, why: String::new(), redirect: None, all: Vec::new() }
}

fn here(site: &Site) -> String {
    site.repo.as_ref().map_or_else(|| "local".to_owned(), Repo::target)
}

fn of_act(site: &Site, act: &Act, base: &Path) -> Result<Vec<Judgeable>, Failure> {
    let Act::Command { line, directory } = act else {
        let cases = files::cases(site, act, base)?.into_iter();
        return Ok(cases.map(|(case, redirect)| Judgeable { redirect, ..single(case) }).collect());
    };
    let seen = classified(line, directory.as_deref(), base, &site.packs);
    let mut found: Vec<Judgeable> = seen
        .intents
        .iter()
        .map(|intent| Judgeable {
            why: intent.message.clone(),
            redirect: intent.redirect.clone(),
            ..single(case(site, intent))
        })
        .collect();
    found.extend(seen.unknown.iter().map(|what| single(unknown(site, what, false))));
    found.extend(seen.opaque.iter().map(|what| single(unknown(site, what, true))));
    if found.is_empty() {
        let mut action = site.action("agent.command", here(site));
        action.params.insert("command".into(), json!(recordable(line)));
        found.push(single(Case { action, facts: Default::default() }));
    }
    for one in &mut found {
        // The whole line tells two commands apart whose parts are alike.
        let bound = format!("sha256:{}", Digest::of(line.as_bytes()));
        one.case.action.params.insert("line".into(), json!(bound));
        one.case.action.params.insert("command".into(), json!(recordable(line)));
    }
    Ok(found)
}

/// Classifies a line where it would run.
fn classified(
    line: &str,
    directory: Option<&str>,
    base: &Path,
    packs: &OwnPacks,
) -> Classification {
    let outside = Outside::new(&real_program("git").unwrap_or_else(|| "git".into()));
    let outside = outside.with_packs(packs);
    let elsewhere = directory.map(|dir| base.join(dir)).filter(|dir| dir.is_dir());
    let moved = elsewhere.is_some_and(|dir| std::env::set_current_dir(dir).is_ok());
    let seen = classify_line(line, &outside);
    if moved {
        // Where the way back is gone, relative paths find nothing.
        let _ = std::env::set_current_dir(base);
    }
    seen
}

fn recordable(line: &str) -> String {
    let end = line.floor_char_boundary(LONGEST);
    redact(line.get(..end).unwrap_or_default()).into_owned()
}

/// The worst of several cases; the operations of the others stand beside it, so
/// that an approval is for all of them.
fn combined(site: &Site, found: Vec<Judgeable>, acts: &[Act], directory: &Path) -> Judgeable {
    let mut operations: Vec<String> = Vec::new();
    let mut worst: Option<(DecisionResult, f64, Judgeable)> = None;
    let several = acts.len() > 1;
    let all = found.iter().map(|one| one.case.action.clone()).collect();
    for one in found {
        let operation = &one.case.action.operation;
        if !operations.contains(operation) {
            operations.push(operation.clone());
        }
        let judged = judge(one.case.action.clone(), one.case.facts.clone(), &site.policy);
        let (result, risk) = (judged.decision().result, judged.decision().risk);
        if worst.as_ref().is_none_or(|(known, most, _)| (result, risk) > (*known, *most)) {
            worst = Some((result, risk, one));
        }
    }
    let Some((_, _, mut worst)) = worst else {
        return single(Case {
            action: site.action("agent.tool.unreadable", here(site)),
            facts: Default::default(),
        });
    };
    let params = &mut worst.case.action.params;
    params.insert("directory".into(), json!(directory));
    if operations.len() > 1 {
        params.insert("operations".into(), json!(operations));
    }
    if several {
        let call = Digest::of(format!("{acts:?}").as_bytes());
        params.insert("call".into(), Value::from(format!("sha256:{call}")));
    }
    worst.all = all;
    worst
}

/// The directory that a call works in: what the agent says, or the nearest one
/// above it that is there, or this process's own.
#[must_use]
pub fn directory(given: &Path) -> PathBuf {
    let own = || std::env::current_dir().unwrap_or_else(|_| PathBuf::from("/"));
    if given.as_os_str().is_empty() {
        return own();
    }
    let absolute = if given.is_absolute() { given.to_owned() } else { own().join(given) };
    let there = absolute.ancestors().find(|dir| dir.is_dir()).map(Path::to_owned);
    there.and_then(|dir| dir.canonicalize().ok()).unwrap_or_else(own)
}
