//! What the agents' door remembers between two calls, in files of the account's
//! state directory that only this user may read: what was stopped in a session,
//! and the last answers, so that a call that comes twice is judged once.
//!
//! Without a state directory, or where it can't be written, nothing is
//! remembered and every call is judged on its own.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{Read, Seek, SeekFrom, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::request::Verdict;
use crate::action::{DecisionResult, Digest, Facts, RiskClass};
use crate::config::paths;

/// How far back what a session tried counts, in seconds.
const WINDOW: i64 = 600;
/// Stopped calls in the window from which a session is watched.
const WATCHED_FROM: usize = 3;
/// Stopped calls in the window from which a session is stopped.
const STOPPED_FROM: usize = 6;
/// Sum of the risks of what was tried in the window from which a session is
/// watched; what is harmless doesn't count.
const WATCHED_RISK: f64 = 60.0;
/// How long an answer holds for the same call, in seconds.
const SAME_CALL: i64 = 5;
/// Largest file that is read back, in bytes.
const LARGEST: u64 = 256 * 1024;
/// Age from which a file that nothing touched is removed.
const KEPT: Duration = Duration::from_secs(24 * 60 * 60);

/// Where the state is.
#[derive(Debug, Clone)]
pub struct State {
    dir: Option<PathBuf>,
}

/// A session's file, locked until it is dropped.
pub struct Session {
    file: Option<File>,
    tried: Vec<Tried>,
    now: i64,
}

/// One call that counts.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Tried {
    at: i64,
    risk: f64,
    stopped: bool,
}

/// A call's file, locked until it is dropped.
pub struct Answer {
    file: Option<File>,
    last: Option<Answered>,
    now: i64,
}

/// The last answer to one call.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Answered {
    at: i64,
    dialect: String,
    call: String,
    result: DecisionResult,
    reason: String,
    redirect: Option<String>,
    risk: f64,
    audit_id: String,
}

impl State {
    /// The state of this account.
    #[must_use]
    pub fn of_account() -> Self {
        Self { dir: paths::state_dir().map(|dir| dir.join("agents")) }
    }

    /// What is known about the session `id` of `agent`, as of `now` in seconds.
    #[must_use]
    pub fn session(&self, agent: &str, id: &str, now: i64) -> Session {
        let file = self.open("session", &format!("{agent}\n{id}"));
        let (file, tried) = read::<Vec<Tried>>(file);
        let mut tried = tried.unwrap_or_default();
        tried.retain(|tried| (0..WINDOW).contains(&(now - tried.at)));
        Session { file, tried, now }
    }

    /// The last answer to the call with this digest.
    #[must_use]
    pub fn answer(&self, digest: &Digest, now: i64) -> Answer {
        let (file, last) = read(self.open("call", &digest.to_string()));
        Answer { file, last, now }
    }

    /// Whether a person was asked for leave for the action by the agent itself,
    /// so that a safer command is no longer offered instead.
    #[must_use]
    pub fn is_asked_for(&self, digest: &Digest) -> bool {
        self.file("asked", &digest.to_string()).is_some_and(|path| path.exists())
    }

    /// Notes that the agent itself asked for leave for the action.
    pub fn note_asked_for(&self, digest: &Digest) {
        drop(self.open("asked", &digest.to_string()));
    }

    fn file(&self, kind: &str, key: &str) -> Option<PathBuf> {
        let name = Digest::of(key.as_bytes()).to_string();
        Some(self.dir.as_ref()?.join(format!("{kind}-{}", name.get(..32)?)))
    }

    /// Opens and locks a file, making it where it is missing.
    fn open(&self, kind: &str, key: &str) -> Option<File> {
        let path = self.file(kind, key)?;
        let fresh = !path.exists();
        let mut options = OpenOptions::new();
        options.read(true).write(true).create(true).truncate(false).mode(0o600);
        let file = options.open(&path).or_else(|_| {
            DirBuilder::new().recursive(true).mode(0o700).create(path.parent().unwrap_or(&path))?;
            options.open(&path)
        });
        let file = file.ok()?;
        file.lock().ok()?;
        if fresh {
            prune(path.parent()?);
        }
        Some(file)
    }
}

impl Session {
    /// Adds what the session tried before to the facts about its next call.
    pub fn tell(&self, facts: &mut Facts) {
        let stopped = self.tried.iter().filter(|tried| tried.stopped).count();
        let risk: f64 = self.tried.iter().map(|tried| tried.risk).sum();
        let minutes = WINDOW / 60;
        if stopped >= STOPPED_FROM {
            let message =
                format!("{stopped} calls of this session were stopped within {minutes} minutes");
            facts.signal("session_stopped", message);
        } else if stopped >= WATCHED_FROM {
            let message =
                format!("{stopped} calls of this session were stopped within {minutes} minutes");
            facts.signal("session_watched", message);
        } else if risk >= WATCHED_RISK {
            let message = format!(
                "the risks that this session took within {minutes} minutes add up to {risk:.0}"
            );
            facts.signal("session_watched", message);
        }
    }

    /// Notes a call and what became of it.
    pub fn note(mut self, verdict: &Verdict, unknown: bool) {
        if verdict.risk < RiskClass::LOWEST_MEDIUM
            || (unknown && verdict.result == DecisionResult::Allow)
        {
            return;
        }
        let stopped = verdict.result == DecisionResult::Deny;
        self.tried.push(Tried { at: self.now, risk: verdict.risk, stopped });
        write(self.file.as_mut(), &self.tried);
    }
}

impl Answer {
    /// The answer that this very call got a moment ago: some agents run each
    /// other's hooks, and a second judgment would use a second approval. Two
    /// calls of one agent with ids of their own are two calls.
    #[must_use]
    pub fn again(&self, dialect: &str, call: &str) -> Option<Verdict> {
        let last = self.last.as_ref()?;
        let fresh = (0..=SAME_CALL).contains(&(self.now - last.at));
        let named = !call.is_empty() && !last.call.is_empty();
        let other = named && call != last.call && last.dialect == dialect;
        (fresh && !other).then(|| Verdict {
            result: last.result,
            reason: last.reason.clone(),
            redirect: last.redirect.clone(),
            risk: last.risk,
            audit_id: last.audit_id.clone(),
        })
    }

    /// Keeps an answer for a moment.
    pub fn keep(mut self, dialect: &str, call: &str, verdict: &Verdict) {
        let answered = Answered {
            at: self.now,
            dialect: dialect.to_owned(),
            call: call.to_owned(),
            result: verdict.result,
            reason: verdict.reason.clone(),
            redirect: verdict.redirect.clone(),
            risk: verdict.risk,
            audit_id: verdict.audit_id.clone(),
        };
        write(self.file.as_mut(), &answered);
    }
}

fn read<T: DeserializeOwned>(file: Option<File>) -> (Option<File>, Option<T>) {
    let Some(mut file) = file else { return (None, None) };
    let mut bytes = Vec::new();
    let read = (&mut file).take(LARGEST).read_to_end(&mut bytes);
    (Some(file), read.ok().and_then(|_| serde_json::from_slice(&bytes).ok()))
}

fn write(file: Option<&mut File>, value: &impl Serialize) {
    let (Some(file), Ok(bytes)) = (file, serde_json::to_vec(value)) else { return };
    // What can't be remembered is judged anew the next time.
    let _ = file
        .set_len(0)
        .and_then(|()| file.seek(SeekFrom::Start(0)))
        .and_then(|_| file.write_all(&bytes));
}

/// Removes what nobody touched for a day.
fn prune(dir: &Path) {
    let old = |path: &Path| {
        let age = fs::symlink_metadata(path).and_then(|found| found.modified()).ok();
        age.and_then(|at| SystemTime::now().duration_since(at).ok()).is_some_and(|age| age > KEPT)
    };
    let entries = fs::read_dir(dir).into_iter().flatten().flatten();
    for path in entries.map(|entry| entry.path()).filter(|path| old(path)) {
        let _ = fs::remove_file(path);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn state() -> (tempfile::TempDir, State) {
        let root = tempfile::tempdir().unwrap();
        let state = State { dir: Some(root.path().join("agents")) };
        (root, state)
    }

    fn denied(risk: f64) -> Verdict {
        Verdict { risk, ..Verdict::unjudged("no") }
    }

    fn told(state: &State, now: i64) -> Vec<String> {
        let mut facts = Facts::default();
        state.session("codex", "s", now).tell(&mut facts);
        facts.signals.into_iter().map(|signal| signal.code).collect()
    }

    #[test]
    fn a_session_gets_stricter_and_calms_down() {
        let (_root, state) = state();
        for (count, expected) in
            [(2, None), (3, Some("session_watched")), (6, Some("session_stopped"))]
        {
            while state.session("codex", "s", 100).tried.len() < count {
                state.session("codex", "s", 100).note(&denied(9.0), false);
            }
            assert_eq!(told(&state, 101), Vec::from_iter(expected.map(str::to_owned)));
        }
        assert!(told(&state, 100 + WINDOW).is_empty());
        let mut other = Facts::default();
        state.session("codex", "another", 101).tell(&mut other);
        assert!(other.signals.is_empty());
    }

    #[test]
    fn one_call_that_comes_twice_gets_one_answer() {
        let (_root, state) = state();
        let digest = Digest::of(b"call");
        assert!(state.answer(&digest, 10).again("cursor", "1").is_none());
        state.answer(&digest, 10).keep("cursor", "1", &denied(9.0));
        let again = |dialect, call, now| state.answer(&digest, now).again(dialect, call).is_some();
        assert!(again("cursor", "1", 11) && again("cursor", "", 11) && again("claude", "2", 11));
        assert!(!again("cursor", "2", 11), "another call with the same words");
        assert!(!again("cursor", "1", 11 + SAME_CALL));
    }
}
