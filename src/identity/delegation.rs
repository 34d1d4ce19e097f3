//! Delegation: a caller gives another one what it may do, or less. Never more
//! roles or groups, never for longer, never deeper than the first one allowed.

use jiff::{SignedDuration, Timestamp};
use serde_json::json;

use super::caller_token::{beyond, list, profile_claims, sign};
use super::{Authority, CallerToken, CallerTokenError, Link, Profile};

/// Why nothing was delegated.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DelegationError {
    /// Whoever delegates isn't believed.
    #[error("Invalid parent token: {0}")]
    Parent(CallerTokenError),
    /// It was delegated too often.
    #[error("Delegation depth {depth} exceeds max depth {most}")]
    TooDeep {
        /// How often it would be.
        depth: usize,
        /// How often it may be.
        most: usize,
    },
    /// The child would have what the parent hasn't.
    #[error("Cannot delegate {kind} not held by parent: {names}")]
    NotHeld {
        /// `roles` or `groups`.
        kind: &'static str,
        /// Which.
        names: String,
    },
    /// The child would live no time at all.
    #[error("the life of a token is more than 0 seconds")]
    NoLife,
    /// The child's token can't be made.
    #[error(transparent)]
    Child(#[from] CallerTokenError),
}

/// What a child gets.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Child {
    /// Who it is, and what of the parent's it has.
    pub profile: Profile,
    /// How long; as long as the parent's token where none, and never longer.
    pub life: Option<SignedDuration>,
    /// How often can be delegated in all; never more than the parent's token says.
    pub max_depth: Option<usize>,
}

/// The child's token.
///
/// # Errors
/// Where the parent's token doesn't count, or the child would gain.
pub fn delegate(
    authority: &Authority,
    parent_token: &str,
    child: &Child,
    now: Timestamp,
) -> Result<String, DelegationError> {
    let parent =
        CallerToken::verify(authority, parent_token, now).map_err(DelegationError::Parent)?;
    let depth = parent.delegation_depth + 1;
    let most = child.max_depth.map_or(parent.depth_limit(), |max| max.min(parent.depth_limit()));
    if depth > most {
        return Err(DelegationError::TooDeep { depth, most });
    }
    let wanted = &child.profile;
    holds("roles", &wanted.roles, &parent.roles)?;
    holds("groups", &wanted.groups, &parent.groups)?;
    let mut claims = profile_claims(wanted);
    let mut chain = parent.delegation_chain.clone();
    chain.push(Link {
        agent_id: parent.agent_id.clone(),
        agent_name: parent.agent_name.clone(),
        roles: parent.roles.clone(),
        groups: parent.groups.clone(),
        delegated_at: now,
    });
    claims.insert("delegation_chain".into(), json!(chain));
    claims.insert("delegated_roles".into(), json!(wanted.roles));
    claims.insert("delegation_depth".into(), json!(depth));
    if parent.max_delegation_depth.is_some() || child.max_depth.is_some() {
        claims.insert("max_delegation_depth".into(), json!(most));
    }
    let ends = match child.life {
        None => parent.expires_at,
        Some(life) if life < SignedDuration::from_secs(1) => return Err(DelegationError::NoLife),
        Some(life) => {
            now.checked_add(life).map_or(parent.expires_at, |at| at.min(parent.expires_at))
        }
    };
    Ok(sign(authority, claims, now, ends)?)
}

fn holds(kind: &'static str, wanted: &[String], held: &[String]) -> Result<(), DelegationError> {
    let extra = beyond(wanted, held);
    if extra.is_empty() {
        return Ok(());
    }
    Err(DelegationError::NotHeld { kind, names: list(&extra) })
}
