//! Who is calling: a person, a coding agent, a CI job. Read from the
//! environment and the process ancestry, so that an agent that empties its
//! environment is still recognised by its parents.

use std::fs;

use super::{env, paths};
use crate::action::{Caller, CallerKind};

/// Variables that coding agents set for the commands they run.
const AGENT_VARIABLES: &[(&str, &str)] = &[
    ("CLAUDECODE", "claude-code"),
    ("CLAUDE_CODE_ENTRYPOINT", "claude-code"),
    ("CODEX_SANDBOX", "codex"),
    ("CODEX_THREAD_ID", "codex"),
    ("CURSOR_AGENT", "cursor"),
    ("GEMINI_CLI", "gemini-cli"),
    ("COPILOT_CLI", "copilot-cli"),
    ("OPENCODE", "opencode"),
    ("CLINE_ACTIVE", "cline"),
    ("AIDER_CHAT", "aider"),
    ("GOOSE_TERMINAL", "goose"),
    ("REPLIT_AGENT", "replit-agent"),
];

/// Variables whose value names the agent.
const AGENT_NAME_VARIABLES: &[&str] = &["SAFERUN_AGENT", "AI_AGENT", "AGENT"];

/// Program names of coding agents, as they stand in a process's arguments.
const AGENT_PROGRAMS: &[(&str, &str)] = &[
    ("claude", "claude-code"),
    ("codex", "codex"),
    ("cursor-agent", "cursor"),
    ("gemini", "gemini-cli"),
    ("copilot", "copilot-cli"),
    ("windsurf", "windsurf"),
    ("opencode", "opencode"),
    ("cline", "cline"),
    ("aider", "aider"),
    ("goose", "goose"),
    ("amp", "amp"),
    ("droid", "factory-droid"),
];

/// Variables that CI systems set.
const CI_VARIABLES: &[&str] =
    &["CI", "GITHUB_ACTIONS", "GITLAB_CI", "BUILDKITE", "JENKINS_URL", "TF_BUILD"];

/// How many ancestors are looked at.
const ANCESTRY_LIMIT: usize = 24;

/// The caller of this process. An agent is recognised before CI, CI before a
/// person: the stricter kind wins.
#[must_use]
pub fn detect() -> Caller {
    let agent = agent_from_environment().or_else(agent_from_ancestry);
    let kind = match &agent {
        Some(_) => CallerKind::Agent,
        None if CI_VARIABLES.iter().any(|name| env::is_on(name)) => CallerKind::Ci,
        None => CallerKind::Human,
    };
    Caller { agent, ..Caller::named(user_at_host(), kind) }
}

/// The coding agent `name` as the caller, where it says so itself.
#[must_use]
pub fn agent(name: &str) -> Caller {
    let agent = Some(name.to_owned());
    Caller { agent, ..Caller::named(user_at_host(), CallerKind::Agent) }
}

fn agent_from_environment() -> Option<String> {
    let known = AGENT_VARIABLES.iter().find(|(name, _)| env::is_on(name));
    known.map(|(_, agent)| (*agent).to_owned()).or_else(|| {
        let value = AGENT_NAME_VARIABLES.iter().find_map(|name| env::var(name))?;
        let name: String = value
            .chars()
            .filter(|c| c.is_ascii_alphanumeric() || "-_.".contains(*c))
            .take(40)
            .collect();
        Some(if name.is_empty() || name == "1" || name == "true" { "agent".into() } else { name })
    })
}

fn agent_from_ancestry() -> Option<String> {
    let mut pid = std::os::unix::process::parent_id();
    for _ in 0..ANCESTRY_LIMIT {
        if pid <= 1 {
            return None;
        }
        if let Some(agent) = agent_of_process(pid) {
            return Some(agent);
        }
        pid = parent_of(pid)?;
    }
    None
}

/// The agent that a process is, by the base names of its program and of the
/// script that an interpreter runs.
fn agent_of_process(pid: u32) -> Option<String> {
    let arguments = fs::read(format!("/proc/{pid}/cmdline")).ok()?;
    arguments.split(|&byte| byte == 0).take(2).find_map(|argument| {
        let text = String::from_utf8_lossy(argument);
        let base = text.rsplit('/').next()?.trim_end_matches(".js").trim_end_matches(".py");
        let found = AGENT_PROGRAMS.iter().find(|(program, _)| *program == base);
        found.map(|(_, agent)| (*agent).to_owned())
    })
}

/// The fourth field of `/proc/PID/stat`; the second may hold spaces and
/// parentheses, so it is skipped from its last one.
fn parent_of(pid: u32) -> Option<u32> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    stat.rsplit_once(')')?.1.split_whitespace().nth(1)?.parse().ok()
}

fn user_at_host() -> String {
    let user = paths::account()
        .map(|account| account.name)
        .or_else(|| env::var("USER"))
        .unwrap_or_else(|| "unknown".into());
    let host = fs::read_to_string("/proc/sys/kernel/hostname")
        .or_else(|_| fs::read_to_string("/etc/hostname"))
        .map(|name| name.trim().to_owned())
        .unwrap_or_else(|_| "localhost".into());
    format!("{user}@{host}")
}
