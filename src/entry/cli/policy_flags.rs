//! The flags of every command that decides about named actions.

use std::path::PathBuf;

use clap::Args;
use serde_json::{Map, Value, json};

use super::trust_flags::TrustFlags;
use crate::action::{CallerKind, Decision};
use crate::config::{Settings, SharedState, paths};
use crate::guard::{Builder, Checked, Guard, Site, When};
use crate::identity::{Authority, Ticket};
use crate::policy::{NOT_A_NUMBER, own_rules};
use crate::term::{Exit, Failure, Printer};

/// Name of the file that keeps what callers did lately.
const WINDOWS_FILE: &str = "windows.json";

/// Where a policy's files are, and how a decision is made and printed
#[derive(Debug, Args)]
pub(super) struct PolicyFlags {
    /// Action definitions (YAML or TOML), a directory or a file [default: built in]
    #[arg(long, value_name = "DIR")]
    pub(super) registry: Option<PathBuf>,
    /// Policies (YAML or TOML), a directory or a file [default: the preset]
    #[arg(long, value_name = "DIR")]
    pub(super) policies: Option<PathBuf>,
    /// Targets (YAML or TOML), a file or a directory [default: none]
    #[arg(long, value_name = "FILE")]
    pub(super) inventory: Option<PathBuf>,
    /// Deny a target whose type is not one of the action's
    #[arg(long)]
    pub(super) enforce_target_types: bool,
}

/// How a decision is made and printed.
#[derive(Debug, Args)]
pub(super) struct CheckFlags {
    #[command(flatten)]
    pub(super) files: PolicyFlags,
    #[command(flatten)]
    pub(super) trust: TrustFlags,
    /// Deny callers who show no signed token
    #[arg(long)]
    pub(super) require_signed_identity: bool,
    /// File to record the decision in [default: the log of the repository, or of the user]
    #[arg(long, value_name = "FILE")]
    pub(super) audit_log: Option<PathBuf>,
    /// Decide as if it were this time (RFC 3339); limits are looked at, not counted
    #[arg(long, value_name = "TIME", value_parser = time)]
    pub(super) at: Option<When>,
    /// Print one JSON document
    #[arg(long, alias = "json-output")]
    pub(super) json: bool,
}

fn time(text: &str) -> Result<When, String> {
    When::parse(text).ok_or_else(|| "it is a time such as `2026-03-06T22:00:00+09:00`".to_owned())
}

impl PolicyFlags {
    /// A decision point of these files, tightened by the configuration's rules.
    pub(super) fn builder(&self, settings: &Settings) -> Result<Builder, Failure> {
        let mut builder = Guard::builder()
            .preset(settings.preset.value)
            .layers(own_rules(settings)?)
            .enforce_target_types(self.enforce_target_types);
        if let Some(path) = &self.registry {
            builder = builder.registry(path);
        }
        if let Some(path) = &self.policies {
            builder = builder.policies(path);
        }
        if let Some(path) = &self.inventory {
            builder = builder.inventory(path);
        }
        Ok(builder)
    }
}

impl CheckFlags {
    /// The decision point that the flags and the place describe.
    pub(super) fn builder(&self, site: &Site, printer: &Printer) -> Result<Builder, Failure> {
        let log = self.audit_log.clone().unwrap_or_else(|| site.log.path().to_owned());
        let builder = self.files.builder(&site.settings)?;
        let signed = self.require_signed_identity || site.settings.require_signed.value;
        let mut builder =
            builder.audit_log(log).process(site.caller.clone()).require_signed_identity(signed);
        let authority = if signed {
            Some(self.trust.some_authority(printer)?)
        } else {
            self.trust.authority(printer)?
        };
        if let Some(authority) = authority.and_then(|one| self.bounded(one, site)) {
            builder = builder.authority(authority);
        }
        #[cfg(feature = "client")]
        if let Some(gateway) = super::remote::keeper(site.caller.kind)? {
            return Ok(builder.windows(gateway));
        }
        Ok(match paths::state_dir() {
            Some(dir) => builder.windows(SharedState::at(dir.join(WINDOWS_FILE))),
            None => builder,
        })
    }

    /// The account's keys sign nothing by policies, or for a log, that an agent
    /// chose for itself: it would get a ticket for whatever it likes.
    fn bounded(&self, authority: Authority, site: &Site) -> Option<Authority> {
        let files = &self.files;
        let named = [&files.registry, &files.policies, &files.inventory, &self.audit_log];
        let chosen = named.iter().any(|file| file.is_some());
        if chosen && site.caller.kind == CallerKind::Agent && !self.trust.holds_key() {
            return authority.verifying_only();
        }
        Some(authority)
    }
}

/// Parameters as JSON. What can't be passed on as it is (integers of more than
/// 64 bits, and Python's `NaN` and `Infinity`) becomes a value that no type
/// takes.
pub(super) fn params(text: &str) -> Result<Map<String, Value>, Failure> {
    let value = serde_json::from_str(&usable(text))
        .map_err(|error| Failure::usage("`--params` is not JSON").because(&error))?;
    match value {
        Value::Object(params) => Ok(params),
        Value::Null => Ok(Map::new()),
        _ => Err(Failure::usage("`--params` is not a JSON object")),
    }
}

/// The text with the numbers that can't be passed on put into objects.
fn usable(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while !rest.is_empty() {
        let length = match rest.as_bytes() {
            [b'"', ..] => quoted(rest),
            _ => rest
                .find(['"', ',', ':', '[', ']', '{', '}', ' ', '\n', '\t', '\r'])
                .unwrap_or(rest.len()),
        };
        let (token, after) = rest.split_at(length.max(1).min(rest.len()));
        match unusable(token) {
            Some(name) => out.push_str(&json!({NOT_A_NUMBER: name}).to_string()),
            None => out.push_str(token),
        }
        rest = after;
    }
    out
}

/// Length of the quoted text at the start.
fn quoted(text: &str) -> usize {
    let mut escaped = false;
    let end = text.char_indices().skip(1).find(|(_, c)| {
        let closes = *c == '"' && !escaped;
        escaped = *c == '\\' && !escaped;
        closes
    });
    end.map_or(text.len(), |(at, _)| at + 1)
}

/// How a number that can't be passed on is called.
fn unusable(token: &str) -> Option<&str> {
    match token {
        "NaN" => return Some("nan"),
        "Infinity" => return Some("inf"),
        "-Infinity" => return Some("-inf"),
        _ => {}
    }
    let digits = token.strip_prefix('-').unwrap_or(token);
    let integer = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    let fits = token.parse::<i64>().is_ok() || token.parse::<u64>().is_ok();
    (integer && !fits).then_some(token)
}

/// How the process exits after a decision.
pub(super) fn exit(decision: &Decision) -> Exit {
    use crate::action::DecisionResult::{Allow, Deny, RequireApproval};
    match decision.result {
        Allow => Exit::Done,
        Deny => Exit::Blocked,
        RequireApproval => Exit::ApprovalNeeded,
    }
}

/// The decision as JSON, with what was asked, and the ticket for what is allowed.
pub(super) fn document(checked: &Checked, decision: &Decision, ticket: Option<&Ticket>) -> Value {
    let action = checked.action();
    let mut document = json!(decision);
    document["operation"] = json!(action.operation);
    document["target"] = json!(checked.target());
    document["caller"] = json!(action.caller);
    document["ticket_id"] = json!(action.ticket_id);
    document["action_risk_class"] = json!(checked.own_class());
    document["reason"] = json!(reason(decision));
    document["ticket"] = json!(ticket);
    document
}

/// The sentence that decided.
pub(super) fn reason(decision: &Decision) -> &str {
    decision.reasons.last().map_or("", |reason| &reason.message)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_that_json_does_not_have_become_objects() {
        let text = r#"{"a": "NaN, \" 1", "b": -Infinity, "c": [NaN], "d": 99999999999999999999, "e": 1.5}"#;
        let expected = json!({"a": "NaN, \" 1", "b": {NOT_A_NUMBER: "-inf"},
            "c": [{NOT_A_NUMBER: "nan"}], "d": {NOT_A_NUMBER: "99999999999999999999"}, "e": 1.5});
        assert_eq!(params(text).map(Value::Object).ok(), Some(expected));
        assert!(params("[1]").is_err() && params("{").is_err() && params("\"").is_err());
    }
}
