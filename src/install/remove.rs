//! Taking saferun out of a repository.

use std::path::Path;

use super::hooks::is_shim;
use super::{HOOKS, InstallError, Manifest, Plan, Step, saferun_dir};
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
    for hook in &manifest.hooks {
        if is_shim(&hook.path) {
            plan.steps.push(Step::Remove { path: hook.path.clone() });
        }
        if let Some(previous) = hook.previous.as_ref().filter(|previous| previous.exists()) {
            plan.steps.push(Step::Move { from: previous.clone(), to: hook.path.clone() });
        }
    }
    let own = saferun_dir(common_dir);
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
    for leftover in ["hooks", "previous"] {
        plan.steps.push(Step::Remove { path: own.join(leftover) });
    }
    plan.steps.push(Step::Remove { path: Manifest::path(common_dir) });
    Ok(plan)
}
