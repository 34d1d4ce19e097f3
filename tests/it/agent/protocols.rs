//! Each agent's own form: a recorded-shape payload in, exact answer out.

use serde_json::{Value, json};

use super::ASKED;
use crate::support::sandbox::Sandbox;

/// How an agent is answered: its name, a call with a command, and the answers
/// (standard output, standard error, status) to allow, ask and deny. `REASON`
/// stands for the reason.
struct Protocol {
    name: &'static str,
    agent: &'static str,
    call: fn(&str, &str) -> Value,
    allow: (Value, i32),
    ask: (Value, i32),
    deny: (Value, i32),
}

const REASON: &str = "REASON";

fn nested(decision: &str) -> Value {
    json!({"hookSpecificOutput": {
        "hookEventName": "PreToolUse", "permissionDecision": decision, "permissionDecisionReason": REASON,
    }})
}

fn claude(command: &str, cwd: &str) -> Value {
    json!({
        "session_id": "abc", "transcript_path": "/t.jsonl", "cwd": cwd, "permission_mode": "default",
        "hook_event_name": "PreToolUse", "tool_name": "Bash",
        "tool_input": {"command": command, "description": "d", "timeout": 1000}, "tool_use_id": "toolu_1",
    })
}

fn with(mut value: Value, extra: Value) -> Value {
    value.as_object_mut().unwrap().extend(extra.as_object().unwrap().clone());
    value
}

/// Status 2 and the reason on standard error.
fn blocked() -> (Value, i32) {
    (json!(REASON), 2)
}

fn protocols() -> Vec<Protocol> {
    let silent = || (Value::Null, 0);
    let cursor = json!({"permission": "deny", "user_message": REASON, "agent_message": REASON});
    let flat = |decision: &str| json!({"permissionDecision": decision, "permissionDecisionReason": REASON});
    let gemini =
        |decision: &str| json!({"decision": decision, "reason": REASON, "systemMessage": REASON});
    let plain = |name, agent, call: fn(&str, &str) -> Value| Protocol {
        name,
        agent,
        call,
        allow: (Value::Null, 0),
        ask: blocked(),
        deny: blocked(),
    };
    vec![
        Protocol {
            name: "claude",
            agent: "claude-code",
            call: claude,
            allow: silent(),
            ask: (nested("ask"), 0),
            deny: (nested("deny"), 0),
        },
        Protocol {
            name: "codex",
            agent: "codex",
            call: |command, cwd| with(claude(command, cwd), json!({"turn_id": "1", "model": "m"})),
            allow: silent(),
            ask: (nested("deny"), 0),
            deny: (nested("deny"), 0),
        },
        Protocol {
            name: "cursor",
            agent: "cursor",
            call: |command, cwd| {
                json!({
                    "conversation_id": "c", "generation_id": "g", "model": "m", "hook_event_name": "beforeShellExecution",
                    "cursor_version": "3.9.16", "workspace_roots": [cwd], "command": command, "cwd": "", "sandbox": false,
                })
            },
            allow: (json!({"permission": "allow"}), 0),
            ask: (cursor.clone(), 0),
            deny: (cursor, 0),
        },
        Protocol {
            name: "gemini",
            agent: "gemini-cli",
            call: |command, cwd| {
                json!({
                    "session_id": "s", "transcript_path": "/t", "cwd": cwd, "hook_event_name": "BeforeTool",
                    "timestamp": "2026-11-21T12:00:00Z", "tool_name": "run_shell_command", "tool_input": {"command": command},
                })
            },
            allow: (json!({"decision": "allow"}), 0),
            ask: (gemini("ask"), 0),
            deny: (gemini("deny"), 0),
        },
        Protocol {
            name: "copilot",
            agent: "copilot-cli",
            call: |command, cwd| {
                json!({
                    "sessionId": "s", "timestamp": 1, "cwd": cwd, "toolName": "bash",
                    "toolArgs": json!({"command": command}).to_string(),
                })
            },
            allow: silent(),
            ask: (flat("ask"), 0),
            deny: (flat("deny"), 0),
        },
        Protocol {
            name: "copilot",
            agent: "copilot-cli",
            call: |command, cwd| {
                json!({
                    "hook_event_name": "PreToolUse", "session_id": "s", "timestamp": "2026-11-21T12:00:00Z", "cwd": cwd,
                    "tool_name": "Bash", "tool_input": {"command": command},
                })
            },
            allow: silent(),
            ask: (with(flat("ask"), nested("ask")), 0),
            deny: (with(flat("deny"), nested("deny")), 0),
        },
        Protocol {
            name: "windsurf",
            agent: "windsurf",
            call: |command, cwd| {
                json!({
                    "agent_action_name": "pre_run_command", "trajectory_id": "t", "execution_id": "e", "timestamp": "now",
                    "tool_info": {"command_line": command, "cwd": cwd},
                })
            },
            ..plain("windsurf", "windsurf", claude)
        },
        Protocol {
            name: "opencode",
            agent: "opencode",
            call: |command, cwd| {
                json!({
                    "tool": "bash", "sessionID": "s", "callID": "c", "args": {"command": command}, "directory": cwd,
                })
            },
            allow: (json!({"decision": "allow"}), 0),
            ask: (json!({"decision": "deny", "reason": REASON}), 0),
            deny: (json!({"decision": "deny", "reason": REASON}), 0),
        },
        Protocol {
            name: "cline",
            agent: "cline",
            call: |command, cwd| {
                json!({
                    "clineVersion": "3.40", "hookName": "PreToolUse", "timestamp": "1", "taskId": "t", "workspaceRoots": [cwd],
                    "preToolUse": {"toolName": "execute_command", "parameters": {"command": command, "requires_approval": "false"}},
                })
            },
            allow: (json!({"cancel": false}), 0),
            ask: (json!({"cancel": true, "errorMessage": REASON}), 0),
            deny: (json!({"cancel": true, "errorMessage": REASON}), 0),
        },
        Protocol {
            name: "cline",
            agent: "cline",
            call: |command, cwd| {
                json!({
                    "hookName": "tool_call", "workspaceRoots": [cwd],
                    "tool_call": {"name": "run_commands", "input": {"commands": [command]}},
                })
            },
            allow: (json!({"cancel": false}), 0),
            ask: (json!({"cancel": true, "errorMessage": REASON}), 0),
            deny: (json!({"cancel": true, "errorMessage": REASON}), 0),
        },
        Protocol {
            name: "antigravity",
            agent: "antigravity",
            call: |command, cwd| json!({"toolCall": {"name": "run_command", "args": {"CommandLine": command, "Cwd": cwd}}}),
            allow: (json!({"decision": "allow"}), 0),
            ask: (json!({"decision": "force_ask", "reason": REASON}), 0),
            deny: (json!({"decision": "deny", "reason": REASON}), 0),
        },
        plain("kimi", "kimi-code", |command, cwd| {
            json!({
                "hook_event_name": "PreToolUse", "session_id": "s", "cwd": cwd, "tool_name": "Shell",
                "tool_input": {"command": command}, "tool_call_id": "1",
            })
        }),
        plain("kiro", "kiro", |command, cwd| {
            json!({
                "hook_event_name": "preToolUse", "cwd": cwd, "tool_name": "execute_bash", "tool_input": {"command": command},
            })
        }),
        plain("droid", "factory-droid", |command, cwd| {
            with(claude(command, cwd), json!({"tool_name": "Execute"}))
        }),
        plain("devin", "devin", |command, cwd| {
            json!({
                "hook_event_name": "PreToolUse", "cwd": cwd, "tool_name": "exec", "tool_input": {"command": command, "shell_id": "main"},
            })
        }),
    ]
}

/// What was said, with the reason taken out of it.
fn said(run: &crate::support::sandbox::Run) -> (Value, String) {
    if run.out.is_empty() && run.err.is_empty() {
        return (Value::Null, String::new());
    }
    if run.out.is_empty() {
        return (json!(REASON), run.err.trim_end().to_owned());
    }
    assert_eq!(run.err, "", "{run:#?}");
    let mut value: Value = serde_json::from_str(&run.out).unwrap_or_else(|_| panic!("{run:#?}"));
    let mut reason = String::new();
    take_reason(&mut value, &mut reason);
    (value, reason)
}

fn take_reason(value: &mut Value, reason: &mut String) {
    match value {
        Value::String(text) if text.starts_with("saferun") => {
            *reason = std::mem::replace(text, REASON.to_owned());
        }
        Value::Object(fields) => fields.values_mut().for_each(|value| take_reason(value, reason)),
        _ => {}
    }
}

#[test]
fn each_agent_is_answered_in_its_own_form() {
    for Protocol { name, agent, call, allow, ask, deny } in protocols() {
        let sandbox = Sandbox::plain();
        let cwd = sandbox.dir.to_str().unwrap();
        for (command, expected, about) in [
            ("git status && git log -3", &allow, ""),
            (ASKED, &ask, "git.reflog.expire"),
            // A safer command is at hand: nobody is asked for this one.
            ("git push --force origin main", &deny, "git push --force-with-lease"),
        ] {
            let run = sandbox.hook(name, call(command, cwd).to_string());
            let (value, reason) = said(&run);
            assert_eq!(
                (&value, run.code),
                (&expected.0, expected.1),
                "{name}: {command}: {run:#?}"
            );
            assert!(reason.contains(about), "{name}: {reason}");
            assert!(about.is_empty() || reason.contains("evt-"), "{name}: {reason}");
        }
        let events = sandbox.events();
        let decisions: Vec<&Value> =
            events.iter().filter(|event| event["event_type"] == "decision").collect();
        assert_eq!(decisions.len(), 3, "{name}: each call is recorded once");
        assert!(
            decisions.iter().all(|event| event["caller"]["agent"] == agent),
            "{name}: {events:#?}"
        );
    }
}

#[test]
fn the_payload_tells_the_protocol_whatever_the_hook_was_installed_for() {
    let sandbox = Sandbox::plain();
    let cwd = sandbox.dir.to_str().unwrap();
    for Protocol { name, call, deny, .. } in protocols().into_iter().take(11) {
        for installed in ["claude", "cursor"] {
            if name == "claude" && installed == "cursor" {
                continue;
            }
            let run = sandbox.hook(installed, call("gh repo delete a/b", cwd).to_string());
            let (value, _) = said(&run);
            assert_eq!((value, run.code), deny.clone(), "{name} through {installed}: {run:#?}");
        }
    }
}

#[test]
fn what_can_not_be_read_is_denied_in_the_agents_form() {
    let sandbox = Sandbox::plain();
    let large = format!("{{\"tool_name\": \"{}\"}}", "x".repeat(9 << 20));
    let deep = "[".repeat(200_000);
    for Protocol { name, deny, .. } in
        protocols().iter().filter(|protocol| protocol.name != "copilot")
    {
        for input in
            ["", "nonsense", "{}", "[]", "null", "{\"tool_name\": 3}", "\u{0}", &deep, &large]
        {
            let run = sandbox.hook(name, input);
            let (value, reason) = said(&run);
            let shown = &input[..input.len().min(40)];
            assert_eq!((&value, run.code), (&deny.0, deny.1), "{name}: {shown}: {run:#?}");
            assert!(reason.starts_with("saferun stops this tool call"), "{name}: {reason}");
        }
    }
    sandbox.hook("nobody", "{}").ended(2).saying("there are: ");
}

#[test]
fn other_events_pass_untouched() {
    let sandbox = Sandbox::plain();
    let event =
        |name: &str| json!({"hook_event_name": name, "session_id": "s", "cwd": "/"}).to_string();
    for name in ["claude", "codex", "droid"] {
        let run = sandbox.hook(name, event("PostToolUse")).fine();
        assert_eq!(run.said(), "", "{name}");
    }
    let cursor = json!({"hook_event_name": "afterFileEdit", "conversation_id": "c"}).to_string();
    assert_eq!(sandbox.hook("cursor", cursor).fine().out, "{\"permission\":\"allow\"}\n");
    let windsurf = json!({"agent_action_name": "pre_user_prompt", "tool_info": {}}).to_string();
    assert_eq!(sandbox.hook("windsurf", windsurf).fine().said(), "");
    assert!(sandbox.events().is_empty());
}

#[test]
fn codex_is_denied_its_own_question_too() {
    let sandbox = Sandbox::plain();
    let call = with(
        claude("gh repo delete a/b", sandbox.dir.to_str().unwrap()),
        json!({"turn_id": "1", "hook_event_name": "PermissionRequest"}),
    );
    let answer: Value =
        serde_json::from_str(&sandbox.hook("codex", call.to_string()).fine().out).unwrap();
    assert_eq!(answer["hookSpecificOutput"]["hookEventName"], "PermissionRequest");
    assert_eq!(answer["hookSpecificOutput"]["decision"]["behavior"], "deny");
}

#[test]
fn the_command_is_judged_where_it_would_run() {
    let sandbox = Sandbox::plain();
    sandbox.git(&["config", "alias.wipe", "reflog expire --expire=now --all"]).fine();
    let elsewhere = sandbox.root.join("home");
    let run = |cwd: &std::path::Path| {
        let call = json!({"tool": "shell", "command": "git wipe", "cwd": cwd}).to_string();
        let mut command = sandbox.command(crate::support::sandbox::SAFERUN);
        command.args(["agent-hook", "plain"]).current_dir(&elsewhere);
        command.stdin(std::process::Stdio::piped()).stdout(std::process::Stdio::piped());
        let mut child = command.spawn().unwrap();
        std::io::Write::write_all(&mut child.stdin.take().unwrap(), call.as_bytes()).unwrap();
        String::from_utf8(child.wait_with_output().unwrap().stdout).unwrap()
    };
    assert!(run(&sandbox.dir).contains("git.reflog.expire"));
    assert!(!run(&elsewhere).contains("git.reflog.expire"));
}

#[test]
fn an_answer_comes_in_time_whatever_happens() {
    let sandbox = Sandbox::plain();
    let mut command = sandbox.command(crate::support::sandbox::SAFERUN);
    command.args(["agent-hook", "claude"]);
    command.stdin(std::process::Stdio::piped()).stdout(std::process::Stdio::piped());
    let started = std::time::Instant::now();
    let mut child = command.spawn().unwrap();
    // Standard input stays open, as one agent was seen to leave it.
    let stdin = child.stdin.take();
    let output = child.wait_with_output().unwrap();
    drop(stdin);
    assert!(started.elapsed().as_secs() < 20);
    let out = String::from_utf8(output.stdout).unwrap();
    assert!(out.contains("\"permissionDecision\":\"deny\"") && out.contains("in time"), "{out}");
    assert_eq!(output.status.code(), Some(0));
}
