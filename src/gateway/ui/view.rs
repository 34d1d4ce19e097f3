//! Records as the page shows them: every text made visible, nothing decided.

use jiff::Timestamp;
use serde_json::Value;

use super::diff::{self, DiffFile};
use super::words;
use crate::action::{ApprovalState, CallerKind, CommitLine, Evidence, visible, visible_line};
use crate::gateway::store::Record;
use crate::term::{time_ago, time_left};

/// One line of the list.
pub(super) struct Card {
    pub(super) id: String,
    pub(super) title: String,
    pub(super) place: String,
    pub(super) part: String,
    pub(super) who: String,
    pub(super) agent: Option<String>,
    pub(super) risk: String,
    pub(super) class: &'static str,
    pub(super) state: &'static str,
    /// Time left where it counts, else when it was asked.
    pub(super) time: String,
    pub(super) resolved_by: Option<String>,
}

impl Card {
    pub(super) fn new(record: &Record, now: Timestamp) -> Self {
        let view = &record.view;
        let (place, part) = words::place(&view.target);
        Self {
            id: view.id.clone(),
            title: words::title(&view.operation),
            place,
            part,
            who: visible_line(&view.caller.id),
            agent: agent(record),
            risk: format!("{:.1}", view.risk),
            class: record.risk_class().as_str(),
            state: view.state.as_str(),
            time: match view.state {
                ApprovalState::Pending => time_left(seconds(now, view.expires_at)),
                _ => time_ago(seconds(view.created_at, now)),
            },
            resolved_by: view.resolved_by.as_deref().map(visible_line),
        }
    }
}

/// One request in full.
pub(super) struct Detail {
    pub(super) card: Card,
    pub(super) sentence: String,
    pub(super) operation: String,
    pub(super) target: String,
    pub(super) kind: &'static str,
    pub(super) asked: String,
    pub(super) asked_with: String,
    pub(super) ticket: Option<String>,
    pub(super) reasons: Vec<Weight>,
    pub(super) params: Vec<(String, String)>,
    pub(super) evidence: Vec<Shown>,
    pub(super) version: u64,
    pub(super) digest: String,
    pub(super) short_digest: String,
    pub(super) total_seconds: i64,
    pub(super) left_seconds: i64,
    pub(super) answered: Option<String>,
    pub(super) answer_reason: Option<String>,
}

/// What one reason adds to the risk.
pub(super) struct Weight {
    pub(super) text: String,
    pub(super) score: String,
}

/// One piece of evidence.
pub(super) enum Shown {
    Commits { title: String, commits: Vec<CommitLine>, more: usize },
    Diff(DiffFile),
    Text { title: String, text: String },
}

impl Detail {
    pub(super) fn new(record: &Record, now: Timestamp) -> Self {
        let view = &record.view;
        let reasons = view.reasons.iter().map(|reason| Weight {
            text: visible_line(&reason.message),
            score: format!("{:+.1}", reason.score),
        });
        Self {
            card: Card::new(record, now),
            sentence: words::sentence(&view.operation, &view.target),
            operation: visible_line(&view.operation),
            target: visible_line(&view.target),
            kind: view.caller.kind.as_str(),
            asked: time_ago(seconds(view.created_at, now)),
            asked_with: visible_line(&record.requester_name),
            ticket: record.action.ticket_id.as_deref().map(visible_line),
            reasons: reasons.collect(),
            params: view.params.iter().map(parameter).collect(),
            evidence: view.evidence.iter().map(Shown::new).collect(),
            version: view.version,
            digest: view.action_digest.to_string(),
            short_digest: view.action_digest.short(),
            total_seconds: seconds(view.created_at, view.expires_at).max(1),
            left_seconds: seconds(now, view.expires_at).max(0),
            answered: view.resolved_at.map(|at| time_ago(seconds(at, now))),
            answer_reason: view.resolution_reason.as_deref().map(|text| visible(text).into_owned()),
        }
    }
}

impl Shown {
    fn new(evidence: &Evidence) -> Self {
        match evidence {
            Evidence::Commits { title, commits, total } => Self::Commits {
                title: visible_line(title),
                more: total.saturating_sub(commits.len()),
                commits: commits.iter().map(commit).collect(),
            },
            Evidence::Diff { path, text } => Self::Diff(diff::read(path, text)),
            Evidence::Text { title, text } => {
                Self::Text { title: visible_line(title), text: visible(text).into_owned() }
            }
        }
    }
}

fn commit(commit: &CommitLine) -> CommitLine {
    CommitLine {
        id: visible_line(&commit.id).chars().take(10).collect(),
        author: visible_line(&commit.author),
        date: visible_line(&commit.date).chars().take(10).collect(),
        subject: visible_line(&commit.subject),
    }
}

fn agent(record: &Record) -> Option<String> {
    let caller = &record.view.caller;
    match (&caller.agent, caller.kind) {
        (Some(name), _) => Some(visible_line(name)),
        (None, CallerKind::Agent) => Some("an agent".to_owned()),
        (None, _) => None,
    }
}

fn parameter((name, value): (&String, &Value)) -> (String, String) {
    let text = match value {
        Value::String(text) => visible_line(text),
        other => visible_line(&other.to_string()),
    };
    (visible_line(name), text)
}

fn seconds(from: Timestamp, to: Timestamp) -> i64 {
    to.as_second().saturating_sub(from.as_second())
}
