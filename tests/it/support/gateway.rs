//! A gateway: the real binary on a free port, with a state directory of its own.

use std::fs::{self, File};
use std::io::Write;
use std::path::PathBuf;
use std::process::{Child, Command, Output, Stdio};
use std::thread;
use std::time::Duration;

use jiff::Timestamp;
use saferun::action::{
    Action, ApprovalRequest, Caller, CallerKind, Decision, DecisionResult, Reason, RiskClass,
};
use serde_json::{Map, Value, json};
use tempfile::TempDir;

use super::http::{self, Answer};

/// A running gateway; killed when dropped.
pub struct Gateway {
    child: Child,
    pub port: u16,
    pub url: String,
    /// The administrator's key, printed the first time.
    pub admin: String,
    pub dir: TempDir,
}

impl Gateway {
    /// Starts one on an empty state directory.
    pub fn start() -> Self {
        let dir = TempDir::new().unwrap();
        let (child, url, lines) = launch(&dir);
        let admin = lines.split_whitespace().find(|word| word.starts_with("sr_"));
        let admin = admin.unwrap_or_else(|| panic!("no key was printed: {lines}")).to_owned();
        let port = url.rsplit(':').next().unwrap().parse().unwrap();
        Self { child, port, url, admin, dir }
    }

    /// `kill -9`.
    pub fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Starts it again on the same state; it must print no key any more.
    pub fn restart(&mut self) {
        let (child, url, lines) = launch(&self.dir);
        assert!(!lines.contains("sr_"), "a key was printed again: {lines}");
        self.child = child;
        self.port = url.rsplit(':').next().unwrap().parse().unwrap();
        self.url = url;
    }

    /// Asks it to stop, and waits until it has.
    pub fn stop(&mut self) -> bool {
        let pid = self.child.id().to_string();
        assert!(Command::new("kill").args(["-TERM", &pid]).status().unwrap().success());
        self.child.wait().unwrap().success()
    }

    pub fn get(&self, key: &str, path: &str) -> Answer {
        self.call("GET", key, path, "").unwrap()
    }

    pub fn post(&self, key: &str, path: &str, body: &Value) -> Answer {
        self.call("POST", key, path, &body.to_string()).unwrap()
    }

    pub fn call(&self, method: &str, key: &str, path: &str, body: &str) -> std::io::Result<Answer> {
        http::send(self.port, method, path, &[("x-api-key", key)], body)
    }

    /// Mints a key.
    pub fn key(&self, scopes: &[&str]) -> String {
        let made = self.post(
            &self.admin,
            "/v1/keys",
            &json!({ "name": scopes.join("+"), "scopes": scopes }),
        );
        assert_eq!(made.status, 201, "{made:?}");
        made.json()["key"].as_str().unwrap().to_owned()
    }

    /// Asks for approval of an action of its own; returns it.
    pub fn pending(&self, key: &str, name: &str) -> Value {
        let asked = self.post(key, "/v1/approvals", &request(name, 600));
        assert_eq!(asked.status, 201, "{asked:?}");
        asked.json()
    }

    /// Answers.
    pub fn vote(&self, key: &str, approval: &Value, decision: &str) -> Answer {
        let body = json!({
            "decision": decision,
            "reason": "so I say",
            "digest": approval["action_digest"],
        });
        self.post(key, &format!("{}/votes", path(approval)), &body)
    }

    /// Uses an approval.
    pub fn redeem(&self, key: &str, approval: &Value) -> Answer {
        let body = json!({ "digest": approval["action_digest"] });
        self.post(key, &format!("{}/redeem", path(approval)), &body)
    }

    /// The audit chain's verification.
    pub fn verified(&self) -> Value {
        self.get(&self.admin, "/v1/audit/verify").json()
    }

    /// Runs saferun with this gateway's directories as home.
    pub fn saferun(&self, args: &[&str], stdin: &str) -> Output {
        let mut child = self
            .command(args)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        child.stdin.take().unwrap().write_all(stdin.as_bytes()).unwrap();
        child.wait_with_output().unwrap()
    }

    /// The command that [`Gateway::saferun`] runs.
    pub fn command(&self, args: &[&str]) -> Command {
        let mut command = bare(&self.dir);
        command.args(args);
        command
    }

    /// Path of the database file.
    pub fn database(&self) -> PathBuf {
        self.dir.path().join("state/saferun/gateway.db")
    }
}

impl Drop for Gateway {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn bare(dir: &TempDir) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_saferun"));
    command
        .env_clear()
        .env("PATH", "/usr/bin:/bin")
        .env("HOME", dir.path())
        .env("USER", "tester")
        .env("XDG_STATE_HOME", dir.path().join("state"))
        .env("XDG_CONFIG_HOME", dir.path().join("config"));
    command
}

/// Starts the binary; returns its URL and what else it printed.
fn launch(dir: &TempDir) -> (Child, String, String) {
    let path = dir.path().join("printed");
    let mut child = bare(dir)
        .args(["gateway", "--listen", "127.0.0.1:0"])
        .stdout(File::create(&path).unwrap())
        .stderr(File::create(dir.path().join("said")).unwrap())
        .spawn()
        .unwrap();
    let printed = loop {
        let printed = fs::read_to_string(&path).unwrap();
        if !printed.is_empty() {
            break printed;
        }
        if let Some(status) = child.try_wait().unwrap() {
            let said = fs::read_to_string(dir.path().join("said")).unwrap();
            panic!("the gateway ended with {status}: {said}");
        }
        thread::sleep(Duration::from_millis(5));
    };
    let (url, rest) = printed.split_once('\n').unwrap();
    assert!(url.starts_with("http://127.0.0.1:"), "the first line is not the URL: {url}");
    (child, url.to_owned(), rest.to_owned())
}

/// Path of an approval.
pub fn path(approval: &Value) -> String {
    format!("/v1/approvals/{}", approval["id"].as_str().unwrap())
}

/// A request for approval of an action that only `name` tells from others.
pub fn request(name: &str, ttl_seconds: u32) -> Value {
    let mut request = typed_request(name);
    request.ttl_seconds = ttl_seconds;
    json!(request)
}

/// [`request`] as the type.
pub fn typed_request(name: &str) -> ApprovalRequest {
    let action = Action {
        operation: "git.force-push".to_owned(),
        target: format!("github.com/acme/{name}#refs/heads/main"),
        caller: Caller {
            agent: Some("claude-code".to_owned()),
            ..Caller::named("ada@laptop", CallerKind::Agent)
        },
        params: Map::from_iter([("new".to_owned(), json!("1b2c3d"))]),
        ticket_id: None,
        at: Timestamp::now(),
    };
    let decision = Decision {
        result: DecisionResult::RequireApproval,
        risk: 9.0,
        risk_class: RiskClass::Critical,
        reasons: vec![Reason {
            code: "base".to_owned(),
            message: "a force push replaces history".to_owned(),
            score: 9.0,
        }],
        rule: None,
        redirect: None,
        escalated_from: None,
        cumulative: None,
        action_digest: action.digest(),
        audit_id: String::new(),
    };
    ApprovalRequest { action, decision, evidence: Vec::new(), ttl_seconds: 600 }
}
