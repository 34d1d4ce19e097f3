//! What commands other than git's and gh's do.
//!
//! In: a resolved command. Out: the operations it would carry out.

use super::intent::Intent;
use super::invocation::Invocation;
use super::lookup::Lookup;

/// The operations that `command` would carry out.
pub(super) fn judge(_command: &Invocation, _lookup: &dyn Lookup) -> Vec<Intent> {
    Vec::new()
}
