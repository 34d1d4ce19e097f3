//! The agents that saferun can be added to: how each is noticed, where its hooks
//! stand, and what is put there. Sources: docs/agents.md.

use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use crate::config::{env, paths};

/// For whom a hook is installed.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize, clap::ValueEnum,
)]
#[serde(rename_all = "snake_case")]
pub enum Scope {
    /// Everything this user does with the agent
    User,
    /// This repository
    Project,
}

/// Seconds that an agent waits for an answer: more than saferun ever takes.
const TIMEOUT: u64 = 30;

/// What is put into an agent's settings.
#[derive(Debug, Clone, PartialEq)]
pub enum Content {
    /// Entries at the end of arrays in a JSON file.
    Entries {
        /// The file's own first members, for a file that isn't there yet.
        preamble: Value,
        /// Where the events stand; nothing for the file itself.
        below: &'static [&'static str],
        /// Event, and the entry.
        entries: Vec<(&'static str, Value)>,
    },
    /// A table at the end of a TOML file.
    Table {
        /// Its text.
        text: String,
    },
    /// A file of saferun's own.
    Whole {
        /// Its text.
        text: String,
        /// Its permission bits.
        mode: u32,
    },
}

/// An agent.
#[derive(Debug)]
pub struct Agent {
    /// Name on the command line.
    pub name: &'static str,
    /// Name for people.
    pub title: &'static str,
    programs: &'static [&'static str],
    /// Below the home directory.
    homes: &'static [&'static str],
    /// Below the repository's root.
    signs: &'static [&'static str],
    user: &'static str,
    project: &'static [&'static str],
    /// What is left for the user to do.
    pub note: &'static str,
    /// What would switch the hook off without a word.
    pub silent: &'static str,
}

/// All agents, in the order in which they are shown.
pub static AGENTS: &[Agent] = &[
    Agent {
        name: "claude",
        title: "Claude Code",
        programs: &["claude"],
        homes: &[".claude", ".claude.json"],
        signs: &[".claude", "CLAUDE.md"],
        user: ".claude/settings.json",
        project: &[".claude/settings.json", ".claude/settings.local.json"],
        note: "",
        silent: "`disableAllHooks` in any of its settings, `--bare`, a session started before",
    },
    Agent {
        name: "cursor",
        title: "Cursor",
        programs: &["cursor", "cursor-agent"],
        homes: &[".cursor"],
        signs: &[".cursor", ".cursorrules"],
        user: ".cursor/hooks.json",
        project: &[".cursor/hooks.json"],
        note: "",
        silent: "a workspace that is not trusted; a syntax error elsewhere in the file",
    },
    Agent {
        name: "codex",
        title: "Codex",
        programs: &["codex"],
        homes: &[".codex"],
        signs: &[".codex"],
        user: ".codex/hooks.json",
        project: &[".codex/hooks.json"],
        note: "run `/hooks` in Codex and trust saferun's: until then Codex skips it without a word",
        silent: "a hook that was not trusted by `/hooks` since it changed, `--disable hooks`, another `CODEX_HOME`, a project that is not trusted",
    },
    Agent {
        name: "gemini",
        title: "Gemini CLI",
        programs: &["gemini"],
        homes: &[".gemini"],
        signs: &[".gemini", "GEMINI.md"],
        user: ".gemini/settings.json",
        project: &[".gemini/settings.json"],
        note: "",
        silent: "hooks disabled in its settings or by `/hooks`, a folder that is not trusted",
    },
    Agent {
        name: "copilot",
        title: "GitHub Copilot",
        programs: &["copilot"],
        homes: &[".copilot"],
        signs: &[".github/copilot", ".github/copilot-instructions.md", ".github/hooks"],
        user: ".copilot/hooks/saferun.json",
        project: &[".github/hooks/saferun.json"],
        note: "",
        silent: "`disableAllHooks` in its settings, a folder that is not trusted",
    },
    Agent {
        name: "windsurf",
        title: "Windsurf",
        programs: &["windsurf"],
        homes: &[".codeium/windsurf"],
        signs: &[".windsurf", ".windsurfrules"],
        user: ".codeium/windsurf/hooks.json",
        project: &[".windsurf/hooks.json"],
        note: "",
        silent: "a syntax error elsewhere in the file",
    },
    Agent {
        name: "opencode",
        title: "OpenCode",
        programs: &["opencode"],
        homes: &[".config/opencode"],
        signs: &[".opencode", "opencode.json", "opencode.jsonc"],
        user: ".config/opencode/plugins/saferun.js",
        project: &[".opencode/plugins/saferun.js"],
        note: "restart OpenCode: plugins are read when it starts",
        silent: "a session started before, `--pure`, version 2, whose plugins look different",
    },
    Agent {
        name: "cline",
        title: "Cline",
        programs: &["cline"],
        homes: &["Documents/Cline", ".cline"],
        signs: &[".clinerules", ".cline"],
        user: "Documents/Cline/Hooks/PreToolUse",
        project: &[".clinerules/hooks/PreToolUse"],
        note: "switch hooks on in Cline's settings",
        silent: "hooks switched off in Cline's settings, a hook file that is not executable",
    },
    Agent {
        name: "antigravity",
        title: "Antigravity",
        programs: &["agy", "antigravity"],
        homes: &[".gemini/antigravity", ".gemini/config"],
        signs: &[".agents/hooks.json"],
        user: ".gemini/config/hooks.json",
        project: &[".agents/hooks.json"],
        note: "",
        silent: "`enabled: false` beside the entry, a session started before",
    },
    Agent {
        name: "droid",
        title: "Factory Droid",
        programs: &["droid"],
        homes: &[".factory"],
        signs: &[".factory"],
        user: ".factory/hooks.json",
        project: &[".factory/hooks.json"],
        note: "",
        silent: "hooks switched off in its settings or by the organisation's policy",
    },
    Agent {
        name: "kiro",
        title: "Kiro",
        programs: &["kiro", "kiro-cli"],
        homes: &[".kiro"],
        signs: &[".kiro"],
        user: ".kiro/hooks/saferun.json",
        project: &[".kiro/hooks/saferun.json"],
        note: "",
        silent: "a version before 1.0 of the IDE or 3 of the CLI, which keep hooks elsewhere",
    },
    Agent {
        name: "devin",
        title: "Devin",
        programs: &["devin"],
        homes: &[".config/devin"],
        signs: &[".devin"],
        user: ".config/devin/config.json",
        project: &[".devin/hooks.v1.json"],
        note: "",
        silent: "a session started before",
    },
    Agent {
        name: "kimi",
        title: "Kimi Code",
        programs: &["kimi"],
        homes: &[".kimi-code"],
        signs: &[],
        user: ".kimi-code/config.toml",
        project: &[],
        note: "",
        silent: "another home directory of Kimi Code's, a session started before",
    },
];

impl Agent {
    /// The agent called `name`.
    #[must_use]
    pub fn named(name: &str) -> Option<&'static Self> {
        AGENTS.iter().find(|agent| agent.name == name)
    }

    /// The agents in use: their programs are on `PATH`, or their directories in
    /// the home directory or in the repository.
    #[must_use]
    pub fn in_use(root: &Path) -> Vec<&'static Self> {
        let home = paths::home();
        let path = env::search_path();
        let used = |agent: &&Self| {
            agent.signs.iter().any(|sign| root.join(sign).exists())
                || home.iter().any(|home| agent.homes.iter().any(|dir| home.join(dir).exists()))
                || path.iter().any(|dir| agent.programs.iter().any(|name| dir.join(name).is_file()))
        };
        AGENTS.iter().filter(used).collect()
    }

    /// The file of this user's hooks.
    #[must_use]
    pub fn user_file(&self) -> Option<PathBuf> {
        paths::home().map(|home| home.join(self.user))
    }

    /// The files that may hold this repository's hooks; the first that is there
    /// and that nobody shares is taken, else the last.
    pub fn project_files(&self, root: &Path) -> impl Iterator<Item = PathBuf> {
        self.project.iter().map(move |file| root.join(file))
    }

    /// What stands in the file of this scope, for the program at `program`.
    #[must_use]
    pub fn content(&self, program: &Path, scope: Scope) -> Content {
        let command = self.command(program);
        let grouped = |limit: u64| json!({"matcher": "*", "hooks": [{"type": "command", "command": command, "timeout": limit}]});
        let flat = || json!({"command": command, "timeout": TIMEOUT, "failClosed": true});
        let below: &[&str] = match (self.name, scope) {
            ("droid", _) | ("devin", Scope::Project) => &[],
            ("antigravity", _) => &["saferun"],
            _ => &["hooks"],
        };
        let entries = |preamble: Value, entries| Content::Entries { preamble, below, entries };
        match self.name {
            "cursor" => {
                let mut writes = flat();
                writes["matcher"] = json!("Write|Edit|StrReplace|Delete|Patch|Notebook");
                entries(
                    json!({"version": 1}),
                    vec![
                        ("beforeShellExecution", flat()),
                        ("beforeMCPExecution", flat()),
                        ("beforeReadFile", flat()),
                        ("preToolUse", writes),
                    ],
                )
            }
            "gemini" => {
                let mut entry = grouped(TIMEOUT * 1000);
                entry["hooks"][0]["name"] = json!("saferun");
                entries(json!({}), vec![("BeforeTool", entry)])
            }
            "windsurf" => {
                let entry = || json!({"command": command, "show_output": true});
                let events =
                    ["pre_run_command", "pre_write_code", "pre_read_code", "pre_mcp_tool_use"];
                entries(json!({}), events.into_iter().map(|event| (event, entry())).collect())
            }
            "copilot" => {
                let entry = json!({"type": "command", "bash": command, "timeoutSec": TIMEOUT});
                let file = json!({"version": 1, "hooks": {"PreToolUse": [entry]}});
                Content::Whole { text: format!("{file:#}\n"), mode: 0o644 }
            }
            "kiro" => {
                let hook = json!({"name": "saferun", "trigger": "PreToolUse", "action": {"type": "command", "command": command}, "timeout": TIMEOUT, "enabled": true});
                let file = json!({"version": "v1", "hooks": [hook]});
                Content::Whole { text: format!("{file:#}\n"), mode: 0o644 }
            }
            "kimi" => {
                let command = toml::Value::from(command.as_str());
                Content::Table {
                    text: format!(
                        "\n[[hooks]]\nevent = \"PreToolUse\"\ncommand = {command}\ntimeout = {TIMEOUT}\n"
                    ),
                }
            }
            "devin" | "antigravity" => {
                let mut entry = grouped(TIMEOUT);
                entry["matcher"] = json!(if self.name == "devin" { "" } else { ".*" });
                entries(json!({}), vec![("PreToolUse", entry)])
            }
            "opencode" => {
                let quoted = Value::from(program.display().to_string()).to_string();
                let text = include_str!("../../../hooks/opencode.js").replace("@BIN@", &quoted);
                Content::Whole { text, mode: 0o644 }
            }
            "cline" => {
                let text =
                    include_str!("../../../hooks/cline.sh").replace("@BIN@", &quoted(program));
                Content::Whole { text, mode: 0o755 }
            }
            _ => entries(json!({}), vec![("PreToolUse", grouped(TIMEOUT))]),
        }
    }

    /// The command line that the agent runs. A saferun that is gone or breaks
    /// blocks, where the agent would let everything pass.
    #[must_use]
    pub fn command(&self, program: &Path) -> String {
        format!("'{}' agent-hook {} || exit 2", quoted(program), self.name)
    }
}

fn quoted(program: &Path) -> String {
    program.display().to_string().replace('\'', "'\\''")
}
