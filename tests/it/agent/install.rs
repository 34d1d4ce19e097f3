//! Agents' own hooks: added surgically, checked, and taken out byte for byte.

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};

use serde_json::{Value, json};

use crate::support::sandbox::{Run, SAFERUN, Sandbox, picture, same, write_file};

const NAMES: &[&str] = &[
    "claude",
    "cursor",
    "codex",
    "gemini",
    "copilot",
    "windsurf",
    "opencode",
    "cline",
    "antigravity",
    "droid",
    "kiro",
    "devin",
];

/// Settings as people keep them: comments, odd spacing, entries of others.
const SETTINGS: &[(&str, &str)] = &[
    (
        ".claude/settings.local.json",
        "{\n    \"model\": \"opus\", \"permissions\": {\"allow\": [\"Bash(ls:*)\"]},\n    \"hooks\": {\n        \"PostToolUse\": [],\n        \"PreToolUse\": [\n            {\"matcher\": \"Bash\", \"hooks\": [{\"type\": \"command\", \"command\": \"mine.sh\"}]}\n        ]\n    }\n}",
    ),
    (
        ".cursor/hooks.json",
        "{\n  // ours\n  \"version\": 1,\n  \"hooks\": {\n    \"beforeShellExecution\": [\n      { \"command\": \"./audit.sh\" }, // keep\n    ],\n  }\n}\n",
    ),
    (".codex/hooks.json", "{}"),
    (".gemini/settings.json", "{\"theme\":\"Dark\",\"hooks\":{}}\n"),
    (
        ".windsurf/hooks.json",
        "{\r\n  \"hooks\": {\r\n    \"post_write_code\": [{\"command\": \"fmt\"}]\r\n  }\r\n}\r\n",
    ),
    (".agents/hooks.json", "{\n  \"lint\": {\"PostToolUse\": []}\n}\n"),
    (".factory/hooks.json", "{\n  \"Stop\": [],\n  \"PreToolUse\": [\n  ]\n}\n"),
    (".devin/hooks.v1.json", "{}\n"),
    (".github/hooks/other.json", "{\"version\": 1}\n"),
    (".opencode/plugins/other.js", "export const Other = 1;\n"),
    (".clinerules/rules.md", "be nice\n"),
];

fn init(sandbox: &Sandbox, agents: &str) -> Run {
    sandbox.saferun(&["init", "--agents", agents])
}

/// The work tree, without what `saferun init` itself puts there.
fn tree(sandbox: &Sandbox) -> crate::support::sandbox::Picture {
    let mut files = picture(&sandbox.dir);
    files
        .retain(|(path, _, _)| !path.starts_with(".git") && path.to_str() != Some(".saferun.toml"));
    files
}

#[test]
fn a_table_of_toml_is_added_and_taken_out() {
    for before in
        [None, Some("# mine\nmodel = \"k2\"\n\n[[hooks]]\nevent = \"Stop\"\ncommand = \"x\"")]
    {
        let sandbox = Sandbox::plain();
        let file = sandbox.root.join("home/.kimi-code/config.toml");
        if let Some(text) = before {
            write_file(&file, text.as_bytes(), 0o600);
        }
        for _ in 0..2 {
            init(&sandbox, "kimi").fine();
            let text = fs::read_to_string(&file).unwrap();
            let config: toml::Value = toml::from_str(&text).unwrap();
            let hooks = config["hooks"].as_array().unwrap();
            let ours = hooks.last().unwrap();
            assert_eq!(hooks.len(), 1 + usize::from(before.is_some()), "{text}");
            assert!(ours["command"].as_str().unwrap().ends_with("agent-hook kimi || exit 2"));
            assert_eq!(ours["event"].as_str(), Some("PreToolUse"));
        }
        sandbox.by_person(&["uninstall"]).fine();
        assert_eq!(fs::read_to_string(&file).ok().as_deref(), before);
    }
}

#[test]
fn what_people_wrote_stays_and_comes_back_byte_for_byte() {
    for existing in [false, true] {
        let sandbox = Sandbox::plain();
        for (path, text) in SETTINGS.iter().filter(|_| existing) {
            write_file(&sandbox.dir.join(path), text.as_bytes(), 0o640);
        }
        let before = tree(&sandbox);
        init(&sandbox, &NAMES.join(",")).fine();
        let after = tree(&sandbox);
        let files: Vec<&(std::path::PathBuf, u32, Vec<u8>)> = after
            .iter()
            .filter(|(_, _, text)| String::from_utf8_lossy(text).contains("agent-hook"))
            .collect();
        assert_eq!(files.len(), NAMES.len(), "{files:#?}");
        for (path, text) in SETTINGS.iter().filter(|_| existing) {
            let now = sandbox.read(path);
            let mut rest = now.as_str();
            for piece in text.split_inclusive([',', '{', '[', '\n']) {
                let piece = piece.trim();
                let at =
                    rest.find(piece).unwrap_or_else(|| panic!("{path} lost `{piece}`:\n{now}"));
                rest = &rest[at + piece.len()..];
            }
        }
        init(&sandbox, &NAMES.join(",")).fine();
        same(&after, &tree(&sandbox));
        sandbox.by_person(&["uninstall"]).fine();
        same(&before, &tree(&sandbox));
        let empty: Vec<&str> = [".claude", ".cursor", ".opencode"]
            .into_iter()
            .filter(|dir| !existing && sandbox.exists(dir))
            .collect();
        assert!(empty.is_empty(), "left behind: {empty:?}");
    }
}

#[test]
fn later_edits_survive_the_removal() {
    let sandbox = Sandbox::plain();
    for (path, text) in SETTINGS {
        sandbox.write(path, text);
    }
    init(&sandbox, &NAMES.join(",")).fine();
    let path = ".claude/settings.local.json";
    let edited = sandbox
        .read(path)
        .replace("opus", "sonnet")
        .replace("\"PostToolUse\"", "\"Stop\": [], \"PostToolUse\"");
    sandbox.write(path, &edited);
    let cursor = sandbox.read(".cursor/hooks.json");
    let reformatted: Value = json!({"version": 1, "hooks": {
        "beforeShellExecution": [{"command": "./audit.sh"}, {"command": format!("'{SAFERUN}' agent-hook cursor || exit 2"), "timeout": 30}],
        "stop": [{"command": "./bell"}],
    }});
    assert!(cursor.contains("failClosed"));
    sandbox.write(".cursor/hooks.json", reformatted.to_string());
    sandbox.by_person(&["uninstall"]).fine();
    let now = sandbox.read(path);
    assert!(now.contains("sonnet") && now.contains("mine.sh") && now.contains("\"Stop\""), "{now}");
    assert!(!now.contains("agent-hook"), "{now}");
    let left: Value = serde_json::from_str(&sandbox.read(".cursor/hooks.json")).unwrap();
    assert_eq!(
        left,
        json!({"version": 1, "hooks": {
            "beforeShellExecution": [{"command": "./audit.sh"}], "stop": [{"command": "./bell"}],
        }})
    );
}

#[test]
fn every_entry_says_how_long_and_that_failing_blocks() {
    let sandbox = Sandbox::plain();
    init(&sandbox, &NAMES.join(",")).fine().saying("run `/hooks` in Codex");
    let json = |path: &str| serde_json::from_str::<Value>(&sandbox.read(path)).unwrap();
    let claude = &json(".claude/settings.local.json")["hooks"]["PreToolUse"][0];
    assert_eq!((&claude["matcher"], &claude["hooks"][0]["timeout"]), (&json!("*"), &json!(30)));
    let command = claude["hooks"][0]["command"].as_str().unwrap();
    assert!(
        command.starts_with("'/") && command.ends_with("' agent-hook claude || exit 2"),
        "{command}"
    );
    let cursor = &json(".cursor/hooks.json");
    assert_eq!(cursor["version"], 1);
    for event in ["beforeShellExecution", "beforeMCPExecution", "beforeReadFile", "preToolUse"] {
        let entry = &cursor["hooks"][event][0];
        assert_eq!(
            (&entry["failClosed"], &entry["timeout"]),
            (&json!(true), &json!(30)),
            "{event}"
        );
    }
    assert_eq!(
        json(".gemini/settings.json")["hooks"]["BeforeTool"][0]["hooks"][0]["timeout"],
        30_000
    );
    assert_eq!(json(".github/hooks/saferun.json")["hooks"]["PreToolUse"][0]["timeoutSec"], 30);
    assert_eq!(json(".windsurf/hooks.json")["hooks"]["pre_run_command"][0]["show_output"], true);
    let mode = fs::metadata(sandbox.dir.join(".clinerules/hooks/PreToolUse"))
        .unwrap()
        .permissions()
        .mode();
    assert_eq!(mode & 0o111, 0o111);
    assert!(sandbox.read(".opencode/plugins/saferun.js").contains("tool.execute.before"));
}

#[test]
fn the_installed_command_works_and_blocks_when_saferun_is_gone() {
    let sandbox = Sandbox::plain();
    init(&sandbox, "claude,cline").fine();
    let settings: Value =
        serde_json::from_str(&sandbox.read(".claude/settings.local.json")).unwrap();
    let command = settings["hooks"]["PreToolUse"][0]["hooks"][0]["command"].as_str().unwrap();
    let call = json!({"hook_event_name": "PreToolUse", "tool_name": "Bash", "tool_input": {"command": "gh repo delete a/b"}}).to_string();
    let shell =
        |command: &str| sandbox.run("sh", &["-c", &format!("printf %s '{call}' | {command}")]);
    shell(command).fine().saying("\"permissionDecision\":\"deny\"");
    shell(&command.replace(SAFERUN, "/nowhere/saferun")).ended(2);
    let script = sandbox.read(".clinerules/hooks/PreToolUse").replace(SAFERUN, "/nowhere/saferun");
    sandbox.script("gone", &script);
    sandbox.run("sh", &["-c", "echo '{}' | ./gone"]).fine().saying("\"cancel\":true");
}

#[test]
fn files_that_git_tracks_are_left_to_their_owners() {
    let sandbox = Sandbox::plain();
    for path in [".claude/settings.json", ".cursor/hooks.json"] {
        sandbox.stage(path, "{\"hooks\": {}}\n");
    }
    sandbox.commit_unguarded("shared settings");
    init(&sandbox, "claude,cursor").fine();
    assert_eq!(sandbox.read(".claude/settings.json"), "{\"hooks\": {}}\n");
    assert_eq!(sandbox.read(".cursor/hooks.json"), "{\"hooks\": {}}\n");
    assert!(sandbox.read(".claude/settings.local.json").contains("agent-hook claude"));
    let user = sandbox.root.join("home/.cursor/hooks.json");
    assert!(fs::read_to_string(&user).unwrap().contains("agent-hook cursor"));
    sandbox.by_person(&["uninstall"]).fine();
    assert!(!user.exists() && !sandbox.root.join("home/.cursor").exists());
}

#[test]
fn the_users_own_settings_may_be_a_link() {
    let sandbox = Sandbox::plain();
    let home = sandbox.root.join("home");
    write_file(&home.join("dotfiles/claude.json"), b"{\n  \"model\": \"x\"\n}\n", 0o600);
    fs::create_dir_all(home.join(".claude")).unwrap();
    symlink("../dotfiles/claude.json", home.join(".claude/settings.json")).unwrap();
    let before = picture(&home);
    sandbox.saferun(&["init", "--agents", "claude", "--scope", "user"]).fine();
    assert!(home.join(".claude/settings.json").is_symlink());
    let text = fs::read_to_string(home.join("dotfiles/claude.json")).unwrap();
    assert!(text.contains("agent-hook claude"), "{text}");
    sandbox.by_person(&["uninstall"]).fine();
    same(&before, &picture(&home));
}

#[test]
fn auto_finds_what_is_used_and_a_dry_run_only_shows() {
    let sandbox = Sandbox::plain();
    sandbox.write(".gemini/settings.json", "{\n  \"theme\": \"Dark\"\n}\n");
    fs::create_dir_all(sandbox.root.join("home/.codeium/windsurf")).unwrap();
    let before = picture(&sandbox.dir);
    let shown = sandbox.saferun(&["init", "--agents", "auto", "--dry-run"]).fine();
    for text in ["+  \"hooks\": {", "agent-hook gemini", "agent-hook windsurf", "would change"] {
        assert!(shown.said().contains(text), "{text}: {shown:#?}");
    }
    same(&before, &picture(&sandbox.dir));
    sandbox.saferun(&["init"]).fine().saying("saferun init --agents auto");
    init(&sandbox, "auto").fine();
    assert!(sandbox.exists(".windsurf/hooks.json") && !sandbox.exists(".cursor"));
    init(&sandbox, "emacs").ended(2).saying("there are: claude");
}

#[test]
fn what_can_not_be_understood_stays_as_it_is() {
    let sandbox = Sandbox::plain();
    let broken = [
        (".cursor/hooks.json", "{ \"hooks\": "),
        (".claude/settings.local.json", "{\"hooks\": []}"),
        (".clinerules/hooks/PreToolUse", "#!/bin/sh\n# mine\n"),
    ];
    for (path, text) in broken {
        sandbox.write(path, text);
    }
    let run = init(&sandbox, "cursor,claude,cline").fine();
    assert_eq!(run.err.matches("stays as it is").count(), 3, "{run:#?}");
    for (path, text) in broken {
        assert_eq!(sandbox.read(path), text);
    }
}

#[test]
fn the_claude_plugin_is_whole() {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    let json = |path: &str| {
        serde_json::from_str::<Value>(&fs::read_to_string(root.join(path)).unwrap()).unwrap()
    };
    let plugin = json("hooks/claude-plugin/.claude-plugin/plugin.json");
    assert_eq!(
        (&plugin["name"], &plugin["version"]),
        (&json!("saferun"), &json!(env!("CARGO_PKG_VERSION")))
    );
    let entry = &json("hooks/claude-plugin/hooks/hooks.json")["hooks"]["PreToolUse"][0];
    assert_eq!(entry["hooks"][0]["command"], "saferun agent-hook claude || exit 2");
    let market = json(".claude-plugin/marketplace.json");
    let source = market["plugins"][0]["source"].as_str().unwrap();
    assert!(root.join(source).join(".claude-plugin/plugin.json").is_file());
    assert_eq!(
        json("hooks/claude-plugin/.mcp.json")["mcpServers"]["saferun"]["args"],
        json!(["mcp"])
    );
}

#[test]
fn doctor_sends_a_call_through_every_hook_and_says_what_is_wrong() {
    let sandbox = Sandbox::plain();
    init(&sandbox, &NAMES.join(",")).fine();
    let check = |name: &str| -> Value {
        let out = sandbox.saferun(&["doctor", "--json"]).out;
        let checks: Value = serde_json::from_str(&out).unwrap();
        let found = checks.as_array().unwrap().iter().find(|check| check["name"] == name);
        found.cloned().unwrap_or_else(|| panic!("{name}: {checks:#}"))
    };
    for name in NAMES {
        assert_eq!(check(name)["status"], "ok", "{:#}", check(name));
    }
    assert!(sandbox.events().is_empty(), "a test call is not recorded");
    sandbox.write(".cursor/hooks.json", "{\"version\": 1}");
    assert_eq!(check("cursor")["status"], "fail");
    let settings = sandbox.read(".claude/settings.local.json");
    sandbox.write(
        ".claude/settings.local.json",
        settings.replace("{\n  \"hooks\"", "{\n  \"disableAllHooks\": true,\n  \"hooks\""),
    );
    assert!(check("claude")["message"].as_str().unwrap().contains("disableAllHooks"));
    let gemini = sandbox.read(".gemini/settings.json");
    sandbox.write(".gemini/settings.json", gemini.replace(SAFERUN, "/nowhere/saferun"));
    assert_eq!(check("gemini")["fix"], "saferun init --agents gemini");
    sandbox.by_person(&["uninstall"]).fine();
    let sandbox = Sandbox::guarded();
    sandbox.write(".claude/settings.json", "{}");
    sandbox.saferun(&["doctor"]).saying("not judged: Claude Code");
}
