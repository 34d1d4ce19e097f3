//! Rules of another scanner's default set, by the names that configurations
//! written for it use: our own rules that look for the same.

use super::rule::{Rule, builtin};

/// Gitleaks' rule for anything that is assigned to a telling name.
const GENERIC: &str = "generic-api-key";

/// Whether the name is none of the built-in rules'.
pub(super) fn is_foreign(id: &str) -> bool {
    builtin::number(id).is_none()
}

/// Whether `rule` is called `id`, or looks for what another scanner's rule of
/// that name does: the same provider's keys, which its first word names.
pub(super) fn means(id: &str, rule: &Rule) -> bool {
    if rule.id == id {
        return true;
    }
    if id == GENERIC {
        return rule.id.starts_with("generic-");
    }
    if !is_foreign(id) {
        return false;
    }
    let provider = id.split('-').next().unwrap_or(id);
    let of_provider = |name: &str| name.split('-').next() == Some(provider);
    of_provider(&rule.id) || rule.tags.iter().any(|tag| tag == provider)
}
