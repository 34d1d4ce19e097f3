//! Taking saferun out of a repository.

use std::path::Path;

use super::agents::plan_agents_removal;
use super::hooks::{free, is_shim, is_there, keep_edited, shim_text};
use super::{HOOKS, InstallError, InstalledHook, Manifest, Plan, Step, saferun_dir};
use crate::git::Repo;

/// Plans the removal of everything that the manifest names; what was there
/// before comes back byte for byte. The audit log stays.
///
/// # Errors
/// Where the manifest can't be read.
pub fn plan_removal(repo: &Repo) -> Result<Plan, InstallError> {
    let common_dir = repo.common_dir();
    let local = repo.local_config()?;
    let mut plan = Plan::default();
    let Some(manifest) = Manifest::load(common_dir)? else { return Ok(plan) };
    let own = saferun_dir(common_dir);
    for hook in &manifest.hooks {
        put_back(hook, &manifest, &own, &mut plan);
    }
    let configured = local.get("core.hooksPath").map(str::to_owned);
    if manifest.owns_hooks_path
        && configured.as_deref().is_some_and(|path| Path::new(path).starts_with(&own))
    {
        plan.steps.push(Step::GitConfig {
            key: "core.hooksPath".to_owned(),
            before: configured,
            after: manifest.previous_hooks_path.clone(),
        });
    }
    if manifest.configured_hooks {
        for name in HOOKS {
            for key in ["event", "command"] {
                let key = format!("hook.saferun-{name}.{key}");
                let before = local.get(&key).map(str::to_owned);
                plan.steps.push(Step::GitConfig { key, before, after: None });
            }
        }
    }
    plan_agents_removal(&manifest, &mut plan);
    for leftover in ["hooks", "previous"] {
        plan.steps.push(Step::Remove { path: own.join(leftover) });
    }
    plan.steps.push(Step::Remove { path: Manifest::path(common_dir) });
    Ok(plan)
}

/// Takes one hook out and puts the earlier one back. A hook of somebody else
/// that stands there now stays, and the earlier one goes beside it.
pub(super) fn put_back(hook: &InstalledHook, manifest: &Manifest, own: &Path, plan: &mut Plan) {
    let ours = is_shim(&hook.path);
    if ours {
        let judging = HOOKS.contains(&hook.name.as_str());
        let text = shim_text(&manifest.program, &hook.name);
        if !judging || !keep_edited(&hook.path, &hook.name, &[text], own, plan) {
            plan.steps.push(Step::Remove { path: hook.path.clone() });
        }
    }
    let Some(previous) = hook.previous.clone().filter(|previous| is_there(previous)) else {
        return;
    };
    let taken = !ours && is_there(&hook.path);
    let place = if taken {
        free(&hook.path.with_added_extension("before-saferun"))
    } else {
        hook.path.clone()
    };
    match &hook.previous_link {
        Some(to) => {
            plan.steps.push(Step::Remove { path: previous });
            plan.steps.push(Step::Link { path: place, to: to.clone() });
        }
        None => plan.steps.push(Step::Move { from: previous, to: place }),
    }
}
