//! `pre-push`: what a push would send, overwrite and delete.

use serde_json::{Value, json};

use super::guarded::unseen_cases;
use super::push_plan::{RefUpdate, Update, read};
use super::span::Span;
use super::{case, explain_stop, guard};
use crate::action::{CommitLine, Evidence, Facts, visible_line};
use crate::approval::Warrant;
use crate::entry::{Version, scanner, shown};
use crate::exec::{SnapshotKind, keep_remote};
use crate::git::{Oid, Repo, remote_slug};
use crate::guard::{Case, Site};
use crate::redact::redact;
use crate::scan::{Finding, source};
use crate::term::{Exit, Failure, Outcome, Printer};

/// Commits that are listed for an approver.
const LISTED_COMMITS: usize = 50;

/// Judges the push that git is about to make.
///
/// # Errors
/// Where the repository can't be read.
pub fn run(site: &Site, arguments: &[String], input: &[u8], printer: &Printer) -> Outcome {
    let Some(repo) = &site.repo else { return Ok(Exit::Done) };
    let remote = arguments.first().map_or("", String::as_str);
    let url = arguments.get(1).map_or(remote, String::as_str);
    let push = Push { site, repo, remote, repository: remote_slug(url) };
    let updates = read(repo, remote, &site.settings, input)?;
    let Span { tips, hidden } = Span::of(repo, (remote, url), &updates, site.caller.kind)?;
    let findings = push.findings(&tips, &hidden)?;
    let mut cases = push.cases(&updates)?;
    cases.extend(push.secret_case(&findings));
    if !hidden.is_empty() {
        cases.extend(unseen_cases(site, repo, &push.repository, &tips, &hidden)?);
    }
    let guard = guard(site, printer);
    match guard.pass(cases) {
        Ok(warrants) => {
            for warrant in warrants {
                let kept = push.keep(&warrant, printer);
                guard.release(warrant, kept.as_deref())?;
            }
            Ok(Exit::Done)
        }
        Err(stopped) => {
            if !findings.is_empty() {
                printer.alert(&shown(&findings));
            }
            Ok(explain_stop(&stopped, "push", printer))
        }
    }
}

struct Push<'a> {
    site: &'a Site,
    repo: &'a Repo,
    remote: &'a str,
    repository: String,
}

impl Push<'_> {
    /// Secrets in the commits that the remote doesn't have yet.
    fn findings(&self, tips: &[Oid], hidden: &[Oid]) -> Result<Vec<Finding>, Failure> {
        if tips.is_empty() {
            return Ok(Vec::new());
        }
        let (scanner, ignores) = scanner(self.site, Version::Head)?;
        let mut findings = source::commits(self.repo, &scanner, tips, hidden)?.complete()?.findings;
        findings.retain(|finding| !ignores.has(finding));
        Ok(findings)
    }

    /// One case for each ref that isn't simply sent, and one for all others.
    fn cases(&self, updates: &[RefUpdate]) -> Result<Vec<Case>, Failure> {
        let (plain, notable): (Vec<_>, Vec<_>) =
            updates.iter().partition(|update| update.operation() == "git.push");
        let mut cases = Vec::new();
        if !plain.is_empty() {
            let refs: Vec<Value> = plain.iter().map(|update| ids(update)).collect();
            cases.push(self.case(
                "git.push",
                &self.repository,
                json!({"remote": self.repository, "refs": refs}),
                Facts::default(),
            ));
        }
        for update in notable {
            let mut params = ids(update);
            params["remote"] = json!(self.repository);
            let target = format!("{}#{}", self.repository, update.name);
            cases.push(self.case(update.operation(), &target, params, self.facts(update)?));
        }
        Ok(cases)
    }

    fn facts(&self, update: &RefUpdate) -> Result<Facts, Failure> {
        let mut facts = Facts::default();
        let name = visible_line(&update.name);
        if update.protected_branch {
            facts.signal("protected_branch", format!("`{name}` is protected"));
        }
        if update.default_branch {
            facts.signal("default_branch", format!("`{name}` is the remote's default branch"));
        }
        if update.protected_tag {
            facts.signal("protected_tag", format!("`{name}` is a protected tag"));
        }
        let overwrites = matches!(update.update, Update::Force | Update::Delete);
        let Some(old) = update.old.filter(|_| overwrites) else { return Ok(facts) };
        if !self.repo.contains(old)? {
            facts.signal(
                "remote_commit_unknown",
                "the remote has commits that are not here".to_owned(),
            );
            return Ok(facts);
        }
        let hidden: Vec<Oid> = update.new.into_iter().collect();
        let Ok(tip) = self.repo.commit(old) else { return Ok(facts) };
        let lost = self.repo.list_commits(&[tip.oid], &hidden, LISTED_COMMITS)?;
        if lost.total > 0 && update.new.is_some() {
            let lost = if lost.total == 1 {
                "1 commit".to_owned()
            } else {
                format!("{} commits", lost.total)
            };
            facts.signal("commits_lost", format!("{lost} would be lost"));
        }
        facts.evidence.push(Evidence::Commits {
            title: "commits that would be lost".to_owned(),
            commits: lost.commits.iter().map(commit_line).collect(),
            total: lost.total,
        });
        Ok(facts)
    }

    fn secret_case(&self, findings: &[Finding]) -> Option<Case> {
        if findings.is_empty() {
            return None;
        }
        let mut facts = Facts::default();
        let mut places = Vec::new();
        for finding in findings {
            let commit = finding.commit.as_deref().unwrap_or_default();
            let commit = commit.get(..10).unwrap_or(commit);
            let place = format!("{commit} {}:{}", finding.file, finding.start_line);
            facts.signal("secret_found", format!("{place} {}", finding.description));
            places.push(json!({"rule": finding.rule_id, "file": finding.file, "line": finding.start_line, "commit": finding.commit}));
        }
        let params = json!({"remote": self.repository, "findings": places});
        Some(self.case("git.secret.push", &self.repository, params, facts))
    }

    fn case(&self, operation: &str, target: &str, params: Value, facts: Facts) -> Case {
        case(self.site, operation, target, params, facts)
    }

    /// Keeps the commit that the remote is about to lose; the snapshot's id.
    fn keep(&self, warrant: &Warrant, printer: &Printer) -> Option<String> {
        let action = warrant.action();
        let param = |name: &str| action.params.get(name).and_then(Value::as_str);
        let overwrites = [
            "git.force-push",
            "git.remote-branch.delete",
            "git.remote-tag.delete",
            "git.protected-tag.update",
        ];
        if !overwrites.contains(&action.operation.as_str()) {
            return None;
        }
        let (reference, old) = (param("ref")?, param("old")?);
        let kind = SnapshotKind::Remote {
            remote: self.remote.to_owned(),
            reference: reference.to_owned(),
            old: old.to_owned(),
            new: param("new").unwrap_or_default().to_owned(),
        };
        let place = self.repo.work_tree().unwrap_or(self.repo.git_dir());
        match keep_remote(place, &action.operation, kind, action.at) {
            Ok(snapshot) => {
                printer.say(&format!(
                    "saferun: kept the old commit; `saferun undo apply {}` puts it back",
                    snapshot.id
                ));
                Some(snapshot.id)
            }
            Err(error) => {
                let error = visible_line(&error.to_string());
                printer.warn(&format!("the old commit {old} could not be kept: {error}"));
                None
            }
        }
    }
}

fn ids(update: &RefUpdate) -> Value {
    let id = |oid: Option<Oid>| oid.map(|oid| oid.to_string());
    json!({"ref": update.name, "old": id(update.old), "new": id(update.new)})
}

fn commit_line(commit: &crate::git::Commit) -> CommitLine {
    CommitLine {
        id: commit.oid.to_string(),
        author: redact(&format!("{} <{}>", commit.author.name, commit.author.email)).into_owned(),
        date: jiff::Timestamp::from_second(commit.author.time).unwrap_or_default().to_string(),
        subject: redact(&commit.subject()).into_owned(),
    }
}
