//! Coding agents' doors: protocols, files, approvals, installation, MCP.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test stops where its stage breaks")]

mod any_bytes;
mod approvals;
mod files;
mod install;
mod mcp;
mod protocols;
mod sessions;

use std::io::Write;
use std::process::Stdio;

use serde_json::{Value, json};

use crate::support::sandbox::{Run, SAFERUN, Sandbox};

/// A command that the standard policy asks a person for, and that has no safer
/// alternative.
pub const ASKED: &str = "git reflog expire --expire=now --all";

impl Sandbox {
    /// Sends a tool call to the hook of the agent `name`.
    pub fn hook(&self, name: &str, payload: impl AsRef<[u8]>) -> Run {
        self.piped(&["agent-hook", name], payload)
    }

    /// Runs saferun with something on standard input.
    pub fn piped(&self, arguments: &[&str], input: impl AsRef<[u8]>) -> Run {
        let mut command = self.command(SAFERUN);
        command.args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let mut stdin = child.stdin.take().unwrap();
        // What is too large is not read to its end.
        let _ = stdin.write_all(input.as_ref());
        drop(stdin);
        Run::of(&child.wait_with_output().unwrap())
    }

    /// What saferun's own protocol answers to a call here.
    pub fn judged(&self, mut call: Value) -> Value {
        call["cwd"] = json!(self.dir);
        if call.get("session").is_none() {
            call["session"] = json!("s");
        }
        let run = self.hook("plain", call.to_string()).fine();
        serde_json::from_str(&run.out).unwrap_or_else(|_| panic!("{run:#?}"))
    }
}
