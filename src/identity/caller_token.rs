//! Tokens that say who a caller is, in the form that Agent-Safe gave them, and
//! the chain of those who delegated to it.

use std::collections::HashSet;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::token::{Claims, time};
use super::{Authority, TokenError};
use crate::action::{Caller, CallerKind, Delegator};

/// How long a token lives unless somebody says so.
pub const USUAL_LIFE: SignedDuration = SignedDuration::from_hours(1);
/// How long a token can live.
pub const LONGEST_LIFE: SignedDuration = super::RETIRED_FOR;
/// How often can be delegated, unless the first token of the chain says so.
pub const USUAL_DEPTH: usize = 5;
/// How often can be delegated at all.
pub const GREATEST_DEPTH: usize = 32;
/// Longest name of a caller, a role or a group, in bytes.
const LONGEST_NAME: usize = 256;

/// Why a caller isn't believed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CallerTokenError {
    /// It is over.
    #[error("Token has expired")]
    Expired,
    /// Somebody else made it.
    #[error("Invalid token issuer: Invalid issuer")]
    Issuer,
    /// Anything else about the token.
    #[error("Invalid token: {0}")]
    Token(TokenError),
    /// A claim has the wrong type.
    #[error("Invalid token: {0}")]
    Claim(&'static str),
    /// The chain of delegation contradicts itself.
    #[error("Invalid delegation chain: {0}")]
    Chain(String),
}

impl From<TokenError> for CallerTokenError {
    fn from(error: TokenError) -> Self {
        match error {
            TokenError::Expired => Self::Expired,
            TokenError::Issuer => Self::Issuer,
            error => Self::Token(error),
        }
    }
}

/// What a new token says about its caller.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Profile {
    /// Its id.
    pub agent_id: String,
    /// Its name for people.
    pub agent_name: String,
    /// Its roles.
    pub roles: Vec<String>,
    /// Its groups.
    pub groups: Vec<String>,
}

/// A verified token of a caller.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CallerToken {
    /// The caller's id.
    pub agent_id: String,
    /// Its name for people.
    pub agent_name: String,
    /// Its roles.
    pub roles: Vec<String>,
    /// Its groups.
    pub groups: Vec<String>,
    /// How often was delegated until it came here.
    pub delegation_depth: usize,
    /// How often can be delegated in all, where the token says so.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_delegation_depth: Option<usize>,
    /// The roles that were delegated.
    pub delegated_roles: Vec<String>,
    /// Who delegated, the first one first.
    pub delegation_chain: Vec<Link>,
    /// When it was made.
    pub issued_at: Timestamp,
    /// When it ends.
    pub expires_at: Timestamp,
}

/// One who delegated.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Link {
    /// Its id.
    pub agent_id: String,
    /// Its name for people.
    #[serde(default)]
    pub agent_name: String,
    /// Its roles.
    #[serde(default)]
    pub roles: Vec<String>,
    /// Its groups.
    #[serde(default)]
    pub groups: Vec<String>,
    /// When it delegated.
    pub delegated_at: Timestamp,
}

impl Link {
    /// Whether nothing is stated about its roles and groups, as in the links
    /// of tokens that only tell a path.
    fn states_nothing(&self) -> bool {
        self.roles.is_empty() && self.groups.is_empty()
    }
}

impl CallerToken {
    /// Makes a token for a caller; `max_depth` bounds how often it can be
    /// delegated on ([`USUAL_DEPTH`] where none).
    ///
    /// # Errors
    /// Where a name makes no sense, or the key can't sign.
    pub fn create(
        authority: &Authority,
        profile: &Profile,
        life: SignedDuration,
        max_depth: Option<usize>,
        now: Timestamp,
    ) -> Result<String, CallerTokenError> {
        let mut claims = profile_claims(profile);
        if let Some(depth) = max_depth {
            claims.insert("max_delegation_depth".into(), json!(depth));
        }
        let ends = now
            .checked_add(life)
            .map_err(|_| CallerTokenError::Claim("its life is out of range"))?;
        sign(authority, claims, now, ends)
    }

    /// Reads and verifies a token, with everyone who delegated.
    ///
    /// # Errors
    /// Why it doesn't count.
    pub fn verify(
        authority: &Authority,
        token: &str,
        now: Timestamp,
    ) -> Result<Self, CallerTokenError> {
        let claims = authority.verify(token, &["agent_id", "iss", "iat", "exp"], now)?;
        let read = Self::read(&claims)?;
        read.check_chain(claims.get("delegation_depth"))?;
        Ok(read)
    }

    /// The caller that it speaks for.
    #[must_use]
    pub fn caller(&self) -> Caller {
        let delegator = |link: &Link| Delegator {
            id: link.agent_id.clone(),
            roles: link.roles.clone(),
            groups: link.groups.clone(),
            at: Some(link.delegated_at),
        };
        Caller {
            roles: self.roles.clone(),
            groups: self.groups.clone(),
            delegation: self.delegation_chain.iter().map(delegator).collect(),
            ..Caller::named(self.agent_id.as_str(), CallerKind::Service)
        }
    }

    /// How often can be delegated in all.
    #[must_use]
    pub fn depth_limit(&self) -> usize {
        self.max_delegation_depth.unwrap_or(USUAL_DEPTH)
    }

    fn read(claims: &Claims) -> Result<Self, CallerTokenError> {
        if claims.get("type").is_some_and(|kind| kind == super::ticket::TYPE) {
            return Err(CallerTokenError::Claim("an execution ticket is no caller"));
        }
        let chain = match claims.get("delegation_chain") {
            None => Vec::new(),
            Some(chain) => Vec::<Link>::deserialize(chain)
                .map_err(|_| CallerTokenError::Claim("`delegation_chain` is not a chain"))?,
        };
        let max = match claims.get("max_delegation_depth") {
            None => None,
            Some(depth) => Some(
                count(depth)
                    .filter(|depth| *depth <= GREATEST_DEPTH)
                    .ok_or(CallerTokenError::Claim("`max_delegation_depth` is out of range"))?,
            ),
        };
        let read = Self {
            agent_id: text(claims, "agent_id", "`agent_id` is not a string")?,
            agent_name: text(claims, "agent_name", "`agent_name` is not a string")?,
            roles: texts(claims, "roles", "`roles` is not a list of strings")?,
            groups: texts(claims, "groups", "`groups` is not a list of strings")?,
            delegation_depth: chain.len(),
            max_delegation_depth: max,
            delegated_roles: texts(claims, "delegated_roles", "`delegated_roles` is not a list")?,
            delegation_chain: chain,
            issued_at: time(claims, "iat")?,
            expires_at: time(claims, "exp")?,
        };
        check_name(&read.agent_id)?;
        Ok(read)
    }

    /// Holds the chain to its rules: it is as long as it says and no longer
    /// than it may, and nobody in it passed on what it didn't have. A link
    /// that states nothing had what the one before it had.
    fn check_chain(&self, claimed_depth: Option<&Value>) -> Result<(), CallerTokenError> {
        let chain = &self.delegation_chain;
        let broken = |why: String| Err(CallerTokenError::Chain(why));
        if claimed_depth.is_some_and(|depth| count(depth) != Some(chain.len())) {
            return broken("`delegation_depth` is not its length".to_owned());
        }
        if chain.len() > self.depth_limit() {
            let limit = self.depth_limit();
            return broken(format!("depth {} exceeds max depth {limit}", chain.len()));
        }
        let mut above: Option<&Link> = None;
        for link in chain.iter().filter(|link| !link.states_nothing()) {
            narrows(above, &link.agent_id, &link.roles, &link.groups)?;
            above = Some(link);
        }
        narrows(above, &self.agent_id, &self.roles, &self.groups)
    }
}

/// Whether everything that somebody has, the one before it had.
fn narrows(
    above: Option<&Link>,
    id: &str,
    roles: &[String],
    groups: &[String],
) -> Result<(), CallerTokenError> {
    let Some(above) = above else { return Ok(()) };
    for (kind, own, all) in [("roles", roles, &above.roles), ("groups", groups, &above.groups)] {
        let extra = beyond(own, all);
        if !extra.is_empty() {
            let who = &above.agent_id;
            let why = format!("`{id}` has {kind} that `{who}` didn't have: {}", list(&extra));
            return Err(CallerTokenError::Chain(why));
        }
    }
    Ok(())
}

/// What is in `own` and not in `all`, sorted.
pub(super) fn beyond<'a>(own: &'a [String], all: &[String]) -> Vec<&'a str> {
    let all: HashSet<&String> = all.iter().collect();
    let mut extra: Vec<&str> =
        own.iter().filter(|name| !all.contains(name)).map(String::as_str).collect();
    extra.sort_unstable();
    extra.dedup();
    extra
}

/// `['admin', 'root']`
pub(super) fn list(names: &[&str]) -> String {
    let quoted: Vec<String> = names.iter().map(|name| format!("'{name}'")).collect();
    format!("[{}]", quoted.join(", "))
}

pub(super) fn profile_claims(profile: &Profile) -> Claims {
    let mut claims = Claims::new();
    claims.insert("agent_id".into(), json!(profile.agent_id));
    claims.insert("agent_name".into(), json!(profile.agent_name));
    claims.insert("roles".into(), json!(profile.roles));
    claims.insert("groups".into(), json!(profile.groups));
    claims
}

/// Signs claims that [`CallerToken::verify`] takes.
pub(super) fn sign(
    authority: &Authority,
    claims: Claims,
    now: Timestamp,
    ends: Timestamp,
) -> Result<String, CallerTokenError> {
    for name in ["agent_id", "agent_name"] {
        let value = claims.get(name).and_then(Value::as_str).unwrap_or_default();
        if name == "agent_id" || !value.is_empty() {
            check_name(value)?;
        }
    }
    for name in ["roles", "groups"] {
        for value in claims.get(name).and_then(Value::as_array).into_iter().flatten() {
            check_name(value.as_str().unwrap_or_default())?;
        }
    }
    Ok(authority.sign(claims, now, ends)?)
}

fn check_name(name: &str) -> Result<(), CallerTokenError> {
    if name.is_empty() || name.len() > LONGEST_NAME || name.chars().any(char::is_control) {
        let why = "a name is empty, longer than 256 bytes, or has control characters";
        return Err(CallerTokenError::Claim(why));
    }
    Ok(())
}

fn text(claims: &Claims, name: &str, wrong: &'static str) -> Result<String, CallerTokenError> {
    match claims.get(name) {
        None => Ok(String::new()),
        Some(Value::String(text)) => Ok(text.clone()),
        Some(_) => Err(CallerTokenError::Claim(wrong)),
    }
}

fn texts(
    claims: &Claims,
    name: &str,
    wrong: &'static str,
) -> Result<Vec<String>, CallerTokenError> {
    match claims.get(name) {
        None => Ok(Vec::new()),
        Some(names) => Vec::deserialize(names).map_err(|_| CallerTokenError::Claim(wrong)),
    }
}

fn count(value: &Value) -> Option<usize> {
    value.as_u64().and_then(|count| usize::try_from(count).ok())
}
