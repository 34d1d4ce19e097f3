//! Who a caller is, by what it shows.

use std::sync::Arc;

use jiff::Timestamp;

use crate::action::{ANONYMOUS, Caller, CallerKind, Identity};
use crate::identity::{Authority, CallerToken};

/// Finds out who shows a name or a token.
pub trait Identify: Send + Sync {
    /// The caller, and what proves it. What proves nothing gives
    /// [`Identity::Refused`], and a caller whose id is not the token.
    fn identify(&self, shown: &str, at: Timestamp) -> (Caller, Identity);
}

/// Takes names at their word, and no token: there is no key to verify one.
#[derive(Debug, Default)]
pub struct NamesOnly;

impl Identify for NamesOnly {
    fn identify(&self, shown: &str, _at: Timestamp) -> (Caller, Identity) {
        if looks_like_token(shown) {
            return refused("the token can't be verified: there is no key");
        }
        (Caller::named(shown, CallerKind::Service), Identity::Claimed)
    }
}

/// Verifies tokens of callers; takes names at their word.
#[derive(Debug, Clone)]
pub struct SignedCallers(pub Arc<Authority>);

impl Identify for SignedCallers {
    fn identify(&self, shown: &str, at: Timestamp) -> (Caller, Identity) {
        if looks_like_token(shown) || shown.split('.').count() == 3 {
            return match CallerToken::verify(&self.0, shown, at) {
                Ok(token) => (token.caller(), Identity::Verified),
                Err(error) => refused(&error.to_string()),
            };
        }
        (Caller::named(shown, CallerKind::Service), Identity::Claimed)
    }
}

fn refused(why: &str) -> (Caller, Identity) {
    (unverified(), Identity::Refused(why.to_owned()))
}

/// The caller that stands for whoever showed a token that proves nothing: the
/// token itself is never written down.
#[must_use]
pub fn unverified() -> Caller {
    Caller::named("unverified", CallerKind::Service)
}

/// The caller who shows nothing.
#[must_use]
pub fn anonymous() -> Caller {
    Caller::named(ANONYMOUS, CallerKind::Service)
}

/// Whether it is a token (or a piece of one) rather than a name: it begins as
/// JSON Web Tokens do, or has three long parts.
#[must_use]
pub fn looks_like_token(shown: &str) -> bool {
    (shown.starts_with("eyJ") && shown.contains('.'))
        || (shown.split('.').count() == 3 && shown.len() > 60)
}
