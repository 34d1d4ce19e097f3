//! Execution tickets: an allowed action in a signed token, good once and for
//! some minutes, in the form that Agent-Safe gave them, bound besides to the
//! digest of the action.

use std::io;

use jiff::{SignedDuration, Timestamp};
use serde::Serialize;
use serde_json::{Map, Value, json};

use super::nonces::NonceStore;
use super::token::{Claims, time};
use super::{Authority, TokenError};
use crate::action::{Action, Digest};

/// How long a ticket is good for.
pub const TICKET_LIFE: SignedDuration = SignedDuration::from_mins(5);
/// Value of the claim `type`.
pub(super) const TYPE: &str = "execution-ticket";
/// Claims that a ticket must have.
const REQUIRED: [&str; 9] =
    ["type", "action", "target", "caller", "audit_id", "nonce", "iss", "iat", "exp"];

/// Why a ticket doesn't count.
#[derive(Debug, thiserror::Error)]
pub enum TicketError {
    /// It is over.
    #[error("Ticket has expired")]
    Expired,
    /// Somebody else made it.
    #[error("Invalid ticket issuer")]
    Issuer,
    /// Anything else about the token.
    #[error("Invalid ticket: {0}")]
    Token(TokenError),
    /// A claim has the wrong type.
    #[error("Invalid ticket: {0}")]
    Claim(&'static str),
    /// It is a token of another kind.
    #[error("Token is not an execution ticket")]
    OtherType,
    /// It is for something else.
    #[error("{} mismatch: ticket is for '{found}', expected '{expected}'", capital(what))]
    Mismatch {
        /// What differs, such as `action`.
        what: &'static str,
        /// What the ticket has.
        found: String,
        /// What was expected.
        expected: String,
    },
    /// It was used before.
    #[error("Ticket has already been used (replay detected)")]
    Used,
    /// Whether it was used can't be found out, so it counts as used.
    #[error("cannot tell whether the ticket was used: {0}")]
    Unknown(#[from] io::Error),
}

impl From<TokenError> for TicketError {
    fn from(error: TokenError) -> Self {
        match error {
            TokenError::Expired => Self::Expired,
            TokenError::Issuer => Self::Issuer,
            error => Self::Token(error),
        }
    }
}

/// A verified ticket, or one that was just made.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Ticket {
    /// The signed token.
    pub token: String,
    /// Operation that is allowed.
    pub action: String,
    /// Its target.
    pub target: String,
    /// Id of the caller.
    pub caller: String,
    /// Its parameters.
    pub params: Map<String, Value>,
    /// The audit event of the decision.
    pub audit_id: String,
    /// What makes it single-use.
    pub nonce: String,
    /// Digest of the action; none in tickets of Agent-Safe.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub action_digest: Option<Digest>,
    /// When it was made.
    pub issued_at: Timestamp,
    /// When it ends.
    pub expires_at: Timestamp,
}

/// What a ticket must be for; what isn't named isn't looked at.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Expected {
    /// Operation.
    pub action: Option<String>,
    /// Target.
    pub target: Option<String>,
    /// Id of the caller.
    pub caller: Option<String>,
    /// Digest of the action; a ticket without one doesn't match.
    pub action_digest: Option<Digest>,
}

impl Ticket {
    /// Makes a ticket for an action that event `audit_id` allowed.
    ///
    /// # Errors
    /// Where the key can't sign, the action is too large for a token, or there
    /// is no randomness.
    pub fn issue(
        authority: &Authority,
        action: &Action,
        audit_id: &str,
        now: Timestamp,
    ) -> Result<Self, TicketError> {
        let mut random = [0u8; 16];
        getrandom::fill(&mut random).map_err(|error| io::Error::other(error.to_string()))?;
        let nonce: String = random.iter().map(|byte| format!("{byte:02x}")).collect();
        let digest = action.digest();
        let claims = json!({
            "type": TYPE,
            "action": action.operation,
            "target": action.target,
            "caller": action.caller.id,
            "params": action.params,
            "audit_id": audit_id,
            "nonce": nonce,
            "action_digest": digest,
        });
        let Value::Object(claims) = claims else { return Err(TicketError::OtherType) };
        // Tokens count in whole seconds.
        let issued_at = Timestamp::from_second(now.as_second()).unwrap_or(now);
        let expires_at = issued_at.checked_add(TICKET_LIFE).map_err(io::Error::other)?;
        Ok(Self {
            token: authority.sign(claims, issued_at, expires_at)?,
            action: action.operation.clone(),
            target: action.target.clone(),
            caller: action.caller.id.clone(),
            params: action.params.clone(),
            audit_id: audit_id.to_owned(),
            nonce,
            action_digest: Some(digest),
            issued_at,
            expires_at,
        })
    }

    /// Reads and verifies a ticket. It may still be used up: whoever acts on it
    /// takes [`Ticket::consume`] first.
    ///
    /// # Errors
    /// Why it doesn't count.
    pub fn verify(
        authority: &Authority,
        token: &str,
        expected: &Expected,
        now: Timestamp,
    ) -> Result<Self, TicketError> {
        let claims = authority.verify(token, &REQUIRED, now)?;
        if claims.get("type").is_none_or(|kind| kind != TYPE) {
            return Err(TicketError::OtherType);
        }
        let ticket = Self::read(&claims, token)?;
        ticket.check(expected)?;
        Ok(ticket)
    }

    /// Uses the ticket up. Of several who try, anywhere that shares the store,
    /// one succeeds.
    ///
    /// # Errors
    /// Where it was used before, or that can't be found out.
    pub fn consume(&self, store: &dyn NonceStore, now: Timestamp) -> Result<(), TicketError> {
        if store.take(&self.nonce, self.expires_at, now)? { Ok(()) } else { Err(TicketError::Used) }
    }

    fn read(claims: &Claims, token: &str) -> Result<Self, TicketError> {
        let text = |name: &str, wrong| {
            claims
                .get(name)
                .and_then(Value::as_str)
                .map(str::to_owned)
                .ok_or(TicketError::Claim(wrong))
        };
        let params = match claims.get("params") {
            None => Map::new(),
            Some(Value::Object(params)) => params.clone(),
            Some(_) => return Err(TicketError::Claim("`params` is not an object")),
        };
        let wrong = TicketError::Claim("`action_digest` is not a digest");
        let action_digest = match claims.get("action_digest") {
            None => None,
            Some(digest) => Some(digest.as_str().and_then(Digest::from_hex).ok_or(wrong)?),
        };
        Ok(Self {
            token: token.to_owned(),
            action: text("action", "`action` is not a string")?,
            target: text("target", "`target` is not a string")?,
            caller: text("caller", "`caller` is not a string")?,
            params,
            audit_id: text("audit_id", "`audit_id` is not a string")?,
            nonce: text("nonce", "`nonce` is not a string")?,
            action_digest,
            issued_at: time(claims, "iat")?,
            expires_at: time(claims, "exp")?,
        })
    }

    fn check(&self, expected: &Expected) -> Result<(), TicketError> {
        let digest = self.action_digest.map(|digest| digest.to_string()).unwrap_or_default();
        let wanted = expected.action_digest.map(|digest| digest.to_string());
        for (what, found, expected) in [
            ("action", &self.action, &expected.action),
            ("target", &self.target, &expected.target),
            ("caller", &self.caller, &expected.caller),
            ("digest", &digest, &wanted),
        ] {
            if let Some(expected) = expected.as_ref().filter(|expected| *expected != found) {
                let (found, expected) = (found.clone(), expected.clone());
                return Err(TicketError::Mismatch { what, found, expected });
            }
        }
        Ok(())
    }
}

/// `Action` for `action`.
fn capital(word: &str) -> String {
    let mut letters = word.chars();
    letters.next().map(|first| first.to_ascii_uppercase()).into_iter().chain(letters).collect()
}
