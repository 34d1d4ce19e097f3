//! The hook that was there before runs first, with the same arguments and the
//! same standard input.

use std::io::{self, Read};

use crate::config::env;
use crate::exec::run_hook;
use crate::guard::Site;
use crate::install::{Manifest, is_shim};
use crate::term::{Exit, Failure};

/// Hooks that git gives something on standard input.
const WITH_INPUT: &[&str] =
    &["pre-push", "pre-receive", "post-receive", "post-rewrite", "reference-transaction"];
/// How often hooks may lead back here; beyond, they go in a circle.
const DEPTH_LIMIT: u32 = 4;
/// Largest input that is read, in bytes.
const INPUT_LIMIT: u64 = 64 << 20;

/// What git hands over on standard input.
///
/// # Errors
/// Where it can't be read, or is larger than any push.
pub fn read_input(name: &str) -> Result<Vec<u8>, Failure> {
    let mut input = Vec::new();
    if WITH_INPUT.contains(&name) {
        io::stdin().lock().take(INPUT_LIMIT + 1).read_to_end(&mut input).map_err(|error| {
            Failure::environment("cannot read what git says on standard input").because(&error)
        })?;
    }
    if input.len() as u64 > INPUT_LIMIT {
        let message = format!("git says more than {INPUT_LIMIT} bytes on standard input");
        return Err(Failure::environment(message));
    }
    Ok(input)
}

/// Runs the previous hook; its status where that ends the matter.
///
/// # Errors
/// Where it is there and can't be run.
pub fn run_previous(
    site: &Site,
    name: &str,
    arguments: &[String],
    input: &[u8],
) -> Result<Option<Exit>, Failure> {
    let Some(repo) = &site.repo else { return Ok(None) };
    let work_tree = repo.work_tree().unwrap_or(repo.git_dir());
    let manifest = Manifest::load(repo.common_dir())?;
    let previous = manifest.as_ref().and_then(|manifest| manifest.previous_hook(name, work_tree));
    let Some(previous) = previous.filter(|previous| !is_shim(&previous.file)) else {
        return Ok(None);
    };
    // A hook manager installed on top of saferun may run saferun's own hook.
    if env::var_os(env::SAFERUN_PREVIOUS_HOOK).is_some_and(|running| *running == *previous.file) {
        return Ok(None);
    }
    let depth = env::var(env::SAFERUN_HOOK_DEPTH).and_then(|depth| depth.parse().ok()).unwrap_or(0);
    if depth >= DEPTH_LIMIT {
        let message =
            format!("`{}` leads back to saferun again and again", previous.file.display());
        return Err(Failure::environment(message).hint(
            "`saferun uninstall` takes saferun's hooks out; then look at what that hook runs",
        ));
    }
    let shown_as = previous.shown_as.as_deref();
    let status =
        run_hook(&previous.file, shown_as, depth + 1, arguments, input).map_err(|error| {
            Failure::environment(format!("cannot run `{}`", previous.file.display()))
                .because(&error)
        })?;
    Ok(status.filter(|code| *code != 0).map(Exit::Passed))
}
