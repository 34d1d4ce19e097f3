//! `git push` and the plumbing below it.

use super::Call;
use super::refspec::{Refspec, full_name};
use crate::command::intent::Intent;
use crate::command::line::Scope;
use crate::command::{Classification, Place};

/// A push that goes around the pre-push hook.
const NO_HOOK: &str = "pushes without running the pre-push hook";

/// Classifies a push; nothing when it is a dry run.
pub(super) fn classify(call: &Call, scope: &Scope, seen: &mut Classification) {
    let parsed = &call.parsed;
    if parsed.has("dry-run") {
        return;
    }
    let bypass = parsed.has("no-verify") || call.command != "push";
    if bypass {
        let intent = Intent::new("git.no-verify", NO_HOOK).instead("git push");
        call.report(scope, seen, intent);
    }
    let (remote, specs) = remote_and_refspecs(call, scope);
    let mirror = parsed.has("mirror") || mirrors_by_config(call, scope, &remote);
    if mirror {
        let message = "overwrites and deletes whatever the remote has and this repository has not";
        call.report(scope, seen, Intent::new("git.push.mirror", message).to(&remote));
        return;
    }
    if parsed.has("prune") {
        let message = "deletes branches of the remote that are not here";
        let intent = Intent::new("git.remote-branch.delete", message)
            .on("refs/heads/*")
            .signal("prune", "`--prune` deletes every branch that has no local counterpart");
        call.report(scope, seen, intent.to(&remote));
    }
    let elsewhere = scope.in_shell && (scope.moved || *call.place != Place::default());
    let hook_sees = !bypass && !elsewhere && !seen.hooks_redirected;
    for mut intent in per_refspec(call, scope, &specs) {
        intent.hook_sees = hook_sees;
        call.report(scope, seen, intent.to(&remote));
    }
}

impl Intent {
    fn to(mut self, remote: &str) -> Self {
        self.remote = (!remote.is_empty()).then(|| remote.to_owned());
        self
    }
}

/// One operation for each reference that the push is about.
fn per_refspec(call: &Call, scope: &Scope, specs: &[Refspec]) -> Vec<Intent> {
    let parsed = &call.parsed;
    let mut found: Vec<Intent> = Vec::new();
    for (flag, pattern) in
        [("all", "refs/heads/*"), ("branches", "refs/heads/*"), ("tags", "refs/tags/*")]
    {
        if parsed.has(flag) {
            found.push(update(call, false, pattern.to_owned()));
        }
    }
    for spec in specs {
        let name = destination(call, scope, spec);
        found.push(if spec.deletes() || parsed.has("delete") {
            deletion(name)
        } else {
            update(call, spec.force, name)
        });
    }
    if found.is_empty() {
        found = without_refspec(call, scope);
    }
    found
}

fn without_refspec(call: &Call, scope: &Scope) -> Vec<Intent> {
    let configured: Vec<Refspec> = call
        .config(scope, &format!("remote.{}.push", remote_and_refspecs(call, scope).0))
        .iter()
        .map(|text| Refspec::parse(text))
        .collect();
    if configured.is_empty() {
        let mut intent = update(call, false, String::new());
        intent.target_ref = default_destination(call, scope);
        return vec![intent];
    }
    configured.iter().map(|spec| update(call, spec.force, destination(call, scope, spec))).collect()
}

/// Where `push.default` sends a push that names nothing.
fn default_destination(call: &Call, scope: &Scope) -> Option<String> {
    let style = call.config(scope, "push.default").pop().unwrap_or_default();
    if style == "matching" {
        return Some("refs/heads/*".to_owned());
    }
    let branch = scope.lookup.current_branch(call.place)?;
    let upstream = || call.config(scope, &format!("branch.{branch}.merge")).pop();
    let followed =
        if matches!(style.as_str(), "upstream" | "tracking") { upstream() } else { None };
    Some(followed.unwrap_or_else(|| format!("refs/heads/{branch}")))
}

/// A push to `target`; forced by `plus`, `--force` or `--force-with-lease`.
fn update(call: &Call, plus: bool, target: String) -> Intent {
    let force = plus || call.parsed.has("force");
    let lease = call.parsed.has("force-with-lease");
    if !force && !lease {
        return Intent::new("git.push", "updates a branch or tag of the remote").on(target);
    }
    let intent = Intent::new("git.force-push", "may overwrite commits of the remote").on(target);
    if force {
        intent.instead(if call.command == "push" { "git push --force-with-lease" } else { "" })
    } else {
        intent.signal("force_with_lease", "refuses when the remote has moved since the last fetch")
    }
}

fn deletion(name: String) -> Intent {
    if name.starts_with("refs/tags/") {
        Intent::new("git.remote-tag.delete", "deletes a tag of the remote").on(name)
    } else {
        Intent::new("git.remote-branch.delete", "deletes a branch of the remote").on(name)
    }
}

fn destination(call: &Call, scope: &Scope, spec: &Refspec) -> String {
    if spec.matching {
        return "refs/heads/*".to_owned();
    }
    let current = || scope.lookup.current_branch(call.place);
    let name = match spec.destination.as_str() {
        "HEAD" | "@" => current().unwrap_or_else(|| "HEAD".to_owned()),
        other => other.to_owned(),
    };
    let exists = |full: String| scope.lookup.ref_exists(call.place, &full);
    full_name(&name, |name| {
        spec.source.starts_with("refs/tags/")
            || (exists(format!("refs/tags/{name}")) && !exists(format!("refs/heads/{name}")))
    })
}

/// The remote, and the refspecs behind it; `tag NAME` is one refspec.
fn remote_and_refspecs(call: &Call, scope: &Scope) -> (String, Vec<Refspec>) {
    let mut operands = call.parsed.operands.iter();
    let remote = operands
        .next()
        .cloned()
        .or_else(|| call.parsed.value("repo").map(str::to_owned))
        .unwrap_or_else(|| default_remote(call, scope));
    let mut specs = Vec::new();
    while let Some(text) = operands.next() {
        match (text.as_str(), operands.clone().next()) {
            ("tag", Some(name)) => {
                operands.next();
                specs.push(Refspec::parse(&format!("refs/tags/{name}")));
            }
            _ => specs.push(Refspec::parse(text)),
        }
    }
    (remote, specs)
}

/// `branch.*.pushRemote`, `remote.pushDefault`, `branch.*.remote`, `origin`.
fn default_remote(call: &Call, scope: &Scope) -> String {
    let branch = scope.lookup.current_branch(call.place);
    let of_branch = |what: &str| {
        branch.as_ref().and_then(|name| call.config(scope, &format!("branch.{name}.{what}")).pop())
    };
    of_branch("pushremote")
        .or_else(|| call.config(scope, "remote.pushdefault").pop())
        .or_else(|| of_branch("remote"))
        .unwrap_or_else(|| "origin".to_owned())
}

fn mirrors_by_config(call: &Call, scope: &Scope, remote: &str) -> bool {
    call.config_is(scope, &format!("remote.{remote}.mirror"), true)
}
