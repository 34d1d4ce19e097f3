//! EYES: what a change of certain files means: workflows, code owners,
//! saferun's own configuration.
//!
//! In: paths and contents. Out: roles, signals line by line, diffs. Never
//! here: reading files or repositories, deciding.

mod diff;
mod protected;
mod roles;
mod workflow;

pub use diff::{AddedLine, added_lines, unified_diff};
pub use protected::{Protected, protected};
pub use roles::{FileRole, role_of};
pub use workflow::workflow_signals;
