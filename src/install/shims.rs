//! The `git` and `gh` shims: links to saferun under the programs' names, in a
//! directory of their own that the user puts in front of `PATH`.

use std::fs;
use std::path::{Path, PathBuf};

use super::{Plan, Step};
use crate::config::paths;

/// The programs that have shims.
pub const SHIMS: &[&str] = &["git", "gh"];

/// The directory of the shims.
#[must_use]
pub fn shim_dir() -> Option<PathBuf> {
    paths::data_dir().map(|dir| dir.join("shims"))
}

/// Plans the links in `dir` to `program`.
pub fn plan_shims(dir: &Path, program: &Path, plan: &mut Plan) {
    for name in SHIMS {
        let path = dir.join(name);
        if fs::read_link(&path).ok().as_deref() != Some(program) {
            plan.steps.push(Step::Link { path, to: program.to_owned() });
        }
    }
}
