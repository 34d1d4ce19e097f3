//! What a command line would do, as cases for the guard.

use serde_json::json;

use crate::action::{Evidence, Facts, glob_match, visible_line};
use crate::command::Intent;
use crate::git::Repo;
use crate::guard::{Case, Site};
use crate::redact::redact;

/// The case of an operation that a command line would carry out.
#[must_use]
pub fn case(site: &Site, intent: &Intent) -> Case {
    let command = typed(intent);
    let mut action = site.action(&intent.operation, target(site, intent));
    action.params = intent.params.clone();
    action.params.insert("command".into(), json!(command));
    let mut facts = Facts {
        signals: intent.signals.clone(),
        evidence: vec![shown(&command)],
        ..Facts::default()
    };
    let branch = intent.target_ref.as_deref().and_then(|name| name.strip_prefix("refs/heads/"));
    let protected = |branch: &str| {
        let fits = |pattern: &String| {
            glob_match(pattern, branch) || (branch.contains('*') && glob_match(branch, pattern))
        };
        site.settings.protected_branches.value.iter().any(fits)
    };
    if branch.is_some_and(protected) && !facts.has("protected_branch") {
        facts.signal("protected_branch", format!("`{}` is protected", branch.unwrap_or_default()));
    }
    Case { action, facts }
}

/// The command as typed, redacted.
#[must_use]
pub fn typed(intent: &Intent) -> String {
    redact(&intent.argv.join(" ")).into_owned()
}

/// The case of a command line that may do anything; `opaque` where it may hide
/// a push or a shell.
#[must_use]
pub fn unknown(site: &Site, what: &str, opaque: bool) -> Case {
    let here = site.repo.as_ref().map_or_else(|| "local".to_owned(), Repo::target);
    let mut action = site.action("git.unknown", here);
    action.params.insert("unresolved".into(), json!(what));
    let mut facts = Facts::default();
    facts.signal(if opaque { "opaque" } else { "unresolved" }, visible_line(what));
    Case { action, facts }
}

fn shown(command: &str) -> Evidence {
    Evidence::Text { title: "command".to_owned(), text: command.to_owned() }
}

/// `github.com/acme/app#refs/heads/main`.
fn target(site: &Site, intent: &Intent) -> String {
    let repository = match &intent.repo {
        Some(name) if name.split('/').count() <= 2 => format!("github.com/{name}"),
        Some(name) => name.clone(),
        None => site.repo.as_ref().map_or_else(|| "local".to_owned(), Repo::target),
    };
    match &intent.target_ref {
        Some(name) => format!("{repository}#{name}"),
        None => repository,
    }
}
