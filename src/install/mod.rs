//! HANDS: putting saferun into a repository, and taking it out again.
//!
//! In: a repository and options. Out: a plan of steps that can be shown before
//! it is carried out, and a manifest from which everything is put back byte
//! for byte. Never here: printing, deciding about actions.

pub mod agents;
mod hooks;
mod intact;
mod manifest;
mod plan;
mod remove;
mod shims;
mod template;

pub use hooks::{HOOKS, is_shim, plan_hooks};
pub use intact::{hooks_run, shim_program};
pub use manifest::{InstalledHook, Manifest, PreviousHook, saferun_dir};
pub use plan::{InstallError, Plan, Step};
pub use remove::plan_removal;
pub use shims::{plan_shims, shim_dir};
pub use template::config_template;
