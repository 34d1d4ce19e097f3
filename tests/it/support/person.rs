//! A person: somebody whom no coding agent started, at a terminal or without.

use std::io::Write;
use std::process::{Command, Stdio};

use serde_json::{Value, json};

use super::sandbox::{AGENT, Run, SAFERUN, Sandbox};

/// Seconds after which a person's program is stopped: far more than any needs.
const PATIENCE: u32 = 60;

impl Sandbox {
    /// Runs a program at a terminal of a person, who types each line when the
    /// text before it shows up.
    pub fn person(&self, argv: &[&str], typed: &[(&str, &str)]) -> Run {
        self.detached(argv, Some(typed), &[])
    }

    /// Runs a program for a person who has no terminal.
    pub fn person_without_terminal(&self, argv: &[&str]) -> Run {
        self.detached(argv, None, &[])
    }

    /// Runs saferun for a person who has no terminal.
    pub fn by_person(&self, arguments: &[&str]) -> Run {
        self.person_without_terminal(&[&[SAFERUN], arguments].concat())
    }

    /// Runs a program in a terminal for an agent.
    pub fn agent_at_terminal(&self, argv: &[&str], typed: &[(&str, &str)]) -> Run {
        self.detached(argv, Some(typed), &[AGENT])
    }

    fn detached(
        &self,
        argv: &[&str],
        typed: Option<&[(&str, &str)]>,
        extra: &[(&str, &str)],
    ) -> Run {
        let mut env: serde_json::Map<String, Value> =
            self.environment().into_iter().map(|(name, value)| (name, json!(value))).collect();
        env.remove(AGENT.0);
        env.extend(extra.iter().map(|(name, value)| ((*name).to_owned(), json!(value))));
        let task = json!({
            "argv": argv, "cwd": self.dir, "env": env, "seconds": PATIENCE,
            "terminal": typed.is_some(), "typed": typed.unwrap_or_default(),
        });
        let mut child = Command::new("python3")
            .args(["-c", include_str!("person.py")])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        child.stdin.take().unwrap().write_all(task.to_string().as_bytes()).unwrap();
        // The orphan holds standard output open until it is done.
        let output = child.wait_with_output().unwrap();
        let answer: Value = serde_json::from_slice(&output.stdout)
            .unwrap_or_else(|_| panic!("{}", String::from_utf8_lossy(&output.stderr)));
        Run {
            code: i32::try_from(answer["code"].as_i64().unwrap()).unwrap(),
            out: answer["out"].as_str().unwrap().to_owned(),
            err: answer["err"].as_str().unwrap().to_owned(),
        }
    }
}
