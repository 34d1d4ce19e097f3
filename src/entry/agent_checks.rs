//! Whether the agents' hooks are in place and answer: a test call goes through
//! the very command line that the agent would run.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde_json::{Value, json};

use super::agent::CANARY;
use super::checks::{Check, fail, ok, warn};
use crate::config::paths;
use crate::exec::answer_of;
use crate::install::Manifest;
use crate::install::agents::{Agent, InstalledAgent, is_own_command, own_commands, parse};

/// How long the test call may take.
const PATIENCE: Duration = Duration::from_secs(15);
/// What is said where nothing can be.
const NAME: &str = "agents";

/// Checks the agents that were set up in the repository at `root`, and names
/// those in use that were not.
#[must_use]
pub fn run(root: &Path, manifest: &Manifest) -> Vec<Check> {
    let installed = &manifest.agents;
    let mut checks: Vec<Check> = installed
        .iter()
        .filter_map(|known| {
            Some(installed_check(root, Agent::named(&known.agent)?, known, manifest))
        })
        .collect();
    let free: Vec<&str> = Agent::in_use(root)
        .into_iter()
        .filter(|agent| {
            installed.iter().all(|known| known.agent != agent.name) && !guards_itself(agent, root)
        })
        .map(|agent| agent.title)
        .collect();
    if !free.is_empty() {
        let message = format!("in use, and their tool calls are not judged: {}", free.join(", "));
        checks.push(warn(NAME, message, "saferun init --agents auto"));
    }
    checks
}

/// Whether one of the agent's files holds saferun's entry, whoever put it there.
fn guards_itself(agent: &Agent, root: &Path) -> bool {
    let files = agent.project_files(root).chain(agent.user_file());
    files.into_iter().any(|file| {
        fs::read_to_string(file).is_ok_and(|text| {
            !own_commands(&text).is_empty() || text.contains("saferun agent hook")
        })
    })
}

fn installed_check(
    root: &Path,
    agent: &'static Agent,
    known: &InstalledAgent,
    manifest: &Manifest,
) -> Check {
    let again = format!("saferun init --agents {}", agent.name);
    let file = known.path.display();
    let Ok(text) = fs::read_to_string(&known.path) else {
        return fail(agent.name, format!("`{file}` is gone or can't be read"), again);
    };
    let Some(command) = command(agent, &text, known, manifest) else {
        return fail(agent.name, format!("saferun's entry is gone from `{file}`"), again);
    };
    if let Some(switch) = switched_off(agent, root) {
        return fail(agent.name, switch, "take that setting away");
    }
    match answer_of(&command, root, &canary(agent).to_string(), PATIENCE) {
        Ok(Some(answer))
            if answer.out.contains("only a test") || answer.err.contains("only a test") =>
        {
            let note =
                if agent.note.is_empty() { String::new() } else { format!("{}; ", agent.note) };
            ok(
                agent.name,
                format!(
                    "`{file}` answers a test call; {note}what would switch it off silently: {}",
                    agent.silent
                ),
            )
        }
        Ok(Some(answer)) => fail(
            agent.name,
            format!(
                "`{command}` ends with {:?} and does not answer: {}",
                answer.code,
                answer.err.trim()
            ),
            again,
        ),
        Ok(None) => fail(agent.name, format!("`{command}` does not answer in time"), again),
        Err(error) => fail(agent.name, format!("`{command}` can't be run: {error}"), again),
    }
}

/// The command line that the agent runs.
fn command(
    agent: &Agent,
    text: &str,
    known: &InstalledAgent,
    manifest: &Manifest,
) -> Option<String> {
    match agent.name {
        "cline" => {
            text.contains("saferun agent hook").then(|| format!("'{}'", known.path.display()))
        }
        "opencode" => {
            let program = Value::from(manifest.program.display().to_string()).to_string();
            text.contains(&program).then(|| agent.command(&manifest.program))
        }
        "kimi" => in_table(text),
        _ => own_commands(text).into_iter().next(),
    }
}

/// The command of saferun's table in a TOML file.
fn in_table(text: &str) -> Option<String> {
    let config: toml::Value = toml::from_str(text).ok()?;
    let mut commands = config.get("hooks")?.as_array()?.iter().filter_map(|hook| {
        hook.get("command").and_then(toml::Value::as_str).filter(|line| is_own_command(line))
    });
    commands.next().map(str::to_owned)
}

/// A setting that switches all hooks of the agent off.
fn switched_off(agent: &Agent, root: &Path) -> Option<String> {
    let home = paths::home()?;
    let files: Vec<PathBuf> = match agent.name {
        "claude" => vec![
            home.join(".claude/settings.json"),
            root.join(".claude/settings.json"),
            root.join(".claude/settings.local.json"),
        ],
        "copilot" => {
            vec![home.join(".copilot/settings.json"), root.join(".github/copilot/settings.json")]
        }
        "codex" => {
            let text = fs::read_to_string(home.join(".codex/config.toml")).ok()?;
            let config: toml::Value = toml::from_str(&text).ok()?;
            let off = config.get("features")?.get("hooks")?.as_bool() == Some(false);
            return off.then(|| "`features.hooks` is off in `~/.codex/config.toml`".to_owned());
        }
        _ => return None,
    };
    let off = |file: &PathBuf| {
        let Ok(text) = fs::read_to_string(file) else { return false };
        let node = parse(&text);
        let value = node.as_ref().and_then(|root| root.get("disableAllHooks"));
        value.is_some_and(|value| text.get(value.start..value.end) == Some("true"))
    };
    let file = files.into_iter().find(off)?;
    Some(format!("`disableAllHooks` is on in `{}`", file.display()))
}

/// A call that is always denied and never recorded, in the agent's own form.
fn canary(agent: &Agent) -> Value {
    let event = if agent.name == "gemini" { "BeforeTool" } else { "PreToolUse" };
    match agent.name {
        "windsurf" => json!({
            "agent_action_name": "pre_mcp_tool_use",
            "tool_info": {"mcp_server_name": "saferun", "mcp_tool_name": CANARY, "mcp_tool_arguments": {}},
        }),
        "antigravity" => json!({"toolCall": {"name": CANARY, "args": {}}}),
        "opencode" => {
            json!({"tool": CANARY, "sessionID": "doctor", "callID": "doctor", "args": {}})
        }
        "cline" => {
            json!({"hookName": "PreToolUse", "preToolUse": {"toolName": CANARY, "parameters": {}}})
        }
        "cursor" => json!({
            "conversation_id": "doctor", "hook_event_name": "preToolUse", "tool_name": CANARY, "tool_input": {},
        }),
        _ => json!({
            "session_id": "doctor", "transcript_path": "", "hook_event_name": event, "tool_name": CANARY, "tool_input": {},
        }),
    }
}
