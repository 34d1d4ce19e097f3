//! Asks providers whether the keys that were found still work.
//!
//! In: findings of a scan. Out: the same, each with what its provider says.
//! Never here: an endpoint that does not stand in `rules/verify.toml`, a
//! redirect, or a secret in a message. Nothing calls this but
//! `saferun scan --verify`: no hook, no default.

mod answer;
mod endpoint;
mod queue;
mod request;

use std::collections::HashMap;

use reqwest::Url;

use crate::scan::{Finding, Rule, Scanner, Verification};
use endpoint::Endpoint;
use request::Request;

/// The endpoints can't be used: a mistake in what is compiled in, or in the
/// base given.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A mistake in the endpoints.
    #[error("`rules/verify.toml`: {0}")]
    Endpoints(String),
    /// Found secrets are sent to their providers, and for trying that out to
    /// this machine; nowhere else.
    #[error("`{0}` is not on this machine; found secrets are sent to their providers only")]
    Elsewhere(String),
}

/// What is said of a finding.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Verdict {
    verification: Verification,
    reason: String,
}

impl Verdict {
    fn unknown(reason: impl Into<String>) -> Self {
        Self { verification: Verification::Unknown, reason: reason.into() }
    }
}

/// Asks about every finding of `scanner`; each secret once. What a rule of a
/// repository found is not sent anywhere. `base`
/// stands in for all providers, on this machine. `asked` is called after every
/// answer.
///
/// # Errors
/// Where the endpoints or `base` can't be used.
pub fn verify(
    findings: &mut [Finding],
    scanner: &Scanner,
    base: Option<&Url>,
    asked: &(dyn Fn() + Sync),
) -> Result<(), Error> {
    let base = base.map(local).transpose()?;
    let endpoints = endpoint::all()?;
    let builtin = Scanner::builtin();
    let (rules, known) = (scanner.rules_of(findings), builtin.rules_of(findings));
    let ours = |finding: &Finding| is_builtin(&finding.rule_id, &rules, &known);
    let mut wanted: HashMap<Request, Vec<usize>> = HashMap::new();
    for (index, finding) in findings.iter_mut().enumerate() {
        let request = if ours(finding) {
            prepared(&endpoints, finding)
        } else {
            Err(Verdict::unknown("an own rule found it; only built-in rules' findings are sent"))
        };
        match request {
            Ok(request) => wanted.entry(request).or_default().push(index),
            Err(verdict) => tell(finding, &verdict),
        }
    }
    let requests: Vec<&Request> = wanted.keys().collect();
    for (request, verdict) in queue::answers(&requests, base, asked) {
        for index in wanted.get(request).into_iter().flatten() {
            if let Some(finding) = findings.get_mut(*index) {
                tell(finding, &verdict);
            }
        }
    }
    Ok(())
}

fn local(base: &Url) -> Result<&Url, Error> {
    match base.host_str().is_some_and(crate::net::is_loopback) {
        true => Ok(base),
        false => Err(Error::Elsewhere(base.as_str().to_owned())),
    }
}

/// Whether the rule is a built-in one and finds what that finds.
fn is_builtin(id: &str, rules: &[&Rule], builtin: &[&Rule]) -> bool {
    let named = |rules: &[&Rule]| {
        let rule = rules.iter().find(|rule| rule.id == id)?;
        let names = rule.named.as_ref().map(|named| named.by.clone());
        Some((rule.regex.clone(), rule.secret_group, names))
    };
    named(builtin).is_some_and(|rule| named(rules) == Some(rule))
}

/// The request about a finding, or why there is none.
fn prepared(endpoints: &[Endpoint], finding: &Finding) -> Result<Request, Verdict> {
    let known = |endpoint: &&Endpoint| endpoint.rules.iter().any(|rule| *rule == finding.rule_id);
    let endpoint = endpoints.iter().find(known).ok_or_else(|| {
        Verdict::unknown("no harmless call is known that would tell; try it at the provider")
    })?;
    if finding.tags.iter().any(|tag| tag.starts_with("decoded:")) {
        return Err(Verdict::unknown("it is written in an encoded form; decode it to try it"));
    }
    Request::of(endpoint, finding)
}

fn tell(finding: &mut Finding, verdict: &Verdict) {
    finding.verification = Some(verdict.verification);
    finding.verification_reason = Some(verdict.reason.clone());
}

#[cfg(test)]
mod tests;
