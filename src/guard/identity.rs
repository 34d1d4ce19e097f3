//! Who a caller is, by what it shows.

use jiff::Timestamp;

use crate::action::{ANONYMOUS, Caller, CallerKind, Identity};

/// Finds out who shows a name or a token.
pub trait Identify: Send + Sync {
    /// The caller, and what proves it. What proves nothing gives
    /// [`Identity::Refused`], and a caller whose id is not the token.
    fn identify(&self, shown: &str, at: Timestamp) -> (Caller, Identity);
}

/// Takes names at their word, and no token: there is no key to verify one.
#[derive(Debug, Default)]
pub struct NamesOnly {
    /// Whether there is a key that callers' tokens are signed with; then what
    /// has the form of a token is one.
    pub key_given: bool,
}

impl Identify for NamesOnly {
    fn identify(&self, shown: &str, _at: Timestamp) -> (Caller, Identity) {
        let dotted = shown.split('.').count() == 3;
        if looks_like_token(shown) || (self.key_given && dotted) {
            let why = "the token can't be verified".to_owned();
            return (unverified(), Identity::Refused(why));
        }
        (Caller::named(shown, CallerKind::Service), Identity::Claimed)
    }
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

/// Whether it is a token rather than a name: three parts joined by dots, as
/// JSON Web Tokens are.
#[must_use]
pub fn looks_like_token(shown: &str) -> bool {
    shown.split('.').count() == 3 && (shown.starts_with("eyJ") || shown.len() > 60)
}
